"""The planning grid: a plan's nodes down, its months across, branch by branch."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.access.models import User
from apps.access.permissions import Permission
from apps.org.models import Assignment
from apps.targets.models import PlanLevel, PlanMonth, Target, TargetPlan
from apps.targets.rules.allocation import compounded, with_over_assignment
from apps.targets.rules.tree import NOTHING
from apps.targets.selectors.history import turnable
from apps.targets.selectors.pending import Pending, as_answered

SHOWN_AT_ONCE = 60
_LARGE = 10_000


@dataclass(frozen=True)
class Cell:
    """One figure of a row: the year, a quarter or a month."""

    column: str
    amount: Decimal
    is_fixed: bool


@dataclass
class GridRow:
    """One node as the grid shows it."""

    target: Target
    name: str
    indent: int
    has_children: bool
    may_edit: bool
    months: list[Decimal] = field(default_factory=list)
    growth: Fraction | None = None
    holder: str = ""
    is_vacant: bool = False
    is_open: bool = False

    @property
    def is_leaf(self) -> bool:
        """Whether nothing hangs below."""
        return not self.has_children

    @property
    def cells(self) -> list[Cell]:
        """Year, then quarters, each after its months."""
        return cells_of(self.target)

    @property
    def over(self) -> Decimal:
        """What the children carry together."""
        return self.target.over_assignment


def cells_of(target: Target) -> list[Cell]:
    """Return the cells of a row in the order of the columns."""
    fixed = set(target.fixed_months)
    found = [Cell("year", target.amount, target.is_fixed)]
    size = max(len(target.months) // 4, 1)
    for quarter in range(len(target.months) // size):
        positions = range(quarter * size, (quarter + 1) * size)
        for position in positions:
            found.append(Cell(f"m{position}", target.months[position], position in fixed))
        whole = sum((target.months[one] for one in positions), NOTHING)
        found.append(Cell(f"q{quarter}", whole, fixed.issuperset(positions)))
    return found


@dataclass(frozen=True)
class LevelLine:
    """One level: how it hands its target down, and what the levels so far add up to."""

    level: PlanLevel
    compounded: Fraction


@dataclass
class Grid:
    """The rows of a plan or of a part of it, with what proves the sums."""

    plan: TargetPlan
    months: list[PlanMonth]
    rows: list[GridRow]
    levels: list[LevelLine]
    compounded: Fraction
    leaves: int
    leaf_total: Decimal
    places: int
    can_undo: bool = False
    can_redo: bool = False

    @property
    def top(self) -> GridRow:
        """The first row."""
        return self.rows[0]

    @property
    def columns(self) -> list[tuple[str, PlanMonth | None, int]]:
        """Months and quarters in order: column, the month, the number of the quarter."""
        size = max(len(self.months) // 4, 1)
        found: list[tuple[str, PlanMonth | None, int]] = []
        for quarter in range(len(self.months) // size):
            for position in range(quarter * size, (quarter + 1) * size):
                found.append((f"m{position}", self.months[position], quarter + 1))
            found.append((f"q{quarter}", None, quarter + 1))
        return found


def readable_places(plan: TargetPlan, amount: Decimal) -> int:
    """Return the decimals to show of a plan's figures: none once its top figure is large."""
    return 0 if abs(amount) >= _LARGE else plan.decimals


def names_of(plan: TargetPlan, targets: Sequence[Target]) -> dict[int, tuple[str, str, bool]]:
    """Return name, holder and whether the seat is vacant by target. One query."""
    seats = [target.position_id for target in targets if target.position_id]
    holders = {
        row.position_id: row.person.name
        for row in Assignment.objects.on(plan.structure_on)
        .filter(position__in=seats, is_acting=False)
        .select_related("person")
    }
    found = {}
    for target in targets:
        if target.unit is not None:
            found[target.pk] = (target.unit.name, target.owner.name if target.owner else "", False)
        elif target.position is not None:
            holder = holders.get(target.position_id or 0, "")
            found[target.pk] = (holder or target.position.title, holder, not holder)
    return found


