"""The overview: where a unit or person stands, its pace, and the same for everything directly below."""

import datetime as dt
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import Scope, person_id_of, scope_of
from apps.calendars import selectors as calendars
from apps.calendars.models import FiscalPeriod
from apps.core.money import round_units
from apps.measures import registry
from apps.measures import selectors as figures
from apps.measures.links import why_url
from apps.measures.registry import Measure
from apps.org import selectors as org
from apps.org.models import OrgUnit, Person
from apps.targets.links import pace_url
from apps.targets.models import Target, TargetPlan
from apps.targets.rules.pacing import Attainment, Crowd
from apps.targets.selectors.carried import carried, seats_in
from apps.targets.selectors.standing import Standings, adds_up, standings
from apps.targets.selectors.tiers import TierLine, tier_lines

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Subject:
    """The unit or person a page is about; a seat nobody holds is neither."""

    name: str
    unit_id: int | None = None
    person_id: int | None = None
    is_led_by: str = ""


@dataclass(frozen=True)
class Line:
    """One row of the tree: somebody or a unit with their standing."""

    subject: Subject
    standing: Attainment
    target_id: int | None
    why: str
    pace_url: str = ""
    is_vacant: bool = False
    tiers: list[TierLine] = field(default_factory=list)

    @property
    def share_expected(self) -> Fraction | None:
        """Where attainment should be today."""
        return self.standing.elapsed


@dataclass
class Overview:
    """Everything the overview shows."""

    measure: Measure
    period: FiscalPeriod
    on: dt.date
    subject: Subject
    own: Line
    crowd: Crowd
    lines: list[Line] = field(default_factory=list)
    path: list[Subject] = field(default_factory=list)
    months: list["MonthPoint"] = field(default_factory=list)
    plan: TargetPlan | None = None
    currency: str = ""
    tiers: list[TierLine] = field(default_factory=list)
    planned: Decimal | None = None


@dataclass(frozen=True)
class MonthPart:
    """One month of the quota: its working days so far, and how much of it is expected by now."""

    label: dt.date
    quota: Fraction
    working_days: int
    elapsed_days: int
    expected: Fraction


@dataclass(frozen=True)
class Working:
    """How expected, pace and projection of a subject come about, month by month."""

    measure: Measure
    period: FiscalPeriod
    on: dt.date
    subject: Subject
    line: Line
    parts: list[MonthPart]
    currency: str = ""

    @property
    def is_additive(self) -> bool:
        """Tell whether the quota is spread over months at all."""
        return bool(self.parts)


@dataclass(frozen=True)
class MonthPoint:
    """The cumulated quota and actual at the end of a month; the actual is None in the future."""

    label: dt.date
    quota: Decimal
    actual: Decimal | None


def measures_in_force(period: FiscalPeriod) -> list[Measure]:
    """Return the measures with a target in force in a period's year."""
    codes = TargetPlan.objects.in_force().filter(
        period__starts_on__lte=period.starts_on, period__ends_before__gte=period.ends_before
    )
    known = dict.fromkeys(codes.order_by("pk").values_list("measure", flat=True))
    return [registry.measures.get(code) for code in known if code in registry.measures]


def home_subject(user: User, on: dt.date) -> Subject | None:
    """Return what is the user's own: the unit they lead, their seat, or the widest unit in reach."""
    person_id = person_id_of(user)
    scope = scope_of(user, Permission.TARGET_VIEW, on)
    if person_id is not None:
        led = {unit for unit, lead in org.leads_on(on).items() if lead == person_id}
        planned = Target.objects.in_force().filter(unit__in=led).order_by("depth", "pk")
        own = planned.values_list("unit", flat=True).first()
        if own is not None or (led and not scope.everything):
            return _unit_subject(own or min(led))
    if scope.everything and (root := org.root_known_to(user, on)) is not None:
        return _unit_subject(root)
    if person_id is not None and org.seat_of(person_id, on) is not None:
        return Subject(Person.objects.get(pk=person_id).name, person_id=person_id)
    tops = [node.unit_id for top in org.tree(on) for node in top.walk() if scope.covers_unit(node.unit_id)]
    return _unit_subject(tops[0]) if tops else None


