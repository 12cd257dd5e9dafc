"""Why an actual differs from what was expected: the gap by volume, speed, win rate and value.

What is sold in a range is exactly

    volume × speed × win rate × value
    (deals in play) × (decided ÷ in play) × (won ÷ decided) × (sold ÷ won)

where deals in play are those decided in the range plus those still open at its
end; by Little's law speed is the reciprocal of the cycle measured in ranges. The
same holds for the base, the same stretch of the base year. Growth that the
target asks for on top of the base is asked of volume. The gap is then split by
the Shapley value: each factor's mean contribution over all orders in which the
factors could have changed one after the other. The parts sum to the gap
exactly; rounding keeps that to the last minor unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import combinations
from math import factorial, floor, prod


class Cause(StrEnum):
    """The factors a result is made of."""

    VOLUME = "volume"
    SPEED = "speed"
    WIN_RATE = "win_rate"
    VALUE = "value"


@dataclass(frozen=True)
class Facts:
    """What a range is made of: sold, deals won, deals decided, deals still open at its end."""

    sold: Decimal | Fraction
    won: Decimal | Fraction
    decided: Decimal | Fraction
    still_open: Decimal | Fraction


@dataclass(frozen=True)
class Part:
    """One cause: its share of the gap, and the factor in the base (grown) and now."""

    cause: Cause
    amount: Decimal
    base: Fraction
    now: Fraction


def factors(facts: Facts, otherwise: Sequence[Fraction] | None = None) -> list[Fraction] | None:
    """Return volume, speed, win rate and value of a range.

    Where there is nothing to divide by, the factor of ``otherwise`` stands in: what
    could not be observed did not change. None when that is missing too.
    """
    sold, won = Fraction(facts.sold), Fraction(facts.won)
    decided, still_open = Fraction(facts.decided), Fraction(facts.still_open)
    volume = decided + still_open
    pairs = ((decided, volume), (won, decided), (sold, won))
    found = [volume]
    for place, (top, bottom) in enumerate(pairs, start=1):
        if bottom:
            found.append(top / bottom)
        elif otherwise is not None:
            found.append(otherwise[place])
        else:
            return None
    return found


def causes(now: Facts, base: Facts, expected: Fraction, *, places: int) -> list[Part] | None:
    """Split ``now.sold − expected`` over the four causes; None without a base that sold anything.

    What was sold without a deal behind it (a correction, a refund) counts as value.
    """
    before = factors(base)
    if before is None or base.sold <= 0 or any(one <= 0 for one in before):
        return None
    before = [before[0] * expected / Fraction(base.sold), *before[1:]]
    after = factors(now, before)
    assert after is not None  # noqa: S101  # the base stands in for what cannot be observed
    exact = shapley(before, after)
    exact[-1] += Fraction(now.sold) - prod(after, start=Fraction(1))
    return [
        Part(cause, amount, then, present)
        for cause, amount, then, present in zip(
            Cause, rounded_parts(exact, places), before, after, strict=True
        )
    ]


def shapley(before: Sequence[Fraction], after: Sequence[Fraction]) -> list[Fraction]:
    """Return each factor's mean contribution to the change of the product, over all orders; exact."""
    count = len(before)
    found = []
    for place in range(count):
        others = [one for one in range(count) if one != place]
        total = Fraction(0)
        for size in range(count):
            weight = Fraction(factorial(size) * factorial(count - size - 1), factorial(count))
            for changed in combinations(others, size):
                rest = prod(
                    (after[one] if one in changed else before[one] for one in others), start=Fraction(1)
                )
                total += weight * rest
        found.append(total * (after[place] - before[place]))
    return found


def rounded_parts(parts: Sequence[Fraction], places: int) -> list[Decimal]:
    """Round parts to minor units so that they sum to their rounded sum; leftovers by largest remainder."""
    scaled = [part * 10**places for part in parts]
    total = floor(sum(scaled, Fraction(0)) + Fraction(1, 2))
    units = [floor(value) for value in scaled]
    order = sorted(range(len(parts)), key=lambda place: (units[place] - scaled[place], place))
    for place in order[: total - sum(units)]:
        units[place] += 1
    return [Decimal(unit).scaleb(-places) for unit in units]
