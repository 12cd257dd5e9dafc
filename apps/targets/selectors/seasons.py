"""The months of a plan: their weights from history or from working days."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from apps.calendars import selectors as calendars
from apps.calendars.models import FiscalPeriod
from apps.measures import selectors as figures
from apps.targets.enums import Season
from apps.targets.rules.seasonality import Observed, for_days, learn, normalised

YEARS_BACK = 5


@dataclass(frozen=True)
class MonthWeights:
    """Which season was used, its weights (mean 1) and the working days of each month."""

    season: Season
    months: list[FiscalPeriod]
    weights: list[Fraction]
    working_days: list[int]


def history_months(before: dt.date) -> list[FiscalPeriod]:
    """Return up to five years of fiscal months that ended by a day, oldest first."""
    months = calendars.periods_between(before - dt.timedelta(days=366 * YEARS_BACK), before, "month")
    return [month for month in months if month.ends_before <= before][-12 * YEARS_BACK :]


def observed(measure: str, unit_id: int | None, before: dt.date) -> list[Observed]:
    """Return the monthly actuals of a unit before a day, from its first month with any on."""
    months = history_months(before)
    if not months:
        return []
    rows = figures.query(measure, months[0].starts_on, months[-1].ends_before, by=["month"], unit_id=unit_id)
    values = {row.keys["month"]: row.numerator for row in rows}
    days = calendars.workdays()
    found = [
        Observed(
            month.number - 1,
            values.get(month.code, Decimal(0)),
            days.between(month.starts_on, month.ends_before),
        )
        for month in months
    ]
    first = next((index for index, one in enumerate(found) if one.value), len(found))
    return found[first:]


def month_weights(
    *,
    measure: str,
    unit_id: int,
    year: FiscalPeriod,
    season: Season,
    before: dt.date,
    custom: Sequence[Fraction] = (),
) -> MonthWeights:
    """Return the weights of a year's months; a season that cannot be learned follows the working days."""
    months = calendars.months_of(year)
    workdays = calendars.workdays()
    days = workdays.counts((month.starts_on, month.ends_before) for month in months)
    if season == Season.CUSTOM and custom:
        return MonthWeights(season, months, normalised(list(custom)), days)
    if season == Season.EVEN:
        return MonthWeights(season, months, [Fraction(1)] * len(months), days)
    if season in {Season.LEARNED, Season.LEARNED_PLAIN}:
        by_days = season == Season.LEARNED
        past = observed(measure, unit_id, min(before, year.starts_on))
        indices = learn(past, months=len(months), by_working_days=by_days)
        if indices is not None:
            return MonthWeights(season, months, for_days(indices, days) if by_days else indices, days)
    return MonthWeights(Season.WORKING_DAYS, months, normalised(days), days)


def stored_weight(weight: Fraction) -> Decimal:
    """Return a weight as it is kept: what is stored is what is used, so a quota recomputes identically."""
    return (Decimal(weight.numerator) / Decimal(weight.denominator)).quantize(Decimal("0.000000000001"))


@dataclass(frozen=True)
class SeasonChoice:
    """The weights a year would have by one season; None when it cannot be learned."""

    season: Season
    weights: list[Fraction] | None


def choices(*, measure: str, unit_id: int, year: FiscalPeriod, before: dt.date) -> list[SeasonChoice]:
    """Return the weights of a year's months by every season that can be computed, side by side."""
    found = []
    for season in (Season.LEARNED, Season.LEARNED_PLAIN, Season.WORKING_DAYS, Season.EVEN):
        made = month_weights(measure=measure, unit_id=unit_id, year=year, season=season, before=before)
        found.append(SeasonChoice(season, made.weights if made.season == season else None))
    return found
