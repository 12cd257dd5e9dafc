"""Where figures come from: lineage, recomputed step by step, and what a version changes."""

import datetime as dt
import itertools
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from apps.access.models import User
from apps.targets.enums import Method, Origin
from apps.targets.models import Target, TargetPlan
from apps.targets.rules.allocation import ideal, with_over_assignment
from apps.targets.rules.proof import recomputed
from apps.targets.rules.tree import Node, claims_of, leaf_months, sum_months
from apps.targets.selectors.grid import names_of
from apps.targets.selectors.pending import season_of
from apps.targets.selectors.trees import LoadedTree, load


@dataclass(frozen=True)
class Step:
    """One step of a lineage: how a node's year came from the one above."""

    target: Target
    name: str
    parent_amount: Decimal | None
    over_assignment: Decimal
    method: str
    total: Decimal
    share: Fraction | None
    recomputed: Decimal
    origin: str = Origin.METHOD
    fixed_by: str = ""
    fixed_at: dt.datetime | None = None
    reason: str = ""

    @property
    def agrees(self) -> bool:
        """Whether computing again gives the stored figure."""
        return self.recomputed == self.target.amount


@dataclass(frozen=True)
class MonthStep:
    """One month of a node: typed, or its year × the weight of the month, or the sum below; recomputed."""

    amount: Decimal
    share: Fraction | None
    is_fixed: bool
    recomputed: Decimal

    @property
    def agrees(self) -> bool:
        """Whether computing again gives the stored figure."""
        return self.recomputed == self.amount


def lineage(target: Target) -> list[Step]:
    """Return how a target's year came down from the top, computing every step again from stored inputs."""
    plan = target.plan
    tree = load(plan, edited=[target.pk])
    path = _path(target)
    names = names_of(plan, path)
    steps = [Step(path[0], names[path[0].pk][0], None, Decimal(0), "", path[0].amount, None, path[0].amount)]
    for above, node in itertools.pairwise(path):
        steps.append(_step(tree, above, node, names[node.pk][0]))
    return steps


def months_of(target: Target) -> list[MonthStep]:
    """Return the months of a target, each computed again from what set it."""
    tree = load(target.plan, edited=[target.pk], whole=[target.pk])
    node = tree.nodes[target.pk]
    again = sum_months(node, tree.grid) if node.children else leaf_months(node, tree.grid)
    weights = season_of(target.plan)
    whole = sum(weight for index, weight in enumerate(weights) if index not in node.fixed_months)
    return [
        MonthStep(
            amount=amount,
            share=None
            if node.children or index in node.fixed_months or not whole
            else Fraction(weight, whole),
            is_fixed=index in node.fixed_months,
            recomputed=computed,
        )
        for index, (amount, weight, computed) in enumerate(zip(target.months, weights, again, strict=True))
    ]


def _path(target: Target) -> list[Target]:
    path = [target]
    while path[-1].parent_id:
        rows = Target.objects.select_related("unit", "position", "owner", "overridden_by")
        path.append(rows.get(pk=path[-1].parent_id))
    return path[::-1]


def _step(tree: LoadedTree, above: Target, node: Target, name: str) -> Step:
    parent = tree.nodes[above.pk]
    total = with_over_assignment(above.amount, above.over_assignment, places=tree.grid.places)
    again = recomputed(parent, tree.grid)[node.pk]
    if not tree.grid.is_additive:
        return Step(node, name, above.amount, Decimal(0), str(Method.SAME_VALUE.label), total, None, again)
    return Step(
        node,
        name,
        above.amount,
        above.over_assignment,
        str(Method(above.method).label),
        total,
        _share(parent, node.pk, total),
        again,
        "hand" if node.is_fixed else node.origin,
        node.overridden_by.name if node.is_fixed and node.overridden_by else "",
        node.overridden_at if node.is_fixed else None,
        node.override_reason if node.is_fixed else "",
    )


def _share(parent: Node, key: int, total: Decimal) -> Fraction | None:
    """Return the part of the total that the method gives a child before limits and rounding."""
    free = [claim for claim in claims_of(parent) if claim.fixed is None]
    if not free or total == 0 or key not in {claim.key for claim in free}:
        return None
    fixed = sum((child.amount for child in parent.children if child.is_fixed), Decimal(0))
    exact = dict(zip([claim.key for claim in free], ideal(total - fixed, free, parent.recipe), strict=True))
    return exact[key] / Fraction(total)


@dataclass(frozen=True)
class Change:
    """One node in two versions."""

    name: str
    depth: int
    before: Decimal | None
    after: Decimal | None

    @property
    def difference(self) -> Decimal:
        """After minus before."""
        return (self.after or Decimal(0)) - (self.before or Decimal(0))


def changes(user: User, plan: TargetPlan) -> list[Change]:
    """Return what a version changes against the one before, node by node, in the order of the tree."""
    if plan.previous_id is None:
        return []
    new = _by_place(user, plan)
    old = _by_place(user, plan.previous)  # type: ignore[arg-type]  # not None: checked
    found = [
        Change(name, depth, old[key][2] if key in old else None, amount)
        for key, (name, depth, amount) in new.items()
    ]
    gone = [Change(name, depth, amount, None) for key, (name, depth, amount) in old.items() if key not in new]
    return found + gone


def _by_place(user: User, plan: TargetPlan) -> dict[tuple[int | None, int | None], tuple[str, int, Decimal]]:
    targets = list(
        Target.objects.filter(plan=plan)
        .visible_to(user)
        .select_related("unit", "position", "owner")
        .order_by("place", "pk")
    )
    names = names_of(plan, targets)
    return {
        (target.unit_id, target.position_id): (names[target.pk][0], target.depth, target.amount)
        for target in targets
    }
