"""A company small enough to reason about: one person per kind of access, and what each may reach.

Company (executive, and the granted roles)
├── East   manager leads self and peer
└── West   stranger; led by the ex-manager of East, who moved there
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import transaction

from apps.access.models import User
from apps.access.permissions import GRANTABLE_ROLES, Role
from apps.access.tests.factories import UserFactory
from apps.calendars.services import ensure_company_calendar, ensure_years
from apps.core import clock
from apps.core.effective import span
from apps.org import models
from apps.org.enums import UnitKind
from apps.org.tests.factories import (
    AssignmentFactory,
    OrgUnitFactory,
    PersonFactory,
    PositionFactory,
    RoleGrantFactory,
    seated,
)

MOVED_ON = dt.date(2024, 1, 1)


@dataclass
class Company:
    """Users by kind of access and the person whose records the checks are about."""

    users: dict[str, User] = field(default_factory=dict)
    people: dict[str, models.Person] = field(default_factory=dict)
    root: models.OrgUnit | None = None
    east: models.OrgUnit | None = None

    @property
    def owner(self) -> models.Person:
        """The person whose records everybody tries to reach."""
        return self.people["self"]

    def user(self, kind: str) -> User:
        """Return a fresh copy, without remembered scopes."""
        return User.objects.get(pk=self.users[kind].pk)


@contextmanager
def standing() -> Iterator[Company]:
    """Found the company for a whole module: in one transaction that is rolled back at the end."""
    with transaction.atomic():
        try:
            yield found()
        finally:
            transaction.set_rollback(True)


def found() -> Company:
    """Return the company, written to the database."""
    company = Company()
    ensure_company_calendar()
    ensure_years(2024, clock.today().year + 1)
    company.root = OrgUnitFactory(name="Company", kind=UnitKind.COMPANY)
    company.east = OrgUnitFactory(name="East", parent=company.root)
    west = OrgUnitFactory(name="West", parent=company.root)
    for kind, unit, lead in (
        ("manager", company.east, True),
        ("self", company.east, False),
        ("peer", company.east, False),
        ("stranger", west, False),
    ):
        company.users[kind] = UserFactory(username=kind, staff=True)
        company.people[kind] = seated(unit, lead=lead, name=kind, user=company.users[kind])
    _ex_manager(company, west)
    for role in GRANTABLE_ROLES:
        user = company.users[role.value] = UserFactory(username=role.value, staff=True)
        company.people[role.value] = seated(company.root, name=role.value, user=user)
        RoleGrantFactory(user=user, role=role, unit=company.root)
    _everything(company)
    return company


def _ex_manager(company: Company, west: models.OrgUnit) -> None:
    user = company.users["ex_manager"] = UserFactory(username="ex_manager", staff=True)
    person = company.people["ex_manager"] = PersonFactory(name="ex_manager", user=user)
    before = PositionFactory(unit=company.east, unit__lead=False)
    AssignmentFactory(person=person, position=before, valid=span(dt.date(2020, 1, 1), MOVED_ON))
    after = PositionFactory(unit=west, unit__lead=True)
    AssignmentFactory(person=person, position=after, valid=span(MOVED_ON))


def _everything(company: Company) -> None:
    """Add somebody with every role at once, for tokens and for routes that nobody else reaches."""
    user = company.users["everything"] = UserFactory(username="everything", staff=True)
    company.people["everything"] = seated(company.root, lead=True, name="everything", user=user)
    for role in GRANTABLE_ROLES:
        RoleGrantFactory(user=user, role=role, unit=company.root)


HOLDS: dict[str, frozenset[Role]] = {
    "self": frozenset({Role.SELF}),
    "peer": frozenset({Role.SELF}),
    "stranger": frozenset({Role.SELF}),
    "manager": frozenset({Role.SELF, Role.MANAGER}),
    "ex_manager": frozenset({Role.SELF, Role.MANAGER}),
    **{role.value: frozenset({Role.SELF, role}) for role in GRANTABLE_ROLES},
    "everything": frozenset(Role),
}
