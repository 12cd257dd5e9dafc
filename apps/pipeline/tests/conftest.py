"""Two sellers in two teams, a process of three open stages, a product and a customer."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import transaction

from apps.access.models import User
from apps.calendars.services import ensure_company_calendar, ensure_years
from apps.core import clock
from apps.core.effective import span
from apps.customers.models import Account
from apps.customers.tests.factories import AccountFactory
from apps.org.models import Assignment, OrgUnit, Person, Position, PositionUnit, RoleGrant, UnitParent
from apps.org.services.closure import rebuild_closure
from apps.pipeline.models import OutcomeReason, Product, SalesProcess, Stage
from apps.pipeline.tests.factories import ProcessFactory, ProductFactory, ReasonFactory, StageFactory

TODAY = dt.date(2026, 6, 30)
SINCE = dt.date(2025, 1, 1)


@dataclass
class World:
    """What the tests talk about."""

    top: OrgUnit
    east: OrgUnit
    west: OrgUnit
    ann: Person
    ben: Person
    lead: Person
    process: SalesProcess
    first: Stage
    second: Stage
    third: Stage
    won: Stage
    lost: Stage
    reason: OutcomeReason
    duplicate: OutcomeReason
    product: Product
    account: Account
    users: dict[str, User]


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    noon = dt.datetime(2026, 6, 30, 12, tzinfo=dt.UTC)
    with clock.fixed(noon):
        yield


@pytest.fixture
def world(db: None) -> World:
    return build_world()


def build_world() -> World:
    """Build the company; used by tests that commit, too."""
    with transaction.atomic():
        ensure_company_calendar()
        ensure_years(2025, 2026)
        top, east, west = (OrgUnit.objects.create(code=c, name=c.title()) for c in ("top", "east", "west"))
        UnitParent.objects.create(unit=top, parent=None, valid=span(SINCE))
        UnitParent.objects.create(unit=east, parent=top, valid=span(SINCE))
        UnitParent.objects.create(unit=west, parent=top, valid=span(SINCE))
        rebuild_closure()
        users = {
            name: User.objects.create_user(username=name, display_name=name.title())
            for name in ("ann", "ben", "lead", "ops", "stranger")
        }
        people = {
            name: Person.objects.create(external_id=name, name=name.title(), hired_on=SINCE, user=users[name])
            for name in ("ann", "ben", "lead")
        }
        for name, unit, leads in (("ann", east, False), ("ben", west, False), ("lead", east, True)):
            seat = Position.objects.create(code=f"{name}-seat", title=name)
            PositionUnit.objects.create(position=seat, unit=unit, valid=span(SINCE), is_lead=leads)
            Assignment.objects.create(
                position=seat, person=people[name], valid=span(SINCE), is_primary=True, fte_percent=100
            )
        RoleGrant.objects.create(user=users["ops"], role="sales_ops", unit=top, valid=span(SINCE))
        process = ProcessFactory()
        stages = [
            StageFactory(process=process, code=code, order=n * 10, kind=kind, probability=probability)
            for n, (code, kind, probability) in enumerate(
                (("new", "open", 10), ("quote", "open", 40), ("talks", "open", 70), ("won", "won", 100),
                 ("lost", "lost", 0)), 1,
            )
        ]  # fmt: skip
        return World(
            top, east, west, people["ann"], people["ben"], people["lead"], process, *stages,
            reason=ReasonFactory(), duplicate=ReasonFactory(name="Duplicate", counts=False),
            product=ProductFactory(code="GTX", name="GTX Basic"),
            account=AccountFactory(name="Acme Inc", owner=people["ann"]), users=users,
        )  # fmt: skip
