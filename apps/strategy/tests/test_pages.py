"""Every act in the browser and the API: who may, twice, and what is wrong and changes nothing."""

import datetime as dt
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from apps.access.models import User
from apps.access.permissions import Role
from apps.access.tests.factories import ApiTokenFactory, UserFactory
from apps.calendars import selectors as calendars
from apps.core import clock
from apps.org.tests.factories import RoleGrantFactory
from apps.strategy import models
from apps.strategy.tests.factories import DecisionFactory, InitiativeFactory

TABLES = (
    models.Strategy, models.Participant, models.Objective, models.Initiative, models.ProgressNote,
    models.ReviewCadence, models.StrategyReview, models.Decision,
)  # fmt: skip
EVERYBODY = ("nobody", "cho", "bob", "eve", "ann", "editor")
STEER = ("ann", "editor")


@dataclass(frozen=True)
class Act:
    """A button or form: where it leads, what is sent, who may, and what is wrong input."""

    name: str
    on: str = "strategy"
    data: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    who: tuple[str, ...] = STEER
    draft: bool = False
    refused: int = 404


STRATEGY = {
    "title": "Win", "purpose": "Grow", "starts_on": "2026-01-01", "last_day": "2026-12-31", "owner": "ann",
}  # fmt: skip
OBJECTIVE = {"title": "More", "weight": "10", "measure": "revenue", "goal_value": "9", "period": "year"}
INITIATIVE = {"title": "Referrals", "due_on": "2026-06-30", "owner": "bob"}
DECISION = {"text": "Ring", "due_on": "2026-03-20", "owner": "bob", "adjusts": "nothing"}
ACTS = [
    Act("create", "", STRATEGY | {"unit": "east"}, {"last_day": "2025-12-31"}, ("editor",), refused=403),
    Act("change", data=STRATEGY | {"version": "now", "watch_below": "0.8"}, wrong={"version": "99"}),
    Act("activate", draft=True),
    Act("close", data={"outcome": "Reached."}, wrong={"outcome": ""}),
    Act("set_participants", data={"people": "cho"}, wrong={"people": "0"}),
    Act("set_cadence", data={"rhythm": "weeks", "every": "2", "first_on": "2026-03-03"},
        wrong={"every": "0"}),
    Act("add_objective", data=OBJECTIVE, wrong={"goal_value": "-1"}, draft=True),
    Act("change_objective", "objective", OBJECTIVE, {"weight": "0"}, draft=True),
    Act("remove_objective", "objective", draft=True),
    Act("add_initiative", "objective", INITIATIVE, {"due_on": ""}),
    Act("change_initiative", "initiative", INITIATIVE | {"status": "done"}, {"status": "x"}),
    Act("add_note", data={"outlook": "on_track", "text": "Two more."}, wrong={"text": ""},
        who=("bob", "ann", "editor")),
    Act("add_decision", data=DECISION, wrong={"due_on": "2026-01-01"}),
    Act("decide", "review", DECISION, {"owner": "0"}),
    Act("save_minutes", "review", {"minutes": "Said.", "version": "1"}, {"version": ""}),
    Act("finish", "review", {"minutes": "Said.", "version": "1"}, {"version": ""}),
    Act("complete", "decision", who=("bob", "ann", "editor")),
]  # fmt: skip


@pytest.fixture
def world(request, company):
    """A strategy of Ann's, as draft or active, with what hangs on it."""

    def build(act: Act) -> dict[str, Any]:
        strategy = request.getfixturevalue("draft" if act.draft else "active")
        strategy.refresh_from_db()
        objective = strategy.objectives.get()
        return {
            **vars(company), "strategy": strategy, "objective": objective,
            "initiative": InitiativeFactory(objective=objective, owner=company.bob),
            "decision": DecisionFactory(strategy=strategy, owner=company.bob),
            "review": strategy.reviews.order_by("due_on").first(),
            "now": strategy.version, "year": calendars.period("2026", "year"),
        }  # fmt: skip

    return build


def everything() -> list[Any]:
    return [list(table.objects.order_by("pk").values()) for table in TABLES]


def filled(known: dict[str, Any], data: dict[str, str]) -> dict[str, Any]:
    """Put ids in the place of names."""
    return {name: getattr(known.get(value), "pk", known.get(value, value)) for name, value in data.items()}


