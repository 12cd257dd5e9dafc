"""Who sits where, who leads what, as of a day."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.calendars.selectors import is_closed
from apps.org.enums import LineType
from apps.org.models import Assignment, Person, PositionUnit, ReportingLine


@dataclass(frozen=True)
class Seat:
    """The primary seat of a person on a day."""

    person_id: int
    position_id: int
    unit_id: int


_SEATS = """
    SELECT a.person_id, a.position_id, p.unit_id
    FROM org_assignment a JOIN org_positionunit p ON p.position_id = a.position_id AND p.valid @> %(on)s::date
    WHERE a.is_primary AND a.valid @> %(on)s::date
"""
_LEADS = """
    SELECT DISTINCT ON (p.unit_id) p.unit_id, a.person_id
    FROM org_positionunit p JOIN org_assignment a ON a.position_id = p.position_id AND a.valid @> %(on)s::date
    WHERE p.is_lead AND p.valid @> %(on)s::date
"""


def _rows(sql: str, **values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)  # type: ignore[arg-type]  # dates, ids and lists of ids
        return cursor.fetchall()


def seat_of(person_id: int, on: dt.date) -> Seat | None:
    """Return the primary seat of a person on a day, or None."""
    return seats_of([person_id], on).get(person_id)


def seats_of(person_ids: Iterable[int], on: dt.date) -> dict[int, Seat]:
    """Return the primary seats of people on a day; people without one are left out. One query."""
    rows = _rows(_SEATS + " AND a.person_id = ANY(%(ids)s)", on=on, ids=list(person_ids))
    return {row[0]: Seat(*row) for row in rows}


def seats_on(on: dt.date) -> dict[int, Seat]:
    """Return the primary seat of everybody who has one on a day. One query."""
    return {row[0]: Seat(*row) for row in _rows(_SEATS, on=on)}


def people_in(unit_ids: Iterable[int], on: dt.date) -> set[int]:
    """Return the people with a seat, primary or not, in exactly these units on a day."""
    places = PositionUnit.objects.on(on).filter(unit__in=list(unit_ids)).values("position_id")
    return set(Assignment.objects.on(on).filter(position__in=places).values_list("person_id", flat=True))


def lead_of(unit_id: int, on: dt.date) -> int | None:
    """Return who leads a unit on a day: the holder of its lead seat, else the acting one, else None."""
    rows = _rows(_LEADS + " AND p.unit_id = %(unit)s ORDER BY p.unit_id, a.is_acting", on=on, unit=unit_id)
    return rows[0][1] if rows else None


def leads_on(on: dt.date) -> dict[int, int]:
    """Return unit → leading person for every led unit of a day. One query."""
    return dict(_rows(_LEADS + " ORDER BY p.unit_id, a.is_acting", on=on))


def leads_above(person_id: int, on: dt.date) -> list[tuple[int, int, int]]:
    """Return (person, unit, distance) of every lead above a person's primary seat, nearest first.

    The person is never above themselves; units without a lead are skipped. One query.
    """
    sql = f"""
        WITH seat AS ({_SEATS} AND a.person_id = %(person)s),
             leads AS ({_LEADS} ORDER BY p.unit_id, a.is_acting)
        SELECT l.person_id, l.unit_id, c.depth
        FROM seat s
        JOIN org_unitclosure c ON c.descendant_id = s.unit_id AND c.valid @> %(on)s::date
        JOIN leads l ON l.unit_id = c.ancestor_id
        WHERE l.person_id <> %(person)s
        ORDER BY c.depth
    """  # noqa: S608 -- constants of this module
    return [(row[0], row[1], row[2]) for row in _rows(sql, on=on, person=person_id)]


def manager_of(person_id: int, on: dt.date) -> int | None:
    """Return the manager on a day: the holder at the end of a direct line if set, else the nearest lead."""
    seat = seat_of(person_id, on)
    if seat is None:
        return None
    line = ReportingLine.objects.on(on).filter(position=seat.position_id, line_type=LineType.DIRECT).first()
    if line is not None:
        holder = (
            Assignment.objects.on(on).filter(position=line.manager_id).order_by("is_acting", "pk").first()
        )
        if holder is not None:
            return holder.person_id
    above = leads_above(person_id, on)
    return above[0][0] if above else None


def vacancies(on: dt.date, unit_ids: Iterable[int] | None = None) -> QuerySet[PositionUnit]:
    """Return the approved seats of a day that have no holder (an acting holder leaves the seat vacant)."""
    held = Assignment.objects.on(on).filter(position=OuterRef("position"), is_acting=False)
    seats = PositionUnit.objects.on(on).filter(~Exists(held)).select_related("position", "unit")
    if unit_ids is not None:
        seats = seats.filter(unit__in=list(unit_ids))
    return seats.order_by("unit__name", "position__title", "pk")


def unplaced_people(on: dt.date) -> QuerySet[Person]:
    """Return the people employed on a day who have no seat."""
    seated = Assignment.objects.on(on).filter(person=OuterRef("pk"))
    return Person.objects.employed(on).filter(~Exists(seated)).order_by("name", "pk")


def seats_given_up(person: Person) -> QuerySet[Assignment]:
    """Return the seats a person gave up by leaving, without those they only stood in for."""
    if person.left_on is None:
        return Assignment.objects.none()
    held = Assignment.objects.filter(person=person, is_acting=False, valid__endswith=person.left_on)
    return held.order_by("-is_primary", "pk")


def may_return(person: Person) -> bool:
    """Tell whether a leave can be taken back: its day is not closed and the seats are there and free."""
    day = person.left_on
    if day is None or is_closed(day):
        return False
    seats = set(seats_given_up(person).values_list("position_id", flat=True))
    there = set(PositionUnit.objects.on(day).filter(position__in=seats).values_list("position_id", flat=True))
    later = Assignment.objects.from_day(day)
    return (
        seats == there
        and not later.filter(Q(person=person) | Q(position__in=seats, is_acting=False)).exists()
    )
