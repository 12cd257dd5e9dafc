"""A stored plan as the tree the rules work on."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from apps.targets.enums import Method
from apps.targets.models import PlanMonth, Target, TargetMonth, TargetPlan
from apps.targets.rules.allocation import Claim
from apps.targets.rules.levels import Level, level_at
from apps.targets.rules.tree import Grid, Node

_COLUMNS = (
    "pk", "parent_id", "amount", "over_assignment", "method", "depth", "is_fixed",
    "history", "capacity", "potential", "bottom_up", "low", "high",
)  # fmt: skip


@dataclass
class LoadedTree:
    """The nodes of a plan in memory; ``stored_months`` is what the database holds of them."""

    top: Node
    nodes: dict[int, Node]
    grid: Grid
    stored_months: dict[int, list[Decimal]]


def grid_of(plan: TargetPlan, months: int) -> Grid:
    """Return how the figures of a plan are kept."""
    return Grid(places=plan.decimals, months=months, is_additive=plan.is_additive)


def levels_of(plan: TargetPlan) -> dict[int, Level]:
    """Return the settings of each depth."""
    return {
        row.depth: Level(
            method=Method(row.method),
            over_assignment=row.over_assignment,
            growth=row.growth,
            weights={basis: Decimal(weight) for basis, weight in row.weights.items()},
            top_down=Decimal(row.top_down),
        )
        for row in plan.levels.order_by("depth")
    }


def season_of(plan: TargetPlan) -> list[Fraction]:
    """Return the weights of the plan's months in order."""
    rows = PlanMonth.objects.filter(plan=plan).order_by("position").values_list("weight", flat=True)
    return [Fraction(weight) for weight in rows]


def load(plan: TargetPlan, *, around: int | None = None) -> LoadedTree:
    """Return a plan as a tree. With ``around`` only the months that a change of that node needs are read."""
    season = season_of(plan)
    levels = levels_of(plan)
    nodes: dict[int, Node] = {}
    top: Node | None = None
    rows = Target.objects.filter(plan=plan).order_by("place", "pk").values(*_COLUMNS)
    for row in rows:
        node = _node(row, levels, season)
        nodes[node.key] = node
        if row["parent_id"] is None:
            top = node
        else:
            nodes[row["parent_id"]].add(node)
    if top is None:
        raise LookupError(f"Plan {plan.pk} has no top.")
    wanted = None if around is None else _needed(nodes[around])
    stored = _months(plan, nodes, wanted, len(season))
    return LoadedTree(top, nodes, grid_of(plan, len(season)), stored)


def _node(row: dict, levels: dict[int, Level], season: list[Fraction]) -> Node:
    level = level_at(levels, row["depth"])
    recipe = Level(
        Method(row["method"]), row["over_assignment"], level.growth, level.weights, level.top_down
    ).recipe()
    return Node(
        key=row["pk"],
        amount=row["amount"],
        over=row["over_assignment"],
        recipe=recipe,
        claim=Claim(
            key=row["pk"],
            history=row["history"],
            capacity=row["capacity"],
            potential=row["potential"],
            bottom_up=row["bottom_up"],
            low=row["low"],
            high=row["high"],
        ),
        is_fixed=row["is_fixed"],
        season=season,
    )


def _needed(node: Node) -> set[int]:
    """Return the nodes whose months a change may read: the siblings' trees and every ancestor's children."""
    base = node.parent or node
    found = {one.key for one in base.walk()}
    for ancestor in node.ancestors():
        found.add(ancestor.key)
        for child in ancestor.children:
            found.add(child.key)
            found.update(one.key for one in child.walk() if one.fixed_months)
    return found


def _months(
    plan: TargetPlan, nodes: dict[int, Node], wanted: Collection[int] | None, count: int
) -> dict[int, list[Decimal]]:
    rows = TargetMonth.objects.filter(target__plan=plan)
    if wanted is not None:
        rows = rows.filter(target__in=list(wanted))
    stored: dict[int, list[Decimal]] = {}
    for target_id, position, amount, is_fixed in rows.order_by("target_id", "position").values_list(
        "target_id", "position", "amount", "is_fixed"
    ):
        stored.setdefault(target_id, [Decimal(0)] * count)[position] = amount
        if is_fixed:
            nodes[target_id].fixed_months[position] = amount
    for target_id, months in stored.items():
        nodes[target_id].months = list(months)
    return stored