def grid(user: User, plan: TargetPlan, pending: Pending) -> Grid:
    """Return the first rows the user may see; of a large plan the top and what is directly below.

    Figures are as they were answered, also where they are not written yet.
    """
    visible = Target.objects.filter(plan=plan).visible_to(user)
    stored = visible.order_by("place", "pk").values_list("pk", "parent_id", "amount")
    now = pending.figures
    shape = [(pk, parent, now[pk].amount if pk in now else amount) for pk, parent, amount in stored]
    shown = _first(shape)
    rows = _rows(user, plan, visible.filter(pk__in=shown), pending)
    ids = set(shown)
    for row in rows:
        row.is_open = row.has_children and any(
            child == row.target.pk for _pk, child, _amount in shape if _pk in ids
        )
    top_amount = rows[0].target.amount if rows else NOTHING
    above = {parent for _pk, parent, _amount in shape}
    leaves = [amount for pk, _parent, amount in shape if pk not in above]
    levels = list(plan.levels.order_by("depth"))
    can_undo, can_redo = turnable(plan)
    return Grid(
        plan=plan,
        months=list(plan.months.select_related("month").order_by("position")),
        rows=rows,
        levels=[
            LevelLine(level, compounded([one.over_assignment for one in levels[: index + 1]]))
            for index, level in enumerate(levels)
        ],
        compounded=compounded([level.over_assignment for level in levels]),
        leaves=len(leaves),
        leaf_total=sum(leaves, NOTHING),
        places=readable_places(plan, top_amount),
        can_undo=can_undo,
        can_redo=can_redo,
    )


def _first(shape: Sequence[tuple[int, int | None, Decimal]]) -> list[int]:
    if len(shape) <= SHOWN_AT_ONCE:
        return [pk for pk, _parent, _amount in shape]
    known = {pk for pk, _parent, _amount in shape}
    tops = {pk for pk, parent, _amount in shape if parent not in known}
    return [pk for pk, parent, _amount in shape if pk in tops or parent in tops]


def branch(user: User, plan: TargetPlan, parent_id: int, pending: Pending) -> list[GridRow]:
    """Return the rows directly below a node that the user may see."""
    visible = Target.objects.filter(plan=plan, parent=parent_id).visible_to(user)
    return _rows(user, plan, visible, pending)


def changed_rows(
    user: User, plan: TargetPlan, ids: Collection[int] | None, opened: Collection[int]
) -> list[Target]:
    """Return the changed nodes among those on the screen: the tops and what is below opened rows.

    Without ``ids`` all that are on the screen.
    """
    found = Target.objects.filter(Q(parent__in=list(opened)) | Q(depth__lte=1), plan=plan)
    if ids is not None and len(ids) <= SHOWN_AT_ONCE:
        found = found.filter(pk__in=list(ids))
    rows = found.visible_to(user).order_by("place", "pk")
    return [row for row in rows if ids is None or row.pk in ids]


def _rows(user: User, plan: TargetPlan, rows: QuerySet[Target], pending: Pending) -> list[GridRow]:
    below = Exists(Target.objects.filter(parent=OuterRef("pk")))
    targets = list(
        rows.annotate(has_children=below).select_related("unit", "position", "owner").order_by("place", "pk")
    )
    as_answered(plan, targets, pending)
    editable = _editable(user, plan, [target.pk for target in targets])
    names = names_of(plan, targets)
    ordered = in_tree_order(targets)
    return [
        GridRow(
            target=target,
            name=names[target.pk][0],
            indent=target.depth,
            has_children=target.has_children,  # type: ignore[attr-defined]  # annotated above
            may_edit=target.pk in editable,
            months=target.months,
            growth=growth_of(target),
            holder=names[target.pk][1],
            is_vacant=names[target.pk][2],
        )
        for target in ordered
    ]


def in_tree_order(targets: Iterable[Target]) -> list[Target]:
    """Put rows below their parents: seats that joined later carry a place at the end of the plan."""
    rows = list(targets)
    known = {row.pk for row in rows}
    below: dict[int | None, list[Target]] = defaultdict(list)
    for row in rows:
        below[row.parent_id if row.parent_id in known else None].append(row)
    found: list[Target] = []
    waiting = below[None][::-1]
    while waiting:
        row = waiting.pop()
        found.append(row)
        waiting.extend(below[row.pk][::-1])
    return found


def growth_of(target: Target) -> Fraction | None:
    """Return how much a target is above last year."""
    return Fraction(target.amount) / Fraction(target.history) - 1 if target.history > 0 else None


def _editable(user: User, plan: TargetPlan, ids: Collection[int]) -> set[int]:
    if not plan.is_open:
        return set()
    mine = Target.objects.filter(plan=plan, pk__in=list(ids)).permitting(user, Permission.TARGET_EDIT)
    return set(mine.values_list("pk", flat=True))


def editable(user: User, plan: TargetPlan, ids: Collection[int]) -> set[int]:
    """Return which of some nodes the user may change."""
    return _editable(user, plan, ids)


def as_data(target: Target) -> dict[str, Any]:
    """Return a row as the script in the page takes it: exact figures as text."""
    growth = growth_of(target)
    return {
        "id": target.pk,
        "cells": {cell.column: [str(cell.amount), int(cell.is_fixed)] for cell in cells_of(target)},
        "growth": None if growth is None else str(round(float(growth), 4)),
        "reason": target.override_reason if target.is_fixed else "",
        "carried": str(with_over_assignment(target.amount, target.over_assignment, places=4)),
    }
