"""Who is under which plan on which days. Pure interval algebra over dated rows."""

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Days:
    """A half-open run of days ``[start, end)``."""

    start: dt.date
    end: dt.date

    @property
    def length(self) -> int:
        """The number of days."""
        return (self.end - self.start).days

    def within(self, start: dt.date | None, end: dt.date | None) -> "Days | None":
        """Return the part inside other bounds, or None."""
        low = self.start if start is None else max(self.start, start)
        high = self.end if end is None else min(self.end, end)
        return Days(low, high) if low < high else None


@dataclass(frozen=True)
class Claim:
    """A dated assignment of a plan that reaches a person; the narrower one has the lower rank."""

    days: Days
    rank: int
    assignment_id: int


@dataclass(frozen=True)
class Segment:
    """Days on which one assignment holds for one person."""

    days: Days
    assignment_id: int


PERSON, POSITION, ROLE = 0, 1, 2


def resolve(claims: Iterable[Claim]) -> list[Segment]:
    """Return which assignment holds when: on each day the narrowest claim, the newest one among equals."""
    pool = sorted(claims, key=lambda claim: (claim.rank, -claim.assignment_id))
    edges = sorted({edge for claim in pool for edge in (claim.days.start, claim.days.end)})
    segments: list[Segment] = []
    for start, end in itertools.pairwise(edges):
        winner = next((c for c in pool if c.days.start <= start and end <= c.days.end), None)
        if winner is None:
            continue
        last = segments[-1] if segments else None
        if last and last.days.end == start and last.assignment_id == winner.assignment_id:
            segments[-1] = Segment(Days(last.days.start, end), winner.assignment_id)
        else:
            segments.append(Segment(Days(start, end), winner.assignment_id))
    return segments


@dataclass(frozen=True)
class Lead:
    """Somebody leads a unit, ``depth`` levels above another, on some days."""

    unit_id: int
    person_id: int
    depth: int
    days: Days


@dataclass(frozen=True)
class Led:
    """On these days credits of the unit reach the person; ``nearer`` are the leads between."""

    person_id: int
    unit_id: int
    days: Days
    nearer: tuple[int, ...]


def led_spans(leads: Sequence[Lead]) -> list[Led]:
    """Return for each lead the units and days that reach them, each person once for all hats they wear."""
    by_unit: dict[int, list[Lead]] = {}
    for lead in leads:
        by_unit.setdefault(lead.unit_id, []).append(lead)
    spans: list[Led] = []
    for unit_id in sorted(by_unit):
        spans += _unit_spans(unit_id, by_unit[unit_id])
    return spans


def _unit_spans(unit_id: int, leads: Sequence[Lead]) -> list[Led]:
    edges = sorted({edge for lead in leads for edge in (lead.days.start, lead.days.end)})
    found: dict[int, list[Led]] = {}
    for start, end in itertools.pairwise(edges):
        chain: dict[int, int] = {}
        for lead in sorted(leads, key=lambda lead: (lead.depth, lead.person_id)):
            if lead.days.start <= start and end <= lead.days.end:
                chain.setdefault(lead.person_id, lead.depth)
        people = list(chain)
        for index, person_id in enumerate(people):
            nearer = tuple(people[:index])
            runs = found.setdefault(person_id, [])
            if runs and runs[-1].days.end == start and runs[-1].nearer == nearer:
                runs[-1] = Led(person_id, unit_id, Days(runs[-1].days.start, end), nearer)
            else:
                runs.append(Led(person_id, unit_id, Days(start, end), nearer))
    return [span for runs in found.values() for span in runs]


def active_days(segments: Mapping[int, Sequence[Segment]], person_id: int) -> int:
    """Return on how many days a person is under a plan."""
    return sum(segment.days.length for segment in segments.get(person_id, ()))
