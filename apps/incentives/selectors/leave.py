"""Unpaid leave as pay reads it: recorded absences on the days of a segment, where the plan takes them off."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.segments import Days
from apps.org import selectors as org


@dataclass(frozen=True)
class LeaveDays:
    """Days of unpaid leave, with the share of the working time that is missed."""

    days: Days
    share: Decimal


Leave = tuple[LeaveDays, ...]


def takes_off(plan: PlanDocument) -> bool:
    """Tell whether a plan takes unpaid leave off the active days."""
    return plan.proration.unpaid_leave == "taken_off"


def unpaid_between(people: Collection[int], start: dt.date, end: dt.date) -> dict[int, Leave]:
    """Return the unpaid leave of some people on the days of ``[start, end)``. One query."""
    found = {}
    for person_id, rows in org.away_between(people, start, end).items():
        own = tuple(LeaveDays(Days(one.start, one.end), one.share) for one in rows if not one.is_paid)
        if own:
            found[person_id] = own
    return found


def leave_on(days: Days, leave: Leave) -> Leave:
    """Return the part of some leave that falls on some days."""
    parts = ((one.days.within(days.start, days.end), one.share) for one in leave)
    return tuple(LeaveDays(part, share) for part, share in parts if part is not None)


def with_leave(segment: dict[str, Any], leave: Leave) -> dict[str, Any]:
    """Return a pinned segment that names its unpaid leave; one without any says nothing of it."""
    kept = {name: value for name, value in segment.items() if name != "leave"}
    if not leave:
        return kept
    told = [
        [one.days.start.isoformat(), one.days.end.isoformat(), str(one.share.normalize())] for one in leave
    ]
    return kept | {"leave": told}


def leave_in(segment: Mapping[str, Any]) -> Leave:
    """Return the unpaid leave that a pinned segment names."""
    told: Sequence[Sequence[str]] = segment.get("leave", ())
    return tuple(
        LeaveDays(Days(dt.date.fromisoformat(start), dt.date.fromisoformat(end)), Decimal(share))
        for start, end, share in told
    )
