"""The same split by every method side by side; nothing is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from apps.core.errors import DomainError
from apps.targets.enums import Method
from apps.targets.models import Target, TargetPlan
from apps.targets.rules.allocation import Claim, allocate, with_over_assignment
from apps.targets.rules.levels import Level, level_at
from apps.targets.rules.tree import claims_of
from apps.targets.selectors.grid import names_of, readable_places
from apps.targets.selectors.trees import levels_of, load

COMPARED = (
    Method.EQUAL,
    Method.HISTORY,
    Method.SAME_GROWTH,
    Method.SAME_INCREMENT,
    Method.POTENTIAL,
    Method.CAPACITY,
    Method.WEIGHTED,
    Method.HYBRID,
)
BLEND = {"history": Decimal("0.7"), "capacity": Decimal("0.3")}
_EVENLY_MIXED = Decimal("0.5")


@dataclass(frozen=True)
class Choices:
    """The settings that growth, weighted index and hybrid are compared with."""

    growth: Decimal | None = None
    weights: Mapping[str, Decimal] = field(default_factory=lambda: dict(BLEND))
    top_down: Decimal = _EVENLY_MIXED

    def level(self, method: Method) -> Level:
        """Return the settings as one level of a method."""
        return Level(
            method=method,
            growth=self.growth if method == Method.SAME_GROWTH else None,
            weights=self.weights if method == Method.WEIGHTED else {},
            top_down=self.top_down,
        )


@dataclass(frozen=True)
class Column:
    """One method: what it gives each child, or why it cannot."""

    method: Method
    amounts: list[Decimal | None]
    refusal: str = ""
    is_used: bool = False
    spread: Fraction | None = None


@dataclass(frozen=True)
class Compared:
    """One child: what it brings, its limits, what it has, and what each method would give it."""

    target: Target
    name: str
    claim_capacity: Decimal
    amounts: list[Decimal | None]
    growths: list[Fraction | None]

    @property
    def cells(self) -> list[tuple[Decimal | None, Fraction | None]]:
        """Amount and growth on last year by method."""
        return list(zip(self.amounts, self.growths, strict=True))


@dataclass(frozen=True)
class Comparison:
    """The same split by several methods side by side."""

    target: Target
    name: str
    total: Decimal
    free: Decimal
    columns: list[Column]
    rows: list[Compared]
    choices: Choices

    @property
    def places(self) -> int:
        """How many decimals are worth reading."""
        return readable_places(self.target.plan, self.total)

    @property
    def methods(self) -> list[Method]:
        """The methods in order."""
        return [column.method for column in self.columns]


def choices_of(plan: TargetPlan, target: Target) -> Choices:
    """Return the settings a node or its level has now, where there are none the usual ones."""
    level = level_at(levels_of(plan), target.depth)
    own = target.recipe
    weights = {key: Decimal(value) for key, value in own.get("weights", {}).items()} or dict(level.weights)
    growth = own.get("growth") if own else level.growth
    return Choices(
        growth=plan.growth if growth is None else Decimal(growth),
        weights=weights or dict(BLEND),
        top_down=Decimal(own["top_down"]) if own else Decimal(level.top_down),
    )


def compare(plan: TargetPlan, target: Target, choices: Choices | None = None) -> Comparison:
    """Return what each method would give the children of a node; what is set by hand stays."""
    asked = choices or choices_of(plan, target)
    tree = load(plan, edited=[target.pk], whole=[target.pk])
    node = tree.nodes[target.pk]
    children = list(target.children.select_related("unit", "position", "owner").order_by("place", "pk"))
    names = names_of(plan, [target, *children])
    total = with_over_assignment(target.amount, target.over_assignment, places=plan.decimals)
    claims = {claim.key: claim for claim in claims_of(node)}
    ordered = [claims[child.pk] for child in children]
    columns = [_column(plan, target, total, ordered, method, asked) for method in COMPARED] if ordered else []
    rows = [
        Compared(
            child,
            names[child.pk][0],
            child.capacity,
            [column.amounts[index] for column in columns],
            [_growth(column.amounts[index], child.history) for column in columns],
        )
        for index, child in enumerate(children)
    ]
    fixed = sum((child.amount for child in children if child.is_fixed), Decimal(0))
    return Comparison(target, names[target.pk][0], total, total - fixed, columns, rows, asked)


def _column(
    plan: TargetPlan, target: Target, total: Decimal, claims: list[Claim], method: Method, choices: Choices
) -> Column:
    try:
        amounts = allocate(total, claims, choices.level(method).recipe(), places=plan.decimals)
    except DomainError as error:
        return Column(method, [None] * len(claims), str(error), method == target.method)
    return Column(method, list(amounts), "", method == target.method)


def _growth(amount: Decimal | None, history: Decimal) -> Fraction | None:
    if amount is None or history <= 0:
        return None
    return Fraction(amount) / Fraction(history) - 1
