"""Moves between plans: each plan meets quota and sales of its own days, or the plans are blended by days."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from apps.calendars.models import FiscalPeriod
from apps.incentives.models import PlanVersion
from apps.incentives.rules.engine.shapes import Number, Standing
from apps.incentives.rules.plan.standings import standings_asked
from apps.incentives.rules.segments import Days
from apps.incentives.selectors.blends import Blend, Parts
from apps.incentives.selectors.payees import (
    PayeeSegment,
    Standings,
    led_units,
    plans_held,
    share_of,
    window_of,
)
from apps.measures.registry import measures
from apps.targets import selectors as targets

_DAY = dt.timedelta(days=1)
Segments = Mapping[int, Sequence[PayeeSegment]]


def blended(
    segments: dict[int, list[PayeeSegment]], versions: Mapping[int, PlanVersion], period: FiscalPeriod
) -> dict[int, list[PayeeSegment]]:
    """Give segments their share of a blend, where the last plan of somebody who moved says so."""
    for person_id, own in segments.items():
        if len({one.plan_id for one in own}) < 2:
            continue
        if versions[own[-1].plan_id].plan_document.proration.transfers != "blended":
            continue
        active = [_active(one, versions, period) for one in own]
        total = sum(active, Fraction(0))
        if total:
            days = tuple(one.days for one in own)
            segments[person_id] = [
                replace(one, blend=Blend(part / total, total, days))
                for one, part in zip(own, active, strict=True)
            ]
    return segments


def _active(one: PayeeSegment, versions: Mapping[int, PlanVersion], period: FiscalPeriod) -> Fraction:
    basis = versions[one.plan_id].plan_document.proration.days
    return share_of(basis, one.days, period, one.leave)


def parts_of(segments: Segments, versions: Mapping[int, PlanVersion], period: FiscalPeriod) -> Parts:
    """Return the days under each plan of those who were under another one in a span their plans look at."""
    spans = {
        plan_id: {span for _measure, span in standings_asked(version.plan_document)}
        for plan_id, version in versions.items()
    }
    windows = {span: window_of(period, span) for named in spans.values() for span in named}
    if not windows or not segments:
        return {}
    start = min(window.start for window in windows.values())
    end = max(window.end for window in windows.values())
    found: dict[tuple[int, int, str], tuple[Days, ...]] = {}
    for person_id, held in plans_held(start, end, segments).items():
        own = {one.plan_id for one in segments[person_id] if one.blend is None}
        for plan_id in sorted(own if len(held) > 1 else ()):
            for span in sorted(spans[plan_id]):
                window = windows[span]
                inside = {
                    plan: tuple(part for one in days if (part := one.within(window.start, window.end)))
                    for plan, days in held.items()
                }
                if any(days for plan, days in inside.items() if plan != plan_id):
                    found[person_id, plan_id, span] = inside[plan_id]
    return found


def standings_apart(
    parts: Parts, versions: Mapping[int, PlanVersion], period: FiscalPeriod
) -> dict[int, dict[int, Standings]]:
    """Return person → plan → span → measure → standing, over the days of parts alone."""
    wanted: dict[tuple[str, tuple[Days, ...]], list[tuple[int, int, str]]] = defaultdict(list)
    for place, days in parts.items():
        for measure, span in standings_asked(versions[place[1]].plan_document):
            if span == place[2]:
                wanted[measure, days].append(place)
    led = led_units({person_id for person_id, _plan, _span in parts}, period.ends_before - _DAY)
    found: dict[int, dict[int, Standings]] = defaultdict(lambda: defaultdict(lambda: defaultdict(dict)))
    for (measure, days), places in wanted.items():
        people = {person_id for person_id, _plan, _span in places}
        reached = _reached(measure, days, people, led, period)
        for person_id, plan_id, span in places:
            found[person_id][plan_id][span][measure] = reached[person_id]
    return {
        person_id: {plan: {span: dict(own) for span, own in spans.items()} for plan, spans in plans.items()}
        for person_id, plans in found.items()
    }


def _reached(
    measure: str, days: Sequence[Days], people: Collection[int], led: Mapping[int, int], period: FiscalPeriod
) -> dict[int, Standing]:
    """Return where people, or the units they lead, stand over some days; a rate over all of them as one."""
    if measures.get(measure).source == "ratio" and days:
        days = [Days(days[0].start, days[-1].end)]
    found = {person_id: Standing(None, None) for person_id in people}
    for part in days:
        answer = targets.standings(
            measure=measure,
            start=part.start,
            end=part.end,
            on=period.ends_before - _DAY,
            unit_ids=sorted({led[one] for one in people if one in led}),
            person_ids=sorted(one for one in people if one not in led),
        )
        for one in people:
            actual, quota = answer.actual_and_quota(unit_id=led.get(one), person_id=one)
            found[one] = Standing(_plus(found[one].actual, actual), _plus(found[one].quota, quota))
    return found


def _plus(known: Number | None, more: Number | None) -> Number | None:
    if known is None or more is None:
        return known if more is None else more
    return known + more  # type: ignore[operator]  # decimals, both of them
