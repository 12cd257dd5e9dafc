"""A stored plan as the tree the rules work on."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef

from apps.targets.enums import Method, Origin
from apps.targets.models import PlanMonth, Target, TargetPlan
from apps.targets.rules.allocation import Claim, Recipe
from apps.targets.rules.levels import Level, level_at
from apps.targets.rules.tree import NOTHING, Grid, Node
from apps.targets.selectors.pending import Figures, season_of

STATE = (
    "amount", "months", "fixed_months", "is_fixed", "origin", "override_reason", "overridden_by_id",
    "overridden_at", "low", "high", "potential", "productivity", "capacity", "method", "over_assignment",
    "recipe",
)  # fmt: skip
_COLUMNS = ("pk", "parent_id", "depth", "history", "bottom_up", *STATE)
_LEAF = Recipe()
_ORIGINS = {str(one): one for one in Origin}
_AROUND = """
    WITH RECURSIVE up AS (
        SELECT id, parent_id FROM targets_target WHERE id = ANY(%(edited)s)
        UNION SELECT t.id, t.parent_id FROM targets_target t JOIN up ON t.id = up.parent_id
    ), down AS (
        SELECT id FROM targets_target WHERE id = ANY(%(whole)s)
        UNION SELECT t.id FROM targets_target t JOIN down ON t.parent_id = down.id
    )
    SELECT id FROM down UNION SELECT id FROM up
    UNION SELECT t.id FROM targets_target t JOIN up ON t.parent_id = up.id
"""


_SKETCH = """
    SELECT t.id, t.parent_id, t.depth, t.amount, t.is_fixed, t.origin, nullif(t.history, 0), t.capacity,
           nullif(t.potential, 0), t.bottom_up, nullif(t.low, 0), t.high, t.method,
           nullif(t.over_assignment, 0), nullif(t.recipe, '{}')::text,
           nullif(t.fixed_months, '{}'), t.unit_id IS NOT NULL,
           %(wanted)s::bigint[] IS NOT NULL
               AND EXISTS (SELECT FROM targets_target c WHERE c.parent_id = t.id),
           CASE WHEN t.unit_id IS NOT NULL OR t.fixed_months <> '{}' THEN t.months END
    FROM targets_target t
    WHERE t.plan_id = %(plan)s AND (%(wanted)s::bigint[] IS NULL OR t.id = ANY(%(wanted)s))
    ORDER BY t.place, t.id
"""


@dataclass
class LoadedTree:
    """The nodes of a plan in memory; ``rows`` is what the database holds of them."""

    top: Node
    nodes: dict[int, Node]
    grid: Grid
    rows: dict[int, dict[str, Any]]


@dataclass
class Sketch:
    """The nodes of a plan in memory with no more than the arithmetic needs, and what they were.

    A leaf whose months nobody typed has none yet: they follow from its year. It cannot be written.
    """

    top: Node
    nodes: dict[int, Node]
    grid: Grid
    before: dict[int, tuple[Any, ...]]

    def moved(self) -> set[int]:
        """Return the nodes that are no longer what they were."""
        return {key for key, node in self.nodes.items() if _mark(node) != self.before[key]}


def _mark(node: Node) -> tuple[Any, ...]:
    """Return what tells a node's state; the months of a leaf follow from its year and the months typed."""
    follows = not node.children and not node.is_stub
    months = None if follows or node.months is None else tuple(node.months)
    typed = tuple(sorted(node.fixed_months.items())) if node.fixed_months else ()
    return node.amount, node.is_fixed, node.origin, typed, months


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


def recipe_of(method: str, own: dict[str, Any], level: Level) -> Recipe:
    """Return how a node splits its target: by its own settings, else by those of its level."""
    if own:
        growth = own.get("growth")
        level = Level(
            growth=None if growth is None else Decimal(growth),
            weights={basis: Decimal(weight) for basis, weight in own.get("weights", {}).items()},
            top_down=Decimal(own.get("top_down", "0.5")),
        )
    return Level(
        method=Method(method), growth=level.growth, weights=level.weights, top_down=level.top_down
    ).recipe()


def load(
    plan: TargetPlan, *, edited: Collection[int] | None = None, whole: Collection[int] = ()
) -> LoadedTree:
    """Return a plan as a tree.

    With ``edited`` only what a change of those nodes can reach is read: the nodes above, everything
    beside these, and everything below the nodes in ``whole``.
    """
    season = season_of(plan)
    levels = levels_of(plan)
    wanted = Target.objects.filter(plan=plan)
    if edited is not None:
        wanted = wanted.filter(pk__in=_around(edited, whole))
    below = Exists(Target.objects.filter(parent=OuterRef("pk")))
    nodes: dict[int, Node] = {}
    rows: dict[int, dict[str, Any]] = {}
    recipes: dict[tuple[str, int], Recipe] = {}
    for row in wanted.annotate(has_children=below).order_by("place", "pk").values(*_COLUMNS, "has_children"):
        key = row["pk"]
        nodes[key] = _node(row, levels, season, recipes)
        rows[key] = row
        if row["parent_id"] is not None:
            nodes[row["parent_id"]].add(nodes[key])
    for key, node in nodes.items():
        node.is_stub = rows[key]["has_children"] and not node.children
    top = next((nodes[key] for key, row in rows.items() if row["parent_id"] is None), None)
    if top is None:
        raise LookupError(f"Plan {plan.pk} has no top.")
    return LoadedTree(top, nodes, grid_of(plan, len(season)), rows)


