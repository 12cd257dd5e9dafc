"""Where figures come from and what else they could be: lineage, methods side by side, versions."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from apps.access.models import User
from apps.core.errors import DomainError
from apps.targets.enums import Method
from apps.targets.models import Target, TargetPlan
from apps.targets.rules.allocation import Claim, Recipe, allocate, ideal, with_over_assignment
from apps.targets.rules.levels import Level
from apps.targets.selectors.grid import names_of, readable_places
from apps.targets.selectors.trees import levels_of

_COMPARED = (
    Method.HISTORY,
    Method.EQUAL,
    Method.SAME_INCREMENT,
    Method.CAPACITY,
    Method.WEIGHTED,
    Method.POTENTIAL,
)
BLEND = {"history": Decimal("0.7"), "capacity": Decimal("0.3")}


@dataclass(frozen=True)
class Compared:
    """What each method would give one child, method by method; None where bounds do not allow it."""

    name: str
    history: Decimal
    now: Decimal
    amounts: list[Decimal | None]


@dataclass(frozen=True)
class Comparison:
    """The same split by several methods side by side."""

    target: Target
    total: Decimal
    methods: list[Method]
    rows: list[Compared]

    @property
    def places(self) -> int:
        """How many decimals are worth reading."""
        return readable_places(self.target.plan, self.total)


def compare(plan: TargetPlan, target: Target) -> Comparison:
    """Return what each method would give the children of a node; nothing is stored."""
    children = list(target.children.select_related("unit", "position", "owner").order_by("place", "pk"))
    names = names_of(plan, children)
    claims = [
        Claim(
            key=child.pk,
            history=child.history,
            capacity=child.capacity,
            potential=child.potential,
            bottom_up=child.bottom_up,
            low=child.low,
            high=child.high,
        )
        for child in children
    ]
    total = with_over_assignment(target.amount, target.over_assignment, places=plan.decimals)
    columns = [_split(total, claims, method, plan.decimals) for method in _COMPARED]
    rows = [
        Compared(names[child.pk][0], child.history, child.amount, [column[index] for column in columns])
        for index, child in enumerate(children)
    ]
    return Comparison(target, total, list(_COMPARED), rows)


def _split(total: Decimal, claims: list[Claim], method: Method, places: int) -> list[Decimal | None]:
    weights = BLEND if method == Method.WEIGHTED else {}
    try:
        return list(allocate(total, claims, Level(method=method, weights=weights).recipe(), places=places))
    except DomainError:
        return [None] * len(claims)


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
    fixed_by: str = ""
    reason: str = ""

    @property
    def agrees(self) -> bool:
        """Whether computing again gives the stored figure."""
        return self.recomputed == self.target.amount


def lineage(target: Target) -> list[Step]:
    """Return how a target's year came down from the top, computing every step again from stored inputs."""
    plan = target.plan
    levels = levels_of(plan)
    path = _path(target)
    names = names_of(plan, path)
    siblings = _siblings(path)
    steps = []
    for above, node in zip([None, *path], path, strict=False):
        if above is None:
            steps.append(Step(node, names[node.pk][0], None, Decimal(0), "", node.amount, None, node.amount))
            continue
        steps.append(_step(plan, above, node, siblings[above.pk], levels, names[node.pk][0]))
    return steps


def _path(target: Target) -> list[Target]:
    rows = {
        row.pk: row
        for row in Target.objects.filter(plan=target.plan_id, depth__lte=target.depth).select_related(
            "unit", "position", "owner", "overridden_by"
        )
    }
    path = []
    node: Target | None = rows[target.pk]
    while node is not None:
        path.append(node)
        node = rows.get(node.parent_id) if node.parent_id else None
    return path[::-1]


def _siblings(path: list[Target]) -> dict[int, list[Target]]:
    found: dict[int, list[Target]] = defaultdict(list)
    rows = Target.objects.filter(parent__in=[node.pk for node in path]).order_by("place", "pk")
    for row in rows:
        found[row.parent_id or 0].append(row)
    return found


def _step(
    plan: TargetPlan,
    above: Target,
    node: Target,
    siblings: list[Target],
    levels: dict[int, Level],
    name: str,
) -> Step:
    level = levels.get(above.depth, Level())
    recipe = _recipe(above, level)
    total = with_over_assignment(above.amount, above.over_assignment, places=plan.decimals)
    if not plan.is_additive:
        amount = node.amount if node.is_fixed else above.amount
        return Step(node, name, above.amount, Decimal(0), str(Method.SAME_VALUE.label), total, None, amount)
    claims = [
        Claim(
            key=one.pk,
            history=one.history,
            capacity=one.capacity,
            potential=one.potential,
            bottom_up=one.bottom_up,
            low=one.low,
            high=one.high,
            fixed=one.amount if one.is_fixed else None,
        )
        for one in siblings
    ]
    parts = dict(
        zip([one.pk for one in siblings], allocate(total, claims, recipe, places=plan.decimals), strict=True)
    )
    free = [claim for claim in claims if claim.fixed is None]
    fixed_total = sum((claim.fixed for claim in claims if claim.fixed is not None), Decimal(0))
    exact = (
        dict(zip([claim.key for claim in free], ideal(total - fixed_total, free, recipe), strict=True))
        if free
        else {}
    )
    share = exact.get(node.pk)
    return Step(
        node,
        name,
        above.amount,
        above.over_assignment,
        str(Method(above.method).label),
        total,
        None if share is None or total == 0 else share / Fraction(total),
        parts[node.pk],
        node.overridden_by.name if node.is_fixed and node.overridden_by else "",
        node.override_reason,
    )


def _recipe(above: Target, level: Level) -> Recipe:
    return Level(
        Method(above.method), above.over_assignment, level.growth, level.weights, level.top_down
    ).recipe()


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
