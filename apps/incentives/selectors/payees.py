"""Who is paid by which plan in a period, and where they stand: the inputs that a run pins."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Q

from apps.calendars import selectors as calendars
from apps.calendars.models import FiscalPeriod
from apps.incentives.models import PlanAssignment, PlanVersion
from apps.incentives.rules.engine.proration import Away, Counter, Presence, Range, presence
from apps.incentives.rules.engine.shapes import Standing
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.standings import standings_asked
from apps.incentives.rules.segments import PERSON, POSITION, ROLE, Claim, Days, Segment, resolve
from apps.incentives.selectors.blends import Blend
from apps.incentives.selectors.leave import Leave, leave_on, takes_off, unpaid_between, with_leave
from apps.org import selectors as org
from apps.org.models import Assignment, Person
from apps.roles.models import PositionRole
from apps.targets import selectors as targets

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class PayeeSegment:
    """Days on which a person is paid under one assignment of one plan version."""

    person_id: int
    plan_id: int
    version_id: int
    assignment_id: int
    days: Days
    annual_salary: Decimal | None
    annual_bonus: Decimal | None
    since: dt.date
    leave: Leave = ()
    blend: Blend | None = None

    def pinned(self) -> dict[str, Any]:
        """Return the segment as a statement keeps it."""
        blend = {} if self.blend is None else {"blend": self.blend.pinned()}
        return with_leave(self._pinned() | blend, self.leave)

    def _pinned(self) -> dict[str, Any]:
        return {
            "plan": self.plan_id,
            "version": self.version_id,
            "assignment": self.assignment_id,
            "start": self.days.start.isoformat(),
            "end": self.days.end.isoformat(),
            "salary": None if self.annual_salary is None else str(self.annual_salary),
            "bonus": None if self.annual_bonus is None else str(self.annual_bonus),
            "since": self.since.isoformat(),
        }


@dataclass(frozen=True)
class Window:
    """A stretch of time that a component looks at as a whole."""

    code: str
    start: dt.date
    end: dt.date


_SPANS = {"quarter_to_date": "quarter", "half_to_date": "half", "year_to_date": "year", "year": "year"}


def window_of(period: FiscalPeriod, basis: str) -> Window:
    """Return the window of a basis that ends with a pay period."""
    if basis not in _SPANS:
        return Window(period.code, period.starts_on, period.ends_before)
    known: dict[str, Window] = vars(period).setdefault("_windows", {})  # asked for every payee of a run
    if basis not in known:
        whole = calendars.period_of(period.starts_on, _SPANS[basis])
        end = whole.ends_before if basis == "year" else period.ends_before
        known[basis] = Window(whole.code, whole.starts_on, end)
    return known[basis]


def closes(period: FiscalPeriod, basis: str) -> bool:
    """Tell whether a pay period ends the window of a basis; every period ends its own."""
    if basis not in _SPANS:
        return True
    return calendars.period_of(period.starts_on, _SPANS[basis]).ends_before <= period.ends_before


def rolled(period: FiscalPeriod, periods: int) -> Days:
    """Return the days of the periods before this one that a rolling window of so many periods covers."""
    start = period.starts_on
    for _number in range(periods - 1):
        start = calendars.period_of(start - _DAY, period.kind).starts_on
    return Days(start, period.starts_on)


def window_coded(code: str, basis: str, period: FiscalPeriod) -> Window:
    """Return a whole window to date by its code; one that ended before a pay period. Raises MissingPeriod."""
    known: dict[tuple[str, str], Window] = vars(period).setdefault("_coded", {})
    if (code, basis) not in known:
        whole = calendars.period(code, _SPANS[basis])
        known[code, basis] = Window(code, whole.starts_on, whole.ends_before)
    return known[code, basis]


def periods_in(window: Window, period: FiscalPeriod) -> int:
    """Return how many pay periods like this one a window has."""
    known: dict[Window, int] = vars(period).setdefault("_counts", {})
    if window not in known:
        known[window] = len(calendars.periods_between(window.start, window.end, period.kind))
    return known[window]


def periods_before(window: Window, period: FiscalPeriod) -> tuple[str, ...]:
    """Return the codes of the pay periods of a window before this one."""
    known: dict[Window, tuple[str, ...]] = vars(period).setdefault("_before", {})
    if window not in known:
        earlier = calendars.periods_between(window.start, period.starts_on, period.kind)
        known[window] = tuple(one.code for one in earlier)
    return known[window]


def tenure_of(since: dt.date, period: FiscalPeriod) -> int:
    """Return which pay period of the plan this is for somebody who came under it on a day; 1 is the first."""
    if since >= period.starts_on:
        return 1
    known: dict[dt.date, int] = vars(period).setdefault("_tenures", {})  # most came on the same few days
    if since not in known:
        known[since] = len(calendars.periods_between(since, period.ends_before, period.kind))
    return known[since]


def share_of(basis: str, days: Days, period: FiscalPeriod, leave: Leave = ()) -> Fraction:
    """Return which part of a period some days are, on the plan's basis, less the unpaid leave on them."""
    if leave:
        return presence_of(basis, days, period, leave).share
    if basis == "working_days":
        whole = _working_days(Days(period.starts_on, period.ends_before), period)
        return Fraction(_working_days(days, period), whole) if whole else Fraction(1)
    known: dict[tuple[str, Days], Fraction] = vars(period).setdefault("_shares", {})  # most: the whole of it
    if (basis, days) not in known:
        whole_of = Range(period.starts_on, period.ends_before)
        known[basis, days] = Counter(basis).share([Range(days.start, days.end)], whole_of)
    return known[basis, days]