def subject_for(user: User, on: dt.date, *, unit_id: int | None, person_id: int | None) -> Subject | None:
    """Return the unit or person asked for when the user may see its targets, else None."""
    scope = scope_of(user, Permission.TARGET_VIEW, on)
    if unit_id is not None and (scope.covers_unit(unit_id) or _leads(user, unit_id, on)):
        found = OrgUnit.objects.filter(pk=unit_id).first()
        return Subject(found.name, unit_id=found.pk) if found else None
    if person_id is not None and scope.covers_person(person_id):
        person = Person.objects.filter(pk=person_id).first()
        return Subject(person.name, person_id=person.pk) if person else None
    return None


def _leads(user: User, unit_id: int, on: dt.date) -> bool:
    person_id = person_id_of(user)
    return person_id is not None and org.lead_of(unit_id, on) == person_id


def _unit_subject(unit_id: int) -> Subject:
    return Subject(OrgUnit.objects.get(pk=unit_id).name, unit_id=unit_id)


def overview(
    user: User, *, subject: Subject, measure: Measure, period: FiscalPeriod, today: dt.date
) -> Overview:
    """Return the standing of a subject in a period, its pace by month, and everything directly below."""
    on = min(max(today, period.starts_on), period.ends_before - _DAY)
    scope = scope_of(user, Permission.TARGET_VIEW, today)
    children = _children(subject, on)
    people = _people_below(subject, on)
    found = standings(
        measure=measure.code,
        start=period.starts_on,
        end=period.ends_before,
        unit_ids=[one for one in [subject.unit_id, *children.units] if one is not None],
        person_ids={one for one in [subject.person_id, *children.people, *people] if one is not None},
        on=on,
    )
    plan = _plan(measure, period)
    targets = _target_ids(plan)
    own = _line(subject, found, period, measure, targets, on)
    return Overview(
        measure=measure,
        period=period,
        on=on,
        subject=subject,
        own=own,
        crowd=found.crowd(people),
        lines=[
            replace(line, tiers=tier_lines(plan, line.standing))
            for line in (
                _line(child, found, period, measure, targets, on)
                for child in children.subjects
                if _in_reach(child, scope)
            )
            if line.standing.quota is not None or line.standing.actual
        ]
        + _vacant_lines(subject, measure, period, targets),
        path=_path(subject, scope, on),
        months=_months(subject, found, period, measure, on),
        plan=plan,
        currency=plan.currency if plan else "",
        tiers=tier_lines(plan, own.standing),
        planned=_planned(subject, found, own),
    )


def working(subject: Subject, *, measure: Measure, period: FiscalPeriod, today: dt.date) -> Working:
    """Return the months behind what is expected of a subject by now, and what follows from them."""
    on = min(max(today, period.starts_on), period.ends_before - _DAY)
    units = [] if subject.unit_id is None else [subject.unit_id]
    people = [] if subject.person_id is None else [subject.person_id]
    found = standings(
        measure=measure.code,
        start=period.starts_on,
        end=period.ends_before,
        unit_ids=units,
        person_ids=people,
        on=on,
    )
    plan = _plan(measure, period)
    pieces = found.quotas.pieces(unit_id=subject.unit_id, person_id=subject.person_id)
    months = found.quotas.month_plans(on, unit_id=subject.unit_id, person_id=subject.person_id)
    is_spread = bool(pieces) and pieces[0].is_additive and measure.direction != "down"
    return Working(
        measure=measure,
        period=period,
        on=on,
        subject=subject,
        line=_line(subject, found, period, measure, _target_ids(plan), on),
        parts=[
            MonthPart(
                label=piece.start,
                quota=piece.amount,
                working_days=month.working_days,
                elapsed_days=min(month.elapsed_days, month.working_days),
                expected=piece.amount * month.elapsed,
            )
            for piece, month in zip(pieces, months, strict=True)
        ]
        if is_spread
        else [],
        currency=plan.currency if plan else "",
    )


@dataclass(frozen=True)
class _Children:
    subjects: list[Subject]

    @property
    def units(self) -> list[int]:
        return [one.unit_id for one in self.subjects if one.unit_id is not None]

    @property
    def people(self) -> list[int]:
        return [one.person_id for one in self.subjects if one.person_id is not None]


def _children(subject: Subject, on: dt.date) -> _Children:
    if subject.unit_id is None:
        return _Children([])
    units = [Subject(unit.name, unit_id=unit.pk) for unit in org.children_of(subject.unit_id, on)]
    lead = org.lead_of(subject.unit_id, on)
    ids = org.people_in([subject.unit_id], on) - {lead}
    people = Person.objects.filter(pk__in=ids).order_by("name", "pk")
    return _Children(units + [Subject(person.name, person_id=person.pk) for person in people])


