"""While an edit is being written, others are answered upon it and written after it, as if one by one."""

import threading
from decimal import Decimal as D

import pytest
from django.db import connection, transaction
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from apps.core import clock
from apps.core.errors import DomainError
from apps.core.tests.together import decided_at_once
from apps.events.audit import acting
from apps.events.models import AuditEntry
from apps.notifications.models import Notification
from apps.targets import services
from apps.targets.enums import Balance
from apps.targets.models import PendingStep, PlanChange, Target, TargetPlan
from apps.targets.rules.proof import breaches, deviations
from apps.targets.rules.tree import WrongTarget
from apps.targets.selectors.pending import as_answered, pending_of
from apps.targets.selectors.trees import STATE, load
from apps.targets.services import answering, settling
from apps.targets.services.cells import CellEdit
from apps.targets.tests.factories import AT, seat_of, unit_of

SHOWN = ("amount", "months", "fixed_months", "is_fixed", "override_reason")
TOLD = ("number", "revision", "kind", "about", "before", "after", "reason", "made_by", "undone_by")
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)  # shrinking takes minutes
columns = st.sampled_from(["year", "year", "q1", "m0", "m7"])
figures = st.integers(0, 1_500_000).map(lambda units: D(units).scaleb(-2))
cells = st.lists(st.tuples(st.integers(0, 7), columns, figures), min_size=1, max_size=3)
acts = st.one_of(
    st.tuples(st.just("type"), cells, st.sampled_from(Balance)),
    st.tuples(st.just("type"), cells, st.sampled_from(Balance)),
    st.tuples(st.just("lock"), st.integers(0, 7)),
    st.tuples(st.just("release"), st.integers(0, 7), columns),
    st.tuples(st.sampled_from(["undo", "undo", "redo", "settle", "settle all"])),
)
AT_ONCE = {
    "type": services.edit_cells, "lock": services.lock_node, "release": services.release_node,
    "undo": services.undo, "redo": services.redo,
}  # fmt: skip
ANSWERED = {
    "type": services.answer_cells, "lock": services.answer_lock, "release": services.answer_release,
    "undo": services.answer_undo, "redo": services.answer_redo,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _every_plan_is_large(monkeypatch):
    monkeypatch.setattr(answering, "WRITTEN_AT_ONCE", 0)
    with clock.fixed(AT):
        yield


def stored(plan):
    return {row["pk"]: row for row in Target.objects.filter(plan=plan).values("pk", *STATE)}


def seen(plan):
    """Return the plan as the grid shows it."""
    plan = TargetPlan.objects.get(pk=plan.pk)
    rows = list(Target.objects.filter(plan=plan))
    as_answered(plan, rows, pending_of(plan.pk))
    return plan.revision, {row.pk: {name: getattr(row, name) for name in SHOWN} for row in rows}


def kept(plan):
    """Return everything a plan leaves behind: rows, recorded changes, audit trail."""
    trail = AuditEntry.objects.filter(table="targets_target", action="update").order_by("pk")
    return (
        stored(plan),
        list(PlanChange.objects.filter(plan=plan).order_by("number").values(*TOLD)),
        sorted(trail.values_list("row_id", "actor_id").order_by("row_id")),
        TargetPlan.objects.get(pk=plan.pk).revision,
    )


def act(doing, plan, by_id, name, *given):
    ids = sorted(stored(plan))
    what = {"by_id": by_id, "at": AT}
    if name == "type":
        block = {(ids[one % len(ids)], column): value for one, column, value in given[0]}
        what["cells"] = [CellEdit(pk, column, value) for (pk, column), value in block.items()]
        what |= {"balance": given[1], "reason": "Agreed"}
    if name in {"lock", "release"}:
        what["target_id"] = ids[given[0] % len(ids)]
        what |= {"column": given[1]} if name == "release" else {"reason": "Kept"}
    else:
        what["plan_id"] = plan.pk
    try:
        with transaction.atomic(), acting(by_id):
            doing[name](**what)
    except DomainError as refusal:
        return refusal.code
    return "done"


def test_any_sequence_leaves_the_same_whether_written_at_once_or_later(draft, company):
    planner = company.planner.pk

    @examples(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
    @given(st.lists(acts, min_size=2, max_size=8))
    def compared(sequence):
        mine = [one for one in sequence if not one[0].startswith("settle")]
        with transaction.atomic():
            one_by_one = [(act(AT_ONCE, draft, planner, *one), seen(draft)) for one in mine]
            wanted = kept(draft)
            transaction.set_rollback(True)
        with transaction.atomic():
            answered = []
            for one in sequence:
                if one[0] == "settle":
                    settling.settle_next(draft.pk)
                elif one[0] == "settle all":
                    settling.settle_all()
                else:
                    answered.append((act(ANSWERED, draft, planner, *one), seen(draft)))
                tree = load(draft)
                assert breaches(tree.top, tree.grid) == deviations(tree.top, tree.grid) == []
            assert answered == one_by_one
            settling.settle_all()
            assert kept(draft) == wanted
            assert not PendingStep.objects.exists()
            transaction.set_rollback(True)

    compared()


def test_the_grid_shows_and_changes_what_is_not_written_yet(client, draft, company):
    top, east, ann = (
        *(unit_of(draft, one) for one in (company.top, company.east)),
        seat_of(draft, company.ann),
    )
    client.force_login(company.planner)
    before = stored(draft)

    def post(name, *args, **data):
        url = reverse(f"targets:{name}", args=args)
        answer = client.post(
            url, {"opened": f"{top.pk},{east.pk}", **data}, headers={"Accept": "application/json"}
        )
        return answer.json()

    first = post("edit_cell", top.pk, amount="10000", balance="up")
    told = post("edit_cell", top.pk, amount="+10%", balance="up", revision=first["revision"])
    earlier = seen(draft)[1][ann.pk]["amount"]
    told = post("edit_cell", ann.pk, amount="2000", column="year", revision=told["revision"])
    page = client.get(reverse("targets:plan", args=[draft.pk])).context["grid"]
    below = client.get(reverse("targets:rows", args=[draft.pk, east.pk])).context["rows"]
    undone = post("undo", draft.pk, revision=page.plan.revision)
    stale = post("edit_cell", top.pk, amount="1", revision=first["revision"])

    assert stored(draft) == before
    assert (page.top.target.amount, page.plan.revision) == (D("11000"), told["revision"])
    assert {row.target.pk: row.target.amount for row in below}[ann.pk] == D("2000")
    assert page.leaf_total == sum(row.target.amount for row in page.rows if row.is_leaf) == D("11000")
    shown = {row["id"]: D(row["cells"]["year"][0]) for row in undone["rows"]}
    assert (shown[ann.pk], undone["redo"]) == (earlier, True)
    assert stale["code"] == "stale_version"
    assert PendingStep.objects.count() == 4
    client.get(reverse("targets:node", args=[ann.pk]))
    assert not PendingStep.objects.exists()
    assert seat_of(draft, company.ann).amount == earlier
    assert unit_of(draft, company.top).amount == D("11000")


def test_after_a_step_was_refused_the_others_are_worked_out_anew(draft, company, monkeypatch):
    east, ann = unit_of(draft, company.east), seat_of(draft, company.ann)
    by = company.planner.pk
    first = stored(draft)[ann.pk]["amount"]
    for row, value in ((east, "5000"), (ann, "700")):
        with transaction.atomic():
            services.answer_cells(
                plan_id=draft.pk, cells=[CellEdit(row.pk, "year", D(value))], balance=Balance.SIBLINGS,
                by_id=by, at=AT,
            )  # fmt: skip
    write = settling.ACTS.get("cells")

    def refuse_the_first(plan, change, order):
        if change.number == 1:
            raise WrongTarget("no")
        return write(plan, change, order)

    monkeypatch.setitem(settling.ACTS._entries, "cells", refuse_the_first)
    settling.settle_next(draft.pk)
    assert not pending_of(draft.pk).is_known
    with transaction.atomic():
        services.answer_undo(plan_id=draft.pk, by_id=by, at=AT)
    settling.settle_all()

    assert Notification.objects.filter(user=company.planner, url__contains=str(draft.pk)).count() == 1
    assert seat_of(draft, company.ann).amount == first
    assert unit_of(draft, company.east).amount != D("5000")


def test_a_kind_of_change_that_cannot_be_stacked_is_written_first(draft, company):
    by = {"by_id": company.planner.pk, "at": AT}
    first = stored(draft)
    with transaction.atomic():
        services.set_inputs(
            target_id=seat_of(draft, company.ann).pk, inputs=services.Inputs(high=D(100)), **by
        )
    for turn in (services.answer_undo, services.answer_redo, services.answer_undo):
        with transaction.atomic():
            turn(plan_id=draft.pk, **by)
    settling.settle_all()
    assert stored(draft) == first


@pytest.mark.django_db(transaction=True)
def test_edits_undo_and_readers_do_not_wait_for_rows_being_written(client, draft, company, monkeypatch):
    top, east = unit_of(draft, company.top), unit_of(draft, company.east)
    by = {"by_id": company.planner.pk, "at": AT}
    began, go_on = threading.Event(), threading.Event()
    write = settling.ACTS.get("cells")

    def slowly(plan, change, order):
        found = write(plan, change, order)
        began.set()
        assert go_on.wait(timeout=60)
        return found

    def typed(row, value):
        with transaction.atomic():
            cells = [CellEdit(row.pk, "year", D(value))]
            services.answer_cells(plan_id=draft.pk, cells=cells, balance=Balance.UP, **by)

    def settled():
        try:
            settling.settle_now(draft.pk)
        finally:
            connection.close()

    monkeypatch.setitem(settling.ACTS._entries, "cells", slowly)
    typed(top, "10000")
    writer = threading.Thread(target=settled)
    writer.start()
    try:
        assert began.wait(timeout=60)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        typed(east, "7000")  # the company follows
        typed(top, "20000")
        with transaction.atomic():
            services.answer_undo(plan_id=draft.pk, **by)
        client.force_login(company.planner)
        page = client.get(reverse("targets:plan", args=[draft.pk])).context["grid"]
    finally:
        go_on.set()
        writer.join()
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")

    amounts = {row.target.pk: row.target.amount for row in page.rows}
    assert (amounts[top.pk], amounts[east.pk]) == (D("12000"), D("7000"))
    assert not PendingStep.objects.exists()
    assert {pk: row["amount"] for pk, row in stored(draft).items()} == amounts
    assert PlanChange.objects.filter(undone_at__isnull=True).count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_leaves_nothing_and_loses_nothing(draft, company, monkeypatch):
    before, top = stored(draft), unit_of(draft, company.top)
    block = {"plan_id": draft.pk, "balance": Balance.UP, "by_id": company.planner.pk, "at": AT}
    with transaction.atomic():
        services.answer_cells(cells=[CellEdit(top.pk, "year", D(10_000))], **block)
    write = settling.ACTS.get("cells")

    def killed(*given):
        write(*given)
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setitem(settling.ACTS._entries, "cells", killed)
        with pytest.raises(SystemExit):
            settling.settle_now(draft.pk)
    assert (stored(draft), PendingStep.objects.count()) == (before, 1)
    settling.settle_all()

    assert unit_of(draft, company.top).amount == D(10_000)
    assert (
        PlanChange.objects.get().about["count"]
        == AuditEntry.objects.filter(table="targets_target", action="update")
        .values("row_id")
        .distinct()
        .count()
    )


@pytest.mark.django_db(transaction=True)
def test_two_edits_at_once_are_both_taken_unless_one_saw_an_older_plan(draft, company):
    top, ann = unit_of(draft, company.top), seat_of(draft, company.ann)

    def typing(row, value, revision=None):
        return lambda: services.answer_cells(
            plan_id=draft.pk, cells=[CellEdit(row.pk, "m0", D(value))], balance=Balance.SIBLINGS, by_id=by,
            at=AT, revision=revision,
        )  # fmt: skip

    by = company.planner.pk
    assert decided_at_once(typing(top, "900"), typing(ann, "77")) == ["done", "done"]
    now = pending_of(draft.pk).revision
    assert decided_at_once(typing(top, "901", now), typing(ann, "78", now)) == ["done", "stale_version"]
    settling.settle_all()

    assert PlanChange.objects.count() == 3
    assert TargetPlan.objects.get().revision == now + 1
