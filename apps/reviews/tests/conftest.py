"""A small company with a fiscal calendar, roles, credits and quotas to be evaluated for 2026-Q2."""

import datetime as dt
from types import SimpleNamespace

import pytest

from apps.access.permissions import Role
from apps.access.tests.factories import UserFactory
from apps.calendars.models import FiscalCalendar
from apps.calendars.services import ensure_years
from apps.core.effective import span
from apps.measures.tests.factories import post_credit
from apps.org.models import Assignment
from apps.org.tests.factories import START, OrgUnitFactory, RoleGrantFactory, seated
from apps.roles.tests.factories import PositionRoleFactory, role_with_kpis

DAY = dt.date(2026, 5, 12)
AFTER = dt.date(2026, 7, 1)
NOW = dt.datetime(2026, 7, 6, 9, tzinfo=dt.UTC)
REVENUE = (120, 100, 90, 50, 0)


@pytest.fixture
def quarter(db):
    """Fiscal years 2025 and 2026 by calendar months."""
    if not FiscalCalendar.objects.filter(is_default=True).exists():
        FiscalCalendar.objects.create(code="company", name="Company", is_default=True)
    ensure_years(2025, 2026)
    return "2026-Q2"


@pytest.fixture
def team(quarter) -> SimpleNamespace:
    """Company › Shanghai: a lead and five sellers; HR and an auditor at the top; a stranger in Chengdu."""
    top = OrgUnitFactory(code="co", name="Company", kind="company")
    unit = OrgUnitFactory(code="sh", name="Shanghai", parent=top)
    away = OrgUnitFactory(code="cd", name="Chengdu", parent=top)
    boss = seated(top, lead=True, name="Boss", user=UserFactory(username="boss"))
    lead = seated(unit, lead=True, name="Lead", user=UserFactory(username="lead"))
    sellers = [seated(unit, name=f"Seller {n}", user=UserFactory(username=f"s{n}")) for n in range(5)]
    stranger = seated(away, lead=True, name="Stranger", user=UserFactory(username="stranger"))
    selling = role_with_kpis("rep", revenue=60, win_rate=40)
    leading = role_with_kpis("lead", revenue=100)
    for person in sellers:
        play(person, selling)
    play(lead, leading)
    found = SimpleNamespace(
        top=top, unit=unit, boss=boss, lead=lead, sellers=sellers, stranger=stranger,
        selling=selling, leading=leading, quarter=quarter,
    )  # fmt: skip
    for role in (Role.HR, Role.AUDITOR, Role.EXECUTIVE, Role.SYSADMIN, Role.SALES_OPS):
        user = UserFactory(username=role.value)
        seated(top, name=role.value, user=user)
        RoleGrantFactory(user=user, role=role, unit=top)
        setattr(found, role.value, user)
    for person, amount in zip(sellers, REVENUE, strict=True):
        if amount:
            credit(person, "revenue", amount)
            credit(person, "deals_won", 1)
    credit(sellers[0], "deals_lost", 1)
    return found


def play(person, role, since=START) -> None:
    """Let a person's seat carry a role."""
    position = Assignment.objects.get(person=person).position
    PositionRoleFactory(position=position, role=role, valid=span(since))


def credit(person, measure, value, day=DAY) -> None:
    """Post a credit of a person to the ledger."""
    post_credit(measure, str(value), credited_on=day, person_id=person.pk)
