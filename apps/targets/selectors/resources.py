"""Target, capacity and pipeline of a unit and everything directly below it, side by side."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from urllib.parse import urlencode

from django.db.models import Sum
from django.urls import reverse

from apps.access.models import User
from apps.calendars.rules import Workdays
from apps.measures import selectors as figures
from apps.measures.links import why_url
from apps.org import selectors as org
from apps.org.models import Assignment, UnitClosure
from apps.pipeline.enums import DealState
from apps.pipeline.models import Opportunity
from apps.targets.models import PlanMonth, Target, TargetPlan
from apps.targets.rules.pacing import Attainment
from apps.targets.rules.resources import (
    Coverage,
    Funnel,
    Heads,
    Meetings,
    Month,
    Seat,
    capacity,
    cover,
    heads,
    meetings,
)
from apps.targets.selectors.deviations import Watched, watched
from apps.targets.selectors.grid import names_of

_DAY = dt.timedelta(days=1)
_YEAR = dt.timedelta(days=365)
_RATE_DAYS = 60
_STRONG = Fraction(3, 4)


@dataclass(frozen=True)
class ResourceRow:
    """One node: what remains, and what is missing in heads, meetings and money, with the ways to the rows."""

    target: Target
    name: str
    is_top: bool
    is_vacant: bool
    standing: Attainment | None
    remaining: Fraction
    seats: int
    vacant: int
    fte: Decimal
    heads: Heads | None
    meetings: Meetings | None
    coverage: Coverage | None
    links: dict[str, str]


@dataclass(frozen=True)
class Resources:
    """The page: one unit with everything directly below."""

    plan: TargetPlan
    on: dt.date
    top: ResourceRow
    rows: list[ResourceRow]
    standard: Fraction | None
    is_given: bool
    days_ahead: int
    ramp: list[Decimal]

    @property
    def shown(self) -> list[ResourceRow]:
        """The unit itself, then what is below it."""
        return [self.top, *self.rows]


def _is_about(seen: Watched, target: Target, unit_id: int | None, person_id: int | None) -> bool:
    if unit_id is not None:
        return target.unit_id == unit_id
    return person_id is not None and seen.holders.get(target.position_id or 0) == person_id


@dataclass
class _Sold:
    """Sums by unit and by person."""

    units: dict[int, dict[str, Decimal]]
    people: dict[int, dict[str, Decimal]]

    def of(self, subject: Mapping[str, int | None]) -> dict[str, Decimal]:
        if subject.get("unit_id") is not None:
            return self.units.get(subject["unit_id"] or 0, {})
        return self.people.get(subject.get("person_id") or 0, {})


def standard_quota(targets: Collection[Target]) -> Fraction | None:
    """Return what a full-time seat of the stronger quarter brought in the base year; else the mean target."""
    rates = sorted(
        Fraction(target.history) / Fraction(target.fte)
        for target in targets
        if target.position_id and target.history > 0 and target.fte > 0
    )
    if len(rates) >= 4:
        return rates[int(_STRONG * (len(rates) - 1))]
    seats = [target for target in targets if target.position_id and target.fte > 0]
    fte = sum((Fraction(target.fte) for target in seats), Fraction(0))
    return sum((Fraction(target.amount) for target in seats), Fraction(0)) / fte if fte else None


def resources(
    user: User,
    plan: TargetPlan,
    today: dt.date,
    *,
    unit_id: int | None = None,
    person_id: int | None = None,
    standard: Decimal | None = None,
) -> Resources | None:
    """Return target, capacity, funnel and pipeline of a unit with what is directly below it, or of a person.

    ``standard`` replaces the learned standard quota, to try another. None when the
    unit or person takes no part in the plan or is out of reach. The number of queries does
    not depend on the number of nodes.
    """
    on = min(max(today, plan.period.starts_on - _DAY), plan.period.ends_before - _DAY)
    seen = watched(plan, on)
    top = next((one for one in seen.targets if _is_about(seen, one, unit_id, person_id)), None)
    if top is None:
        return None
    visible = set(Target.objects.filter(plan=plan).visible_to(user, today).values_list("pk", flat=True))
    if top.pk not in visible:
        return None
    below = [one for one in seen.targets if one.parent_id == top.pk and one.pk in visible]
    board = _Board(plan, seen, today, on, standard)
    names = names_of(plan, [top, *below])
    return Resources(
        plan=plan,
        on=on,
        top=board.row(top, names[top.pk], is_top=True),
        rows=[board.row(one, names[one.pk], is_top=False) for one in below],
        standard=board.standard,
        is_given=standard is not None,
        days_ahead=board.days_ahead,
        ramp=board.ramp,
    )


class _Board:
    """Everything the rows of a page share, read once."""

    def __init__(
        self, plan: TargetPlan, seen: Watched, today: dt.date, on: dt.date, standard: Decimal | None
    ) -> None:
        self.plan, self.seen, self.today, self.on = plan, seen, today, on
        self.ramp = [Decimal(step) for step in plan.ramp]
        self.standard = standard_quota(seen.targets) if standard is None else Fraction(standard)
        workdays = seen.found.quotas.workdays
        self.start = max(today, plan.period.starts_on)
        self.days_ahead = workdays.between(self.start, plan.period.ends_before)
        self.months = _months(plan, self.start, workdays)
        self.hired = _hired(on)
        self.year = _sums(["revenue", "deals_won", "deals_decided", "activities"], today - _YEAR, today)
        since = workdays.add(today, -_RATE_DAYS)
        self.lately = _sums(["activities"], since, today)
        self.open_now, self.decided = _pipeline(plan, today)
        self.members = _members(today, plan.root_unit_id)
        self.children: dict[int, list[Target]] = defaultdict(list)
        for target in seen.targets:
            self.children[target.parent_id or 0].append(target)

    def row(self, target: Target, name: tuple[str, str, bool], *, is_top: bool) -> ResourceRow:
        """Return one node's row."""
        standing = self.seen.standing(target)
        actual = standing.actual if standing is not None and standing.actual is not None else Decimal(0)
        quota = standing.quota if standing is not None and standing.quota is not None else target.amount
        remaining = Fraction(quota) - Fraction(actual)
        subject = self.seen.subject(target)
        seats = self._seats(target)
        filled = [one for one in seats if not one.is_vacant]
        return ResourceRow(
            target=target,
            name=name[0],
            is_top=is_top,
            is_vacant=name[2],
            standing=standing,
            remaining=remaining,
            seats=len(seats),
            vacant=len(seats) - len(filled),
            fte=sum((one.fte for one in filled), Decimal(0)),
            heads=self._heads(remaining, seats),
            meetings=self._meetings(target, subject, remaining),
            coverage=self._coverage(subject, remaining),
            links=self._links(target, subject),
        )

    def _seats(self, target: Target) -> list[Seat]:
        found, waiting = [], [target]
        while waiting:
            one = waiting.pop()
            waiting += self.children.get(one.pk, [])
            if one.position_id is not None:
                holder = self.hired.get(one.position_id)
                found.append(Seat(one.fte, one.productivity, holder, is_vacant=holder is None))
        return found

    def _heads(self, remaining: Fraction, seats: list[Seat]) -> Heads | None:
        if not self.standard:
            return None
        fte = sum((Fraction(one.fte) for one in seats), Fraction(0))
        brings = sum((Fraction(one.fte) * Fraction(one.productivity) for one in seats), Fraction(0))
        able = capacity(self.standard, seats, self.months, self.ramp)
        return heads(remaining, able, self.standard, brings / fte if fte else Fraction(1), self.months)

    def _meetings(
        self, target: Target, subject: Mapping[str, int | None], remaining: Fraction
    ) -> Meetings | None:
        """By the node's own rates of a year, else by those of the unit above."""
        per_day = Fraction(self.lately.of(subject).get("activities", Decimal(0))) / _RATE_DAYS
        by_id = {one.pk: one for one in self.seen.targets}
        node: Target | None = target
        while node is not None:
            found = meetings(
                remaining, _funnel(self.year.of(self.seen.subject(node))), per_day, self.days_ahead
            )
            if found is not None:
                return found
            node = by_id.get(node.parent_id or 0)
        return None

    def _coverage(self, subject: Mapping[str, int | None], remaining: Fraction) -> Coverage | None:
        people = self._people(subject)
        if people is None:
            return None
        won, decided = self._decided(people)
        if not won:
            won, decided = self._decided(self.members[self.plan.root_unit_id])
        open_amount = sum((self.open_now.get(one, Decimal(0)) for one in people), Decimal(0))
        return cover(remaining, open_amount, won, decided)

    def _people(self, subject: Mapping[str, int | None]) -> set[int] | None:
        if subject.get("unit_id") is not None:
            return self.members.get(subject["unit_id"] or 0, set())
        person = subject.get("person_id")
        return None if person is None else {person}

    def _decided(self, people: Collection[int]) -> tuple[Decimal, Decimal]:
        pairs = [self.decided[one] for one in people if one in self.decided]
        return (
            sum((won for won, _decided in pairs), Decimal(0)),
            sum((decided for _won, decided in pairs), Decimal(0)),
        )

    def _links(self, target: Target, subject: Mapping[str, int | None]) -> dict[str, str]:
        unit, person = subject.get("unit_id"), subject.get("person_id")
        if unit is None and person is None:
            return {}
        who = {"unit": unit} if unit is not None else {"person": person}
        owner = {"unit": unit} if unit is not None else {"owner": person}
        return {
            "seats": f"{reverse('targets:seats')}?{urlencode({'period': self.plan.period.code, **who})}",
            "activities": why_url(
                measure="activities", start=self.today - _YEAR, end=self.today, unit=unit, person=person
            ),
            "deals": f"{reverse('pipeline:deals')}?{urlencode({'state': 'open', **owner})}",
            "below": f"?{urlencode({'unit': unit})}" if unit is not None else "",
        }


