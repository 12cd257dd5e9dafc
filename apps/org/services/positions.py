"""Changes of positions, their units and reporting lines."""

import datetime as dt
import logging

from django.utils.translation import gettext as _
from psycopg2.extras import DateRange

from apps.access.models import User
from apps.core.db import requires_transaction
from apps.core.effective import Dated, span
from apps.core.errors import DomainError
from apps.org.enums import LineType
from apps.org.models import Assignment, Position, PositionUnit, ReportingLine, UnitParent
from apps.org.services.closure import lock_structure
from apps.org.services.guards import refuse_closed_period, refuse_oneself, refuse_reversed
from apps.org.services.units import AlreadyThere, CodeTaken, UnitMissing

logger = logging.getLogger(__name__)


class PositionMissing(DomainError):
    """The position is not approved on that day."""


class LeadTaken(DomainError):
    """The unit already has a lead seat."""


class PositionHeld(DomainError):
    """Somebody holds the position."""


class LineCycle(DomainError):
    """A position would report to itself through others."""


@requires_transaction
def create_position(
    *, code: str, title: str, unit_id: int, on: dt.date, is_lead: bool = False, by: User | None = None
) -> Position:
    """Approve a new seat in a unit from a day on; it is vacant until somebody is assigned.

    Raises CodeTaken, UnitMissing, LeadTaken, PeriodClosed.
    """
    lock_structure()
    refuse_closed_period(on)
    if Position.objects.filter(code=code).exists():
        text = _("The code %(code)s is taken. Choose another.") % {"code": code}
        raise CodeTaken(text, fields={"code": text})
    end = _unit_end(unit_id, on)
    if is_lead:
        _refuse_second_lead(unit_id, on, end)
    position = Position.objects.create(code=code, title=title)
    PositionUnit.objects.create(position=position, unit_id=unit_id, is_lead=is_lead, valid=span(on, end))
    logger.info("position created", extra={"position_id": position.pk, "by": by and by.pk})
    return position


@requires_transaction
def rename_position(*, position_id: int, title: str, by: User | None = None) -> Position:
    """Give a position another title."""
    position = Position.objects.get(pk=position_id)
    position.title = title
    position.save(update_fields=["title"])
    logger.info("position renamed", extra={"position_id": position.pk, "by": by and by.pk})
    return position


@requires_transaction
def move_position(
    *, position_id: int, unit_id: int, on: dt.date, is_lead: bool = False, by: User | None = None
) -> PositionUnit:
    """Move a seat, with whoever holds it, to a unit from a day on.

    Raises PositionMissing, UnitMissing, LeadTaken, AlreadyThere, PeriodClosed.
    """
    lock_structure()
    refuse_closed_period(on)
    place = require_position(position_id, on)
    if place.unit_id == unit_id and place.is_lead == is_lead:
        text = _("The position is in that unit already. Choose another unit or day.")
        raise AlreadyThere(text, fields={"unit": text})
    end = _earlier(place.valid.upper, _unit_end(unit_id, on))
    if is_lead:
        _refuse_second_lead(unit_id, on, end, besides=position_id)
    cut(place, on)
    moved = PositionUnit.objects.create(
        position_id=position_id, unit_id=unit_id, is_lead=is_lead, valid=span(on, end)
    )
    logger.info("position moved", extra={"position_id": position_id, "by": by and by.pk})
    return moved


@requires_transaction
def close_position(*, position_id: int, on: dt.date, by: User | None = None) -> Position:
    """Take a seat out of the plan; ``on`` is the first day without it. Raises PositionHeld."""
    lock_structure()
    refuse_closed_period(on)
    place = require_position(position_id, on)
    if Assignment.objects.from_day(on).filter(position=position_id).exists():
        raise PositionHeld(
            _("Somebody holds this position then. Move the person or end the assignment first.")
        )
    PositionUnit.objects.filter(position=position_id, valid__startswith__gte=on).delete()
    if place.valid.lower < on:
        cut(place, on)
    for line in ReportingLine.objects.from_day(on).filter(position=position_id):
        cut(line, on)
    logger.info("position closed", extra={"position_id": position_id, "by": by and by.pk})
    return place.position


