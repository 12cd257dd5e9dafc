"""The plan as a tree: years go down over the nodes, months are spread at the leaves and summed upwards.

Invariants that every function here keeps, in minor units:

1. Σ children = parent × (1 + over-assignment of the parent's level);
2. Σ months = year at every node. Months above the leaves follow from the sums
   below; with over-assignment they are those sums scaled to the node's year.

Targets that do not add up (a win rate) carry the same value in every child and month.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Self

from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.core.money import MAX_AMOUNT, split_units
from apps.targets.enums import Origin
from apps.targets.rules.allocation import Claim, Recipe, allocate, with_over_assignment

NOTHING = Decimal(0)


class WrongTarget(DomainError):
    """A figure that cannot be a target."""


class NotLoaded(LookupError):
    """A change reaches rows below a node whose children were left out when the tree was read."""


@dataclass(eq=False, slots=True)
class Node:
    """One node of a plan in memory. ``months`` is None while not yet spread.

    ``season`` holds whole numbers, for the months' weights in proportion. The
    children of a ``is_stub`` node are in the database only.
    """

    key: int
    amount: Decimal = NOTHING
    over: Decimal = NOTHING
    recipe: Recipe = field(default_factory=Recipe)
    claim: Claim | None = None
    is_fixed: bool = False
    origin: Origin = Origin.METHOD
    is_stub: bool = False
    season: Sequence[Fraction | int] = ()
    months: list[Decimal] | None = None
    fixed_months: dict[int, Decimal] = field(default_factory=dict)
    parent: "Node | None" = None
    children: list["Node"] = field(default_factory=list)

    def add(self, child: "Node") -> Self:
        """Hang a child below this node."""
        child.parent = self
        self.children.append(child)
        return self

    def walk(self) -> Iterator["Node"]:
        """Yield this node and everything below it, parents first."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            if node.children:
                waiting.extend(reversed(node.children))

    def ancestors(self) -> Iterator["Node"]:
        """Yield the nodes above, nearest first."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent


@dataclass(frozen=True)
class Grid:
    """How figures are kept: decimals, number of months, whether parts add up to the whole.

    In a ``is_lean`` tree a leaf whose months nobody typed has none until they are asked for: they follow
    from its year (``months_of``).
    """

    places: int = 2
    months: int = 12
    is_additive: bool = True
    is_lean: bool = False

    @property
    def unit(self) -> Decimal:
        """The smallest amount."""
        return Decimal(1).scaleb(-self.places)


def cascade(top: Node, grid: Grid) -> None:
    """Spread the year of a node over everything below it, then its months."""
    for node in top.walk():
        spread_year(node, grid)
    spread_months(top, grid)


def spread_year(node: Node, grid: Grid) -> None:
    """Give the direct children their years."""
    if node.is_stub:
        raise NotLoaded(node.key)
    if not node.children:
        return
    for child in node.children:
        child.origin = Origin.METHOD
    if not grid.is_additive:
        for child in node.children:
            child.amount = child.amount if child.is_fixed else node.amount
        return
    parts = allocate(
        with_over_assignment(node.amount, node.over, places=grid.places),
        claims_of(node),
        node.recipe,
        places=grid.places,
    )
    for child, part in zip(node.children, parts, strict=True):
        child.amount = part


def claims_of(node: Node) -> list[Claim]:
    """Return what the children of a node bring to the split."""
    return [_claim(child) for child in node.children]


def _claim(child: Node) -> Claim:
    known = child.claim or Claim(key=child.key)
    if not child.is_fixed and known.fixed is None:
        return known
    return Claim(
        key=child.key,
        history=known.history,
        capacity=known.capacity,
        potential=known.potential,
        bottom_up=known.bottom_up,
        low=known.low,
        high=known.high,
        fixed=child.amount if child.is_fixed else None,
    )


def spread_months(top: Node, grid: Grid) -> None:
    """Spread the leaves below a node over the months and sum them upwards to it."""
    for node in reversed(list(top.walk())):
        if node.children:
            node.months = sum_months(node, grid)
        elif not node.is_stub:
            node.months = None if grid.is_lean and _follows(node, grid) else leaf_months(node, grid)


def _follows(node: Node, grid: Grid) -> bool:
    """Tell whether a leaf's months are its year split by the season, and nothing else."""
    return grid.is_additive and not node.fixed_months and node.amount >= 0 and any(node.season)


