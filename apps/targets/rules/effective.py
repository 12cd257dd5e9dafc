"""What counts of a quota: Q_eff = Σ months Q × season × ramp × (active ÷ working days) − relief."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Protocol


class DayCount(Protocol):
    """Counts working days."""

    def between(self, start: dt.date, end: dt.date) -> int:
        """Return the working days of ``[start, end)``."""
        ...


@dataclass(frozen=True)
class Relief:
    """What is taken off a month: an amount, or a share of the month.

    ``on_top`` comes on top of what recorded absences take off; otherwise the larger of the two counts.
    """

    amount: Decimal | None = None
    share: Decimal | None = None
    on_top: bool = False


def relieved(
    quota: Fraction, covered: Fraction, reliefs: Sequence[Relief], away: Fraction | None = None
) -> Fraction:
    """Return what is left of a month's quota; never less than nothing.

    ``covered`` is the part of the month that is looked at: of an amount only that part is taken off,
    shares are of the quota itself. ``away`` is what recorded absences take off: the same days are never
    counted twice, so of it and the reliefs not ``on_top`` the larger counts.
    """
    absent = away or Fraction(0)
    instead = _taken_off(quota, covered, [one for one in reliefs if not one.on_top])
    besides = _taken_off(quota, covered, [one for one in reliefs if one.on_top])
    return max(quota - max(absent, instead) - besides, Fraction(0))


def _taken_off(quota: Fraction, covered: Fraction, reliefs: Sequence[Relief]) -> Fraction:
    shares = sum((Fraction(one.share) for one in reliefs if one.share is not None), Fraction(0))
    amounts = sum((Fraction(one.amount) for one in reliefs if one.amount is not None), Fraction(0))
    return quota * min(shares, Fraction(1)) + amounts * covered


@dataclass(frozen=True)
class AwayDays:
    """Days ``[start, end)`` away, with the share of the working time that is missed."""

    start: dt.date
    end: dt.date
    share: Decimal = Decimal(1)


def share_away(start: dt.date, end: dt.date, absences: Sequence[AwayDays], workdays: DayCount) -> Fraction:
    """Return which part of the working days of ``[start, end)`` somebody is away, by the working calendar.

    A range without a working day is away on none: its quota is nothing as well.
    """
    whole = workdays.between(start, end)
    if not whole:
        return Fraction(0)
    missed = Fraction(0)
    for one in absences:
        first, last = max(one.start, start), min(one.end, end)
        if first < last:
            missed += Fraction(one.share) * workdays.between(first, last)
    return missed / whole
