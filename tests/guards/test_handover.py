"""Reach follows the company's date, not anybody's own clock; and nobody decides about themselves."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from apps.access.permissions import Permission, Role
from apps.access.scope import scope_of
from apps.core import clock
from apps.core.errors import DomainError
from apps.incentives import services as pay
from apps.incentives.models import Statement
from apps.org import services as org
from apps.pipeline.models import Opportunity
from tests.guards import world

pytestmark = pytest.mark.django_db

ORACLE = """
    WITH RECURSIVE below AS (
        SELECT p.unit_id FROM org_assignment a JOIN org_positionunit p USING (position_id)
        WHERE a.person_id = %(person)s AND a.valid @> %(on)s::date AND p.valid @> %(on)s::date AND p.is_lead
        UNION
        SELECT c.unit_id FROM org_unitparent c JOIN below b ON c.parent_id = b.unit_id
        WHERE c.valid @> %(on)s::date
    )
    SELECT a.person_id FROM org_assignment a JOIN org_positionunit p USING (position_id)
    JOIN below USING (unit_id) WHERE a.valid @> %(on)s::date AND p.valid @> %(on)s::date
    UNION SELECT %(person)s
"""


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin", "America/Los_Angeles"])
def test_a_team_changes_hands_at_midnight_of_the_company(zone: str, found: world.World, settings):
    settings.COMPANY_TIME_ZONE = zone
    midnight = dt.datetime.combine(world.HANDED_OVER, dt.time(), ZoneInfo(zone))
    ids = found.records["south"]
    addresses = [
        f"/pipeline/deals/{ids['deal']}/",
        f"/api/v1/opportunities/{ids['deal']}/",
        f"/customers/accounts/{ids['account']}/",
        f"/incentives/statements/{ids['statement']}/",
    ]

    for instant, seer, blind in (
        (midnight - dt.timedelta(seconds=1), "ex_manager", "manager@south"),
        (midnight, "manager@south", "ex_manager"),
    ):
        with clock.fixed(instant):
            assert {found.client(seer).get(address).status_code for address in addresses} == {200}
            assert {found.client(blind).get(address).status_code for address in addresses} == {404}


@pytest.mark.parametrize("day", [dt.date(2026, 6, 30), world.HANDED_OVER])
@pytest.mark.parametrize("kind", ["manager@north", "manager@south", "ex_manager", "rep@south"])
def test_what_a_manager_reaches_is_what_the_chart_says(kind: str, day: dt.date, found: world.World):
    with connection.cursor() as cursor:
        cursor.execute(ORACLE, {"person": found.people[kind].pk, "on": day})
        people = {row[0] for row in cursor.fetchall()}

    user = found.user(kind)

    assert scope_of(user, Permission.DEAL_VIEW, day).person_ids == people
    deals = Opportunity.objects.filter(owner__in=people)
    assert set(Opportunity.objects.visible_to(user, day)) == set(deals)
    paid = Statement.objects.filter(person__in=people)
    assert set(Statement.objects.visible_to(user, day)) == set(paid)


def test_totals_of_a_manager_are_those_of_their_people(found: world.World):
    listed = found.client("manager@south").get("/api/v1/opportunities/").json()["results"]
    runs = found.client("manager@south").get("/api/v1/pay-runs/").json()["results"]

    assert [row["id"] for row in listed] == [found.records["south"]["deal"]]
    assert str(world.PAID) in str(runs)
    assert str(world.PAID) not in str(found.client("manager@north").get("/api/v1/pay-runs/").json())


def _grant_oneself(found: world.World, me) -> None:
    org.grant_role(user=me, role=Role.HR, unit_id=found.root.pk, on=clock.today(), by=me)


def _ask_for_oneself(found: world.World, me) -> None:
    org.request_role(
        user=me, role=Role.SYSADMIN, unit_id=found.root.pk, on=clock.today(), by=me, at=clock.now()
    )


def _adjust_own_pay(found: world.World, me) -> None:
    pay.request_adjustment(person_id=me.person.pk, amount=Decimal(5), reason="Mine", by=me, at=clock.now())


def _approve_own_run(found: world.World, me) -> None:
    pay.approve_run(run_id=found.run.pk, by=me, at=clock.now())


def _assign_own_plan(found: world.World, me) -> None:
    pay.assign_plan(
        plan_id=found.records["south"]["plan"],
        person_id=me.person.pk,
        starts_on=clock.today(),
        by=me,
    )


def _choose_own_manager(found: world.World, me) -> None:
    seat = me.person.assignments.get().position_id
    boss = found.records["south"]["seat"]
    org.set_reporting_line(position_id=seat, manager_id=boss, on=clock.today(), by=me)


def _move_oneself(found: world.World, me) -> None:
    org.move_person(
        person_id=me.person.pk,
        position_id=found.records["south"]["seat"],
        on=clock.today(),
        by=me,
    )


@pytest.mark.parametrize(
    "act",
    [
        _grant_oneself,
        _ask_for_oneself,
        _adjust_own_pay,
        _approve_own_run,
        _assign_own_plan,
        _choose_own_manager,
        _move_oneself,
    ],
)
def test_nobody_decides_about_themselves(act, found: world.World):
    me = found.user("comp_admin")

    with world.undone(), pytest.raises(DomainError):
        act(found, me)


def test_a_manager_plans_everybody_but_themselves(found: world.World):
    client, target = found.client("manager@south"), found.records["south"]["target"]

    assert client.get(f"/targets/nodes/{target}/").status_code == 200
    assert client.post(f"/targets/nodes/{found.records['south']['unit_target']}/amount/").status_code == 404
