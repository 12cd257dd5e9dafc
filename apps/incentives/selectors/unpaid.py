"""Which periods somebody has earned in without a statement yet, and what an estimate may build on."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from apps.calendars import selectors as calendars
from apps.calendars.models import FiscalPeriod
from apps.incentives.enums import RunState
from apps.incentives.models import IncentivePlan, RunPlan
from apps.incentives.models.lines import PUBLISHED
from apps.incentives.selectors.crediting import POSTED
from apps.incentives.selectors.payees import versions_in_force

PROVISIONAL = (RunState.CALCULATED, RunState.REVIEWED, RunState.APPROVED)
# How far back a period may lie that no run has paid; what is older was settled elsewhere.
LOOK_BACK = dt.timedelta(days=200)
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Unpaid:
    """A period with the plans that have not told their payees what it pays.

    ``counted`` are the states of runs an estimate goes on from. ``missing`` names by plan an
    earlier period that nobody has calculated yet, so that what looks at the year to date lacks it.
    """

    period: FiscalPeriod
    plan_ids: tuple[int, ...]
    counted: tuple[str, ...]
    missing: Mapping[int, str]


def unpaid_periods(kind: str, today: dt.date) -> Iterator[Unpaid]:
    """Yield the periods of a kind without approved runs, oldest first and the running one last.

    A period that is over counts once the company pays these plans: when it has a run, or one before
    it has. A plan that no run has ever paid counts in it too, as it waits for its first one. No plan is
    named in a period whose run is approved.
    """
    plans = set(IncentivePlan.objects.filter(frequency=kind).values_list("pk", flat=True))
    runs = _states(plans, today - LOOK_BACK)
    begun: set[int] = set()
    missing: dict[int, str] = {}
    provisional = False
    ever = set(RunPlan.objects.filter(plan__in=plans, is_void=False).values_list("plan_id", flat=True))
    for period in calendars.periods_between(today - LOOK_BACK, today + _DAY, kind):
        own = runs.get(period.pk, {})
        is_over = period.ends_before <= today
        begun |= set(own)
        told = {plan_id for plan_id, state in own.items() if state in PUBLISHED}
        due = begun
        if begun and plans - ever:
            due = begun | set(versions_in_force(plans - ever, period))
        asked = (due if is_over else plans) - told
        if asked:
            goes_on = provisional and not own
            counted = (*POSTED, *PROVISIONAL) if goes_on else POSTED
            yield Unpaid(period, tuple(sorted(asked)), counted, dict(missing))
        provisional = provisional or any(state in PROVISIONAL for state in own.values())
        calculated = {plan_id for plan_id, state in own.items() if state != RunState.DRAFT}
        missing |= dict.fromkeys(due - calculated, period.code)


def _states(plans: Collection[int], since: dt.date) -> dict[int, dict[int, str]]:
    """Return period → plan → state of its run; reversed runs and reversals do not count."""
    rows = RunPlan.objects.filter(plan__in=list(plans), is_void=False, period__ends_before__gt=since)
    found: dict[int, dict[int, str]] = {}
    for period_id, plan_id, state in rows.values_list("period_id", "plan_id", "run__state"):
        found.setdefault(period_id, {})[plan_id] = state
    return found
