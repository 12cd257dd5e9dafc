"""Who had which seat, role and manager during a period, cut into segments where anything changed."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from apps.calendars.rules import Workdays
from apps.core.effective import Dated
from apps.org import selectors as org
from apps.org.enums import LineType
from apps.org.models import Assignment, PositionUnit, ReportingLine, UnitClosure, UnitParent
from apps.roles import selectors as roles
from apps.roles.models import PositionRole


@dataclass(frozen=True)
class Place:
    """A seat with its unit, role and manager; ``leads`` is the unit when it is the lead seat."""

    position_id: int
    unit_id: int
    role_id: int
    manager_id: int | None
    leads: int | None


@dataclass(frozen=True)
class Segment:
    """Days on which a person's place did not change."""

    starts_on: dt.date
    ends_before: dt.date
    working_days: int
    place: Place


@dataclass(frozen=True)
class Stretch:
    """Days on which a person played one role (for one led unit), whoever managed them."""

    starts_on: dt.date
    ends_before: dt.date
    working_days: int
    role_id: int
    leads: int | None


def segments(start: dt.date, end: dt.date, workdays: Workdays) -> dict[int, list[Segment]]:
    """Return the segments of ``[start, end)`` of everybody who has a role on its last day, oldest first.

    Costs a fixed number of queries per day on which anything in the structure changed.
    """
    edges = sorted({start, *_changes(start, end)})
    spans = list(zip(edges, [*edges[1:], end], strict=True))
    last = places_on(end - dt.timedelta(days=1))
    found: dict[int, list[tuple[dt.date, dt.date, Place]]] = defaultdict(list)
    for since, until in spans:
        for person_id, place in (places_on(since) if until < end else last).items():
            if person_id not in last:
                continue
            held = found[person_id]
            if held and held[-1][1] == since and held[-1][2] == place:
                held[-1] = (held[-1][0], until, place)
            else:
                held.append((since, until, place))
    return {
        person_id: [
            Segment(since, until, workdays.between(since, until), place) for since, until, place in held
        ]
        for person_id, held in found.items()
    }


def stretches(parts: list[Segment]) -> list[Stretch]:
    """Join neighbouring segments of one role: a new manager alone does not cut the figures."""
    found: list[Stretch] = []
    for part in parts:
        before = found[-1] if found else None
        role, leads = part.place.role_id, part.place.leads
        if before and (before.ends_before, before.role_id, before.leads) == (part.starts_on, role, leads):
            days = before.working_days + part.working_days
            found[-1] = Stretch(before.starts_on, part.ends_before, days, role, leads)
        else:
            found.append(Stretch(part.starts_on, part.ends_before, part.working_days, role, leads))
    return found


def places_on(day: dt.date) -> dict[int, Place]:
    """Return the place of everybody whose primary seat carries a role on a day."""
    seats = org.seats_on(day)
    played = roles.roles_of_positions([seat.position_id for seat in seats.values()], day)
    lead_seats = set(PositionUnit.objects.on(day).filter(is_lead=True).values_list("position_id", flat=True))
    managers = _managers(day, seats)
    return {
        person_id: Place(
            seat.position_id,
            seat.unit_id,
            played[seat.position_id].pk,
            managers.get(person_id),
            seat.unit_id if seat.position_id in lead_seats else None,
        )
        for person_id, seat in seats.items()
        if seat.position_id in played
    }


def _managers(day: dt.date, seats: dict[int, org.Seat]) -> dict[int, int]:
    """The holder at the end of a direct line, else the nearest lead above; as ``org.manager_of``, for all."""
    leads = org.leads_on(day)
    above: dict[int, list[int]] = defaultdict(list)
    rows = UnitClosure.objects.on(day).order_by("depth", "pk")
    for unit_id, ancestor_id in rows.values_list("descendant_id", "ancestor_id"):
        above[unit_id].append(ancestor_id)
    lines = ReportingLine.objects.on(day).filter(line_type=LineType.DIRECT)
    direct = dict(lines.values_list("position_id", "manager_id"))
    holders = Assignment.objects.on(day).filter(position__in=direct.values()).order_by("-is_acting", "-pk")
    holding = dict(holders.values_list("position_id", "person_id"))
    found: dict[int, int] = {}
    for person_id, seat in seats.items():
        chain = [holding.get(direct.get(seat.position_id, 0))]
        chain += [leads.get(unit_id) for unit_id in above[seat.unit_id]]
        manager = next((one for one in chain if one is not None and one != person_id), None)
        if manager is not None:
            found[person_id] = manager
    return found


def _changes(start: dt.date, end: dt.date) -> set[dt.date]:
    """Return the days inside the period on which a dated row of the structure begins or ends."""
    dated: tuple[type[Dated], ...] = (Assignment, PositionUnit, PositionRole, ReportingLine, UnitParent)
    days: set[dt.date] = set()
    for model in dated:
        for valid in model.objects.during(start, end).order_by("pk").values_list("valid", flat=True):
            days.update(day for day in (valid.lower, valid.upper) if day is not None)
    return {day for day in days if start < day < end}