@requires_transaction
def set_reporting_line(
    *,
    position_id: int,
    manager_id: int,
    on: dt.date,
    line_type: str = LineType.DIRECT,
    until: dt.date | None = None,
    by: User | None = None,
) -> ReportingLine:
    """Let a position report to another: a direct line replaces the structure's, a dotted one adds to it.

    Raises PositionMissing, LineCycle, ActOnOneself, PeriodClosed, RangeReversed.
    """
    lock_structure()
    refuse_closed_period(on)
    refuse_reversed(on, until)
    require_position(position_id, on)
    require_position(manager_id, on, field="manager")
    for person_id in (
        Assignment.objects.on(on).filter(position=position_id).values_list("person_id", flat=True)
    ):
        refuse_oneself(by, person_id)
    _refuse_line_cycle(position_id, manager_id, on, line_type)
    for line in ReportingLine.objects.during(on, until).filter(position=position_id):
        if line.manager_id == manager_id or (line_type == line.line_type == LineType.DIRECT):
            cut(line, on)
    line = ReportingLine.objects.create(
        position_id=position_id, manager_id=manager_id, line_type=line_type, valid=span(on, until)
    )
    logger.info("reporting line set", extra={"position_id": position_id, "by": by and by.pk})
    return line


def require_position(position_id: int, on: dt.date, *, field: str = "position") -> PositionUnit:
    """Return the place of a position on a day. Raises PositionMissing."""
    place = (
        PositionUnit.objects.on(on).filter(position=position_id).select_related("position", "unit").first()
    )
    if place is None:
        text = _("The position is not approved on %(day)s. Choose another position or day.")
        raise PositionMissing(text % {"day": on.isoformat()}, fields={field: text % {"day": on.isoformat()}})
    return place


def cut(row: Dated, on: dt.date) -> None:
    """End a dated row before a day; a row that would hold no day is removed."""
    if row.valid.lower >= on:
        row.delete()
        return
    row.valid = DateRange(row.valid.lower, on, "[)")
    row.save(update_fields=["valid"])


def _earlier(first: dt.date | None, second: dt.date | None) -> dt.date | None:
    days = [day for day in (first, second) if day is not None]
    return min(days) if days else None


def _unit_end(unit_id: int, on: dt.date) -> dt.date | None:
    """Return the day a unit ends, None when it stays. Raises UnitMissing."""
    if not UnitParent.objects.on(on).filter(unit=unit_id).exists():
        text = _("The unit does not exist on %(day)s. Choose another unit or day.") % {"day": on.isoformat()}
        raise UnitMissing(text, fields={"unit": text})
    ends = [row.upper for row in UnitParent.objects.filter(unit=unit_id).values_list("valid", flat=True)]
    return None if None in ends else max(ends)


def _refuse_second_lead(unit_id: int, on: dt.date, end: dt.date | None, besides: int = 0) -> None:
    others = PositionUnit.objects.during(on, end).filter(unit=unit_id, is_lead=True)
    if others.exclude(position=besides).exists():
        text = _("The unit has a lead seat already. Move that one first, or add this seat without leading.")
        raise LeadTaken(text, fields={"is_lead": text})


def _refuse_line_cycle(position_id: int, manager_id: int, on: dt.date, line_type: str) -> None:
    lines = dict(
        ReportingLine.objects.on(on)
        .filter(line_type=LineType.DIRECT)
        .exclude(position=position_id)
        .values_list("position_id", "manager_id")
    )
    seen: set[int] = set()
    current: int | None = manager_id
    while current is not None and current not in seen:
        if current == position_id and (line_type == LineType.DIRECT or current == manager_id):
            text = _("That position reports to this one. Choose another.")
            raise LineCycle(text, fields={"manager": text})
        seen.add(current)
        current = lines.get(current)
