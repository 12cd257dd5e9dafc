"""What every call keeps to: repeated calls, versions, scopes, pages, and fields nobody may set."""

import datetime as dt
import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from apps.access.models import ApiToken
from apps.access.tests.factories import ApiTokenFactory
from apps.core import clock
from apps.customers.models import Account
from apps.customers.tests.factories import AccountFactory
from apps.events.models import IdempotencyKey
from apps.measures.tests.factories import post_credit
from apps.org.models import RoleGrant
from apps.pipeline.models import Opportunity, Task
from tests.api.operations import UNSAFE, call, operations
from tests.api.world import NOON, World

pytestmark = pytest.mark.django_db
JSON = "application/json"
TASKS, DEALS, ACCOUNTS = "/api/v1/tasks/", "/api/v1/opportunities/", "/api/v1/accounts/"


def send(client: Client, address: str, body: dict[str, Any], key: str, method: str = "post") -> Any:
    return getattr(client, method)(address, body, JSON, headers={"Idempotency-Key": key})


def test_the_same_call_twice_has_one_effect_and_one_answer(world: World) -> None:
    client, address = world.client("self"), f"{DEALS}{world.ids['opportunities']}/"
    before = Task.objects.count()

    made = [send(client, TASKS, {"title": "Ring"}, "one") for _ in range(3)]
    won = [send(client, f"{address}win/", {"version": 1}, "two") for _ in range(2)]

    assert [one.status_code for one in (*made, *won)] == [201, 201, 201, 200, 200]
    assert made[0].json() == made[1].json() == made[2].json()
    assert won[0].json() == won[1].json()
    assert [one.headers.get("Idempotency-Replayed") for one in made] == [None, "true", "true"]
    assert Task.objects.count() == before + 1


def test_a_key_belongs_to_one_call_and_one_user(world: World) -> None:
    mine, theirs = world.client("self"), world.client("peer")
    first = send(mine, TASKS, {"title": "Ring"}, "shared")

    other_body = send(mine, TASKS, {"title": "Write"}, "shared")
    other_call = send(mine, f"{TASKS}{first.json()['id']}/done/", {}, "shared")
    other_user = send(theirs, TASKS, {"title": "Ring"}, "shared")

    assert [one.status_code for one in (other_body, other_call)] == [422, 422]
    assert other_user.status_code == 201
    assert other_user.json()["id"] != first.json()["id"]