def _funnel(sums: Mapping[str, Decimal]) -> Funnel:
    nothing = Decimal(0)
    return Funnel(
        sold=sums.get("revenue", nothing),
        won=sums.get("deals_won", nothing),
        decided=sums.get("deals_decided", nothing),
        activities=sums.get("activities", nothing),
    )


def _months(plan: TargetPlan, start: dt.date, workdays: Workdays) -> list[Month]:
    """Return the months that still lie ahead, the running one by its working days."""
    rows = list(PlanMonth.objects.filter(plan=plan).select_related("month").order_by("position"))
    whole = sum((Fraction(row.weight) for row in rows), Fraction(0)) or Fraction(1)
    found = []
    for row in rows:
        first, last = row.month.starts_on, row.month.ends_before
        if last <= start:
            continue
        days = workdays.between(first, last)
        ahead = Fraction(workdays.between(max(first, start), last), days) if days else Fraction(1)
        found.append(Month(first, Fraction(row.weight) / whole, ahead))
    return found


def _hired(on: dt.date) -> dict[int, dt.date]:
    rows = Assignment.objects.on(on).filter(is_acting=False).values_list("position_id", "person__hired_on")
    return dict(rows)


def _sums(codes: list[str], start: dt.date, end: dt.date) -> _Sold:
    return _Sold(_by(codes, start, end, "unit"), _by(codes, start, end, "person"))