def _people_below(subject: Subject, on: dt.date) -> set[int]:
    if subject.unit_id is None:
        return set()
    units = org.subtree(subject.unit_id, on)
    return org.people_in(units, on)


def _in_reach(child: Subject, scope: Scope) -> bool:
    if scope.everything:
        return True
    return scope.covers_unit(child.unit_id) if child.unit_id else scope.covers_person(child.person_id)


def _plan(measure: Measure, period: FiscalPeriod) -> TargetPlan | None:
    return (
        TargetPlan.objects.in_force()
        .filter(
            measure=measure.code,
            period__starts_on__lte=period.starts_on,
            period__ends_before__gte=period.ends_before,
        )
        .first()
    )


def _target_ids(plan: TargetPlan | None) -> dict[tuple[str, int], int]:
    """Map ("unit", id) and ("position", id) to the target of a plan."""
    if plan is None:
        return {}
    rows = Target.objects.filter(plan=plan).values_list("pk", "unit_id", "position_id")
    return {
        ("unit", unit) if unit else ("position", position): pk for pk, unit, position in rows.order_by("pk")
    }


def _line(
    subject: Subject,
    found: Standings,
    period: FiscalPeriod,
    measure: Measure,
    targets: dict[tuple[str, int], int],
    on: dt.date,
) -> Line:
    end = min(period.ends_before, on + _DAY)
    if subject.unit_id is not None:
        standing = found.of_unit(subject.unit_id)
        target_id = targets.get(("unit", subject.unit_id))
    else:
        standing = found.of_person(subject.person_id or 0)
        target_id = None
    why = why_url(
        measure=measure.code, start=period.starts_on, end=end, unit=subject.unit_id, person=subject.person_id
    )
    pace = pace_url(measure=measure.code, period=period.code, unit=subject.unit_id, person=subject.person_id)
    return Line(subject, standing, target_id, why, pace)


def _vacant_lines(
    subject: Subject, measure: Measure, period: FiscalPeriod, targets: dict[tuple[str, int], int]
) -> list[Line]:
    """Return the seats of a unit that were or are vacant, with the part of the quota the vacancy carries."""
    if subject.unit_id is None or not adds_up(measure):
        return []
    start, end = period.starts_on, period.ends_before
    seats = carried(measure.code, start, end, seats_in([subject.unit_id], start, end))
    return [
        Line(
            Subject(seat.title, is_led_by=""),
            Attainment(actual=None, quota=seat.vacant),
            targets.get(("position", seat.position_id)),
            why="",
            is_vacant=True,
        )
        for seat in seats
        if seat.vacant
    ]


def _planned(subject: Subject, found: Standings, own: Line) -> Decimal | None:
    """Return what was planned for a person when less counts, after ramp and relief."""
    if subject.person_id is None or subject.unit_id is not None:
        return None
    planned = found.quotas.planned(person_id=subject.person_id)
    return planned if planned != own.standing.quota else None


def _path(subject: Subject, scope: Scope, on: dt.date) -> list[Subject]:
    unit_id = subject.unit_id
    if unit_id is None and subject.person_id is not None:
        seat = org.seat_of(subject.person_id, on)
        unit_id = seat.unit_id if seat else None
    if unit_id is None:
        return []
    units = org.unit_path(unit_id, on)
    return [
        Subject(unit.name, unit_id=unit.pk)
        for unit in units
        if unit.pk != subject.unit_id and scope.covers_unit(unit.pk)
    ]


def _months(
    subject: Subject, found: Standings, period: FiscalPeriod, measure: Measure, on: dt.date
) -> list[MonthPoint]:
    """Return the pace curve: cumulated quota and actual by month."""
    pieces = found.quotas.pieces(unit_id=subject.unit_id, person_id=subject.person_id)
    if not pieces or not pieces[0].is_additive:
        return []
    rows = figures.query(
        measure.code,
        period.starts_on,
        period.ends_before,
        by=["month"],
        unit_id=subject.unit_id,
        person_id=subject.person_id,
    )
    actuals = {row.keys["month"]: row.numerator for row in rows}
    quota, actual, points = Decimal(0), Decimal(0), []
    for month in calendars.months_of(period):
        quota += sum((_decimal(piece.amount) for piece in pieces if piece.month_id == month.pk), Decimal(0))
        actual += actuals.get(month.code, Decimal(0))
        points.append(MonthPoint(month.starts_on, quota, actual if month.starts_on <= on else None))
    return points


def _decimal(value: Fraction) -> Decimal:
    return round_units(value, 2)
