"""Arithmetic of figures and the cutting of time into cells. Pure."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

_Z = Decimal("1.959963984540054")


def divide(numerator: Decimal, denominator: Decimal) -> Decimal | None:
    """Return the quotient with 28 digits, or None when there is nothing to divide by."""
    if denominator == 0:
        return None
    with localcontext(prec=28):
        return numerator / denominator


def wilson(successes: Decimal, trials: Decimal) -> tuple[Decimal, Decimal] | None:
    """Return the Wilson 95 % interval of a proportion, or None without trials.

    Source: Wilson (1927), the score interval without continuity correction.
    """
    if trials <= 0:
        return None
    with localcontext(prec=28):
        share = successes / trials
        z2 = _Z * _Z
        centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
        inner = share * (1 - share) / trials + z2 / (4 * trials * trials)
        half = _Z * max(inner, Decimal(0)).sqrt() / (1 + z2 / trials)
        return max(Decimal(0), centre - half), min(Decimal(1), centre + half)


@dataclass(frozen=True)
class Span:
    """A half-open run of days ``[start, end)``."""

    start: dt.date
    end: dt.date


def cuts_of(month: Span, structure_dates: Iterable[dt.date]) -> tuple[dt.date, ...]:
    """Return the first days of the cells of a month: its start and every change of structure inside it."""
    inside = {day for day in structure_dates if month.start < day < month.end}
    return (month.start, *sorted(inside))


def bucket_of(day: dt.date, cuts: Sequence[dt.date]) -> dt.date:
    """Return the cut a day belongs to: the last one not after it. Raises ValueError before the first."""
    index = bisect_right(cuts, day)
    if index == 0:
        raise ValueError(f"{day} lies before the first cell {cuts[0] if cuts else '(none)'}.")
    return cuts[index - 1]


@dataclass(frozen=True)
class ReadPlan:
    """Which days are read from cells and which straight from the ledger."""

    cells: tuple[Span, ...]
    ledger: tuple[Span, ...]


def plan_read(
    start: dt.date, end: dt.date, months: Sequence[Span], usable: Sequence[bool], *, cells_fit: bool
) -> ReadPlan:
    """Decide for ``[start, end)`` what cells can answer.

    Cells answer whole months whose cuts are up to date (``usable``); the
    ledger answers the rest: part months, months without calendar rows, stale
    months, and everything when the question has a dimension that cells do not
    keep (``cells_fit`` false).
    """
    if not cells_fit:
        return ReadPlan((), (Span(start, end),) if start < end else ())
    whole = [
        month
        for month, good in zip(months, usable, strict=True)
        if good and start <= month.start and month.end <= end
    ]
    whole.sort(key=lambda month: month.start)
    ledger: list[Span] = []
    cursor = start
    for month in whole:
        if cursor < month.start:
            ledger.append(Span(cursor, month.start))
        cursor = month.end
    if cursor < end:
        ledger.append(Span(cursor, end))
    return ReadPlan(tuple(_joined(whole)), tuple(ledger))


def _joined(spans: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in spans:
        if joined and joined[-1].end == span.start:
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return joined