def send(known: dict[str, Any], act: Act, who: str, **changes: str) -> Any:
    client = Client()
    if who != "nobody":
        client.force_login(User.objects.get(username=who))
    data = filled(known, act.data)
    shown = {"csrfmiddlewaretoken": "as it was shown once"} if act.data else {}
    return client.post(
        reverse(f"strategy:{act.name}", args=[known[act.on].pk] if act.on else []), data | shown | changes
    )


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_who_may_what_is_wrong_and_twice(world, act):
    known = world(act)
    before = everything()
    for who in EVERYBODY:
        if who not in act.who:
            assert (who, send(known, act, who).status_code) == (who, 302 if who == "nobody" else act.refused)
            assert everything() == before, who
    if act.wrong:
        assert send(known, act, act.who[-1], **act.wrong).status_code == 422
        assert everything() == before
    for who in act.who[:-1]:
        undone = transaction.savepoint()
        assert (who, send(known, act, who).status_code) == (who, 302)
        assert everything() != before, who
        transaction.savepoint_rollback(undone)

    first = send(known, act, act.who[-1])
    after = everything()
    again = send(known, act, act.who[-1])

    assert first.status_code == 302
    assert after != before
    assert everything() == after
    assert again.status_code == 302 or not act.data


CALLS = [
    Act("strategies", "", STRATEGY | {"unit": "east"}, {"owner": "0"}, ("editor",), refused=403),
    Act("PATCH strategies/{}", data={"title": "Win more", "version": "now"}, wrong={"owner": "0"}),
    Act("strategies/{}/activate", draft=True),
    Act("strategy-reviews/{}/hold", "review", {"minutes": "Said.", "version": "1"}, {"minutes": ""}),
    Act("strategy-decisions", "", DECISION | {"strategy": "strategy"}, {"owner": "0"}),
    Act("strategy-decisions/{}/complete", "decision", who=("bob", "ann", "editor")),
]


def call(known: dict[str, Any], act: Act, who: str, key: str = "", token: str = "", **changes: str) -> Any:
    client = Client()
    method, name = act.name.split() if " " in act.name else ("POST", act.name)
    url = f"/api/v1/{name.format(known[act.on].pk if act.on else '')}/"
    headers = {"Idempotency-Key": key} if key else {}
    with clock.fixed(dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)):  # the day of the first review
        if token:
            headers["Authorization"] = f"Bearer so_{token}"
        elif who != "nobody":
            client.force_login(User.objects.get(username=who))
        sent = filled(known, act.data) | changes
        return client.generic(method, url, json.dumps(sent), "application/json", headers=headers)


def read_and_write_tokens(who: str) -> None:
    owner, since = User.objects.get(username=who), dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    for scope in ("read", "write"):
        ends = since + dt.timedelta(days=30)
        ApiTokenFactory(owner=owner, label=scope, scopes=[scope], created_at=since, expires_at=ends)


@pytest.mark.parametrize("act", CALLS, ids=lambda act: act.name)
def test_a_call_may_what_the_page_may_and_counts_once(world, act):
    known = world(act)
    before = everything()
    RoleGrantFactory(user=UserFactory(username="stranger"), role=Role.SALES_OPS, unit=known["west"])
    read_and_write_tokens(act.who[0])
    for who in (*EVERYBODY, "stranger"):
        if who not in act.who:
            status = {"nobody": 401, "stranger": 404}.get(who, act.refused)
            assert (who, call(known, act, who).status_code) == (who, status)
            assert everything() == before, who
    assert call(known, act, act.who[0], token="read").status_code == 403
    assert everything() == before
    if act.wrong:
        assert call(known, act, "editor", **act.wrong).status_code == 400
        assert everything() == before
    for who, token in [*((who, "") for who in act.who[:-1]), (act.who[0], "write")]:
        undone = transaction.savepoint()
        assert (who, call(known, act, who, token=token).status_code) in {(who, 200), (who, 201)}
        assert everything() != before, who
        transaction.savepoint_rollback(undone)

    first = call(known, act, "editor", "a key")
    after = everything()
    again = call(known, act, "editor", "a key")

    assert first.status_code in {200, 201}
    assert after != before
    assert everything() == after
    assert (again.status_code, again.json()) == (first.status_code, first.json())
