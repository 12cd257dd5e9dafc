"""How time is cut into fiscal periods and working days. Pure."""

import bisect
import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from apps.calendars.enums import PeriodKind, Scheme, YearName

FIRST_YEAR, LAST_YEAR = 1970, 2100
_WEEKS_445 = (4, 4, 5) * 4


@dataclass(frozen=True)
class Layout:
    """The settings of a fiscal calendar that decide where its periods lie."""

    scheme: str = Scheme.MONTHS
    first_month: int = 1
    week_starts_on: int = 0
    year_name: str = YearName.END


@dataclass(frozen=True)
class PeriodSpec:
    """A period to be created."""

    kind: PeriodKind
    code: str
    year: int
    number: int
    starts_on: dt.date
    ends_before: dt.date
    parent_code: str


def year_start(layout: Layout, year: int) -> dt.date:
    """Return the first day of a fiscal year.

    In the 4-4-5 scheme this is the chosen weekday nearest to the first of the
    first month, so a year has 52 or 53 weeks.
    """
    begins_earlier = layout.year_name == YearName.END and layout.first_month > 1
    nominal = dt.date(year - 1 if begins_earlier else year, layout.first_month, 1)
    if layout.scheme == Scheme.MONTHS:
        return nominal
    ahead = (layout.week_starts_on - nominal.weekday()) % 7
    return nominal + dt.timedelta(days=ahead if ahead <= 3 else ahead - 7)


def month_starts(layout: Layout, year: int) -> list[dt.date]:
    """Return the thirteen edges of a fiscal year's twelve months. A 53rd week belongs to the last month."""
    first, following = year_start(layout, year), year_start(layout, year + 1)
    if layout.scheme == Scheme.MONTHS:
        return [_add_months(first, index) for index in range(12)] + [following]
    edges = [first]
    for weeks in _WEEKS_445[:-1]:
        edges.append(edges[-1] + dt.timedelta(weeks=weeks))
    return [*edges, following]


def periods_of_year(layout: Layout, year: int) -> list[PeriodSpec]:
    """Return a fiscal year with its halves, quarters and months, parents first."""
    edges = month_starts(layout, year)
    specs = [PeriodSpec(PeriodKind.YEAR, str(year), year, 1, edges[0], edges[12], "")]
    for kind, letter, months, parent in (
        (PeriodKind.HALF, "H", 6, ""),
        (PeriodKind.QUARTER, "Q", 3, "H"),
        (PeriodKind.MONTH, "M", 1, "Q"),
    ):
        for index in range(12 // months):
            at = index * months
            above = {"": f"{year}", "H": f"{year}-H{at // 6 + 1}", "Q": f"{year}-Q{at // 3 + 1}"}[parent]
            code = f"{year}-M{index + 1:02d}" if letter == "M" else f"{year}-{letter}{index + 1}"
            specs.append(PeriodSpec(kind, code, year, index + 1, edges[at], edges[at + months], above))
    return specs


def _add_months(day: dt.date, months: int) -> dt.date:
    total = day.year * 12 + day.month - 1 + months
    return dt.date(total // 12, total % 12 + 1, 1)


def weekdays_between(start: dt.date, end: dt.date, weekend: Collection[int]) -> int:
    """Count the days of ``[start, end)`` outside the weekend. A reversed range counts zero."""
    length = max(0, (end - start).days)
    weeks, rest = divmod(length, 7)
    first = start.weekday()
    tail = sum((first + offset) % 7 not in weekend for offset in range(rest))
    return weeks * (7 - len(set(weekend))) + tail


class Workdays:
    """The working days of one calendar, loaded once and then answered from memory."""

    def __init__(self, weekend: Collection[int], exceptions: Mapping[dt.date, bool]) -> None:
        self._weekend = frozenset(weekend)
        self._exceptions = dict(exceptions)
        changed = sorted(
            day for day, working in exceptions.items() if working != (day.weekday() not in self._weekend)
        )
        self._days = changed
        self._sums = [0]
        for day in changed:
            self._sums.append(self._sums[-1] + (1 if self._exceptions[day] else -1))

    def is_working(self, day: dt.date) -> bool:
        """Tell whether a day is a working day."""
        return self._exceptions.get(day, day.weekday() not in self._weekend)

    def between(self, start: dt.date, end: dt.date) -> int:
        """Count the working days of ``[start, end)``."""
        if end <= start:
            return 0
        low, high = bisect.bisect_left(self._days, start), bisect.bisect_left(self._days, end)
        return weekdays_between(start, end, self._weekend) + self._sums[high] - self._sums[low]

    def add(self, start: dt.date, count: int) -> dt.date:
        """Return the day ``count`` working days after ``start`` (before it, when negative)."""
        step = dt.timedelta(days=1 if count >= 0 else -1)
        day, left = start, abs(count)
        while left:
            day += step
            left -= self.is_working(day)
        return day

    def counts(self, spans: Iterable[tuple[dt.date, dt.date]]) -> list[int]:
        """Count the working days of many half-open spans."""
        return [self.between(start, end) for start, end in spans]
