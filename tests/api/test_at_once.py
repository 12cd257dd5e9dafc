"""Twenty and fifty calls at once: one effect per key, no change lost, one row per form."""

import json
import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from apps.core import clock
from apps.core.tests.together import at_once
from apps.customers.models import Account
from apps.pipeline.models import Opportunity, Task
from apps.pipeline.tests.conftest import World, build_world
from tests.api.world import NOON

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"


@pytest.fixture
def world() -> World:
    return build_world()


def each_at_once(count: int, ask: Callable[[int], Any]) -> list[Any]:
    """Ask ``count`` times together, each on its own connection, and return the answers."""
    with clock.fixed(NOON):
        return at_once(*(partial(ask, number) for number in range(count)))


def signed_in(world: World, name: str) -> Callable[[], Client]:
    """Return a maker of clients that share one session, as tabs of a browser do."""
    first = Client()
    first.force_login(world.users[name])

    def tab() -> Client:
        client = Client(raise_request_exception=False)
        client.cookies = first.cookies
        return client

    return tab


def test_twenty_calls_with_one_key_have_one_effect(world: World) -> None:
    tab = signed_in(world, "ann")

    def create(_number: int) -> Any:
        return tab().post("/api/v1/tasks/", {"title": "Ring"}, JSON, headers={"Idempotency-Key": "one"})

    first, again = each_at_once(20, create), create(0)

    assert {one.status_code for one in first} <= {201, 409}
    assert {one.headers["Retry-After"] for one in first if one.status_code == 409} <= {"1"}
    made = {one.json()["id"] for one in (*first, again) if one.status_code == 201}
    assert made == set(Task.objects.values_list("pk", flat=True))
    assert len(made) == 1


def test_fifty_editors_of_one_account_lose_nothing(world: World) -> None:
    """Everybody adds a letter to the note on top of what they read; who was late tries once more."""
    tab, address = signed_in(world, "ann"), f"/api/v1/accounts/{world.account.pk}/"
    seen: Counter[int] = Counter()

    def edit(number: int) -> bool:
        client = tab()
        read = client.get(address).json()
        for _try in range(2):
            body = json.dumps({"note": read["note"] + chr(0x4E00 + number)})
            answer = client.patch(address, body, JSON, headers={"If-Match": str(read["version"])})
            seen[answer.status_code] += 1
            if answer.status_code == 200:
                return True
            read = answer.json()["now"]
        return False

    saved = each_at_once(50, edit)

    account = Account.objects.get(pk=world.account.pk)
    assert set(seen) <= {200, 412}
    assert seen[200] == sum(saved) == account.version - 1 == len(account.note) >= 1
    assert len(set(account.note)) == len(account.note)


@pytest.mark.parametrize(
    ("made", "name", "shown", "sent", "body"),
    [
        (
            Opportunity,
            "ann",
            "deal_new",
            "deal_create",
            {"name": "Press line", "amount": "100", "currency": "USD"},
        ),
        (Task, "ann", "task_new", "task_create", {"title": "Ring"}),
    ],
    ids=["deal", "task"],
)
def test_a_form_sent_five_times_is_saved_once(
    world: World, made: type[Model], name: str, shown: str, sent: str, body: dict[str, str]
) -> None:
    tab = signed_in(world, name)
    page = tab().get(reverse(f"pipeline:{shown}")).content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    fields |= {"owner": world.ann.pk, "assignee": world.ann.pk, "account": world.account.pk} | body
    assert len(fields["csrfmiddlewaretoken"]) > 30

    answers = each_at_once(5, lambda _number: tab().post(reverse(f"pipeline:{sent}"), fields))
    other = {**fields, "csrfmiddlewaretoken": "another showing of the form" * 2}
    again = tab().post(reverse(f"pipeline:{sent}"), other)

    assert [one.status_code for one in answers] == [302] * 5, answers[0].content
    assert len({one.headers["Location"] for one in answers}) == 1
    assert again.status_code == 302
    assert made.objects.count() == 2
