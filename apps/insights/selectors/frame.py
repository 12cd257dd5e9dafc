"""The days a home page looks at: this fiscal year up to today, and the one before."""

import datetime as dt
from dataclasses import dataclass

from apps.calendars import selectors as calendars
from apps.calendars.models import FiscalPeriod

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Frame:
    """A fiscal year as of a day, with its months and those of the year before."""

    today: dt.date
    year: FiscalPeriod
    quarter: FiscalPeriod
    month: FiscalPeriod
    months: tuple[FiscalPeriod, ...]
    earlier: tuple[FiscalPeriod, ...]

    @property
    def since(self) -> dt.date:
        """The first day that is read: that of the year before, or of this year when there is none."""
        return self.earlier[0].starts_on if self.earlier else self.year.starts_on

    @property
    def until(self) -> dt.date:
        """The day after today."""
        return self.today + DAY

    @property
    def ended(self) -> int:
        """How many months of the year are over."""
        return sum(1 for month in self.months if month.ends_before <= self.today)

    @property
    def numbers(self) -> list[int]:
        """The numbers of the months, 1 to 12."""
        return [month.number for month in self.months]


def frame_of(today: dt.date) -> Frame | None:
    """Return the frame of a day, or None when the fiscal calendar does not reach it. One query."""
    held = FiscalPeriod.objects.of_company().filter(
        starts_on__lte=today + 366 * DAY, ends_before__gt=today - 2 * 366 * DAY
    )
    rows = list(held.order_by("starts_on", "pk"))
    now = {row.kind: row for row in rows if row.starts_on <= today < row.ends_before}
    if not {"year", "quarter", "month"} <= set(now):
        return None
    year = now["year"]
    months = [row for row in rows if row.kind == "month"]
    before = [row for row in rows if row.kind == "year" and row.ends_before == year.starts_on]
    return Frame(
        today=today,
        year=year,
        quarter=now["quarter"],
        month=now["month"],
        months=tuple(row for row in months if year.starts_on <= row.starts_on < year.ends_before),
        earlier=tuple(
            row for row in months if before and before[0].starts_on <= row.starts_on < year.starts_on
        ),
    )


def selectable(day: dt.date) -> list[FiscalPeriod]:
    """Return the years and quarters that a picker offers around a day, newest first."""
    years = calendars.periods_between(day - 2 * 366 * DAY, day + DAY, "year")
    quarters = (
        calendars.periods_between(years[-1].starts_on, years[-1].ends_before, "quarter") if years else []
    )
    return [*reversed(years), *(row for row in quarters if row.starts_on <= day)]
