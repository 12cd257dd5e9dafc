"""Rate tables and payout curves: exact arithmetic, both kinds of tiers, both edges."""

import itertools
from collections.abc import Sequence
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from fractions import Fraction

from apps.incentives.rules.document import Curve, Edge, RateTable, Tier

# Sums and products of amounts and rates need far fewer digits; anything inexact is a mistake, not a rounding.
EXACT = Context(prec=80, traps=[Inexact, InvalidOperation, Overflow])


def scaled(table: RateTable, quota: Decimal | None) -> tuple[Tier, ...]:
    """Return the tiers with their edges as amounts. Raises ValueError when a quota is needed and missing."""
    if table.unit == "amount":
        return table.tiers
    if quota is None:
        raise ValueError("The table is stated in shares of a quota.")
    return tuple(
        Tier(
            EXACT.multiply(tier.low, quota),
            None if tier.high is None else EXACT.multiply(tier.high, quota),
            tier.rate,
        )
        for tier in table.tiers
    )


def marginal(tiers: Sequence[Tier], amount: Decimal) -> Decimal:
    """Return M(x): each slice of the amount at the rate of its own tier; below zero the first rate holds."""
    if amount <= 0:
        return EXACT.multiply(amount, tiers[0].rate)
    total = Decimal(0)
    for tier in tiers:
        if amount <= tier.low:
            break
        top = amount if tier.high is None or amount < tier.high else tier.high
        total = EXACT.add(total, EXACT.multiply(EXACT.subtract(top, tier.low), tier.rate))
    return total


def tier_of(tiers: Sequence[Tier], amount: Decimal, edge: Edge) -> Tier:
    """Return the tier an amount reaches; an amount exactly on an edge goes to the side the table says."""
    reached = tiers[0]
    for tier in tiers[1:]:
        if amount > tier.low or (amount == tier.low and edge == "upper" and tier.low > reached.low):
            reached = tier
    return reached


def retroactive(tiers: Sequence[Tier], amount: Decimal, edge: Edge) -> Decimal:
    """Return the reached tier's rate on the whole amount."""
    return EXACT.multiply(amount, tier_of(tiers, amount, edge).rate)


def payout(table: RateTable, tiers: Sequence[Tier], amount: Decimal) -> Decimal:
    """Return what the table pays on an amount."""
    if table.kind == "marginal":
        return marginal(tiers, amount)
    return retroactive(tiers, amount, table.edge)


def slices(tiers: Sequence[Tier], amount: Decimal) -> list[tuple[Tier, Decimal]]:
    """Return the tiers an amount runs through, each with the length inside it."""
    if amount <= 0:
        return [(tiers[0], amount)]
    found = []
    for tier in tiers:
        if amount <= tier.low:
            break
        top = amount if tier.high is None or amount < tier.high else tier.high
        found.append((tier, EXACT.subtract(top, tier.low)))
    return found


def on_curve(curve: Curve, attainment: Fraction) -> Fraction:
    """Return the payout share at an attainment, straight between points, as stated beyond the ends."""
    points = [(Fraction(x), Fraction(y)) for x, y in curve.points]
    if attainment < points[0][0]:
        return _beyond(curve.below, points[0], points[1], attainment)
    if attainment > points[-1][0]:
        return _beyond(curve.above, points[-1], points[-2], attainment)
    for left, right in itertools.pairwise(points):
        if left[0] <= attainment <= right[0]:
            return _line(left, right, attainment)
    raise AssertionError("The points cover the range between the ends.")


def _beyond(
    behaviour: str, end: tuple[Fraction, Fraction], inner: tuple[Fraction, Fraction], x: Fraction
) -> Fraction:
    if behaviour == "zero":
        return Fraction(0)
    if behaviour == "hold":
        return end[1]
    return max(Fraction(0), _line(end, inner, x))


def _line(left: tuple[Fraction, Fraction], right: tuple[Fraction, Fraction], x: Fraction) -> Fraction:
    slope = (right[1] - left[1]) / (right[0] - left[0])
    return left[1] + slope * (x - left[0])
