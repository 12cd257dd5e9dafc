"""Changes of the unit structure. Every one serialises on the structure lock and rebuilds the closure."""

import datetime as dt
import logging

from django.utils.translation import gettext as _
from psycopg2.extras import DateRange

from apps.access.models import User
from apps.core.db import requires_transaction
from apps.core.effective import span
from apps.core.errors import DomainError
from apps.org.models import OrgUnit, PositionUnit, UnitParent
from apps.org.selectors import root_unit_id, subtree
from apps.org.services.closure import lock_structure, rebuild_closure
from apps.org.services.guards import refuse_closed_period

logger = logging.getLogger(__name__)


class CodeTaken(DomainError):
    """Another row has this code."""


class UnitMissing(DomainError):
    """The unit is not part of the structure on that day."""


class RootExists(DomainError):
    """The company already has a top unit."""


class UnitCycle(DomainError):
    """The unit would lie inside itself."""


class AlreadyThere(DomainError):
    """The change changes nothing."""


class UnitInUse(DomainError):
    """The unit still has seats or units below it."""


class NotScheduled(DomainError):
    """Only a change that has not taken effect yet can be cancelled."""


@requires_transaction
def create_unit(
    *, code: str, name: str, kind: str, parent_id: int | None, on: dt.date, by: User | None = None
) -> OrgUnit:
    """Create a unit below a parent (or as the top unit, without one) from a day on.

    Raises CodeTaken, RootExists, UnitMissing when the parent is not there that day, PeriodClosed.
    """
    lock_structure()
    refuse_closed_period(on)
    if OrgUnit.objects.filter(code=code).exists():
        text = _("The code %(code)s is taken. Choose another.") % {"code": code}
        raise CodeTaken(text, fields={"code": text})
    if parent_id is None and UnitParent.objects.filter(parent=None).from_day(on).exists():
        text = _("There is a top unit already. Choose the unit this one belongs to.")
        raise RootExists(text, fields={"parent": text})
    if parent_id is not None:
        _require_unit(parent_id, on, field="parent")
    unit = OrgUnit.objects.create(code=code, name=name, kind=kind)
    UnitParent.objects.create(unit=unit, parent_id=parent_id, valid=span(on))
    rebuild_closure()
    logger.info("unit created", extra={"unit_id": unit.pk, "by": by and by.pk})
    return unit


@requires_transaction
def rename_unit(*, unit_id: int, name: str, kind: str, by: User | None = None) -> OrgUnit:
    """Give a unit another name or kind."""
    lock_structure()
    unit = OrgUnit.objects.get(pk=unit_id)
    unit.name, unit.kind = name, kind
    unit.save(update_fields=["name", "kind"])
    logger.info("unit renamed", extra={"unit_id": unit.pk, "by": by and by.pk})
    return unit


@requires_transaction
def move_unit(*, unit_id: int, parent_id: int, on: dt.date, by: User | None = None) -> UnitParent:
    """Move a unit with everything below it to another parent from a day on.

    The move lasts until the next change that was already scheduled. Raises
    UnitCycle, UnitMissing, AlreadyThere, RootExists (the top does not move), PeriodClosed.
    """
    lock_structure()
    refuse_closed_period(on)
    edge = _require_unit(unit_id, on, field="unit")
    _require_unit(parent_id, on, field="parent")
    if edge.parent_id is None:
        raise RootExists(_("The top unit cannot move below another."), code="root_cannot_move")
    if edge.parent_id == parent_id:
        text = _("The unit belongs there already on that day. Choose another unit or day.")
        raise AlreadyThere(text, fields={"parent": text})
    _refuse_cycle(unit_id, parent_id, on, edge.valid.upper)
    end = edge.valid.upper
    if edge.valid.lower == on:
        edge.parent_id = parent_id
        edge.save(update_fields=["parent"])
        moved = edge
    else:
        edge.valid = DateRange(edge.valid.lower, on, "[)")
        edge.save(update_fields=["valid"])
        moved = UnitParent.objects.create(unit_id=unit_id, parent_id=parent_id, valid=span(on, end))
    rebuild_closure()
    logger.info("unit moved", extra={"unit_id": unit_id, "parent_id": parent_id, "by": by and by.pk})
    return moved


@requires_transaction
def cancel_unit_move(*, place_id: int, today: dt.date, by: User | None = None) -> UnitParent:
    """Take back a scheduled move before its day; the unit stays where it was. Raises NotScheduled."""
    lock_structure()
    place = UnitParent.objects.get(pk=place_id)
    before = UnitParent.objects.filter(unit=place.unit_id, valid__endswith=place.valid.lower).first()
    if place.valid.lower <= today or before is None:
        raise NotScheduled(_("This change has taken effect. Schedule another one instead."))
    end = place.valid.upper
    place.delete()
    before.valid = DateRange(before.valid.lower, end, "[)")
    before.save(update_fields=["valid"])
    rebuild_closure()
    logger.info("scheduled move cancelled", extra={"unit_id": before.unit_id, "by": by and by.pk})
    return before


@requires_transaction
def close_unit(*, unit_id: int, on: dt.date, by: User | None = None) -> OrgUnit:
    """Close a unit: ``on`` is the first day it no longer exists. Its history stays.

    Raises UnitInUse while it has seats or units below it on that day or later,
    UnitMissing, RootExists for the top unit, PeriodClosed.
    """
    lock_structure()
    refuse_closed_period(on)
    edge = _require_unit(unit_id, on, field="unit")
    if edge.parent_id is None:
        raise RootExists(_("The top unit cannot be closed."), code="root_cannot_close")
    children = UnitParent.objects.from_day(on).filter(parent=unit_id).count()
    seats = PositionUnit.objects.from_day(on).filter(unit=unit_id).count()
    if children or seats:
        text = _(
            "The unit still has %(seats)s seats and %(children)s units below it. Move or close these first."
        )
        raise UnitInUse(text % {"seats": seats, "children": children})
    UnitParent.objects.filter(unit=unit_id, valid__startswith__gte=on).delete()
    if edge.valid.lower < on:
        edge.valid = DateRange(edge.valid.lower, on, "[)")
        edge.save(update_fields=["valid"])
    rebuild_closure()
    logger.info("unit closed", extra={"unit_id": unit_id, "by": by and by.pk})
    return edge.unit


def _require_unit(unit_id: int, on: dt.date, *, field: str) -> UnitParent:
    edge = UnitParent.objects.on(on).filter(unit=unit_id).select_related("unit").first()
    if edge is None:
        text = _("The unit does not exist on %(day)s. Choose another unit or day.") % {"day": on.isoformat()}
        raise UnitMissing(text, fields={field: text})
    return edge


def _refuse_cycle(unit_id: int, parent_id: int, on: dt.date, end: dt.date | None) -> None:
    days = [
        on,
        *UnitParent.objects.during(on, end).filter(valid__startswith__gt=on).values_list("valid", flat=True),
    ]
    starts = [day if isinstance(day, dt.date) else day.lower for day in days]
    for day in sorted(set(starts)):
        if parent_id in subtree(unit_id, day):
            text = _("On %(day)s that unit lies inside the one you are moving. Choose a unit outside it.")
            raise UnitCycle(
                text % {"day": day.isoformat()}, fields={"parent": text % {"day": day.isoformat()}}
            )


def top_unit_id(on: dt.date) -> int:
    """Return the top unit of a day. Raises UnitMissing when there is no structure yet."""
    root = root_unit_id(on)
    if root is None:
        raise UnitMissing(_("There is no organisation on that day. Create the top unit first."))
    return root
