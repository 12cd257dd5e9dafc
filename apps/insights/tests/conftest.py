"""A small company that sells: two teams, deals, activities, a target in force."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import transaction
from django.test import Client

from apps.access.models import User
from apps.access.permissions import Role
from apps.access.tests.factories import UserFactory
from apps.core import clock
from apps.measures.services import Entry, post
from apps.org.tests.factories import RoleGrantFactory, seated
from apps.pipeline.tests.conftest import TODAY, World, build_world
from apps.pipeline.tests.factories import OpportunityFactory


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with clock.fixed(dt.datetime(2026, 6, 30, 4, tzinfo=dt.UTC)):
        yield


def sell(person_id: int, on: dt.date, amount: str, number: int) -> None:
    """Credit a won deal."""
    entries = [
        Entry(
            measure=measure,
            key=f"test:{person_id}:{number}:{measure}",
            credited_on=on,
            value=Decimal(value),
            person_id=person_id,
            source_type="test.sale",
            source_id=person_id * 1000 + number,
        )
        for measure, value in (("revenue", amount), ("deals_won", "1"), ("cycle_days", "40"))
    ]
    with transaction.atomic():
        post(entries)


@pytest.fixture
def world(db: None) -> World:
    """Return Ann (led by Lead, in East) and Ben (West), each with a sale and an open deal."""
    world = build_world()
    world.users["chief"] = UserFactory(username="chief")
    RoleGrantFactory(user=world.users["chief"], role=Role.EXECUTIVE, unit=world.top)
    seated(world.top, lead=True, name="Chief", user=world.users["chief"])
    for name, role in (("hr", Role.HR), ("comp", Role.COMP_ADMIN), ("system", Role.SYSADMIN)):
        world.users[name] = UserFactory(username=name)
        RoleGrantFactory(user=world.users[name], role=role, unit=world.top)
    world.users["both"] = UserFactory(username="both")
    for role in (Role.EXECUTIVE, Role.SALES_OPS):
        RoleGrantFactory(user=world.users["both"], role=role, unit=world.top)
    sell(world.ann.pk, dt.date(2026, 3, 10), "300.00", 1)
    sell(world.ann.pk, dt.date(2025, 3, 10), "200.00", 2)
    sell(world.ben.pk, dt.date(2026, 4, 10), "500.00", 1)
    for owner, name in ((world.ann, "Ann’s deal"), (world.ben, "Ben’s deal")):
        OpportunityFactory(
            name=name,
            owner=owner,
            stage=world.second,
            account=world.account,
            expected_close_on=TODAY - dt.timedelta(days=3),
        )
    return world


def signed_in(user: User) -> Client:
    """Return a browser of somebody, without remembered scopes."""
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    return client