def _by(codes: list[str], start: dt.date, end: dt.date, key: str) -> dict[int, dict[str, Decimal]]:
    found: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for code, rows in figures.query_each(codes, start, end, by=[key]).items():
        for row in rows:
            if row.keys[key] is not None:
                found[int(row.keys[key])][code] = row.numerator  # type: ignore[arg-type]  # an id
    return found


def _pipeline(
    plan: TargetPlan, today: dt.date
) -> tuple[dict[int, Decimal], dict[int, tuple[Decimal, Decimal]]]:
    """Return owner → open amount that closes in the plan's year, and owner → (won, decided) of a year."""
    open_deals = Opportunity.objects.filter(
        state=DealState.OPEN, expected_close_on__lt=plan.period.ends_before
    )
    now = open_deals.order_by().values_list("owner_id").annotate(total=Sum("base_amount"))
    decided: dict[int, tuple[Decimal, Decimal]] = {}
    rows = (
        Opportunity.objects.filter(
            state__in=[DealState.WON, DealState.LOST], closed_on__gte=today - _YEAR, closed_on__lt=today
        )
        .exclude(reason__counts=False)
        .order_by()
        .values_list("owner_id", "state")
        .annotate(total=Sum("base_amount"))
    )
    for owner, state, total in rows:
        won, all_ = decided.get(owner, (Decimal(0), Decimal(0)))
        decided[owner] = (won + total if state == DealState.WON else won, all_ + total)
    return dict(now), decided


def _members(on: dt.date, root_unit_id: int) -> dict[int, set[int]]:
    """Return unit → the people seated in it or below; the top unit of the company counts everybody."""
    seats = org.seats_on(on)
    above: dict[int, list[int]] = defaultdict(list)
    for unit, top in UnitClosure.objects.on(on).values_list("descendant_id", "ancestor_id").order_by("pk"):
        above[unit].append(top)
    found: dict[int, set[int]] = defaultdict(set)
    for person, seat in seats.items():
        for unit in above[seat.unit_id]:
            found[unit].add(person)
    if org.root_unit_id(on) == root_unit_id:
        found[root_unit_id] |= set(
            Opportunity.objects.order_by().values_list("owner_id", flat=True).distinct()
        )
    return found
