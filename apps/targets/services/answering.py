"""Answering an edit of the grid at once: computed in full, the rows of a large plan written right after.

A change of few rows is written as it is made. One that moves a region or the company is computed by the same
rules from no more than the arithmetic needs, recorded, and answered; ``settling`` writes it (ADR-0010). While
something waits to be written, whatever comes next is answered upon it in the same way.
"""

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from apps.core.db import advisory_lock, requires_transaction
from apps.core.errors import StaleVersion
from apps.core.garbage import collected_later
from apps.targets.enums import Balance, ChangeKind
from apps.targets.models import PlanChange, Target, TargetPlan
from apps.targets.rules.tree import NotLoaded, months_of
from apps.targets.selectors.history import next_redo, next_undo, states_in
from apps.targets.selectors.pending import (
    STACKED,
    Figures,
    Pending,
    answering,
    as_text,
    pending_of,
    season_of,
    shown,
)
from apps.targets.selectors.trees import Sketch, around, sketch
from apps.targets.services.cells import (
    CellEdit,
    Locking,
    Release,
    Typing,
    give_back,
    keep,
    plan_of,
    type_cells,
)
from apps.targets.services.recording import last_change, make_again, record, take_back, undone_change
from apps.targets.services.settling import lock_at_once, locked, owe
from apps.targets.services.storing import Written, check_open, prove

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
    revision: int = 0


@dataclass
class _Draft:
    """A draft as it was answered so far. Its ``plan`` carries the revision of the change to come."""

    plan: TargetPlan
    pending: Pending

    def may_write(self) -> bool:
        """Lock the rows for a change written at once; False when others have to be written before."""
        if self.pending or not lock_at_once(self.plan):
            return False
        self.plan.save(update_fields=["revision"])
        return True


@dataclass(frozen=True)
class _Edit:
    """A change of figures: how it is made in memory, how it is written, what is told of it."""

    kind: ChangeKind
    act: str
    order: dict[str, Any]
    edited: Collection[int]
    whole: Collection[int]
    change: Callable[[Sketch], None]
    about: Callable[[TargetPlan], dict[str, Any]]
    write: Callable[[TargetPlan], tuple[Written, dict[str, Any]]]
    reasons: dict[int, str] = field(default_factory=dict)
    reason: str = ""


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
    draft = _opened(plan_id, revision, by_id)
    typing = Typing.of(draft.plan, cells, balance)
    edit = _Edit(
        kind=kind,
        act="cells",
        order={
            "cells": [[one.target_id, one.column, str(one.value)] for one in cells],
            "balance": str(balance),
        },
        edited=typing.ids,
        whole=typing.whole,
        change=typing.change,
        about=typing.about,
        write=lambda plan: type_cells(plan, cells, balance, by_id=by_id, at=at, reason=reason, further=False),
        reasons=dict.fromkeys(typing.ids, reason[:300]),
        reason=reason,
    )
    return _answered(draft, edit, by_id, at)


@requires_transaction
def answer_release(
    *, target_id: int, by_id: int, at: dt.datetime, column: str = "year", revision: int | None = None
) -> Answer:
    """Give a figure back as ``release_node`` does, and answer before a large plan is written."""
    draft = _opened(plan_of(target_id), revision, by_id)
    release = Release.of(target_id, column)
    edit = _Edit(
        kind=ChangeKind.RELEASE,
        act="release",
        order={"target": target_id, "column": column},
        edited=[target_id],
        whole=release.whole,
        change=release.change,
        about=release.about,
        write=lambda plan: give_back(plan, target_id, column, further=False),
        reasons={} if release.positions else {target_id: ""},
    )
    return _answered(draft, edit, by_id, at)


@requires_transaction
def answer_lock(
    *, target_id: int, by_id: int, at: dt.datetime, reason: str = "", revision: int | None = None
) -> Answer:
    """Keep a figure as ``lock_node`` does, also while something waits to be written."""
    draft = _opened(plan_of(target_id), revision, by_id)
    locking = Locking(target_id)
    edit = _Edit(
        kind=ChangeKind.LOCK,
        act="lock",
        order={"target": target_id},
        edited=[target_id],
        whole=(),
        change=locking.change,
        about=locking.about,
        write=lambda plan: keep(plan, target_id, by_id=by_id, at=at, reason=reason),
        reasons={target_id: reason[:300]},
        reason=reason,
    )
    return _answered(draft, edit, by_id, at)


@requires_transaction
def answer_undo(
    *, plan_id: int, by_id: int, at: dt.datetime, revision: int | None = None, only_own: bool = False
) -> Answer:
    """Take the last change back as ``undo`` does, and answer before a large plan is written."""
    draft = _opened(plan_id, revision, by_id, next_undo)
    change = last_change(draft.plan, by_id, only_own)
    later = _is_later(draft, change)
    take_back(draft.plan, change, by_id=by_id, at=at, later=later)
    return _turned(draft, change, "before", later)


@requires_transaction
def answer_redo(
    *, plan_id: int, by_id: int, at: dt.datetime, revision: int | None = None, only_own: bool = False
) -> Answer:
    """Make a change again as ``redo`` does, and answer before a large plan is written."""
    draft = _opened(plan_id, revision, by_id, next_redo)
    change = undone_change(draft.plan, by_id, only_own)
    later = _is_later(draft, change)
    make_again(draft.plan, change, by_id=by_id, later=later)
    return _turned(draft, change, "after", later)


