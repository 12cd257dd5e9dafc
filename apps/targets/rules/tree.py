"""The plan as a tree: years go down over the nodes, months are spread at the leaves and summed upwards.

Invariants that every function here keeps, in minor units:

1. Σ children = parent × (1 + over-assignment of the parent's level);
2. Σ months = year at every node. Months above the leaves follow from the sums
   below; with over-assignment they are those sums scaled to the node's year.

Targets that do not add up (a win rate) carry the same value in every child and month.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Self

from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.core.money import MAX_AMOUNT, split_units
from apps.targets.enums import Balance
from apps.targets.rules.allocation import Claim, Recipe, allocate, with_over_assignment

NOTHING = Decimal(0)


class NodeFixedAbove(DomainError):
    """The change would move a total that was set by hand."""


class MonthsComeFromBelow(DomainError):
    """Months of a node with children are sums and cannot be typed."""


class WrongTarget(DomainError):
    """A figure that cannot be a target."""


@dataclass(eq=False)
class Node:
    """One node of a plan in memory. ``months`` is None while not loaded or not yet spread."""

    key: int
    amount: Decimal = NOTHING
    over: Decimal = NOTHING
    recipe: Recipe = field(default_factory=Recipe)
    claim: Claim | None = None
    is_fixed: bool = False
    season: Sequence[Fraction] = ()
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
            waiting.extend(reversed(node.children))

    def ancestors(self) -> Iterator["Node"]:
        """Yield the nodes above, nearest first."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent


@dataclass(frozen=True)
class Grid:
    """How figures are kept: decimals, number of months, whether parts add up to the whole."""

    places: int = 2
    months: int = 12
    is_additive: bool = True

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
    if not node.children:
        return
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
        node.months = leaf_months(node, grid) if not node.children else sum_months(node, grid)


def leaf_months(node: Node, grid: Grid) -> list[Decimal]:
    """Return a leaf's months: typed ones stay, the rest follows the season."""
    if not grid.is_additive:
        return [node.amount] * grid.months
    rest = node.amount - sum(node.fixed_months.values(), NOTHING)
    free = [index for index in range(grid.months) if index not in node.fixed_months]
    if rest < 0 or (rest > 0 and not free):
        raise WrongTarget(_("The typed months do not sum to the year. Change the year or release a month."))
    season = node.season or [Fraction(1)] * grid.months
    weights = [season[index] for index in free]
    if free and sum(weights) == 0:
        weights = [Fraction(1)] * len(free)
    parts = dict(node.fixed_months)
    if free:
        parts.update(zip(free, split_units(rest, weights, places=grid.places, keys=free), strict=True))
    return [parts[index] for index in range(grid.months)]


def sum_months(node: Node, grid: Grid) -> list[Decimal]:
    """Return the months of a node with children: their sums, scaled to the node's year."""
    if not grid.is_additive:
        return [node.amount] * grid.months
    sums = [NOTHING] * grid.months
    for child in node.children:
        for index, value in enumerate(child.months or ()):
            sums[index] += value
    if sum(sums) == node.amount:
        return sums
    weights = sums if any(sums) else [Decimal(1)] * grid.months
    return split_units(node.amount, weights, places=grid.places, keys=list(range(grid.months)))


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


def change_amount(node: Node, amount: Decimal, balance: Balance, grid: Grid) -> None:
    """Set the year of one node by hand and bring the plan back into balance.

    ``SIBLINGS``: the total above stays and the others that are not fixed make
    room. ``UP``: every total above follows. Below, the new year is cascaded
    again. Raises NodeFixedAbove or DoesNotFit when nothing may give way.
    """
    check_amount(amount, grid)
    node.amount = amount
    if not grid.is_additive:
        node.is_fixed = True
        cascade(node, grid)
        return
    if node.parent is not None and balance == Balance.SIBLINGS:
        node.is_fixed = True
        spread_year(node.parent, grid)
        for child in node.parent.children:
            cascade(child, grid)
    else:
        node.is_fixed = node.parent is not None
        cascade(node, grid)
        for parent in node.ancestors():
            _follow(parent, node, grid)
    _sum_up(node, grid)


def release(node: Node, grid: Grid) -> None:
    """Give a typed year back to the method; the total above stays."""
    node.is_fixed = False
    parent = node.parent or node
    if node.parent is not None:
        spread_year(parent, grid)
    for child in parent.children if node.parent is not None else [node]:
        cascade(child, grid)
    _sum_up(node, grid)


def change_months(
    node: Node, values: Mapping[int, Decimal], grid: Grid, *, balance: Balance | None = None
) -> None:
    """Type months of a leaf. Without ``balance`` the year stays and the other months make room;
    with it the year follows the months and the plan is balanced as ``change_amount`` does.
    """
    if node.children:
        raise MonthsComeFromBelow(_("These months are the sums of the rows below. Change a month there."))
    for value in values.values():
        check_amount(value, grid)
    typed = {**node.fixed_months, **values}
    if balance is None:
        node.fixed_months = typed
        node.months = leaf_months(node, grid)
        _sum_up(node, grid)
        return
    months = [typed.get(index, value) for index, value in enumerate(node.months or leaf_months(node, grid))]
    year = sum(months, NOTHING)
    node.fixed_months = dict(enumerate(months))
    for index in sorted(set(range(grid.months)) - set(typed), reverse=True)[:1]:
        del node.fixed_months[index]
    change_amount(node, year, balance, grid)
    node.fixed_months = typed


def _follow(parent: Node, changed: Node, grid: Grid) -> None:
    """Set a parent to what its children now sum to; a stray minor unit goes to an open child."""
    if parent.is_fixed:
        raise NodeFixedAbove(
            _("A total above was set by hand. Release it, or let the others make room instead.")
        )
    total = sum((child.amount for child in parent.children), NOTHING)
    parent.amount = below(total, parent.over, places=grid.places)
    stray = total - with_over_assignment(parent.amount, parent.over, places=grid.places)
    if stray:
        path = {changed, *changed.ancestors()}
        open_children = [child for child in parent.children if child not in path and not child.is_fixed]
        taker = max(open_children or [changed], key=lambda child: (child.amount, child.key))
        taker.amount -= stray
        cascade(taker, grid)


def below(total: Decimal, over: Decimal, *, places: int) -> Decimal:
    """Return the largest parent amount whose over-assigned total does not pass a sum of children."""
    exact = Fraction(total) / (1 + Fraction(over)) * 10**places
    units = exact.numerator // exact.denominator + 1
    while with_over_assignment(Decimal(units).scaleb(-places), over, places=places) > total:
        units -= 1
    return Decimal(units).scaleb(-places)


def _sum_up(node: Node, grid: Grid) -> None:
    for parent in node.ancestors():
        if all(child.months is not None for child in parent.children):
            parent.months = sum_months(parent, grid)


@dataclass(frozen=True)
class Breach:
    """A node whose figures do not add up."""

    key: int
    rule: int
    expected: Decimal
    found: Decimal


def breaches(top: Node, grid: Grid) -> list[Breach]:
    """Return every broken invariant of a tree whose months are loaded; empty when it is sound."""
    if not grid.is_additive:
        return []
    found: list[Breach] = []
    for node in top.walk():
        if node.children:
            expected = with_over_assignment(node.amount, node.over, places=grid.places)
            total = sum((child.amount for child in node.children), NOTHING)
            if total != expected:
                found.append(Breach(node.key, 1, expected, total))
        year = sum(node.months or (), NOTHING)
        if year != node.amount:
            found.append(Breach(node.key, 2, node.amount, year))
    return found