def around(edited: Collection[int], whole: Collection[int]) -> list[int]:
    """Return the nodes that a change can reach: see ``load``."""
    return _around(edited, whole)


def sketch(
    plan: TargetPlan, wanted: Sequence[int] | None = None, answered: Mapping[int, Figures] | None = None
) -> Sketch:
    """Return a plan, or some of its nodes, for the arithmetic alone: a fifth of what ``load`` takes.

    ``answered`` is what nodes are now where the rows do not say so yet.
    """
    season = season_of(plan)
    levels = levels_of(plan)
    with connection.cursor() as cursor:
        cursor.execute(_SKETCH, {"plan": plan.pk, "wanted": None if wanted is None else list(wanted)})
        rows = cursor.fetchall()
    nodes: dict[int, Node] = {}
    recipes: dict[tuple[str, int], Recipe] = {}
    for row in rows:
        node = nodes[row[0]] = _sketched(row, levels, season, recipes)
        if row[1] is not None:
            nodes[row[1]].add(node)
    known = answered or {}
    for key in nodes.keys() & known.keys():
        _lay(nodes[key], known[key])
    for node in nodes.values():
        node.is_stub = node.is_stub and not node.children
    top = next((node for node in nodes.values() if node.parent is None), None)
    if top is None:
        raise LookupError(f"Plan {plan.pk} has no top.")
    grid = replace(grid_of(plan, len(season)), is_lean=True)
    return Sketch(top, nodes, grid, {key: _mark(one) for key, one in nodes.items()})


def _lay(node: Node, figures: Figures) -> None:
    """Bring a node to what was answered."""
    node.amount, node.is_fixed, node.origin = figures.amount, figures.is_fixed, _ORIGINS[figures.origin]
    node.fixed_months = dict(figures.fixed)
    if node.months is not None or figures.fixed:
        node.months = None if figures.months is None else [Decimal(month) for month in figures.months]


def _sketched(
    row: tuple[Any, ...],
    levels: dict[int, Level],
    season: list[int],
    known: dict[tuple[str, int], Recipe],
) -> Node:
    (key, _parent, depth, amount, is_fixed, origin, history, capacity, potential, bottom_up, low, high,
     method, over, own, fixed, is_unit, has_children, months) = row  # fmt: skip
    return Node(
        key=key,
        amount=amount,
        over=over or NOTHING,
        recipe=_recipe(method, depth, json.loads(own) if own else {}, levels, known) if is_unit else _LEAF,
        claim=Claim(key, history or NOTHING, capacity, potential or NOTHING, bottom_up, low or NOTHING, high),
        is_fixed=is_fixed,
        origin=_ORIGINS[origin],
        is_stub=has_children,
        season=season,
        months=months,
        fixed_months={position: months[position] for position in fixed} if fixed else {},
    )


def _recipe(
    method: str,
    depth: int,
    own: dict[str, Any],
    levels: dict[int, Level],
    known: dict[tuple[str, int], Recipe],
) -> Recipe:
    """Return how a node splits; what its level says is worked out once."""
    if own:
        return recipe_of(method, own, level_at(levels, depth))
    found = known.get((method, depth))
    return found or known.setdefault((method, depth), recipe_of(method, {}, level_at(levels, depth)))


def _around(edited: Collection[int], whole: Collection[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_AROUND, {"edited": list(edited), "whole": list(whole)})
        return [row[0] for row in cursor.fetchall()]


def _node(
    row: dict[str, Any], levels: dict[int, Level], season: list[int], known: dict[tuple[str, int], Recipe]
) -> Node:
    recipe = _LEAF
    if row["recipe"] or row["has_children"]:
        recipe = _recipe(row["method"], row["depth"], row["recipe"], levels, known)
    months = row["months"]
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
        origin=Origin(row["origin"]),
        season=season,
        months=list(months),
        fixed_months={position: months[position] for position in row["fixed_months"]},
    )


def exact_season(plan: TargetPlan) -> list[Fraction]:
    """Return the weights of the plan's months, with a mean of 1."""
    rows = PlanMonth.objects.filter(plan=plan).order_by("position").values_list("weight", flat=True)
    return [Fraction(weight) for weight in rows]
