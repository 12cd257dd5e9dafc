"""Deals over the API: reach, versions, actions, lost updates."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client

from apps.core import clock
from apps.measures.models import Credit
from apps.org.tests.factories import PersonFactory
from apps.pipeline.models import Opportunity, StageGate
from apps.pipeline.tests.conftest import World, build_world
from apps.pipeline.tests.factories import OpportunityFactory

DEALS = "/api/v1/opportunities/"
JSON = "application/json"


def signed_in(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.users[name])
    return client


def deal_of(world: World, **values: object) -> Opportunity:
    return OpportunityFactory(
        **{"owner": world.ann, "stage": world.first, "account": world.account, **values}
    )


@pytest.mark.django_db
def test_a_deal_is_created_cheaply(world: World, django_assert_max_num_queries: object) -> None:
    client = signed_in(world, "ann")
    client.get(DEALS)

    with django_assert_max_num_queries(20):  # type: ignore[operator]  # a fixture
        response = client.post(
            DEALS, {"name": "New line", "account_id": world.account.pk, "amount": "2500.00"}, JSON
        )

    assert response.status_code == 201
    assert response.json()["owner_id"] == world.ann.pk
    assert response.json()["version"] == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "amount", ["NaN", "-0.01", "1e400", "1000000000000.00", "Infinity", "0.001", "１００x", True, "¥100"]
)
def test_absurd_amounts_are_refused(world: World, amount: object) -> None:
    response = signed_in(world, "ann").post(DEALS, {"name": "Absurd", "amount": amount}, JSON)

    assert response.status_code == 400
    assert not Opportunity.objects.exists()


@pytest.mark.django_db
def test_who_may_change_a_deal(world: World) -> None:
    deal = deal_of(world)
    change = {"name": "Changed", "version": 1}

    answers = {
        name: signed_in(world, name).patch(f"{DEALS}{deal.pk}/", change, JSON).status_code
        for name in ("stranger", "ben", "ann")
    }

    assert answers == {"stranger": 403, "ben": 404, "ann": 200}
    assert Client().patch(f"{DEALS}{deal.pk}/", change, JSON).status_code in {401, 403}


@pytest.mark.django_db
def test_a_change_needs_the_version_it_is_based_on(world: World) -> None:
    deal = deal_of(world)
    client = signed_in(world, "ann")

    missing = client.patch(f"{DEALS}{deal.pk}/", {"name": "A"}, JSON)
    stale = client.patch(f"{DEALS}{deal.pk}/", {"name": "A"}, JSON, headers={"If-Match": '"7"'})

    assert missing.status_code == 428
    assert stale.status_code in {409, 412}
    assert Opportunity.objects.get().name == deal.name


@pytest.mark.django_db
def test_gates_hold_for_moving_and_winning(world: World) -> None:
    StageGate.objects.create(stage=world.first, field="next_step")
    deal = deal_of(world)
    client = signed_in(world, "ann")

    moved = client.post(f"{DEALS}{deal.pk}/move/", {"stage_id": world.second.pk, "version": 1}, JSON)
    won = client.post(f"{DEALS}{deal.pk}/win/", {"version": 1}, JSON)

    assert (moved.status_code, won.status_code) == (409, 409)
    assert moved.json()["code"] == "gates_not_met"
    assert "next_step" in moved.json()["fields"]
    assert not Credit.objects.exists()


@pytest.mark.django_db
def test_win_and_reopen_over_the_api(world: World) -> None:
    deal = deal_of(world)
    client = signed_in(world, "ann")

    won = client.post(f"{DEALS}{deal.pk}/win/", {"version": 1, "closed_on": "2026-06-20"}, JSON)
    opened = client.post(f"{DEALS}{deal.pk}/reopen/", {"version": 2, "reason": "Mistake"}, JSON)

    assert (won.status_code, won.json()["state"]) == (200, "won")
    assert (opened.status_code, opened.json()["state"]) == (200, "open")
    revenue = Credit.objects.filter(measure="revenue").order_by("pk")
    assert sum((credit.value for credit in revenue), Decimal(0)) == 0


@pytest.mark.django_db
def test_the_same_key_creates_one_deal(world: World) -> None:
    client = signed_in(world, "ann")
    body = {"name": "Once", "amount": "10.00"}

    answers = [
        client.post(DEALS, body, JSON, headers={"Idempotency-Key": "a-1"}).json()["id"] for _ in range(5)
    ]

    assert len(set(answers)) == 1
    assert Opportunity.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_editors_lose_no_update() -> None:
    world = build_world()
    deal = deal_of(world)
    noon = dt.datetime(2026, 6, 30, 12, tzinfo=dt.UTC)

    def edit(n: int) -> int:
        try:
            with clock.fixed(noon):
                client = signed_in(world, "ann")
                version = client.get(f"{DEALS}{deal.pk}/").json()["version"]
                change = {"note": f"edit {n}", "version": version}
                return client.patch(f"{DEALS}{deal.pk}/", change, JSON).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(edit, range(50)))

    deal.refresh_from_db()
    assert set(answers) <= {200, 409, 412}
    assert deal.version - 1 == answers.count(200) > 0


@pytest.mark.django_db
def test_deals_of_a_unit_are_those_that_count_for_it(
    world: World, django_assert_max_num_queries: object
) -> None:
    gone = PersonFactory(name="Gone")
    for name, owner in (("Ann's", world.ann), ("Ben's", world.ben), ("Gone's", gone)):
        deal_of(world, name=name, owner=owner)
    client = signed_in(world, "ops")

    def named(reader: Client, unit: int) -> set[str]:
        return {deal["name"] for deal in reader.get(DEALS, {"unit": unit}).json()["results"]}

    assert named(client, world.top.pk) == {"Ann's", "Ben's", "Gone's"}
    assert (named(client, world.east.pk), named(client, world.west.pk)) == ({"Ann's"}, {"Ben's"})
    assert named(signed_in(world, "ann"), world.top.pk) == {"Ann's"}
    assert named(signed_in(world, "ann"), world.west.pk) == set()
    assert (named(client, 0), client.get(DEALS, {"unit": "east"}).status_code) == (set(), 400)
    with django_assert_max_num_queries(9) as asked:  # type: ignore[operator]  # a fixture
        client.get(DEALS, {"unit": world.east.pk})
    with django_assert_max_num_queries(len(asked) - 2):  # type: ignore[operator]  # two read the unit's people
        client.get(DEALS)
