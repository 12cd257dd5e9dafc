"""What the company owes on a day for periods that no locked run has paid yet."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from apps.calendars import selectors as calendars
from apps.calendars.models import FiscalPeriod
from apps.incentives.enums import PayFrequency, RunState
from apps.incentives.models import IncentivePlan, PayLine, RunPlan
from apps.incentives.selectors import payees as people_of
from apps.incentives.selectors.crediting import POSTED
from apps.incentives.selectors.holds import holds_in_force
from apps.incentives.selectors.pinning import LEDGER_END, pinned_for
from apps.incentives.selectors.unpaid import PROVISIONAL
from apps.org.models import Person

LOOK_BACK = dt.timedelta(days=400)
_DAY = dt.timedelta(days=1)
CALCULATED, ESTIMATED = "calculated", "estimated"


@dataclass(frozen=True)
class Owed:
    """What somebody is owed for a component in a window of a period, and how well that is known."""

    period: FiscalPeriod
    person_id: int
    currency: str
    plan_id: int | None
    component: str
    window: str
    amount: Decimal
    known: str


def unpaid_periods(as_of: dt.date) -> list[tuple[FiscalPeriod, list[int]]]:
    """Return the begun periods with the plans no locked run has paid in them, oldest first."""
    found = []
    for kind in PayFrequency.values:
        plans = list(IncentivePlan.objects.filter(frequency=kind).order_by("pk").values_list("pk", flat=True))
        for period in calendars.periods_between(as_of - LOOK_BACK, as_of + _DAY, kind):
            paid = RunPlan.objects.filter(
                period=period, is_void=False, run__state__in=[RunState.LOCKED, RunState.PAID]
            ).values_list("plan_id", flat=True)
            in_force = people_of.versions_in_force(plans, period)
            waiting = [pk for pk in plans if pk in in_force and pk not in set(paid)]
            if waiting and period.starts_on <= as_of:
                found.append((period, waiting))
    return sorted(found, key=lambda pair: (pair[0].starts_on, pair[0].pk))


def owed(as_of: dt.date) -> Iterator[Owed]:
    """Yield what is owed, from calculated runs where there are any, estimated by the engine elsewhere.

    An estimate rests on locked and on calculated runs, so what is paid to date goes on where
    the calculated run before it ends.
    """
    for period, plans in unpaid_periods(as_of):
        yield from _calculated(period, plans)
        yield from _estimated(period, plans, as_of)


def _runs(period: FiscalPeriod, plans: Iterable[int]) -> dict[int, set[int]]:
    """Return run → plans for the calculated runs of a period that are not locked."""
    rows = RunPlan.objects.filter(period=period, is_void=False, plan__in=list(plans)).filter(
        run__state__in=PROVISIONAL
    )
    found: dict[int, set[int]] = defaultdict(set)
    for run_id, plan_id in rows.values_list("run_id", "plan_id"):
        found[run_id].add(plan_id)
    return found


def _calculated(period: FiscalPeriod, plans: Iterable[int]) -> Iterator[Owed]:
    lines = PayLine.objects.filter(run__in=list(_runs(period, plans))).exclude(amount=0)
    lines = lines.order_by("person_id", "sequence")
    columns = ("person_id", "currency", "version__plan_id", "component", "window", "amount")
    for person_id, currency, plan_id, component, window, amount in lines.values_list(*columns).iterator():
        yield Owed(period, person_id, currency, plan_id, component, window, amount, CALCULATED)


def _estimated(period: FiscalPeriod, plans: Iterable[int], as_of: dt.date) -> Iterator[Owed]:
    known = set().union(*_runs(period, plans).values())
    waiting = [pk for pk in plans if pk not in known]
    if not waiting:
        return
    end, counted = min(period.ends_before, as_of + _DAY), (*POSTED, *PROVISIONAL)
    pinning = pinned_for(waiting, period, LEDGER_END, until=end, counted=counted)
    for result in pinning.results(holds_in_force()):
        for paid in result.lines:
            line = paid.line
            if line.rounded:
                yield Owed(
                    period, result.person_id, paid.currency, paid.version.plan_id,
                    line.component, line.window, line.rounded, ESTIMATED,
                )  # fmt: skip


def people_named(ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Return personnel number and name of people."""
    rows = Person.objects.filter(pk__in=list(ids)).values_list("pk", "external_id", "name")
    return {pk: (number, name) for pk, number, name in rows}
