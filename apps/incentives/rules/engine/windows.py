"""Which days a component looks at as a whole, and which span a measure is summed over."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from apps.incentives.rules.engine.proration import Range, add_months

MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}


@dataclass(frozen=True)
class Window:
    """Days that are looked at as a whole, with the code lines carry."""

    code: str
    days: Range


@dataclass(frozen=True)
class PeriodFacts:
    """A pay period inside its fiscal year."""

    code: str
    days: Range
    year: Range
    quarter_start: dt.date
    half_start: dt.date

    def span(self, name: str) -> Range:
        """Return the days of a span: the period, the fiscal year, or one of them up to the period's end."""
        starts = {
            "period": self.days.start,
            "quarter_to_date": self.quarter_start,
            "half_to_date": self.half_start,
            "year_to_date": self.year.start,
        }
        return self.year if name == "year" else Range(starts[name], self.days.end)

    def spans(self) -> Iterator[tuple[str, Range]]:
        """Yield every span by name."""
        for name in ("period", "quarter_to_date", "half_to_date", "year_to_date", "year"):
            yield name, self.span(name)

    def window(self, basis: str) -> Window:
        """Return the window of a basis that ends with this period."""
        if basis in {"transaction", "period", "rolling"}:
            return Window(self.code, self.days)
        days = self.span(basis)
        return Window(f"{basis}:{days.start.isoformat()}", days)

    def closes(self, basis: str) -> bool:
        """Tell whether the period ends the window of a basis; every period ends its own."""
        months = {"quarter_to_date": 3, "half_to_date": 6, "year_to_date": 12}.get(basis)
        return months is None or add_months(self.span(basis).start, months) <= self.days.end

    def count(self, days: Range, months: int) -> int:
        """Return how many pay periods of so many months some days are; periods may be made of weeks."""
        return max(1, round(Fraction((days.end - days.start).days * 48, 1461 * months)))

    def earlier(self, code: str, before: dt.date, months: int) -> "PeriodFacts":
        """Return an earlier pay period of so many months, by its end, in the fiscal year it lies in."""
        days = Range(add_months(before, -months), before)
        year = self.year.start
        while year > days.start:
            year = add_months(year, -12)
        return within_year(code, days, year)


def within_year(code: str, days: Range, year_start: dt.date) -> PeriodFacts:
    """Return a period's place in a fiscal year of twelve months."""
    year = Range(year_start, add_months(year_start, 12))
    passed = next((m for m in range(11, -1, -1) if add_months(year_start, m) <= days.start), 0)
    return PeriodFacts(
        code,
        days,
        year,
        quarter_start=add_months(year_start, passed // 3 * 3),
        half_start=add_months(year_start, passed // 6 * 6),
    )
