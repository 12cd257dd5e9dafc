"""Attainment, pace, projection and the rate that is still needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

PROJECT_FROM = Fraction(1, 5)


@dataclass(frozen=True)
class MonthPlan:
    """One month, or the part of it that counts: its quota and its working days so far and in all."""

    amount: Decimal | Fraction
    working_days: int
    elapsed_days: int

    @property
    def elapsed(self) -> Fraction:
        """The share of the month that lies behind, by working days."""
        if self.working_days == 0:
            return Fraction(1)
        return Fraction(min(self.elapsed_days, self.working_days), self.working_days)


@dataclass(frozen=True)
class Attainment:
    """How an actual stands against its quota; exact fractions, None where nothing can be said."""

    actual: Decimal | None
    quota: Decimal | None
    ratio: Fraction | None = None
    expected: Fraction | None = None
    pace: Fraction | None = None
    projection: Fraction | None = None
    required_per_day: Fraction | None = None
    elapsed: Fraction | None = None
    days_left: int = 0

    @property
    def gap(self) -> Decimal | None:
        """What is missing; negative when the quota is passed."""
        if self.actual is None or self.quota is None:
            return None
        return self.quota - self.actual

    @property
    def projected_ratio(self) -> Fraction | None:
        """The projection as a share of the quota."""
        if self.projection is None or not self.quota:
            return None
        return self.projection / Fraction(self.quota)


def quotient(part: Decimal | Fraction, whole: Decimal | Fraction) -> Fraction | None:
    """Divide exactly; None when there is nothing to divide by."""
    return None if whole == 0 else Fraction(part) / Fraction(whole)


def attain(
    actual: Decimal | None,
    quota: Decimal | None,
    months: Sequence[MonthPlan],
    *,
    is_additive: bool = True,
    lower_is_better: bool = False,
) -> Attainment:
    """Compare an actual with its quota over months that carry the season.

    Expected to date interpolates the running month by working days. The
    projection is shown once 20 % of the weight has elapsed. For a measure that
    does not add up the whole quota is expected at any time; for one where less
    is better attainment is quota ÷ actual.
    """
    if actual is None or quota is None:
        return Attainment(actual, quota)
    if lower_is_better:
        return Attainment(actual, quota, ratio=quotient(quota, actual))
    ratio = quotient(actual, quota)
    if not is_additive:
        return Attainment(actual, quota, ratio, Fraction(quota), ratio, Fraction(actual))
    expected = sum((Fraction(month.amount) * month.elapsed for month in months), Fraction(0))
    elapsed = quotient(expected, quota)
    left = sum(max(month.working_days - month.elapsed_days, 0) for month in months)
    return Attainment(
        actual=actual,
        quota=quota,
        ratio=ratio,
        expected=expected,
        pace=quotient(actual, expected),
        projection=_projection(actual, elapsed),
        required_per_day=_required(actual, quota, left),
        elapsed=elapsed,
        days_left=left,
    )


def _projection(actual: Decimal, elapsed: Fraction | None) -> Fraction | None:
    if elapsed is None or elapsed < PROJECT_FROM:
        return None
    return Fraction(actual) / elapsed


def _required(actual: Decimal, quota: Decimal, days_left: int) -> Fraction | None:
    if days_left == 0:
        return None
    return max(Fraction(quota - actual), Fraction(0)) / days_left


@dataclass(frozen=True)
class Crowd:
    """A team beside its total: the typical member and how many made it."""

    members: int
    median: Fraction | None
    made_it: Fraction | None


def crowd(ratios: Sequence[Fraction | None]) -> Crowd:
    """Return the median attainment and the share of people at 100 % or more, among those with a quota."""
    known = sorted(ratio for ratio in ratios if ratio is not None)
    if not known:
        return Crowd(0, None, None)
    middle = len(known) // 2
    typical = known[middle] if len(known) % 2 else (known[middle - 1] + known[middle]) / 2
    made = sum(1 for ratio in known if ratio >= 1)
    return Crowd(len(known), typical, Fraction(made, len(known)))
