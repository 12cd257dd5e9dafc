"""Month indices: how a year is spread over its months."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from statistics import median

LEARNING_MONTHS = 24
_SPREADS_AWAY = 3


@dataclass(frozen=True)
class Observed:
    """The actual of one past month. ``position`` counts months within the fiscal year from 0."""

    position: int
    value: Decimal
    working_days: int = 0


def learn(
    history: Sequence[Observed], *, months: int = 12, by_working_days: bool = False
) -> list[Fraction] | None:
    """Learn month indices (mean 1) from consecutive months, oldest first.

    Each index is the median of month ÷ mean of its twelve months, outliers
    removed. With ``by_working_days`` the value per working day is learned, so
    that ``for_days`` can follow a New Year that moves. Answers None with fewer
    than 24 months or without any sales in them.
    """
    whole = len(history) - len(history) % months
    if whole < LEARNING_MONTHS:
        return None
    ratios: dict[int, list[Fraction]] = {position: [] for position in range(months)}
    for start in range(len(history) - whole, len(history), months):
        block = history[start : start + months]
        values = [_value(observed, by_working_days) for observed in block]
        mean = sum(values, Fraction(0)) / months
        if mean <= 0:
            continue
        for observed, value in zip(block, values, strict=True):
            ratios[observed.position].append(max(value, Fraction(0)) / mean)
    if not all(ratios.values()):
        return None
    return normalised([_typical(ratios[position]) for position in range(months)])


def _value(observed: Observed, by_working_days: bool) -> Fraction:
    if not by_working_days:
        return Fraction(observed.value)
    return Fraction(observed.value) / max(observed.working_days, 1)


def _typical(ratios: list[Fraction]) -> Fraction:
    """Return the median without values more than three median deviations away (from four values on)."""
    middle = median(ratios)
    if len(ratios) < 4:
        return Fraction(middle)
    spread = median([abs(ratio - middle) for ratio in ratios])
    kept = [ratio for ratio in ratios if abs(ratio - middle) <= _SPREADS_AWAY * spread]
    return Fraction(median(kept or ratios))


def for_days(indices: Sequence[Fraction], working_days: Sequence[int]) -> list[Fraction]:
    """Turn indices per working day into indices of months with these working days."""
    return normalised([index * days for index, days in zip(indices, working_days, strict=True)])


def normalised(weights: Sequence[Fraction | int]) -> list[Fraction]:
    """Scale weights to a mean of 1; equal months when all are zero."""
    exact = [Fraction(weight) for weight in weights]
    whole = sum(exact, Fraction(0))
    if whole == 0:
        return [Fraction(1) for _weight in exact]
    return [weight * len(exact) / whole for weight in exact]
