"""A team of two and a stranger, with one account."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import transaction
from django.test import Client

from apps.access.models import User
from apps.access.permissions import Role
from apps.access.tests.factories import UserFactory
from apps.calendars.services import ensure_years
from apps.core import clock
from apps.customers.models import Account
from apps.customers.tests.factories import AccountFactory
from apps.org.models import Person
from apps.org.tests.factories import OrgUnitFactory, RoleGrantFactory, seated

TODAY = dt.date(2026, 6, 30)


@dataclass
class World:
    """What the tests talk about."""

    ann: Person
    ben: Person
    account: Account
    users: dict[str, User]

    def client(self, name: str) -> Client:
        """Return a client with somebody signed in."""
        client = Client()
        client.force_login(self.users[name])
        return client


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with clock.fixed(dt.datetime(2026, 6, 30, 12, tzinfo=dt.UTC)):
        yield


@pytest.fixture
def world(db: None) -> World:
    with transaction.atomic():
        ensure_years(2025, 2027)
    top = OrgUnitFactory(name="Company")
    east, west = OrgUnitFactory(name="East", parent=top), OrgUnitFactory(name="West", parent=top)
    users = {name: UserFactory(username=name) for name in ("ann", "ben", "lead", "ops", "stranger")}
    RoleGrantFactory(user=users["ops"], role=Role.SALES_OPS, unit=top)
    ann = seated(east, name="Ann", user=users["ann"])
    ben = seated(west, name="Ben", user=users["ben"])
    seated(east, lead=True, name="Lead", user=users["lead"])
    return World(ann, ben, AccountFactory(name="Acme Inc", owner=ann), users)
