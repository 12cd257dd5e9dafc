"""Which part of a period counts: days, working days, months, 30/360. Ranges are half-open; parts add up."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

_DAY = dt.timedelta(days=1)
_FRIDAY = 4


@dataclass(frozen=True)
class WorkDays:
    """Monday to Friday, with days off and make-up days."""

    off: frozenset[dt.date] = frozenset()
    made_up: frozenset[dt.date] = frozenset()

    def has(self, day: dt.date) -> bool:
        """Tell whether a day is worked."""
        return day in self.made_up or (day.weekday() <= _FRIDAY and day not in self.off)


@dataclass(frozen=True, order=True)
class Range:
    """Days from a first one until before a last one."""

    start: dt.date
    end: dt.date

    def within(self, start: dt.date, end: dt.date) -> "Range | None":
        """Return the part inside other bounds, or None."""
        low, high = max(self.start, start), min(self.end, end)
        return Range(low, high) if low < high else None


@dataclass(frozen=True)
class Away:
    """Days on which somebody misses a share of their working time."""

    days: Range
    share: Fraction = Fraction(1)


@dataclass(frozen=True)
class Presence:
    """How long somebody was there, of how long a period is, and how long they were away; all on one basis."""

    there: Fraction
    of: Fraction
    away: Fraction
    basis: str

    @property
    def share(self) -> Fraction:
        """The active share; a period without length counts in full."""
        return self.there / self.of if self.of else Fraction(1)


def presence(
    length: Callable[[Range], Fraction],
    basis: str,
    own: Iterable[Range],
    away: Sequence[Away],
    whole: Range,
) -> Presence:
    """Measure days under a plan inside a period, less what is missed on them. Parts of days add up."""
    stayed = missed = Fraction(0)
    for one in own:
        inside = one.within(whole.start, whole.end)
        if inside is None:
            continue
        stayed += length(inside)
        for gap in away:
            part = gap.days.within(inside.start, inside.end)
            if part is not None:
                missed += gap.share * length(part)
    return Presence(stayed - missed, length(whole), missed, basis)


@dataclass(frozen=True)
class Bucket:
    """A quota for some days: a month, a quarter or a year. A season is a row of months."""

    days: Range
    amount: Fraction


@dataclass(frozen=True)
class Counter:
    """Measures stretches of time on one basis."""

    basis: str = "days"
    work: WorkDays = field(default_factory=WorkDays)

    def length(self, days: Range) -> Fraction:
        """Return how long a range is. Ranges that meet add up to their union, whatever the basis."""
        if self.basis == "days":
            return Fraction((days.end - days.start).days)
        if self.basis == "working_days":
            count = (days.end - days.start).days
            return Fraction(sum(self.work.has(days.start + _DAY * i) for i in range(count)))
        if self.basis == "30/360":
            return Fraction(_position_360(days.end) - _position_360(days.start))
        return _in_months(days)

    def share(self, active: Iterable[Range], whole: Range) -> Fraction:
        """Return which part of a whole the active ranges are; a whole without length counts in full."""
        total = self.length(whole)
        if not total:
            return Fraction(1)
        parts = (part.within(whole.start, whole.end) for part in active)
        return sum((self.length(part) for part in parts if part is not None), Fraction(0)) / total

    def presence(self, own: Iterable[Range], away: Sequence[Away], whole: Range) -> Presence:
        """Return how long somebody was there inside a whole, less what they missed."""
        return presence(self.length, self.basis, own, away, whole)

    def quota(
        self, buckets: Iterable[Bucket], active: Sequence[Range], span: Range, away: Sequence[Away] = ()
    ) -> Fraction | None:
        """Return Σ bucket × its active share, over the buckets that reach into a span; None without any."""
        total, found = Fraction(0), False
        for bucket in buckets:
            inside = bucket.days.within(span.start, span.end)
            if inside is None:
                continue
            found = True
            parts = [part for one in active if (part := one.within(inside.start, inside.end)) is not None]
            total += bucket.amount * self.presence(parts, away, bucket.days).share
        return total if found else None


def _position_360(day: dt.date) -> int:
    return 360 * day.year + 30 * (day.month - 1) + min(day.day, 30) - 1


def _in_months(days: Range) -> Fraction:
    """Each calendar month counts one, a part of it by its days."""
    total, start = Fraction(0), days.start
    while start < days.end:
        first = start.replace(day=1)
        following = (first + dt.timedelta(days=32)).replace(day=1)
        end = min(days.end, following)
        total += Fraction((end - start).days, (following - first).days)
        start = end
    return total


def without(days: Sequence[Range], gaps: Collection[Range]) -> list[Range]:
    """Return ranges with the days of others (leave) taken out."""
    kept = list(days)
    for gap in sorted(gaps):
        left = []
        for one in kept:
            if one.end <= gap.start or gap.end <= one.start:
                left.append(one)
                continue
            if one.start < gap.start:
                left.append(Range(one.start, gap.start))
            if gap.end < one.end:
                left.append(Range(gap.end, one.end))
        kept = left
    return kept


def months_between(start: dt.date, end: dt.date) -> int:
    """Return how many whole months have passed: 0 until the same day of the next month."""
    months = (end.year - start.year) * 12 + end.month - start.month
    is_last = (end + _DAY).month != end.month
    return months - 1 if end.day < start.day and not is_last else months


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the same day some months later, the last one of a shorter month."""
    index = day.year * 12 + day.month - 1 + months
    first = dt.date(index // 12, index % 12 + 1, 1)
    last = (first + dt.timedelta(days=32)).replace(day=1) - _DAY
    return first.replace(day=min(day.day, last.day))
