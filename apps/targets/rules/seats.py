"""Who carries a seat's target over a range: its holders in turn, and the vacancy in between."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Stretch:
    """Days ``[start, end)`` on which one person holds a seat; None is the vacancy."""

    start: dt.date
    end: dt.date
    person_id: int | None


def stretches(
    held: Iterable[tuple[int, dt.date | None, dt.date | None]], start: dt.date, end: dt.date
) -> list[Stretch]:
    """Return the days of a range by holder, oldest first, without gaps: what nobody holds is vacant.

    ``held`` are (person, from, until) of holders that do not overlap.
    """
    found: list[Stretch] = []
    day = start
    known = sorted(
        (max(since or start, start), min(until or end, end), person) for person, since, until in held
    )
    for since, until, person in known:
        if until <= since:
            continue
        if since > day:
            found.append(Stretch(day, since, None))
        found.append(Stretch(since, until, person))
        day = until
    if day < end:
        found.append(Stretch(day, end, None))
    return found
