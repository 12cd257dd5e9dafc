"""Accounts, contacts and satisfaction over the API."""

import pytest

from apps.customers.models import Account, SatisfactionResponse
from apps.customers.tests.conftest import World
from apps.customers.tests.factories import AccountFactory

pytestmark = pytest.mark.django_db
ACCOUNTS = "/api/v1/accounts/"
ANSWERS = "/api/v1/satisfaction/"
JSON = "application/json"


def test_an_account_is_created_once_per_key(world: World) -> None:
    client, body = world.client("ann"), {"name": "Brandnew GmbH", "city": "Wuxi"}

    answers = [
        client.post(ACCOUNTS, body, JSON, headers={"Idempotency-Key": "one-and-the-same"})
        for _time in range(2)
    ]

    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert Account.objects.filter(name="Brandnew GmbH").count() == 1


def test_a_duplicate_is_refused_until_it_is_accepted(world: World) -> None:
    client = world.client("ann")

    refused = client.post(ACCOUNTS, {"name": "ACME, Inc."}, JSON)
    accepted = client.post(ACCOUNTS, {"name": "ACME, Inc.", "accept_duplicate": True}, JSON)

    assert (refused.status_code, accepted.status_code) == (409, 201)
    assert "name" in refused.json()["fields"]


@pytest.mark.parametrize(
    ("name", "found", "changed"),
    [("ann", 200, 200), ("lead", 200, 200), ("ops", 200, 200), ("ben", 404, 404), ("stranger", 403, 403)],
)
def test_who_may_read_and_change_an_account(world: World, name: str, found: int, changed: int) -> None:
    client, address = world.client(name), f"{ACCOUNTS}{world.account.pk}/"

    assert client.get(address).status_code == found
    answer = client.patch(address, {"city": "Wuxi"}, JSON, headers={"If-Match": '"1"'})

    world.account.refresh_from_db()
    assert answer.status_code == changed
    assert world.account.city == ("Wuxi" if changed == 200 else "")


def test_a_change_names_its_version_and_a_stale_one_is_refused(world: World) -> None:
    client, address = world.client("ann"), f"{ACCOUNTS}{world.account.pk}/"

    assert client.patch(address, {"city": "Wuxi"}, JSON).status_code == 428
    assert client.patch(address, {"city": "Wuxi"}, JSON, headers={"If-Match": '"1"'}).status_code == 200
    assert client.patch(address, {"city": "Bonn"}, JSON, headers={"If-Match": '"1"'}).status_code in {
        409,
        412,
    }

    world.account.refresh_from_db()
    assert (world.account.city, world.account.version) == ("Wuxi", 2)


@pytest.mark.parametrize("score", [0, 6, "NaN", 4.5, None, True])
def test_a_score_outside_the_scale_is_refused(world: World, score: object) -> None:
    body = {"account_id": world.account.pk, "score": score, "responded_on": "2026-06-30"}

    assert world.client("ann").post(ANSWERS, body, JSON).status_code in {400, 409}
    assert not SatisfactionResponse.objects.exists()


def test_an_unknown_filter_is_refused_and_a_known_one_narrows(world: World) -> None:
    AccountFactory(name="Other", owner=world.ann, sector="Pharma")
    client = world.client("ann")

    assert client.get(f"{ACCOUNTS}?colour=red").status_code == 400
    assert [row["name"] for row in client.get(f"{ACCOUNTS}?sector=Pharma").json()["results"]] == ["Other"]