def _opened(
    plan_id: int,
    revision: int | None,
    by_id: int,
    turn: Callable[[TargetPlan], PlanChange | None] | None = None,
) -> _Draft:
    """Open a draft for an answer: nothing is settled until it is given.

    What cannot be answered upon what waits (``turn`` gives the change to be turned) is written first.
    """
    plan = TargetPlan.objects.get(pk=plan_id)
    if not _is_readable(plan, pending_of(plan_id, ()), turn):
        locked(plan_id)
    advisory_lock(answering(plan_id))
    plan.refresh_from_db()
    pending = pending_of(plan_id)
    plan.revision = pending.revision or plan.revision
    check_open(plan, revision, by_id)
    if not _is_readable(plan, pending, turn):
        raise StaleVersion(_("Somebody else changed this plan in the meantime. Reload to see it."))
    plan.revision += 1
    return _Draft(plan, pending)


def _is_readable(
    plan: TargetPlan, pending: Pending, turn: Callable[[TargetPlan], PlanChange | None] | None
) -> bool:
    if not pending:
        return True
    change = turn(plan) if turn else None
    return pending.is_known and (change is None or change.kind in STACKED)


def _answered(draft: _Draft, edit: _Edit, by_id: int, at: dt.datetime) -> Answer:
    """Write a change of few rows, or make it in memory, record it and have it written."""
    plan = draft.plan
    wanted = _reach(plan, edit.edited, edit.whole)
    if wanted is not None and len(wanted) <= WRITTEN_AT_ONCE and draft.may_write():
        try:
            written, about = edit.write(plan)
        except NotLoaded:
            pass
        else:
            record(plan, edit.kind, written, by_id=by_id, at=at, about=about, reason=edit.reason)
            return Answer(len(written.ids), written.ids, revision=plan.revision)
    with collected_later():
        tree = _tried(draft, wanted, edit)
        moved = tree.moved() | set(edit.reasons)
        change = record(
            plan,
            edit.kind,
            Written(ids=moved),
            by_id=by_id,
            at=at,
            about=edit.about(plan),
            reason=edit.reason,
        )
        states = as_text((key, _figures(tree, key, edit.reasons.get(key))) for key in moved)
    owe(plan, change, edit.act, by_id, states=states, **edit.order)

    def told(ids: Collection[int]) -> States:
        return {key: _state(tree, key, edit.reasons) for key in moved.intersection(ids)}

    return Answer(len(moved), moved, told, plan.revision)


def _is_later(draft: _Draft, change: PlanChange) -> bool:
    """Tell whether the rows of a change that is turned follow later; else they are locked."""
    large = change.about.get("count", 0) > WRITTEN_AT_ONCE and change.kind not in _WITH_ROWS
    if not large and draft.may_write():
        return False
    if change.kind in STACKED or (large and not draft.pending):
        return True
    raise StaleVersion(_("Somebody else changed this plan in the meantime. Reload to see it."))


def _turned(draft: _Draft, change: PlanChange, side: str, later: bool) -> Answer:
    plan = draft.plan
    if not later:
        ids = {row["id"] for row in getattr(change, side).get("nodes", [])}
        return Answer(len(ids), ids, revision=plan.revision)
    made = draft.pending.made.get(change.pk)
    if made is None:
        count = change.about["count"]
        return Answer(count, None, lambda ids: states_in(change, side, ids), plan.revision)
    now = pending_of(plan.pk).figures
    season = season_of(plan)

    def told(ids: Collection[int]) -> States:
        return {
            key: shown(plan, key, now[key], season) if key in now else {} for key in made.keys() & set(ids)
        }

    return Answer(len(made), set(made), told, plan.revision)


def _reach(plan: TargetPlan, edited: Collection[int], whole: Collection[int]) -> list[int] | None:
    """Return the nodes a change can reach; None for all of a large plan."""
    top = Target.objects.filter(plan=plan, parent=None).values_list("pk", flat=True).first()
    if top in whole and Target.objects.filter(plan=plan).count() > WRITTEN_AT_ONCE:
        return None
    return around(edited, whole)


def _tried(draft: _Draft, wanted: Sequence[int] | None, edit: _Edit) -> Sketch:
    """Make a change in memory, once more with the whole plan when it reached further, and prove the sums."""
    try:
        tree = _changed(draft, wanted, edit)
    except NotLoaded:
        tree = _changed(draft, None, edit)
    prove(tree.top, tree.grid)
    return tree


def _changed(draft: _Draft, wanted: Sequence[int] | None, edit: _Edit) -> Sketch:
    tree = sketch(draft.plan, wanted, draft.pending.figures)
    for key in edit.edited:
        tree.nodes[key].months = months_of(tree.nodes[key], tree.grid)
    edit.change(tree)
    return tree


def _figures(tree: Sketch, key: int, reason: str | None) -> Figures:
    node = tree.nodes[key]
    total = node.is_stub or node.children
    months = [str(month) for month in node.months or ()] if total else None
    return Figures(node.amount, node.is_fixed, str(node.origin), node.fixed_months, reason, months)


def _state(tree: Sketch, key: int, reasons: Mapping[int, str]) -> dict[str, Any]:
    node = tree.nodes[key]
    state: dict[str, Any] = {
        "amount": node.amount,
        "is_fixed": node.is_fixed,
        "months": months_of(node, tree.grid),
        "fixed_months": sorted(node.fixed_months),
    }
    if key in reasons:
        state["override_reason"] = reasons[key]
    return state