def test_a_refused_or_crashed_call_leaves_its_key_free(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = world.client("self")
    refused = send(client, TASKS, {"title": ""}, "again")
    with monkeypatch.context() as broken:
        broken.setattr("apps.pipeline.services.create_task", lambda **_given: 1 / 0)
        crashed = send(client, TASKS, {"title": "Ring"}, "again")

    done = send(client, TASKS, {"title": "Ring"}, "again")

    assert [refused.status_code, crashed.status_code, done.status_code] == [400, 500, 201]
    assert b"Traceback" not in crashed.content
    assert IdempotencyKey.objects.filter(key="again").count() == 1
    for bad in ("x" * 201, "tab\there"):
        assert send(client, TASKS, {"title": "Ring"}, bad).status_code == 400


def test_a_stale_change_is_refused_with_the_row_as_it_is(world: World) -> None:
    client = world.client("everything")

    for resource, change, field in (
        ("opportunities", {"name": "First"}, "name"),
        ("accounts", {"city": "Wuxi"}, "city"),
        ("contacts", {"title": "Buyer"}, "title"),
        ("targets", {"amount": "77"}, "amount"),
    ):
        address = f"/api/v1/{resource}/{world.ids[resource]}/"
        version = str(client.get(address).json()["version"])
        missing = client.patch(address, change, JSON)
        saved = client.patch(address, change, JSON, headers={"If-Match": f'"{version}"'})
        stale = client.patch(address, change, JSON, headers={"If-Match": version})

        codes = (missing.status_code, saved.status_code, stale.status_code)
        assert codes == (428, 200, 412), (resource, codes, saved.content)
        assert stale.json()["now"][field] == saved.json()[field]
        assert stale.json()["now"]["version"] == saved.json()["version"] != int(version)


def token_client(world: World, *scopes: str, user: str = "everything", **columns: Any) -> Client:
    """Return a client of a program; the key of its token is ``so_`` and the scopes."""
    given = {"created_at": NOON, "expires_at": NOON + dt.timedelta(days=30), **columns}
    ApiTokenFactory(owner=world.user(user), label="-".join(scopes), scopes=list(scopes), **given)
    return Client(headers={"Authorization": f"Bearer so_{'-'.join(scopes)}"}, raise_request_exception=False)


def test_a_token_does_what_its_scopes_say(world: World) -> None:
    reading, pay = token_client(world, "read"), token_client(world, "pay:read")
    statement = f"/api/v1/statements/{world.ids['statements']}/"

    assert reading.get(DEALS).status_code == 200
    assert reading.post(TASKS, {"title": "Ring"}, JSON).status_code == 403
    assert reading.get(statement).status_code == reading.get("/api/v1/pay-lines/").status_code == 403
    assert pay.get(statement).status_code == 200
    assert pay.get(DEALS).status_code == 403


def test_a_read_only_token_writes_nowhere(world: World) -> None:
    reading = token_client(world, "read")

    through = [
        one.name
        for one in operations()
        if one.method in UNSAFE
        and getattr(reading, one.method)(one.address(world), "{}", JSON).status_code != 403
    ]

    assert not through


def test_a_token_ends_at_once(world: World) -> None:
    client, address = token_client(world, "deal.view", user="executive"), DEALS
    token = ApiToken.objects.get(label="deal.view")
    assert client.get(address).json()["results"]

    RoleGrant.objects.filter(user=token.owner).delete()
    demoted = client.get(address).json()["results"]
    with clock.fixed(NOON + dt.timedelta(days=30)):
        expired = client.get(address).status_code
    ApiToken.objects.filter(pk=token.pk).update(revoked_at=NOON)
    revoked = client.get(address).status_code
    in_address = Client().get(f"{address}?token=so_deal.view").status_code

    assert (demoted, expired, revoked, in_address) == ([], 401, 401, 401)


def test_the_command_prints_a_token_that_works(world: World) -> None:
    out = io.StringIO()
    call_command("create_api_token", "self", "--scope", "read", stdout=out)

    client = Client(headers={"Authorization": f"Bearer {out.getvalue().split()[-1]}"})

    assert client.get(DEALS).json()["results"]
    assert client.post(TASKS, {"title": "Ring"}, JSON).status_code == 403


def pages(client: Client, address: str, meanwhile: Any = lambda: None, way: str = "next") -> list[int]:
    """Return the ids of every page, with something happening after each."""
    found, following = [], address
    while following:
        page = client.get(following).json()
        found += [row["id"] for row in page["results"]]
        following = page[way]
        meanwhile()
    return found


def test_pages_are_complete_and_never_repeat_while_rows_come(world: World) -> None:
    client = world.client("everything")
    wanted = {AccountFactory().pk for _ in range(7)} | {world.ids["accounts"]}
    # Many rows of one day: the column that is ordered by first does not tell them apart.
    day = {"credited_on": dt.date(2026, 2, 2), "person_id": world.people.owner.pk}
    credited = {post_credit("activities", "1", **day).pk for _ in range(7)}
    ledger = "/api/v1/credits/?measure=activities&start=2026-02-01&end=2026-03-01&page_size=2"

    accounts = pages(client, f"{ACCOUNTS}?page_size=3", AccountFactory)
    rows = pages(client, ledger, lambda: post_credit("activities", "1", **day))

    assert set(accounts) == wanted
    assert len(accounts) == len(wanted)
    assert set(rows) == credited
    assert len(rows) == len(credited)


def test_pages_lead_back_the_way_they_came(world: World) -> None:
    client = world.client("everything")
    for _ in range(5):
        AccountFactory()
    first = client.get(f"{ACCOUNTS}?page_size=2").json()
    second = client.get(first["next"]).json()
    third = client.get(second["next"]).json()

    back = client.get(third["previous"]).json()

    assert back["results"] == second["results"]
    assert client.get(back["previous"]).json()["results"] == first["results"]
    assert client.get(back["next"]).json()["results"] == third["results"]
    assert client.get(back["previous"]).json()["previous"] is None
    assert third["next"] is None
    assert len(client.get(f"{ACCOUNTS}?page_size=1000000").json()["results"]) == Account.objects.count()


def test_nobody_sets_what_the_api_decides(world: World) -> None:
    """Names of columns that no body may set are ignored or refused, and the row keeps its own."""
    foreign, user = world.people.people["stranger"].pk, world.user("everything")
    forced = {
        "id": 987_654, "pk": 987_654, "version": 987_654, "revision": 987_654, "owner": foreign,
        "is_staff": True, "is_superuser": True, "status": "approved", "state": "won", "stage": "approved",
        "approved_by": user.pk, "approved_by_id": user.pk, "approved_at": "2020-01-01T00:00:00Z",
        "amount_paid": "987654", "base_amount": "987654.00", "rate": "987654", "closed_on": "2020-01-01",
        "created_at": "2020-01-01T00:00:00Z", "created_by": user.pk, "done_at": "2020-01-01T00:00:00Z",
        "requested_by": foreign, "granted_by": foreign, "currency_id": 987_654, "previous": 987_654,
        "org_unit": foreign, "period": "2020-Q1", "is_primary": None, "left_on": "2020-01-01",
    }  # fmt: skip
    wrong, changed = [], 0

    for one in operations():
        if one.method not in UNSAFE or not one.fields:
            continue
        own = {name for name, _schema in one.fields}
        asked = {name: value for name, value in forced.items() if name not in own}
        version = {"version": 1} if one.versioned else {}
        plain = call(user, one.method, one.address(world), json.dumps({**one.body(world), **version}))
        more = call(user, one.method, one.address(world), json.dumps({**asked, **one.body(world), **version}))
        if more.status >= 500 or ((plain.status < 300) != (more.status < 300) and more.status != 400):
            wrong.append(f"{one.name}: {plain.status} became {more}")
        elif more.status < 300 and more.text:
            changed += 1
            shown, usual = json.loads(more.text), json.loads(plain.text)
            wrong += [
                f"{one.name} {name}: {shown[name]!r} instead of {usual[name]!r}"
                for name in asked.keys() & shown.keys() - {"id", "client_uuid"}
                if shown[name] == asked[name] != usual[name]
            ]
            wrong += [f"{one.name} chose its id"] if shown.get("id") == 987_654 else []

    assert not wrong, "\n".join(wrong)
    assert changed > 20
    assert not Opportunity.objects.filter(pk=987_654).exists()
