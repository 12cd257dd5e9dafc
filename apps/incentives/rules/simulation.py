"""What a simulation says of two plans: winners and losers, spread, chance. Pure; money is whole cents."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from operator import add

from apps.core.money import round_units

CENT = Decimal("0.01")
_ZERO = Decimal(0)
PERCENTILES = (10, 50, 90)
_WIDE = 80  # bits: more than any sum of pay in cents
ATTAINMENT_EDGES = tuple(Decimal(edge) / 100 for edge in (50, 70, 80, 90, 100, 110, 120, 150))


@dataclass(frozen=True)
class Outcome:
    """How many gain and lose, and how much in all."""

    winners: int
    losers: int
    unchanged: int
    gained: Decimal
    lost: Decimal


def outcome(differences: Iterable[Decimal]) -> Outcome:
    """Return how many payees gain, lose and stay, with both sums."""
    winners = losers = unchanged = 0
    gained = lost = _ZERO
    for one in differences:
        if one > 0:
            winners, gained = winners + 1, gained + one
        elif one < 0:
            losers, lost = losers + 1, lost + one
        else:
            unchanged += 1
    return Outcome(winners, losers, unchanged, gained, lost)


def quantile(values: Sequence[Decimal | int], percent: int) -> Decimal:
    """Return a percentile by straight line between the two nearest of the sorted values."""
    ordered = sorted(values)
    place = Decimal(len(ordered) - 1) * percent / 100
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def counts(values: Iterable[Decimal], edges: Sequence[Decimal]) -> list[int]:
    """Return how many values lie below the first edge, in each ``[edge, next)``, and from the last on."""
    found = [0] * (len(edges) + 1)
    for value in values:
        found[sum(1 for edge in edges if value >= edge)] += 1
    return found


def even_edges(values: Sequence[Decimal], most: int = 12) -> list[Decimal]:
    """Return round edges of a histogram around zero, so that nobody who gains shares a bar with a loser."""
    widest = max((abs(value) for value in values), default=_ZERO)
    if not widest:
        return [_ZERO]
    step = Decimal(10) ** (widest.adjusted() - 1)
    while widest / step > most // 2:
        step *= Decimal("2.5") if step.normalize().as_tuple().digits[0] == 2 else 2  # 1, 2, 5, 10 …
    reach = int(widest / step) + (1 if widest % step else 0)
    return [step * place for place in range(-reach, reach + 1)]


@dataclass(frozen=True)
class Chances:
    """Percentiles of the cost of both plans and of their difference."""

    now: dict[int, Decimal]
    then: dict[int, Decimal]
    difference: dict[int, Decimal]


PayeePeriods = Sequence[tuple[Decimal, Decimal]]


def bootstrap(payees: Sequence[PayeePeriods], draws: int, seed: int) -> Chances | None:
    """Return how the cost varies when every payee's periods are drawn anew, with replacement.

    Each draw takes as many periods of each payee as there were, from that payee's own; both plans
    are paid from the same draw. The same seed draws the same.
    """
    packed = [
        [(_cents(now) << _WIDE) + _cents(then) for now, then in periods] for periods in payees if periods
    ]
    if not packed:
        return None
    source = random.Random(seed)  # noqa: S311  # a simulation, no secret
    totals = [0] * draws
    for periods in packed:
        size = len(periods)
        drawn = iter(source.choices(periods, k=size * draws))
        totals = list(map(add, totals, map(sum, zip(*[drawn] * size, strict=True))))
    now, then = zip(*map(_unpacked, totals), strict=True)
    apart = [second - first for first, second in zip(now, then, strict=True)]
    return Chances(_percentiles(now), _percentiles(then), _percentiles(apart))


def effective_rate(pay: Decimal, revenue: Decimal) -> Decimal | None:
    """Return pay ÷ revenue; nothing without revenue."""
    return pay / revenue if revenue > 0 else None


@dataclass(frozen=True)
class Cliff:
    """Where one more unit of the basis makes pay jump: just below it, and on it."""

    at: Decimal
    below: Decimal
    on: Decimal


def cliffs(points: Sequence[tuple[Decimal, Decimal, Decimal]], least: Decimal = Decimal(1)) -> list[Cliff]:
    """Keep the edges (where, pay just below, pay on it) at which pay moves by at least so much."""
    ordered = sorted(set(points))
    assert all(a[0] != b[0] for a, b in pairwise(ordered)), "one answer per edge"  # noqa: S101
    return [Cliff(at, below, on) for at, below, on in ordered if abs(on - below) >= least]


def _unpacked(total: int) -> tuple[int, int]:
    """Split two sums that were added up in one number, so that a draw costs one addition."""
    low = total & ((1 << _WIDE) - 1)
    then = low - (1 << _WIDE) if low >> (_WIDE - 1) else low
    return (total - then) >> _WIDE, then


def _cents(amount: Decimal) -> int:
    return int((amount / CENT).to_integral_value())


def _percentiles(values: Sequence[int]) -> dict[int, Decimal]:
    return {percent: round_units(quantile(values, percent) * CENT, 2) for percent in PERCENTILES}
