"""Changing a total that has figures below it: they are kept, or all move in proportion."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from apps.core.money import split_units
from apps.targets.enums import Balance, Origin
from apps.targets.rules.allocation import allocate, clamp, shares, with_over_assignment
from apps.targets.rules.editing import change_years
from apps.targets.rules.tree import (
    NOTHING,
    Grid,
    Node,
    WrongTarget,
    check_amount,
    claims_of,
    leaf_months,
    spread_months,
    sum_months,
)

# As many decimals as the column has: parent × (1 + over) comes back to the cent for every sum it holds.
_OVER = Decimal(1).scaleb(-16)


def change_total(node: Node, amount: Decimal, balance: Balance, grid: Grid) -> None:
    """Set the year of a node as typing it does, and leave everything below it alone.

    The plan is out of balance below the node until ``keep_below`` or ``prorate_below``.
    """
    if not grid.is_additive:
        raise WrongTarget(_("A rate is the same for everybody; there is nothing to divide."))
    if not node.children:
        raise WrongTarget(_("Nothing hangs below this target."))
    check_amount(amount, grid)
    children, node.children = node.children, []
    typed, node.fixed_months = node.fixed_months, {}
    change_years({node: amount}, balance, grid)
    spread_months(list(node.ancestors())[-1] if node.parent else node, grid)
    node.children, node.fixed_months = children, typed


def keep_below(node: Node, grid: Grid) -> None:
    """Leave the figures below as they are; the difference becomes the node's over- or under-assignment."""
    total = sum((child.amount for child in node.children), NOTHING)
    node.over = _over_of(node.amount, total, grid)
    _sum_upwards(node, grid)


def _over_of(amount: Decimal, total: Decimal, grid: Grid) -> Decimal:
    if amount == 0 and total == 0:
        return NOTHING
    if amount == 0:
        raise WrongTarget(_("A total of 0 cannot keep figures below it. Lower them in proportion instead."))
    exact = Fraction(total) / Fraction(amount) - 1
    over = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(_OVER)
    if with_over_assignment(amount, over, places=grid.places) != total or over > 1000:
        raise WrongTarget(_("The figures below are too far from this total to be kept."))
    return over


def prorate_below(node: Node, over: Decimal, grid: Grid) -> list[Node]:
    """Scale every figure below to the node's year plus ``over``, months included.

    Parts keep their proportions within their limits. Returns the nodes whose
    figure the method would not give, which are now set by hand.
    """
    node.over = over
    by_hand: list[Node] = []
    for parent in list(node.walk()):
        if parent.children:
            by_hand += _scale_children(parent, grid)
    for leaf in [one for one in node.walk() if not one.children]:
        leaf.months = _scaled_months(leaf, grid)
    _sum_upwards(node, grid)
    return by_hand


def _scale_children(parent: Node, grid: Grid) -> list[Node]:
    total = with_over_assignment(parent.amount, parent.over, places=grid.places)
    claims = claims_of(parent)
    bounds = [(Fraction(claim.low), None if claim.high is None else Fraction(claim.high)) for claim in claims]
    now = shares([child.amount for child in parent.children])
    exact = clamp(Fraction(total), [Fraction(total) * share for share in now], bounds)
    keys = [child.key for child in parent.children]
    parts = split_units(total, exact, places=grid.places, keys=keys) if total else [NOTHING] * len(keys)
    for child, part in zip(parent.children, parts, strict=True):
        child.amount = part
    open_children = [child for child in parent.children if not child.is_fixed]
    if _as_the_method_says(parent, total, parts, grid):
        for child in open_children:
            child.origin = Origin.METHOD
        return []
    for child in open_children:
        child.is_fixed = True
    return open_children


def _as_the_method_says(parent: Node, total: Decimal, parts: Sequence[Decimal], grid: Grid) -> bool:
    return allocate(total, claims_of(parent), parent.recipe, places=grid.places) == list(parts)


def _scaled_months(leaf: Node, grid: Grid) -> list[Decimal]:
    """Scale the months typed by hand with the year; the others follow the season."""
    before = leaf.months or []
    if leaf.fixed_months and any(before) and leaf.amount:
        months = split_units(leaf.amount, before, places=grid.places, keys=list(range(grid.months)))
        leaf.fixed_months = {index: months[index] for index in leaf.fixed_months}
    else:
        leaf.fixed_months = {}
    return leaf_months(leaf, grid)


def _sum_upwards(node: Node, grid: Grid) -> None:
    for one in reversed(list(node.walk())):
        if one.children:
            one.months = sum_months(one, grid)
    for above in node.ancestors():
        above.months = sum_months(above, grid)
