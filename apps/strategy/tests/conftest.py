"""Company › East (led by Eve, with Ann and Bob) and West (Cho); a chief above and an editor in the office."""

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import transaction

from apps.access.permissions import Role
from apps.access.tests.factories import UserFactory
from apps.calendars import selectors as calendars
from apps.calendars import services as calendar_services
from apps.core import clock
from apps.measures.services import Entry, post
from apps.org.tests.factories import OrgUnitFactory, RoleGrantFactory, seated
from apps.strategy import services
from apps.strategy.enums import Rhythm
from apps.strategy.models import Strategy
from apps.strategy.tests.factories import AT, TODAY


@pytest.fixture(autouse=True)
def _in_february():
    with clock.fixed(AT):
        yield


@pytest.fixture
def company(db) -> SimpleNamespace:
    with transaction.atomic():
        calendar_services.ensure_years(2025, 2027)
    top = OrgUnitFactory(name="Northwind", kind="company")
    east, west = OrgUnitFactory(name="East", parent=top), OrgUnitFactory(name="West", parent=top)
    editor = UserFactory(username="editor")
    RoleGrantFactory(user=editor, role=Role.SALES_OPS, unit=top)
    return SimpleNamespace(
        top=top,
        east=east,
        west=west,
        editor=editor,
        chief=seated(top, lead=True, name="Chief", user=UserFactory(username="chief")),
        eve=seated(east, lead=True, name="Eve", user=UserFactory(username="eve")),
        ann=seated(east, name="Ann", user=UserFactory(username="ann")),
        bob=seated(east, name="Bob", user=UserFactory(username="bob")),
        cho=seated(west, name="Cho", user=UserFactory(username="cho")),
    )


def sell(person, amount: str, on: dt.date = dt.date(2026, 2, 10)) -> None:
    """Credit a person with revenue."""
    entry = Entry(
        measure="revenue",
        key=f"sale:{person.pk}:{on}",
        credited_on=on,
        value=Decimal(amount),
        person_id=person.pk,
        source_type="test.sale",
        source_id=person.pk,
    )
    with transaction.atomic():
        post([entry])


@pytest.fixture
def draft(company) -> Strategy:
    """A draft of East, owned by Ann, with Bob; one goal of 1,200 revenue in 2026; monthly from 2 March."""
    with transaction.atomic():
        made = services.create_strategy(
            title="Win mid-market",
            purpose="Grow",
            situation="",
            owner_id=company.ann.pk,
            unit_id=company.east.pk,
            starts_on=dt.date(2026, 1, 1),
            last_day=dt.date(2026, 12, 31),
            participant_ids=[company.bob.pk],
            by=company.editor,
            at=AT,
        )
        services.add_objective(
            strategy_id=made.pk,
            title="Sell more",
            owner_id=company.ann.pk,
            measure="revenue",
            goal_value=Decimal(1200),
            period_id=calendars.period("2026", "year").pk,
        )
        services.set_cadence(
            strategy_id=made.pk, rhythm=Rhythm.MONTHLY, every=1, first_on=dt.date(2026, 3, 2), on=TODAY
        )
    return made


@pytest.fixture
def active(draft, company) -> Strategy:
    with transaction.atomic():
        return services.activate_strategy(strategy_id=draft.pk, by=company.editor, at=AT, on=TODAY)
