"""No question about a field of pay tells more than the same question about a field that does not exist."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from apps.access.models import User
from apps.events.audit import tracked
from tests.api.operations import Operation, call, operations
from tests.api.world import World

pytestmark = pytest.mark.django_db

# What the audit trail masks of pay, and the columns beside it that give amounts away.
PAY = sorted(
    {
        name
        for entry in tracked.values()
        if entry.model.startswith("incentives.")
        for name in entry.secret_fields
    }
    | {"salary", "target_bonus"}
)
NOTHING = "qzqzqzqz"  # a field that no model has
SHOWING_PAY = ("pay", "statements", "incentive", "disputes", "contests", "simulations")
PATHS = ("statements__", "person__statements__", "assignments__", "owner__user__person__")


def questions(field: str) -> dict[str, dict[str, Any]]:
    """Return every way to ask an address about a field."""
    return {
        "is": {field: "1"},
        "greater": {f"{field}__gt": "13371337"},
        "range": {f"{field}__range": "1,2"},
        "ordered": {"ordering": field},
        "ordered down": {"ordering": f"-{field}"},
        "sorted": {"sort": field},
        "searched": {"search": "13371337", "search_fields": field},
        "grouped": {"group_by": field},
        "split": {"by": field},
        "fields": {"fields": field},
        "expanded": {"expand": field},
        "included": {"include": field},
        "deep": {"depth": "2", "expand": field},
        **{f"by {path}": {f"{path}{field}__gt": "1"} for path in PATHS},
        **{f"ordered by {path}": {"ordering": f"{path}{field}"} for path in PATHS[:1]},
    }


def asked(one: Operation, number: int) -> Iterator[tuple[str, str]]:
    """Return what to ask a resource: every field where pay is shown, another one everywhere else."""
    if not any(word in one.path for word in SHOWING_PAY):
        yield from ((PAY[number % len(PAY)], form) for form in list(questions(""))[number % 3 :: 3])
        return
    for place, field in enumerate(PAY):  # over six resources every field meets every form
        for form in list(questions(""))[(place + number) % 6 :: 6]:
            yield field, form


def told(user: User, one: Operation, world: World, more: dict[str, Any]) -> tuple[int, str, int]:
    """Return status and words of an answer, and how many statements it took."""
    count = 0

    def counting(execute: Any, *statement: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*statement)

    with connection.execute_wrapper(counting):
        answer = call(user, "get", one.address(world), query={**one.query(world), **more})
    return answer.status, answer.text, count


def reader(one: Operation, world: World) -> User | None:
    """Return somebody who may read the resource, as few of the pay rights as possible."""
    for kind in ("peer", "self", "manager", "sysadmin", "everything"):
        user = world.user(kind)
        if told(user, one, world, {})[0] == 200:
            return user
    return None


def test_a_hidden_field_is_refused_like_one_that_does_not_exist(world: World) -> None:
    wrong, met, resources = [], set(), 0

    for number, one in enumerate(one for one in operations() if one.method == "get"):
        user = reader(one, world)
        if user is None:  # what the world has none of
            continue
        resources += 1
        strange: dict[str, tuple[int, str, int]] = {}
        for field, form in asked(one, number):
            if form not in strange:
                strange[form] = told(user, one, world, questions(NOTHING)[form])
            status, text, count = told(user, one, world, questions(field)[form])
            met.add((field, form))
            if status != 400 or (status, text.replace(field, NOTHING), count) != strange[form]:
                wrong.append(f"{one.name} {field} {form}: {status} {text} {count} {strange[form]}")

    assert not wrong, "\n".join(wrong[:40])
    assert met >= {(field, form) for field in PAY for form in questions("")}
    assert (len(PAY) > 15, resources > 60) == (True, True), (PAY, resources)
