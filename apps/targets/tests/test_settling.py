"""An edit of a large plan is answered before its rows are written, and nobody sees anything in between."""

import json
from decimal import Decimal as D

import pytest
from django.db import DataError, connection, transaction
from django.urls import reverse

from apps.access.models import User
from apps.core import clock
from apps.core.errors import StaleVersion
from apps.events.models import AuditEntry, OutboxEntry
from apps.notifications.models import Notification
from apps.targets import services
from apps.targets.enums import Balance
from apps.targets.models import PendingStep, PlanChange, Target
from apps.targets.selectors.trees import STATE
from apps.targets.services import answering, settling
from apps.targets.services.cells import CellEdit
from apps.targets.tasks import settle
from apps.targets.tests.factories import AT, TODAY, seat_of, unit_of

DATA = {"Accept": "application/json"}
SHOWN = ("amount", "months", "fixed_months", "is_fixed", "override_reason")


@pytest.fixture(autouse=True)
def _every_plan_is_large(monkeypatch):
    monkeypatch.setattr(answering, "WRITTEN_AT_ONCE", 0)
    with clock.fixed(AT):
        yield


def rows(plan):
    return {row["pk"]: row for row in Target.objects.filter(plan=plan).values("pk", *STATE)}


def change(plan, company, act, *edits, balance=Balance.SIBLINGS):
    """Make a change as the grid does (``answer_cells``) or as other rooms do (``edit_cells``)."""
    with transaction.atomic():
        return act(
            plan_id=plan.pk, cells=[CellEdit(row.pk, column, D(value)) for row, column, value in edits],
            balance=balance, by_id=company.planner.pk, at=AT, reason="Agreed",
        )  # fmt: skip


def post(client, who, name, *args, **data):
    client.force_login(who)
    return client.post(reverse(f"targets:{name}", args=args), data, headers=DATA)


EDITS = [
    pytest.param("top", "year", "9999.99", Balance.UP, id="the company"),
    pytest.param("top", "m3", "900", Balance.SIBLINGS, id="a month of the company"),
    pytest.param("top", "q2", "1000.01", Balance.UP, id="a quarter of the company"),
    pytest.param("east", "year", "5000.01", Balance.SIBLINGS, id="a unit whose neighbours make room"),
    pytest.param("east", "year", "5000.01", Balance.UP, id="a unit the total follows"),
    pytest.param("ann", "year", "777.77", Balance.SIBLINGS, id="a seat"),
    pytest.param("ann", "m0", "7.77", Balance.UP, id="a month of a seat"),
]


@pytest.mark.parametrize(("who", "column", "value", "balance"), EDITS)
def test_what_is_answered_is_what_is_written(draft, company, who, column, value, balance):
    row = seat_of(draft, company.ann) if who == "ann" else unit_of(draft, getattr(company, who))
    with transaction.atomic():
        change(draft, company, services.edit_cells, (row, column, value), balance=balance)
        wanted, told = rows(draft), PlanChange.objects.get()
        transaction.set_rollback(True)

    before = rows(draft)
    answer = change(draft, company, services.answer_cells, (row, column, value), balance=balance)
    shown = answer.states(wanted)

    assert rows(draft) == before
    for key, state in wanted.items():
        known = shown.get(key, before[key])
        assert {name: known.get(name, before[key][name]) for name in SHOWN} == {
            name: state[name] for name in SHOWN
        }
    settling.settle_all()
    made = PlanChange.objects.get()
    assert rows(draft) == wanted
    assert (made.before, made.after, made.about) == (told.before, told.after, told.about)
    assert not PendingStep.objects.exists()
    assert answer.count == told.about["count"]


def test_undo_redo_and_release_are_answered_and_then_written(draft, company):
    east = unit_of(draft, company.east)
    first = rows(draft)
    change(draft, company, services.answer_cells, (east, "year", "5000"))
    by = {"by_id": company.planner.pk, "at": AT}

    def turn(act, **what):
        with transaction.atomic():
            answer = act(**what, **by)
        told = answer.states([east.pk])[east.pk]["amount"]
        settling.settle_all()
        return told, unit_of(draft, company.east).amount

    settling.settle_all()
    typed = rows(draft)
    assert turn(services.answer_undo, plan_id=draft.pk) == (first[east.pk]["amount"],) * 2
    assert rows(draft) == first
    assert turn(services.answer_redo, plan_id=draft.pk) == (D("5000"), D("5000"))
    assert rows(draft) == typed
    assert turn(services.answer_release, target_id=east.pk) == (first[east.pk]["amount"],) * 2
    assert PlanChange.objects.order_by("number").last().about["count"] > 0


