"""Proving a tree: nothing here changes it."""

from dataclasses import dataclass
from decimal import Decimal

from apps.targets.enums import Origin
from apps.targets.rules.allocation import allocate, with_over_assignment
from apps.targets.rules.tree import NOTHING, Grid, Node, below, claims_of, leaf_months, sum_months


@dataclass(frozen=True)
class Breach:
    """A node whose figures do not add up, or (rule 0) do not follow from what set them."""

    key: int
    rule: int
    expected: Decimal
    found: Decimal


def breaches(top: Node, grid: Grid) -> list[Breach]:
    """Return every broken sum of a tree, stubs aside; empty when it is sound.

    Months that a lean tree left out are split so that they sum to their year.
    """
    if not grid.is_additive:
        return []
    found: list[Breach] = []
    for node in top.walk():
        if node.children:
            expected = with_over_assignment(node.amount, node.over, places=grid.places)
            total = sum((child.amount for child in node.children), NOTHING)
            if total != expected:
                found.append(Breach(node.key, 1, expected, total))
        if node.months is None and grid.is_lean:
            continue
        year = sum(node.months or (), NOTHING)
        if year != node.amount:
            found.append(Breach(node.key, 2, node.amount, year))
    return found


def deviations(top: Node, grid: Grid) -> list[Breach]:
    """Return every figure that does not follow from what is said to have set it; empty when all do."""
    found: list[Breach] = []
    for node in top.walk():
        if node.children:
            found.extend(_split_deviations(node, grid))
        expected = sum_months(node, grid) if node.children else leaf_months(node, grid)
        for wanted, months in zip(expected, node.months or (), strict=True):
            if wanted != months:
                found.append(Breach(node.key, 0, wanted, months))
    return found


def _split_deviations(node: Node, grid: Grid) -> list[Breach]:
    again = recomputed(node, grid)
    return [
        Breach(child.key, 0, again[child.key], child.amount)
        for child in node.children
        if again[child.key] != child.amount
    ]


def recomputed(node: Node, grid: Grid) -> dict[int, Decimal]:
    """Return the children's years computed again from what set each: method, hand, below or the total.

    A figure that stayed while the total moved is what the total leaves it.
    """
    children = node.children
    if not grid.is_additive:
        return {child.key: child.amount if child.is_fixed else node.amount for child in children}
    total = with_over_assignment(node.amount, node.over, places=grid.places)
    if all(child.is_fixed or child.origin == Origin.METHOD for child in children):
        parts = allocate(total, claims_of(node), node.recipe, places=grid.places)
        return {child.key: part for child, part in zip(children, parts, strict=True)}
    whole = sum((child.amount for child in children), NOTHING)
    found = {}
    for child in children:
        if child.is_fixed:
            found[child.key] = child.amount
        elif child.origin == Origin.BELOW and child.children and not child.is_stub:
            sold = sum((one.amount for one in child.children), NOTHING)
            found[child.key] = below(sold, child.over, places=grid.places)
        else:
            found[child.key] = total - (whole - child.amount)
    return found
