"""Whom a target concerns, for "why do I see this?"."""

import datetime as dt
from typing import Any

from apps.access import records
from apps.access.permissions import Permission
from apps.core import clock
from apps.org.models import Assignment, PositionUnit
from apps.targets.models import Target


def register() -> None:
    """Let targets be explained; called once when the app is ready."""
    records.register("target", Target, Permission.TARGET_VIEW, lambda row: concerned(row, clock.today()))


def concerned(target: Any, day: dt.date) -> records.Concerned:
    """Return whom a target concerns: its unit, or whoever holds its seat that day and where it stands."""
    if target.unit_id is not None:
        return records.Concerned(unit_ids=frozenset({target.unit_id}))
    holders = Assignment.objects.on(day).filter(position=target.position_id)
    places = PositionUnit.objects.on(day).filter(position=target.position_id)
    return records.Concerned(
        person_ids=frozenset(holders.values_list("person_id", flat=True)),
        unit_ids=frozenset(places.values_list("unit_id", flat=True)),
    )