def presence_of(basis: str, days: Days, period: FiscalPeriod, leave: Leave) -> Presence:
    """Return how much of a period some days are and how much of them was unpaid leave."""
    return presence_in(basis, [days], Days(period.starts_on, period.ends_before), period, leave)


def presence_in(basis: str, own: Iterable[Days], whole: Days, period: FiscalPeriod, leave: Leave) -> Presence:
    """Return how much of a window some days are, and how much of them was unpaid leave, in a run's period."""

    def length(part: Range) -> Fraction:
        if basis == "working_days":
            return Fraction(_working_days(Days(part.start, part.end), period))
        return Counter(basis).length(part)

    away = [Away(Range(one.days.start, one.days.end), Fraction(one.share)) for one in leave]
    ranges = [Range(days.start, days.end) for days in own]
    return presence(length, basis, ranges, away, Range(whole.start, whole.end))


def _working_days(days: Days, period: FiscalPeriod) -> int:
    known: dict[Days, int] = vars(period).setdefault("_working_days", {})
    if days not in known:
        known[days] = calendars.working_days(days.start, days.end)
    return known[days]


def segments_of(
    start: dt.date,
    end: dt.date,
    versions: Mapping[int, PlanVersion],
    people: Collection[int] | None = None,
) -> dict[int, list[PayeeSegment]]:
    """Return per person which plan pays them on which days of ``[start, end)``; of ``people`` or everybody.

    ``versions`` maps a plan to its version for the period; people whose plan is
    not in it are left out, but their assignment still wins over a wider one.
    """
    assignments = {row.pk: row for row in _assignments(start, end, people)}
    claims = _claims(assignments.values(), Days(start, end), people)
    found: dict[int, list[PayeeSegment]] = {}
    for payee_id, own in sorted(claims.items()):
        rows = [_segment(payee_id, segment, assignments, versions) for segment in resolve(own)]
        kept = [row for row in rows if row is not None]
        if kept:
            found[payee_id] = kept
    return with_unpaid_leave(found, versions)


def plans_held(start: dt.date, end: dt.date, people: Collection[int]) -> dict[int, dict[int, list[Days]]]:
    """Return by person and plan, whatever run pays it, the days of a range; nothing with one plan."""
    if len(set(PlanAssignment.objects.during(start, end).values_list("plan_id", flat=True))) < 2:
        return {}
    assignments = {row.pk: row for row in _assignments(start, end, people)}
    found: dict[int, dict[int, list[Days]]] = defaultdict(lambda: defaultdict(list))
    for person_id, own in _claims(assignments.values(), Days(start, end), people).items():
        for segment in resolve(own):
            found[person_id][assignments[segment.assignment_id].plan_id].append(segment.days)
    return found


def with_unpaid_leave(
    segments: dict[int, list[PayeeSegment]], versions: Mapping[int, PlanVersion]
) -> dict[int, list[PayeeSegment]]:
    """Give segments the unpaid leave on their days, where the plan takes it off. One query, or none."""
    wanted = {plan_id for plan_id, version in versions.items() if takes_off(version.plan_document)}
    people = [person_id for person_id, own in segments.items() if any(one.plan_id in wanted for one in own)]
    if not people:
        return segments
    first = min(one.days.start for person_id in people for one in segments[person_id])
    last = max(one.days.end for person_id in people for one in segments[person_id])
    away = unpaid_between(people, first, last)
    for person_id in people:
        if person_id in away:
            segments[person_id] = [
                replace(one, leave=leave_on(one.days, away[person_id])) if one.plan_id in wanted else one
                for one in segments[person_id]
            ]
    return segments


def _assignments(start: dt.date, end: dt.date, people: Collection[int] | None) -> Iterable[PlanAssignment]:
    """Return the assignments of a range that may reach some people: by name, by seat or by role."""
    found = PlanAssignment.objects.during(start, end)
    if people is None:
        return found
    seats = Assignment.objects.during(start, end).filter(person__in=list(people))
    positions = set(seats.values_list("position_id", flat=True))
    roles = PositionRole.objects.during(start, end).filter(position__in=positions).values("role_id")
    return found.filter(Q(person__in=list(people)) | Q(position__in=positions) | Q(role__in=roles))