def months_of(node: Node, grid: Grid) -> list[Decimal]:
    """Return the months of a node, worked out when a lean tree left them."""
    return leaf_months(node, grid) if node.months is None else node.months


def leaf_months(node: Node, grid: Grid) -> list[Decimal]:
    """Return a leaf's months: typed ones stay, the rest follows the season."""
    if not grid.is_additive:
        return [node.amount] * grid.months
    if _follows(node, grid):
        return split_units(node.amount, node.season, places=grid.places)
    rest = node.amount - sum(node.fixed_months.values(), NOTHING)
    free = [index for index in range(grid.months) if index not in node.fixed_months]
    if rest < 0 or (rest > 0 and not free):
        raise WrongTarget(_("The typed months do not sum to the year. Change the year or release a month."))
    season = node.season or [1] * grid.months
    weights = [season[index] for index in free]
    if free and not any(weights):
        weights = [1] * len(free)
    parts = dict(node.fixed_months)
    if free:
        parts.update(zip(free, split_units(rest, weights, places=grid.places, keys=free), strict=True))
    return [parts[index] for index in range(grid.months)]


def sum_months(node: Node, grid: Grid) -> list[Decimal]:
    """Return the months of a node with children: their sums, scaled to the node's year."""
    if not grid.is_additive:
        return [node.amount] * grid.months
    known = [child.months for child in node.children if child.months is not None]
    if grid.is_lean:
        known.append(_summed([child for child in node.children if child.months is None], grid))
    sums = [sum(column, NOTHING) for column in zip(*known, strict=True)] or [NOTHING] * grid.months
    if sum(sums) == node.amount:
        return sums
    weights = sums if any(sums) else [Decimal(1)] * grid.months
    return split_units(node.amount, weights, places=grid.places, keys=list(range(grid.months)))


def _summed(leaves: Sequence[Node], grid: Grid) -> list[Decimal]:
    """Return the months of leaves summed up, each split by the season as ``leaf_months`` does.

    Splitting u units by weights w of sum W leaves remainders r = u·w mod W, of which Σr ÷ W get a unit more.
    Summed over leaves, the floors are (w·Σu − Σr) ÷ W; so none of them has to be worked out by itself.
    """
    units = [int(leaf.amount.scaleb(grid.places)) for leaf in leaves]
    extra = [0] * grid.months
    if not leaves:
        return [NOTHING] * grid.months
    season = leaves[0].season
    whole = sum(season)
    columns = range(grid.months)
    rests = [[unit * weight % whole for weight in season] for unit in units]
    for row in rests:
        left = sum(row) // whole
        if left:
            for index in sorted(columns, key=row.__getitem__, reverse=True)[:left]:
                extra[index] += 1
    total = sum(units)
    return [
        Decimal((total * weight - sum(column)) // whole + more).scaleb(-grid.places)
        for weight, column, more in zip(season, zip(*rests, strict=True), extra, strict=True)
    ]


def check_amount(amount: Decimal, grid: Grid) -> None:
    """Raise WrongTarget unless a figure may be a target: finite, at least zero, whole minor units."""
    if not amount.is_finite() or amount < 0:
        raise WrongTarget(_("A target must be a number of at least 0."), fields={"amount": _("Too small.")})
    if amount > MAX_AMOUNT:
        raise WrongTarget(_("This figure is too large to be a target."), fields={"amount": _("Too large.")})
    if amount != amount.quantize(grid.unit):
        raise WrongTarget(
            _("A target of this measure has at most %(places)s decimals.") % {"places": grid.places},
            fields={"amount": _("Too many decimals.")},
        )


def below(total: Decimal, over: Decimal, *, places: int) -> Decimal:
    """Return the largest parent amount whose over-assigned total does not pass a sum of children."""
    exact = Fraction(total) / (1 + Fraction(over)) * 10**places
    units = exact.numerator // exact.denominator + 1
    while with_over_assignment(Decimal(units).scaleb(-places), over, places=places) > total:
        units -= 1
    return Decimal(units).scaleb(-places)


def sum_up(node: Node, grid: Grid) -> None:
    """Bring the months of every node above one up to date."""
    for parent in node.ancestors():
        parent.months = sum_months(parent, grid)
