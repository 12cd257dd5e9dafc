import datetime as dt

import pytest

from apps.access.permissions import Role
from apps.access.tests.factories import UserFactory
from apps.insights.selectors.home import home
from apps.insights.selectors.next_steps import SHOWN, next_steps
from apps.org.tests.factories import OrgUnitFactory, RoleGrantFactory


@pytest.fixture
def holder(db):
    unit = OrgUnitFactory()

    def make(role):
        user = UserFactory()
        if role:
            RoleGrantFactory(user=user, role=role, unit=unit)
        return user

    return make


@pytest.mark.parametrize(
    ("role", "first"),
    [
        (Role.SYSADMIN, "access:user_new"),
        (Role.COMP_ADMIN, "incentives:runs"),
        (Role.HR, "reviews:cycles"),
        (Role.SALES_OPS, "pipeline:processes"),
        (Role.AUDITOR, "events:audit"),
    ],
)
def test_each_role_is_shown_its_own_next_steps_and_may_open_them(holder, client, role, first):
    user = holder(role)
    client.force_login(user)

    found = next_steps(user)

    assert found[0].url_name == first
    assert 2 <= len(found) <= SHOWN
    assert len({step.url for step in found}) == len(found)
    assert [client.get(step.url).status_code for step in found] == [200] * len(found)


def test_nobody_is_sent_to_what_they_may_not_open(holder):
    assert next_steps(holder(None)) == []


def test_the_steps_give_way_to_what_waits(holder, monkeypatch):
    user = holder(Role.COMP_ADMIN)
    from_home = "apps.insights.selectors.home.waiting_for"

    monkeypatch.setattr(from_home, lambda user, today: ["something"])

    assert home(user, dt.date(2026, 11, 20)).next_steps == []
