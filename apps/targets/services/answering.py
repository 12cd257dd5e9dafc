"""Answering an edit of the grid at once: computed in full, the rows of a large plan written right after.

A change of few rows is written as it is made. One that moves a region or the company is computed by the same
rules from no more than the arithmetic needs, recorded, and answered; ``settling`` writes it (ADR-0010).
"""

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.core.db import requires_transaction
from apps.core.garbage import collected_later
from apps.targets.enums import Balance, ChangeKind
from apps.targets.models import PlanChange, Target, TargetPlan
from apps.targets.rules.tree import NotLoaded, months_of
from apps.targets.selectors.history import states_in
from apps.targets.selectors.trees import Sketch, around, sketch
from apps.targets.services.cells import CellEdit, Release, Typing, give_back, plan_of, type_cells
from apps.targets.services.recording import last_change, make_again, record, take_back, undone_change
from apps.targets.services.settling import owe
from apps.targets.services.storing import Written, open_plan, prove

WRITTEN_AT_ONCE = 120  # nodes in reach: up to here writing takes no longer than computing
_WITH_ROWS = {ChangeKind.SEAT_ADDED, ChangeKind.SEAT_REMOVED}
States = Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True)
class Answer:
    """What an edit changed. ``states`` says what nodes are now where the rows do not say so yet.

    ``ids`` is None when only ``states`` knows which nodes changed.
    """

    count: int
    ids: set[int] | None
    states: Callable[[Collection[int]], States] | None = None

    @classmethod
    def written(cls, ids: set[int]) -> "Answer":
        """Return the answer to a change whose rows are written."""
        return cls(len(ids), ids)


@requires_transaction
def answer_cells(
    *,
    plan_id: int,
    cells: Sequence[CellEdit],
    balance: Balance,
    by_id: int,
    at: dt.datetime,
    reason: str = "",
    revision: int | None = None,
    kind: ChangeKind = ChangeKind.CELLS,
) -> Answer:
    """Type figures as ``edit_cells`` does, and answer before a large plan is written."""
    plan = open_plan(plan_id, revision, by_id)
    typing = Typing.of(plan, cells, balance)
    wanted = _reach(plan, typing.ids, typing.whole)
    if wanted is not None and len(wanted) <= WRITTEN_AT_ONCE:
        try:
            written, about = type_cells(
                plan, cells, balance, by_id=by_id, at=at, reason=reason, further=False
            )
        except NotLoaded:
            pass
        else:
            record(plan, kind, written, by_id=by_id, at=at, about=about, reason=reason)
            return Answer.written(written.ids)
    tree = _tried(plan, wanted, typing.ids, typing.change)
    answer = _answer(tree, dict.fromkeys(typing.ids, reason[:300]))
    found = Written(ids=answer.ids or set())
    change = record(plan, kind, found, by_id=by_id, at=at, about=typing.about(plan), reason=reason)
    typed = [[one.target_id, one.column, str(one.value)] for one in cells]
    owe(change, "cells", by_id, cells=typed, balance=str(balance))
    return answer


@requires_transaction
def answer_release(
    *, target_id: int, by_id: int, at: dt.datetime, column: str = "year", revision: int | None = None
) -> Answer:
    """Give a figure back as ``release_node`` does, and answer before a large plan is written."""
    plan = open_plan(plan_of(target_id), revision, by_id)
    release = Release.of(target_id, column)
    wanted = _reach(plan, [target_id], release.whole)
    if wanted is not None and len(wanted) <= WRITTEN_AT_ONCE:
        try:
            written, about = give_back(plan, target_id, column, further=False)
        except NotLoaded:
            pass
        else:
            record(plan, ChangeKind.RELEASE, written, by_id=by_id, at=at, about=about)
            return Answer.written(written.ids)
    tree = _tried(plan, wanted, [target_id], release.change)
    answer = _answer(tree, {} if release.positions else {target_id: ""})
    found = Written(ids=answer.ids or set())
    change = record(plan, ChangeKind.RELEASE, found, by_id=by_id, at=at, about=release.about(plan))
    owe(change, "release", by_id, target=target_id, column=column)
    return answer


@requires_transaction
def answer_undo(
    *, plan_id: int, by_id: int, at: dt.datetime, revision: int | None = None, only_own: bool = False
) -> Answer:
    """Take the last change back as ``undo`` does, and answer before a large plan is written."""
    plan = open_plan(plan_id, revision, by_id)
    change = last_change(plan, by_id, only_own)
    later = _is_large(change)
    take_back(plan, change, by_id=by_id, at=at, later=later)
    return _turned(change, "before", later)


@requires_transaction
def answer_redo(
    *, plan_id: int, by_id: int, at: dt.datetime, revision: int | None = None, only_own: bool = False
) -> Answer:
    """Make a change again as ``redo`` does, and answer before a large plan is written."""
    plan = open_plan(plan_id, revision, by_id)
    change = undone_change(plan, by_id, only_own)
    later = _is_large(change)
    make_again(plan, change, by_id=by_id, later=later)
    return _turned(change, "after", later)


def _is_large(change: PlanChange) -> bool:
    return change.about.get("count", 0) > WRITTEN_AT_ONCE and change.kind not in _WITH_ROWS


def _turned(change: PlanChange, side: str, later: bool) -> Answer:
    if not later:
        return Answer.written({row["id"] for row in getattr(change, side).get("nodes", [])})
    return Answer(change.about["count"], None, lambda ids: states_in(change, side, ids))


def _reach(plan: TargetPlan, edited: Collection[int], whole: Collection[int]) -> list[int] | None:
    """Return the nodes a change can reach; None for all of a large plan."""
    top = Target.objects.filter(plan=plan, parent=None).values_list("pk", flat=True).first()
    if top in whole and Target.objects.filter(plan=plan).count() > WRITTEN_AT_ONCE:
        return None
    return around(edited, whole)


def _tried(
    plan: TargetPlan, wanted: Sequence[int] | None, edited: Collection[int], change: Callable[[Sketch], None]
) -> Sketch:
    """Make a change in memory, once more with the whole plan when it reached further, and prove the sums."""
    with collected_later():
        try:
            tree = _changed(plan, wanted, edited, change)
        except NotLoaded:
            tree = _changed(plan, None, edited, change)
        prove(tree.top, tree.grid)
    return tree


def _changed(
    plan: TargetPlan,
    wanted: Sequence[int] | None,
    edited: Collection[int],
    change: Callable[[Sketch], None],
) -> Sketch:
    tree = sketch(plan, wanted)
    for key in edited:
        tree.nodes[key].months = months_of(tree.nodes[key], tree.grid)
    change(tree)
    return tree


def _answer(tree: Sketch, reasons: Mapping[int, str]) -> Answer:
    ids = tree.moved() | set(reasons)

    def states(wanted: Collection[int]) -> States:
        return {key: _state(tree, key, reasons) for key in ids.intersection(wanted)}

    return Answer(len(ids), ids, states)


def _state(tree: Sketch, key: int, reasons: Mapping[int, str]) -> dict[str, Any]:
    node = tree.nodes[key]
    state: dict[str, Any] = {"amount": node.amount, "is_fixed": node.is_fixed}
    if not node.is_stub:
        state |= {"months": months_of(node, tree.grid), "fixed_months": sorted(node.fixed_months)}
    if key in reasons:
        state["override_reason"] = reasons[key]
    return state