def _claims(
    assignments: Iterable[PlanAssignment], bounds: Days, people: Collection[int] | None
) -> dict[int, list[Claim]]:
    rows = list(assignments)
    claims: dict[int, list[Claim]] = defaultdict(list)
    by_position: dict[int, list[Claim]] = defaultdict(list)
    for row in rows:
        days = bounds.within(row.valid.lower, row.valid.upper)
        if days is None:
            continue
        if row.person_id is not None:
            claims[row.person_id].append(Claim(days, PERSON, row.pk))
        elif row.position_id is not None:
            by_position[row.position_id].append(Claim(days, POSITION, row.pk))
        else:
            for position_id, part in _in_role(row.role_id, days):
                by_position[position_id].append(Claim(part, ROLE, row.pk))
    for person_id, claim in _of_holders(by_position, bounds):
        claims[person_id].append(claim)
    if people is not None:
        claims = defaultdict(list, {one: claims[one] for one in people if one in claims})
    return _while_employed(claims)


def _of_holders(by_position: Mapping[int, list[Claim]], bounds: Days) -> Iterator[tuple[int, Claim]]:
    held = Assignment.objects.during(bounds.start, bounds.end).filter(
        position__in=list(by_position), is_acting=False
    )
    for seat in held.order_by("pk"):
        for claim in by_position[seat.position_id]:
            held_for = claim.days.within(seat.valid.lower, seat.valid.upper)
            if held_for is not None:
                yield seat.person_id, Claim(held_for, claim.rank, claim.assignment_id)


def _in_role(role_id: int | None, days: Days) -> list[tuple[int, Days]]:
    rows = PositionRole.objects.during(days.start, days.end).filter(role=role_id).order_by("pk")
    return [
        (row.position_id, part)
        for row in rows
        if (part := days.within(row.valid.lower, row.valid.upper)) is not None
    ]


def _while_employed(claims: Mapping[int, list[Claim]]) -> dict[int, list[Claim]]:
    people = Person.objects.filter(pk__in=list(claims)).values_list("pk", "hired_on", "left_on")
    kept: dict[int, list[Claim]] = {}
    for person_id, hired_on, left_on in people:
        own = [
            Claim(days, claim.rank, claim.assignment_id)
            for claim in claims[person_id]
            if (days := claim.days.within(hired_on, left_on)) is not None
        ]
        if own:
            kept[person_id] = own
    return kept


def _segment(
    person_id: int,
    segment: Segment,
    assignments: Mapping[int, PlanAssignment],
    versions: Mapping[int, PlanVersion],
) -> PayeeSegment | None:
    row = assignments[segment.assignment_id]
    version = versions.get(row.plan_id)
    if version is None:
        return None
    return PayeeSegment(
        person_id=person_id,
        plan_id=row.plan_id,
        version_id=version.pk,
        assignment_id=row.pk,
        days=segment.days,
        annual_salary=row.annual_salary,
        annual_bonus=row.annual_bonus,
        since=row.valid.lower,
    )


def versions_in_force(plan_ids: Collection[int], period: FiscalPeriod) -> dict[int, PlanVersion]:
    """Return the approved version of each plan on the last day of a period."""
    last = period.ends_before - _DAY
    rows = PlanVersion.objects.approved().on(last).filter(plan__in=list(plan_ids)).select_related("plan")
    return {row.plan_id: row for row in rows}


Standings = dict[str, dict[str, Standing]]


def standings_of(
    people: Mapping[int, Collection[PlanDocument]], period: FiscalPeriod
) -> dict[int, Standings]:
    """Return person → span → measure → standing for everything their plans ask for.

    Somebody who leads the unit they sit in on the last day is held against the
    unit's target, everybody else against their own.
    """
    wanted: dict[tuple[str, str], set[int]] = defaultdict(set)
    documents = {id(document): document for own in people.values() for document in own}
    asked = {key: standings_asked(document) for key, document in documents.items()}
    for person_id, own in people.items():
        for document in own:
            for measure, span in asked[id(document)]:
                wanted[span, measure].add(person_id)
    led = led_units(set(people), period.ends_before - _DAY)
    found: dict[int, Standings] = defaultdict(lambda: defaultdict(dict))
    for (span, measure), ids in sorted(wanted.items()):
        window = window_of(period, span)
        answer = targets.standings(
            measure=measure,
            start=window.start,
            end=window.end,
            on=period.ends_before - _DAY,
            unit_ids=sorted({led[i] for i in ids if i in led}),
            person_ids=sorted(i for i in ids if i not in led),
        )
        for person_id in ids:
            unit_id = led.get(person_id)
            reached = answer.actual_and_quota(unit_id=unit_id, person_id=person_id)
            found[person_id][span][measure] = Standing(*reached)
    return found


def led_units(people: set[int], on: dt.date) -> dict[int, int]:
    """Return which of the people lead the unit they sit in, with that unit."""
    leads = org.leads_on(on)
    seats = org.seats_of(people, on)
    return {
        person_id: seat.unit_id for person_id, seat in seats.items() if leads.get(seat.unit_id) == person_id
    }