def test_the_next_change_settles_the_one_before(draft, company):
    top, ann = unit_of(draft, company.top), seat_of(draft, company.ann)
    change(draft, company, services.answer_cells, (top, "year", "10000"), balance=Balance.UP)
    change(draft, company, services.answer_cells, (ann, "year", "2000"))
    with transaction.atomic():
        services.submit_plan(plan_id=draft.pk, by_id=company.planner.pk, at=AT, on=TODAY)

    assert not PendingStep.objects.exists()
    assert unit_of(draft, company.top).amount == D("10000")
    assert seat_of(draft, company.ann).amount == D("2000")


def test_a_page_an_upload_and_a_late_edit_see_the_change(client, draft, company):
    top, east = unit_of(draft, company.top), unit_of(draft, company.east)

    told = post(client, company.planner, "edit_cell", top.pk, amount="10000", opened=str(top.pk)).json()
    assert PendingStep.objects.count() == 1
    shown = client.get(reverse("targets:plan", args=[draft.pk])).context["grid"]

    seen = {row.target.pk: row.target.amount for row in shown.rows}
    assert {row["id"]: D(row["cells"]["year"][0]) for row in told["rows"]} == {
        row.target.pk: row.target.amount for row in shown.rows if row.target.depth < 2
    }
    assert (seen[top.pk], seen[east.pk]) == (D("10000"), D("5000"))
    post(client, company.planner, "edit_cell", top.pk, amount="20000")
    assert post(client, company.planner, "edit_cell", top.pk, amount="-10%").status_code == 200
    settling.settle_all()
    assert unit_of(draft, company.top).amount == D("18000")
    late = post(client, company.planner, "edit_cell", east.pk, amount="1", revision=str(told["revision"]))
    assert late.status_code == 409


def test_a_paste_is_tried_without_a_trace_and_then_taken(client, draft, company):
    east, ann = unit_of(draft, company.east), seat_of(draft, company.ann)
    cells = json.dumps([[east.pk, "year", "5000"], [ann.pk, "m1", "10"]])
    client.force_login(company.planner)
    preview = client.post(
        reverse("targets:paste_preview", args=[draft.pk]),
        {"text": "5000", "rows": str(east.pk), "columns": "year"},
    )

    assert preview.context["moved"] > 0
    assert not PlanChange.objects.exists()
    answer = post(client, company.planner, "paste_apply", draft.pk, cells=cells, balance="siblings").json()
    settling.settle_all()
    assert answer["changed"] == len(PlanChange.objects.get().after["nodes"])
    assert unit_of(draft, company.east).amount == D("5000")


def test_the_job_settles_once_and_whoever_typed_is_named(draft, company):
    with transaction.atomic():
        change(draft, company, services.answer_cells, (unit_of(draft, company.east), "year", "5000"))
    entry = OutboxEntry.objects.get(name=settling.TASK)

    settle(plan_id=draft.pk, outbox_id=entry.pk)
    settle(plan_id=draft.pk, outbox_id=entry.pk)

    audit = AuditEntry.objects.filter(table="targets_target", action="update")
    assert set(audit.values_list("actor_id", flat=True)) == {company.planner.pk}
    assert audit.count() == PlanChange.objects.get().about["count"]


def test_a_change_the_database_refuses_is_taken_back_and_told(draft, company, monkeypatch):
    before = rows(draft)
    change(draft, company, services.answer_cells, (unit_of(draft, company.east), "year", "5000"))

    def refuse(*_args):
        raise DataError("too large")

    monkeypatch.setitem(settling.ACTS._entries, "cells", refuse)
    settling.settle_all()

    made = PlanChange.objects.get()
    assert (made.undone_by_id, made.about["refused"]) == (company.planner.pk, True)
    assert not PendingStep.objects.exists()
    assert rows(draft) == before
    assert Notification.objects.filter(user=company.planner, url__contains=str(draft.pk)).count() == 1
    with transaction.atomic(), pytest.raises(services.NothingToUndo):
        services.redo(plan_id=draft.pk, by_id=company.planner.pk, at=AT)


def test_a_change_upon_what_is_no_longer_there_is_stale(draft, company):
    east = unit_of(draft, company.east)
    change(draft, company, services.answer_cells, (east, "year", "5000"))

    with transaction.atomic(), pytest.raises(StaleVersion):
        services.answer_cells(
            plan_id=draft.pk, cells=[CellEdit(east.pk, "year", D(1))], balance=Balance.SIBLINGS, revision=1,
            by_id=User.objects.get(username="chief").pk, at=AT,
        )  # fmt: skip
    assert PlanChange.objects.count() == 1
    settling.settle_all()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert unit_of(draft, company.east).amount == D("5000")
