import datetime as dt
from types import SimpleNamespace

import pytest

from apps.access.tests.factories import UserFactory
from apps.org.tests.factories import OrgUnitFactory, seated


@pytest.fixture
def day() -> dt.date:
    return dt.date(2026, 6, 15)


@pytest.fixture
def company(db) -> SimpleNamespace:
    """Company › East (Shanghai, Nanjing) and West (Chengdu); a lead each and two sellers in every team."""
    top = OrgUnitFactory(code="co", name="Company", kind="company")
    east = OrgUnitFactory(code="east", name="East", kind="region", parent=top)
    west = OrgUnitFactory(code="west", name="West", kind="region", parent=top)
    shanghai = OrgUnitFactory(code="sh", name="Shanghai", parent=east)
    nanjing = OrgUnitFactory(code="nj", name="Nanjing", parent=east)
    chengdu = OrgUnitFactory(code="cd", name="Chengdu", parent=west)
    found = SimpleNamespace(
        top=top, east=east, west=west, shanghai=shanghai, nanjing=nanjing, chengdu=chengdu, sellers={}
    )
    found.boss = seated(top, lead=True, name="Boss", user=UserFactory())
    found.east_lead = seated(east, lead=True, name="East lead", user=UserFactory())
    found.west_lead = seated(west, lead=True, name="West lead", user=UserFactory())
    found.shanghai_lead = seated(shanghai, lead=True, name="Shanghai lead", user=UserFactory())
    for unit in (shanghai, nanjing, chengdu):
        found.sellers[unit.code] = [seated(unit, name=f"{unit.name} {n}", user=UserFactory()) for n in (1, 2)]
    return found
