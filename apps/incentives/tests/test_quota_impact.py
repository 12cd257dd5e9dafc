import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import transaction

from apps.access.models import User
from apps.core import clock
from apps.incentives import services
from apps.measures.models import Credit
from apps.targets import pay_impact
from apps.targets import services as targets
from apps.targets.enums import Balance, Method, Season
from apps.targets.rules.levels import Level

AT = dt.datetime(2026, 6, 30, 9, tzinfo=dt.UTC)
TODAY = AT.date()


@pytest.fixture
def version(company):
    """A draft that doubles the quota of Rep from 1200 to 2400 a quarter and leaves Peer alone."""
    with clock.fixed(AT), transaction.atomic():
        made = targets.create_plan(
            measure="revenue", year="2026", root_unit_id=company.top.pk, by_id=company.admin.pk, at=AT,
            on=TODAY, amount=D("9600"), levels={0: Level(Method.EQUAL)}, season=Season.EVEN,
            unit_ids=[company.team.pk],
        )  # fmt: skip
        targets.submit_plan(plan_id=made.pk, by_id=company.admin.pk, at=AT, on=TODAY)
        made.targets.update(smart_grade="good")
        targets.approve_plan(plan_id=made.pk, by_id=company.users["executive"].pk, at=AT, on=TODAY)
        new = targets.new_version(plan_id=made.pk, by_id=company.admin.pk, at=AT, reason="Fair in autumn")
        seat = new.targets.get(position__assignments__person=company.rep)
        targets.edit_node(
            target_id=seat.pk, amount=D("9600"), balance=Balance.UP, by_id=company.admin.pk, at=AT
        )
    return new


@pytest.fixture
def paid_by_quota(company):
    """Ten per cent of sales up to quota, twenty beyond."""
    company.plan(
        {
            "kind": "commission", "code": "commission", "name": "Commission", "measure": "revenue",
            "basis": "period",
            "table": {
                "kind": "marginal", "unit": {"kind": "quota", "of": "period"},
                "tiers": [
                    {"from": "0", "to": "1", "rate": "0.10"}, {"from": "1", "to": None, "rate": "0.20"}
                ],
            },
        }
    )  # fmt: skip
    company.sell(company.rep, "2000.00")
    company.sell(company.peer, "2000.00")


def asked(version, who):
    with clock.fixed(AT):
        return pay_impact.impact(version, User.objects.get(username=who), TODAY)


def test_a_higher_quota_lowers_the_pay_of_whoever_holds_it(version, paid_by_quota, company):
    found = asked(version, "executive")

    [change] = found.changes
    assert (change.name, change.period) == ("Rep", "2026-Q2")
    assert (change.quota_before, change.quota_after) == (D("1200.00"), D("2400.00"))
    # 1200 at 10 % and 800 at 20 %; then all 2000 at 10 %.
    assert (change.pay_before, change.pay_after, change.delta) == (D("280.00"), D("200.00"), D("-80.00"))
    assert (found.total, found.hidden) == (D("-80.00"), 0)


@pytest.mark.parametrize(("who", "shown", "hidden"), [("manager", 1, 0), ("rep", 1, 0), ("peer", 0, 1)])
def test_pay_is_shown_to_those_who_see_it(version, paid_by_quota, who, shown, hidden):
    found = asked(version, who)

    assert (len(found.changes), found.hidden) == (shown, hidden)


def test_a_plan_without_quota_is_not_concerned(version, company):
    company.plan()
    company.sell(company.rep, "2000.00")

    assert asked(version, "executive").changes == []


def test_a_year_that_does_not_run_has_no_pay_impact(version, company):
    assert pay_impact.impact(version, company.users["executive"], dt.date(2027, 2, 1)) is None


def test_a_held_deal_changes_no_pay(version, paid_by_quota, company):
    credit = Credit.objects.get(person=company.rep)
    with transaction.atomic():
        services.place_hold(
            source_type=credit.source_type, source_id=credit.source_id, person_id=None,
            reason="Under review", by=company.admin, at=AT,
        )  # fmt: skip

    [change] = asked(version, "executive").changes

    assert (change.pay_before, change.pay_after) == (D("0.00"), D("0.00"))
