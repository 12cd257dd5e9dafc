"""The planning grid: a plan's nodes down, its months across."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from apps.access.models import User
from apps.access.permissions import Permission
from apps.org.models import Assignment
from apps.targets.models import PlanLevel, PlanMonth, Target, TargetMonth, TargetPlan
from apps.targets.rules.allocation import compounded

SHOWN_AT_ONCE = 150
_LARGE = 10_000


@dataclass
class Cell:
    """One month of a row."""

    position: int
    amount: Decimal
    is_fixed: bool


@dataclass
class GridRow:
    """One node as the grid shows it."""

    target: Target
    name: str
    indent: int
    is_leaf: bool
    may_edit: bool
    cells: list[Cell] = field(default_factory=list)
    growth: Fraction | None = None
    holder: str = ""
    is_vacant: bool = False


@dataclass
class Grid:
    """The rows of a plan or of a part of it, with what proves the sums."""

    plan: TargetPlan
    months: list[PlanMonth]
    rows: list[GridRow]
    levels: list[PlanLevel]
    compounded: Fraction
    leaves: int
    leaf_total: Decimal
    focus: Target | None = None
    is_part: bool = False

    @property
    def top(self) -> GridRow:
        """The first row."""
        return self.rows[0]

    @property
    def places(self) -> int:
        """How many decimals are worth reading."""
        return readable_places(self.plan, self.top.target.amount)


def readable_places(plan: TargetPlan, amount: Decimal) -> int:
    """Return the decimals to show of a plan's figures: none once its top figure is large."""
    return 0 if abs(amount) >= _LARGE else plan.decimals


def names_of(plan: TargetPlan, targets: list[Target]) -> dict[int, tuple[str, str, bool]]:
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


def grid(user: User, plan: TargetPlan, *, focus_id: int | None = None) -> Grid:
    """Return the rows the user may see; of a large plan one node with its children at a time."""
    visible = Target.objects.filter(plan=plan).visible_to(user)
    everything = visible.select_related("unit", "position", "owner").order_by("place", "pk")
    targets = list(everything)
    is_part = focus_id is not None or len(targets) > SHOWN_AT_ONCE
    focus = next((one for one in targets if one.pk == focus_id), targets[0] if targets else None)
    leaves = _leaves(plan, visible)
    parents = {target.parent_id for target in targets}
    if is_part and focus is not None:
        targets = [one for one in targets if focus.pk in {one.pk, one.parent_id}]
    editable = _editable(user, plan)
    cells = _cells([target.pk for target in targets])
    names = names_of(plan, targets)
    base = targets[0].depth if targets else 0
    rows = [
        GridRow(
            target=target,
            name=names[target.pk][0],
            indent=target.depth - base,
            is_leaf=target.pk not in parents,
            may_edit=target.pk in editable,
            cells=cells[target.pk],
            growth=Fraction(target.amount) / Fraction(target.history) - 1 if target.history > 0 else None,
            holder=names[target.pk][1],
            is_vacant=names[target.pk][2],
        )
        for target in targets
    ]
    levels = list(plan.levels.order_by("depth"))
    return Grid(
        plan=plan,
        months=list(plan.months.select_related("month").order_by("position")),
        rows=rows,
        levels=levels,
        compounded=compounded([level.over_assignment for level in levels]),
        leaves=leaves[0],
        leaf_total=leaves[1],
        focus=focus,
        is_part=is_part,
    )


def _leaves(plan: TargetPlan, visible) -> tuple[int, Decimal]:  # type: ignore[no-untyped-def]  # a queryset
    """Count the nodes without children that are in reach and sum them."""
    rows = list(visible.order_by("pk").values_list("pk", "parent_id", "amount"))
    parents = {parent for _pk, parent, _amount in rows}
    amounts = [amount for pk, _parent, amount in rows if pk not in parents]
    return len(amounts), sum(amounts, Decimal(0))


def _editable(user: User, plan: TargetPlan) -> set[int]:
    if not plan.is_open:
        return set()
    mine = Target.objects.filter(plan=plan).permitting(user, Permission.TARGET_EDIT)
    return set(mine.values_list("pk", flat=True))


def _cells(target_ids: list[int]) -> dict[int, list[Cell]]:
    cells: dict[int, list[Cell]] = defaultdict(list)
    rows = TargetMonth.objects.filter(target__in=target_ids).order_by("position")
    for target_id, position, amount, is_fixed in rows.values_list(
        "target_id", "position", "amount", "is_fixed"
    ):
        cells[target_id].append(Cell(position, amount, is_fixed))
    return cells
