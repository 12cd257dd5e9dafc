"""Seats and who carries their targets: a leaver gives the rest back, movers share by working days."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from apps.calendars import selectors as calendars
from apps.calendars.rules import Workdays
from apps.core.money import split_units
from apps.org.models import Assignment, Person, Position, PositionUnit
from apps.targets.models import PlanMonth, Target
from apps.targets.rules.seats import Stretch, stretches
from apps.targets.selectors.quotas import share_of_month


@dataclass(frozen=True)
class Carried:
    """A part of a seat's quota: who carried it from when to when, None the vacancy."""

    position_id: int
    title: str
    unit_id: int | None
    person_id: int | None
    name: str
    start: dt.date
    end: dt.date
    working_days: int
    quota: Decimal

    @property
    def last(self) -> dt.date:
        """The last day."""
        return self.end - dt.timedelta(days=1)

    @property
    def is_vacant(self) -> bool:
        """Whether nobody held the seat."""
        return self.person_id is None


@dataclass(frozen=True)
class SeatQuota:
    """A seat's quota over a range and its parts, which sum to it exactly."""

    position_id: int
    title: str
    unit_id: int | None
    quota: Decimal
    parts: list[Carried]

    @property
    def vacant(self) -> Decimal:
        """What the vacancy carries."""
        return sum((part.quota for part in self.parts if part.is_vacant), Decimal(0))


def seats_in(unit_ids: Collection[int], start: dt.date, end: dt.date) -> set[int]:
    """Return the seats that stand in some units on any day of a range."""
    places = PositionUnit.objects.during(start, end).filter(unit__in=list(unit_ids))
    return set(places.values_list("position_id", flat=True))


def seats_held(person_id: int, start: dt.date, end: dt.date) -> set[int]:
    """Return the seats a person holds on any day of a range."""
    held = Assignment.objects.during(start, end).filter(person=person_id, is_acting=False)
    return set(held.values_list("position_id", flat=True))


def carried(measure: str, start: dt.date, end: dt.date, position_ids: Collection[int]) -> list[SeatQuota]:
    """Return who carries the quotas of seats over ``[start, end)``; seats without a target are left out.

    Within a month the working days decide, across months the season of the plan.
    The parts are whole minor units that sum to the seat's quota. Rates are not
    split: everybody carries the whole. The number of queries is constant.
    """
    months = _months(measure, start, end, position_ids)
    if not months:
        return []
    holders = _holders(set(months), start, end)
    names = dict(Person.objects.filter(pk__in=_people(holders)).values_list("pk", "name"))
    titles = dict(Position.objects.filter(pk__in=list(months)).values_list("pk", "title"))
    places = _places(set(months), start, end)
    workdays = calendars.workdays()
    found = [
        _seat(position, rows, stretches(holders[position], start, end), workdays, names, titles, places)
        for position, rows in months.items()
    ]
    return sorted(found, key=lambda one: (one.title, one.position_id))


def _months(
    measure: str, start: dt.date, end: dt.date, position_ids: Collection[int]
) -> dict[int, list[Mapping[str, Any]]]:
    """Return the months of each seat's target that a range touches, of the versions in force."""
    rows = (
        Target.objects.in_force()
        .filter(position__in=list(position_ids), plan__measure=measure)
        .filter(plan__period__starts_on__lt=end, plan__period__ends_before__gt=start)
        .order_by("plan__period__starts_on", "pk")
        .values("position_id", "months", "plan_id", "plan__decimals", "plan__is_additive")
    )
    targets = list(rows)
    calendar: dict[int, list[Any]] = defaultdict(list)
    touched = PlanMonth.objects.filter(month__starts_on__lt=end, month__ends_before__gt=start)
    for row in (
        touched.filter(plan__in={one["plan_id"] for one in targets})
        .order_by("position")
        .values("plan_id", "position", "month__starts_on", "month__ends_before")
    ):
        calendar[row["plan_id"]].append(row)
    found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for target in targets:
        for month in calendar[target["plan_id"]]:
            found[target["position_id"]].append(
                {**target, **month, "amount": target["months"][month["position"]]}
            )
    return found


def _holders(
    position_ids: Collection[int], start: dt.date, end: dt.date
) -> dict[int, list[tuple[int, dt.date | None, dt.date | None]]]:
    found: dict[int, list[tuple[int, dt.date | None, dt.date | None]]] = defaultdict(list)
    rows = Assignment.objects.during(start, end).filter(position__in=position_ids, is_acting=False)
    for position_id, person_id, valid in rows.order_by("pk").values_list("position_id", "person_id", "valid"):
        found[position_id].append((person_id, valid.lower, valid.upper))
    return found


def _people(holders: Mapping[int, list[tuple[int, dt.date | None, dt.date | None]]]) -> set[int]:
    return {person for rows in holders.values() for person, _since, _until in rows}


def _places(position_ids: Collection[int], start: dt.date, end: dt.date) -> dict[int, int]:
    """Return the unit of each seat, the latest of the range."""
    rows = PositionUnit.objects.during(start, end).filter(position__in=position_ids).order_by("valid", "pk")
    return dict(rows.values_list("position_id", "unit_id"))


def _seat(
    position_id: int,
    rows: list[Mapping[str, Any]],
    spans: list[Stretch],
    workdays: Workdays,
    names: Mapping[int, str],
    titles: Mapping[int, str],
    places: Mapping[int, int],
) -> SeatQuota:
    exact = [_quota(rows, span, workdays) for span in spans]
    places_kept = rows[0]["plan__decimals"]
    if rows[0]["plan__is_additive"]:
        total = _rounded(sum(exact, Fraction(0)), places_kept)
        keys = list(range(len(spans)))
        parts = (
            split_units(total, exact, places=places_kept, keys=keys) if total else [Decimal(0)] * len(spans)
        )
    else:
        total = rows[0]["amount"]
        parts = [total] * len(spans)
    unit_id = places.get(position_id)
    title = titles[position_id]
    return SeatQuota(
        position_id=position_id,
        title=title,
        unit_id=unit_id,
        quota=total,
        parts=[
            Carried(
                position_id=position_id,
                title=title,
                unit_id=unit_id,
                person_id=span.person_id,
                name=names.get(span.person_id or 0, ""),
                start=span.start,
                end=span.end,
                working_days=workdays.between(span.start, span.end),
                quota=part,
            )
            for span, part in zip(spans, parts, strict=True)
        ],
    )


def _quota(rows: list[Mapping[str, Any]], span: Stretch, workdays: Workdays) -> Fraction:
    total = Fraction(0)
    for row in rows:
        first, last = row["month__starts_on"], row["month__ends_before"]
        start, end = max(first, span.start), min(last, span.end)
        if start < end:
            total += Fraction(row["amount"]) * share_of_month(start, end, first, last, workdays)
    return total


def _rounded(value: Fraction, places: int) -> Decimal:
    scaled = value * 10**places
    return Decimal((2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)).scaleb(-places)
