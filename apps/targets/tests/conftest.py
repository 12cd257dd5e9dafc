"""A small sales company with two years of history."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.db import transaction

from apps.access.models import User
from apps.access.permissions import Role
from apps.access.tests.factories import UserFactory
from apps.calendars import services as calendars
from apps.measures.services import Entry, post
from apps.org.models import OrgUnit, Person
from apps.org.tests.factories import OrgUnitFactory, PositionFactory, RoleGrantFactory, seated
from apps.targets import services
from apps.targets.models import TargetPlan
from apps.targets.tests.factories import AT, TODAY, make_plan


@dataclass
class Company:
    """The top unit with an east team (Ann, Bob, a vacancy) and a west team (Cho, new Dee)."""

    top: OrgUnit
    east: OrgUnit
    west: OrgUnit
    head: Person
    east_lead: Person
    ann: Person
    bob: Person
    cho: Person
    dee: Person
    planner: User
    chief: User


def sell(person: Person, year: int, monthly: str) -> None:
    """Credit a person with the same revenue on the tenth of each month of a year."""
    entries = [
        Entry(
            measure="revenue",
            key=f"sale:{person.pk}:{year}:{month}",
            credited_on=dt.date(year, month, 10),
            value=Decimal(monthly),
            person_id=person.pk,
            source_type="test.sale",
            source_id=person.pk * 10000 + year * 100 + month,
        )
        for month in range(1, 13)
    ]
    with transaction.atomic():
        post(entries)


@pytest.fixture
def company(db: None) -> Company:
    with transaction.atomic():
        return found()


def found() -> Company:
    """Return the company, written to the database."""
    calendars.ensure_years(2023, 2027)
    top = OrgUnitFactory(name="Northwind", kind="company")
    east = OrgUnitFactory(name="East", parent=top)
    west = OrgUnitFactory(name="West", parent=top)
    planner, chief = UserFactory(username="planner"), UserFactory(username="chief")
    RoleGrantFactory(user=planner, role=Role.SALES_OPS, unit=top)
    RoleGrantFactory(user=chief, role=Role.EXECUTIVE, unit=top)
    made = Company(
        top=top,
        east=east,
        west=west,
        head=seated(top, lead=True, name="Head", user=chief),
        east_lead=seated(east, lead=True, name="Eve", user=UserFactory(username="eve")),
        ann=seated(east, name="Ann", user=UserFactory(username="ann")),
        bob=seated(east, name="Bob", user=UserFactory(username="bob")),
        cho=seated(west, name="Cho"),
        dee=seated(west, name="Dee"),
        planner=planner,
        chief=chief,
    )
    PositionFactory(unit=east, title="Vacant seat")
    for person, monthly in ((made.ann, "100.00"), (made.bob, "200.00"), (made.cho, "300.00")):
        sell(person, 2024, monthly)
        sell(person, 2025, monthly)
    return made


@pytest.fixture
def draft(company: Company) -> TargetPlan:
    """The 2026 revenue target of +20 %, by last year's share and evenly over the months."""
    return make_plan(company)


@pytest.fixture
def in_force(draft: TargetPlan, company: Company) -> TargetPlan:
    """The same target, approved."""
    with transaction.atomic():
        services.submit_plan(plan_id=draft.pk, by_id=company.planner.pk, at=AT, on=TODAY)
        services.approve_plan(plan_id=draft.pk, by_id=company.chief.pk, at=AT, on=TODAY)
    draft.refresh_from_db()
    return draft
