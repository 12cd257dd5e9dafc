"""Typing figures into a draft, locking them and giving them back; every change is recorded."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from apps.core.db import requires_transaction
from apps.targets.enums import Balance, ChangeKind
from apps.targets.models import PlanChange, Target, TargetPlan
from apps.targets.rules import editing as rules
from apps.targets.rules.editing import Cell
from apps.targets.rules.tree import NotLoaded, WrongTarget
from apps.targets.selectors.grid import names_of
from apps.targets.selectors.trees import LoadedTree, Sketch, load
from apps.targets.services.recording import record
from apps.targets.services.settling import ACTS
from apps.targets.services.storing import Written, open_plan, write


@dataclass(frozen=True)
class CellEdit:
    """A figure for one cell of the grid: ``year``, ``q0``–``q3`` or ``m0``–``m11`` of a node."""

    target_id: int
    column: str
    value: Decimal


@requires_transaction
def edit_cells(
    *,
    plan_id: int,
    cells: Sequence[CellEdit],
    balance: Balance,
    by_id: int,
    at: dt.datetime,
    reason: str = "",
    revision: int | None = None,
    kind: ChangeKind = ChangeKind.CELLS,
) -> set[int]:
    """Type figures into cells, all or none, and return the ids of the nodes that changed.

    Raises PlanNotOpen, StaleVersion, WrongTarget, DoesNotFit, NodeFixedAbove, CellsClash.
    """
    plan = open_plan(plan_id, revision, by_id)
    written, about = type_cells(plan, cells, balance, by_id=by_id, at=at, reason=reason)
    record(plan, kind, written, by_id=by_id, at=at, about=about, reason=reason)
    return written.ids


def type_cells(
    plan: TargetPlan,
    cells: Sequence[CellEdit],
    balance: Balance,
    *,
    by_id: int,
    at: dt.datetime,
    reason: str,
    further: bool = True,
) -> tuple[Written, dict[str, Any]]:
    """Type figures into an opened plan; return what was written and what to tell of it.

    Without ``further`` a change that reaches beyond its branch raises NotLoaded.
    """
    typing = Typing.of(plan, cells, balance)
    tree = changed(plan, typing.ids, typing.whole, typing.change, further=further)
    mark = {"override_reason": reason[:300], "overridden_by_id": by_id, "overridden_at": at}
    return write(plan, tree, dict.fromkeys(typing.ids, mark)), typing.about(plan)


@dataclass
class Typing:
    """Figures to be typed into a tree: ``whole`` are the nodes below which everything may move."""

    cells: list[Cell]
    columns: list[str]
    balance: Balance
    ids: set[int]
    whole: set[int]
    before: list[Decimal] = field(default_factory=list)

    @classmethod
    def of(cls, plan: TargetPlan, cells: Sequence[CellEdit], balance: Balance) -> "Typing":
        """Return the figures as the rules take them. Raises WrongTarget."""
        ids = {cell.target_id for cell in cells}
        above = dict(Target.objects.filter(plan=plan, pk__in=ids).values_list("pk", "parent_id"))
        if not ids or len(above) != len(ids):
            raise WrongTarget(_("There is no such row or column."))
        typed = [Cell(cell.target_id, rules.positions_of(cell.column), cell.value) for cell in cells]
        parents = {one for one in above.values() if one is not None}
        roomy = balance == Balance.SIBLINGS and _may_move_years(typed)
        return cls(typed, [cell.column for cell in cells], balance, ids, ids | (parents if roomy else set()))

    def change(self, tree: LoadedTree | Sketch) -> None:
        """Type the figures into a tree. Raises what ``change_cells`` raises."""
        self.before = [rules.value_of(tree.nodes[one.key], one.positions) for one in self.cells]
        rules.change_cells(tree.nodes, self.cells, self.balance, tree.grid)

    def about(self, plan: TargetPlan) -> dict[str, Any]:
        """Return in codes and figures what was typed."""
        if len(self.cells) > 1:
            return {"cells": len(self.cells)}
        key = self.cells[0].key
        return {
            "cells": 1,
            "target": key,
            "column": self.columns[0],
            "name": name_of(plan, key),
            "before": str(self.before[0]),
            "after": str(self.cells[0].value),
        }


def _settle_cells(plan: TargetPlan, change: PlanChange, order: dict[str, Any]) -> dict[str, Any]:
    """Write figures that were answered before."""
    cells = [CellEdit(key, column, Decimal(value)) for key, column, value in order["cells"]]
    balance = Balance(order["balance"])
    written = type_cells(
        plan, cells, balance, by_id=change.made_by_id, at=change.made_at, reason=change.reason
    )
    return _settled(*written)


ACTS.register("cells", _settle_cells)


def _may_move_years(cells: Sequence[Cell]) -> bool:
    """Tell whether a year may change: typed itself, or all months of a node."""
    return any(not cell.positions for cell in cells) or len(cells) >= 4


def changed(
    plan: TargetPlan,
    edited: Collection[int],
    whole: Collection[int],
    change: Callable[[LoadedTree], None],
    *,
    further: bool = True,
) -> LoadedTree:
    """Load what a change needs and make it; once more with everything when it reached further."""
    tree = load(plan, edited=edited, whole=whole)
    try:
        change(tree)
    except NotLoaded:
        if not further:
            raise
        tree = load(plan)
        change(tree)
    return tree


def name_of(plan: TargetPlan, target_id: int) -> str:
    """Return what a node is called."""
    target = Target.objects.select_related("unit", "position", "owner").get(pk=target_id)
    return names_of(plan, [target])[target_id][0]


@requires_transaction
def edit_node(
    *,
    target_id: int,
    amount: Decimal,
    balance: Balance,
    by_id: int,
    at: dt.datetime,
    reason: str = "",
    revision: int | None = None,
) -> set[int]:
    """Set the year of a node by hand; see ``edit_cells``."""
    return edit_cells(
        plan_id=plan_of(target_id),
        cells=[CellEdit(target_id, "year", amount)],
        balance=balance,
        by_id=by_id,
        at=at,
        reason=reason,
        revision=revision,
    )


@requires_transaction
def edit_months(
    *,
    target_id: int,
    months: Mapping[int, Decimal],
    by_id: int,
    at: dt.datetime,
    balance: Balance | None = None,
    reason: str = "",
    revision: int | None = None,
) -> set[int]:
    """Set months of a node by hand; position 0 is the year's first month.

    Without ``balance`` the year stays and the other months make room; with UP the year follows.
    """
    return edit_cells(
        plan_id=plan_of(target_id),
        cells=[CellEdit(target_id, f"m{position}", value) for position, value in months.items()],
        balance=balance or Balance.SIBLINGS,
        by_id=by_id,
        at=at,
        reason=reason,
        revision=revision,
    )


def plan_of(target_id: int) -> int:
    """Return the plan of a node."""
    return Target.objects.values_list("plan_id", flat=True).get(pk=target_id)


@requires_transaction
def lock_node(
    *, target_id: int, by_id: int, at: dt.datetime, reason: str = "", revision: int | None = None
) -> set[int]:
    """Keep a figure as it is, whatever the method says, until it is released."""
    plan = open_plan(plan_of(target_id), revision, by_id)
    written, about = keep(plan, target_id, by_id=by_id, at=at, reason=reason)
    record(plan, ChangeKind.LOCK, written, by_id=by_id, at=at, about=about, reason=reason)
    return written.ids


def keep(
    plan: TargetPlan, target_id: int, *, by_id: int, at: dt.datetime, reason: str
) -> tuple[Written, dict[str, Any]]:
    """Lock a figure of an opened plan; see ``type_cells``."""
    locking = Locking(target_id)
    tree = load(plan, edited=[target_id])
    locking.change(tree)
    mark = {"override_reason": reason[:300], "overridden_by_id": by_id, "overridden_at": at}
    return write(plan, tree, {target_id: mark}), locking.about(plan)


@dataclass(frozen=True)
class Locking:
    """A figure to be kept as it is."""

    target_id: int

    def change(self, tree: LoadedTree | Sketch) -> None:
        """Keep the figure in a tree. Raises WrongTarget."""
        if tree.nodes[self.target_id].parent is None:
            raise WrongTarget(_("The top of a plan needs no lock: nothing above could move it."))
        rules.lock(tree.nodes[self.target_id])

    def about(self, plan: TargetPlan) -> dict[str, Any]:
        """Return what was kept."""
        return {"target": self.target_id, "name": name_of(plan, self.target_id)}


def _settle_lock(plan: TargetPlan, change: PlanChange, order: dict[str, Any]) -> dict[str, Any]:
    """Lock what was answered before."""
    written = keep(plan, order["target"], by_id=change.made_by_id, at=change.made_at, reason=change.reason)
    return _settled(*written)


ACTS.register("lock", _settle_lock)


def _settled(written: Written, about: dict[str, Any]) -> dict[str, Any]:
    """Return what a settled change says of itself."""
    return {"before": written.before, "after": written.after, "about": {**about, "count": len(written.ids)}}


@requires_transaction
def release_node(
    *, target_id: int, by_id: int, at: dt.datetime, column: str = "year", revision: int | None = None
) -> set[int]:
    """Give a figure set by hand, and its months, back to the method; the total above stays.

    With the ``column`` of a month or quarter only those months of the node and below are given back.
    """
    plan = open_plan(plan_of(target_id), revision, by_id)
    written, about = give_back(plan, target_id, column)
    record(plan, ChangeKind.RELEASE, written, by_id=by_id, at=at, about=about)
    return written.ids


def give_back(
    plan: TargetPlan, target_id: int, column: str, *, further: bool = True
) -> tuple[Written, dict[str, Any]]:
    """Release a node, or months of it, in an opened plan; see ``type_cells``."""
    release = Release.of(target_id, column)
    tree = changed(plan, [target_id], release.whole, release.change, further=further)
    mark = {"override_reason": "", "overridden_by_id": None, "overridden_at": None}
    written = write(plan, tree, {} if release.positions else {target_id: mark})
    return written, release.about(plan)


@dataclass(frozen=True)
class Release:
    """A figure to be given back to the method; ``whole`` is the node below which everything may move."""

    target_id: int
    column: str
    positions: tuple[int, ...]
    whole: set[int]

    @classmethod
    def of(cls, target_id: int, column: str) -> "Release":
        """Return what is given back. Raises WrongTarget."""
        positions = rules.positions_of(column)
        parent = Target.objects.values_list("parent_id", flat=True).get(pk=target_id)
        return cls(target_id, column, positions, {target_id if positions else parent or target_id})

    def change(self, tree: LoadedTree | Sketch) -> None:
        """Give the figure back in a tree."""
        rules.release(tree.nodes[self.target_id], tree.grid, months_only=self.positions or None)

    def about(self, plan: TargetPlan) -> dict[str, Any]:
        """Return in codes what was given back."""
        return {"target": self.target_id, "column": self.column, "name": name_of(plan, self.target_id)}


def _settle_release(plan: TargetPlan, change: PlanChange, order: dict[str, Any]) -> dict[str, Any]:
    """Give back what was answered before."""
    return _settled(*give_back(plan, order["target"], order["column"]))


ACTS.register("release", _settle_release)
