"""The days of a window to date under a plan: pinned, so that what is measured by the window is, too.

A run pins the days of its own period with its segments. Amounts, floors and targets of a window to date are
measured by all its days so far, and late credits may reach windows that have ended: for plans with such a
part, and only for these, the days that reach back are pinned besides.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from apps.calendars.models import FiscalPeriod
from apps.incentives.models import PlanVersion
from apps.incentives.rules.engine.book import TO_DATE
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.windows import measured_by_window
from apps.incentives.rules.segments import Days
from apps.incentives.selectors.leave import leave_in, with_leave
from apps.incentives.selectors.payees import (
    PayeeSegment,
    Window,
    periods_in,
    presence_in,
    segments_of,
    window_coded,
    window_of,
)

_YEAR = dt.timedelta(days=366)
Told = dict[str, dict[str, Any]]


class Measured(NamedTuple):
    """Which part of a window somebody was active, and how many pay periods it has so far."""

    active: Fraction | None = None
    periods: int = 1


def measured_plans(versions: Mapping[int, PlanVersion]) -> set[int]:
    """Return the plans that measure something by a window to date."""
    return {
        plan_id for plan_id, version in versions.items() if any(measured_by_window(version.plan_document))
    }


def window_days(
    people: Collection[int], versions: Mapping[int, PlanVersion], since: dt.date, end: dt.date
) -> dict[int, Told]:
    """Return by person and plan the days of all windows that runs since a day may have paid."""
    wanted = measured_plans(versions)
    if not wanted or not people:
        return {}
    segments = segments_of(since - _YEAR, end, versions, people)
    return told_days(segments, wanted)


def told_days(segments: Mapping[int, Sequence[PayeeSegment]], plans: Collection[int]) -> dict[int, Told]:
    """Return the days of segments under some plans as a statement keeps them."""
    found = {}
    for person_id, own in segments.items():
        told = {
            str(plan_id): _told([one for one in own if one.plan_id == plan_id])
            for plan_id in sorted({one.plan_id for one in own} & set(plans))
        }
        if told:
            found[person_id] = told
    return found


def _told(segments: Iterable[PayeeSegment]) -> dict[str, Any]:
    ordered = sorted(segments, key=lambda one: one.days.start)
    days: list[list[str]] = []
    for one in ordered:
        start, end = one.days.start.isoformat(), one.days.end.isoformat()
        if days and days[-1][1] == start:
            days[-1][1] = end
        else:
            days.append([start, end])
    return with_leave({"days": days}, tuple(gap for one in ordered for gap in one.leave))


def measured(
    told: Mapping[str, Any] | None, plan: PlanDocument, code: str, window: str, period: FiscalPeriod
) -> Measured:
    """Return how a component's window measures by the days that are pinned; nothing where none are."""
    component = next((one for one in plan.components if one.code == code), None)
    if told is None or component is None or plan.basis_of(component) not in TO_DATE:
        return Measured()
    basis = plan.basis_of(component)
    found: Window = window_of(period, basis)
    if found.code != window:
        found = window_coded(window, basis, period)
    own = [Days(dt.date.fromisoformat(start), dt.date.fromisoformat(end)) for start, end in told["days"]]
    whole = Days(found.start, found.end)
    share = presence_in(plan.proration.days, own, whole, period, leave_in(told)).share
    return Measured(share, periods_in(found, period))
