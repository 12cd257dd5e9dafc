"""Target against capacity, funnel and pipeline: what is missing in heads, meetings and money."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from apps.targets.rules.ramp import share_in

ZERO = Fraction(0)


@dataclass(frozen=True)
class Month:
    """A month ahead: its part of the year by season, and how much of it still lies ahead."""

    starts_on: dt.date
    season: Fraction
    ahead: Fraction = Fraction(1)


@dataclass(frozen=True)
class Seat:
    """A seat that can sell; ``hired_on`` of its holder decides the ramp. A vacancy sells nothing."""

    fte: Decimal
    productivity: Decimal = Decimal(1)
    hired_on: dt.date | None = None
    is_vacant: bool = False


def season_ahead(months: Iterable[Month]) -> Fraction:
    """Return the part of the year's weight that lies ahead."""
    return sum((month.season * month.ahead for month in months), ZERO)


def capacity(
    standard: Fraction, seats: Iterable[Seat], months: Sequence[Month], ramp: Sequence[Decimal]
) -> Fraction:
    """Return Σ standard quota × full-time share × productivity × ramp(month) × season over filled seats."""
    total = ZERO
    for seat in seats:
        if seat.is_vacant:
            continue
        brings = Fraction(seat.fte) * Fraction(seat.productivity)
        reach = sum(
            (month.season * month.ahead * share_in(month.starts_on, seat.hired_on, ramp) for month in months),
            ZERO,
        )
        total += standard * brings * reach
    return total


@dataclass(frozen=True)
class Heads:
    """What is left to sell beside what the seats can sell; a positive gap is people who are missing."""

    remaining: Fraction
    capacity: Fraction
    gap: Fraction | None


def heads(
    remaining: Fraction, able: Fraction, standard: Fraction, productivity: Fraction, months: Sequence[Month]
) -> Heads:
    """Return how many full-time people the capacity is short of, or has to spare (negative).

    One head sells the standard quota times the team's productivity in the season
    ahead, fully ramped. None when nothing lies ahead.
    """
    one = standard * productivity * season_ahead(months)
    return Heads(remaining, able, (max(remaining, ZERO) - able) / one if one else None)


@dataclass(frozen=True)
class Funnel:
    """What a year of selling was made of: sold, deals won and decided, activities logged."""

    sold: Decimal
    won: Decimal
    decided: Decimal
    activities: Decimal

    @property
    def is_known(self) -> bool:
        """Whether rates can be taken from it."""
        return self.sold > 0 and self.won > 0 and self.decided > 0 and self.activities > 0


@dataclass(frozen=True)
class Meetings:
    """The activities that what remains asks for, beside those the present rate will bring."""

    deals: Fraction
    decisions: Fraction
    needed: Fraction
    at_rate: Fraction

    @property
    def gap(self) -> Fraction:
        """What is missing; negative when the rate is enough."""
        return self.needed - self.at_rate


def meetings(remaining: Fraction, funnel: Funnel, per_day: Fraction, days_ahead: int) -> Meetings | None:
    """Return remaining ÷ value per deal ÷ win rate × activities per decided deal; None without rates."""
    if not funnel.is_known:
        return None
    deals = max(remaining, ZERO) * Fraction(funnel.won) / Fraction(funnel.sold)
    decisions = deals * Fraction(funnel.decided) / Fraction(funnel.won)
    needed = decisions * Fraction(funnel.activities) / Fraction(funnel.decided)
    return Meetings(deals, decisions, needed, per_day * days_ahead)


@dataclass(frozen=True)
class Coverage:
    """Open pipeline that closes in the period beside what the value win rate asks for.

    ``coverage`` is None once nothing remains: the target is met.
    """

    open_amount: Decimal
    coverage: Fraction | None
    required: Fraction | None
    gap: Fraction | None

    @property
    def is_met(self) -> bool:
        """Whether nothing remains to be covered."""
        return self.coverage is None


def cover(
    remaining: Fraction, open_amount: Decimal, won_amount: Decimal, decided_amount: Decimal
) -> Coverage:
    """Return coverage = open ÷ remaining, the required one = 1 ÷ value win rate, and the missing pipeline."""
    required = Fraction(decided_amount) / Fraction(won_amount) if won_amount > 0 else None
    if remaining <= 0:
        return Coverage(open_amount, None, required, ZERO if required is not None else None)
    gap = None if required is None else remaining * required - Fraction(open_amount)
    return Coverage(open_amount, Fraction(open_amount) / remaining, required, gap)
