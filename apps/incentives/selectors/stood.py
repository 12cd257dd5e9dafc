"""How a payee stood when an earlier window was paid: late credits are judged by that, never by today."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from apps.calendars.models import FiscalPeriod
from apps.incentives.rules.engine.book import TO_DATE
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.order import needs
from apps.incentives.selectors.blends import blend_in
from apps.incentives.selectors.bonuses import target_bonus_of
from apps.incentives.selectors.leave import leave_in
from apps.incentives.selectors.payees import share_of, tenure_of
from apps.incentives.selectors.posted import Key, PostedPay, PostedWindow, days_of
from apps.incentives.selectors.window_days import measured

Segments = Sequence[Mapping[str, Any]]
LONG_AGO = 1200  # the pay period of somebody of whom nothing else is known


def tenure_in(segments: Segments, period: FiscalPeriod) -> int:
    """Return which pay period of the plan it is for somebody with these pinned segments."""
    since = [str(segment["since"]) for segment in segments if segment.get("since")]
    return tenure_of(dt.date.fromisoformat(min(since)), period) if since else LONG_AGO


def target_in(document: PlanDocument, segments: Segments) -> Decimal | None:
    """Return the target incentive of a year: somebody's own, or what the plan states in all."""
    own = next((segment["bonus"] for segment in reversed(segments) if segment["bonus"]), None)
    if own is not None:
        return Decimal(own)
    return target_bonus_of(document)


def active_in(document: PlanDocument, segments: Segments, period: FiscalPeriod) -> Fraction:
    """Return which part of a period pinned segments are, all of them together."""
    basis = document.proration.days
    shares = (share_of(basis, days_of(one), period, leave_in(one)) for one in segments)
    return sum(shares, Fraction(0))


def as_it_stood(
    key: Key, before: PostedWindow, told: Mapping[str, Any] | None, posted: PostedPay
) -> dict[str, Any]:
    """Return what a cell of an earlier window is judged by: days, target, tenure and pay of its own time.

    ``told`` are the days pinned for windows to date. What somebody stood at comes from the last run that
    paid the window itself; a run that paid a late credit of it knew only its own period.
    """
    document, component = before.version.plan_document, key.component
    part = next((one for one in document.components if one.code == component), None)
    if part is None:
        return {"standings": before.standings}
    basis, blend = document.basis_of(part), blend_in(before.segments)
    stood: dict[str, Any] = {
        "standings": before.standings,
        "target": target_in(document, before.segments),
        "tenure": tenure_in(before.segments, before.period),
        "weight": Fraction(1) if blend is None else blend.weight,
    }
    if basis in TO_DATE:
        share = measured(told, document, component, key.window, before.period)
        stood |= {"active": share.active, "periods": share.periods}
    elif blend is not None:
        stood["active"] = blend.active
    else:
        stood["active"] = active_in(document, before.segments, before.period)
    if basis == "rolling":
        stood["prior"] = before.prior
    named = [code for code, _place in needs(part)]
    if named:
        stood["pays"] = {code: _paid(key._replace(component=code), before, posted) for code in named}
    return stood


def _paid(key: Key, before: PostedWindow, posted: PostedPay) -> Fraction:
    """Return what another component paid in the period that paid a window last."""
    found = posted.windows.get(key._replace(window=before.period.code))
    return Fraction(0) if found is None else found.posted.raw
