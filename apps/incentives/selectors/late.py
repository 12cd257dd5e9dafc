"""Unpaid leave that became known after its period was paid: the next run pays the difference.

Only what rests on days is paid again: salaries and target bonuses. Whether commission of a period that was
paid meets another quota is not asked again, as with any quota relief; windows to date meet today's quota.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from apps.calendars import selectors as calendars
from apps.calendars.models import FiscalPeriod
from apps.incentives.models import PlanVersion, Statement
from apps.incentives.rules.engine.shapes import Cell, Posted, Segment, Standings
from apps.incentives.rules.kinds import BaseSalary, KpiBonus, MatrixBonus, Mbo
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.selectors.bonuses import bonus_parts
from apps.incentives.selectors.facts import grades_in
from apps.incentives.selectors.leave import leave_in, leave_on, takes_off, unpaid_between, with_leave
from apps.incentives.selectors.payees import presence_of, share_of, standings_of
from apps.incentives.selectors.posted import Key, days_of, standings_under
from apps.org.models import Absence

if TYPE_CHECKING:
    from apps.incentives.selectors.given import PlanWork

BY_DAYS = (BaseSalary, KpiBonus, MatrixBonus, Mbo)
Told = dict[str, Any]


@lru_cache(maxsize=64)
def by_days(plan: PlanDocument) -> PlanDocument:
    """Return the parts of a plan that are paid by the days of a pay period."""
    kept = tuple(
        component
        for component in plan.components
        if isinstance(component, BY_DAYS) and plan.basis_of(component) == "period"
    )
    return plan.model_copy(update={"components": kept})


def annual_of(plan: PlanDocument, segment: Mapping[str, Any]) -> dict[str, Decimal]:
    """Return a payee's own yearly amounts by component, as their segment pins them."""
    annual = {}
    for component in plan.components:
        if isinstance(component, BaseSalary) and segment["salary"] is not None:
            annual[component.code] = Decimal(segment["salary"])
    if segment["bonus"] is not None:
        annual |= bonus_parts(plan, Decimal(segment["bonus"]))
    return annual


@dataclass(frozen=True)
class _Paid:
    """What a locked run paid a person under a plan in one period, with the leave it last knew of."""

    period: FiscalPeriod
    statement: Statement
    segments: tuple[Mapping[str, Any], ...]


_Where = tuple[int, int, str]  # person, plan, code of the period


def late_leave(
    people: Iterable[int],
    plan_ids: Collection[int],
    period: FiscalPeriod,
    since: dt.date,
    counted: Collection[str],
) -> dict[int, dict[str, dict[str, Told]]]:
    """Return by person, plan and earlier period what was paid with other leave than is recorded today.

    ``since`` is the first day of periods looked at, ``counted`` the states of runs that hold. Where nobody
    had unpaid leave it costs one query.
    """
    changed = Absence.objects.filter(Q(is_paid=False) | Q(version__gt=1), person__in=list(people))
    named = sorted(set(changed.values_list("person_id", flat=True)))
    paid = _paid_before(named, set(plan_ids), period, since, counted) if named else {}
    if not paid:
        return {}
    versions = PlanVersion.objects.in_bulk({one["version"] for row in paid.values() for one in row.segments})
    away = unpaid_between(named, since, period.starts_on)
    different: dict[_Where, tuple[Told, ...]] = {}
    for where, row in paid.items():
        now = tuple(
            with_leave(
                dict(one),
                leave_on(days_of(one), away.get(where[0], ()))
                if takes_off(versions[one["version"]].plan_document)
                else (),
            )
            for one in row.segments
        )
        if [leave_in(one) for one in now] != [leave_in(one) for one in row.segments]:
            different[where] = now
    return _told(different, paid, versions)


def _paid_before(
    people: Collection[int], plans: set[int], period: FiscalPeriod, since: dt.date, counted: Collection[str]
) -> dict[_Where, _Paid]:
    rows = (
        Statement.objects.filter(person__in=people, run__state__in=list(counted), run__is_void=False)
        .filter(run__period__starts_on__gte=since, run__period__ends_before__lte=period.starts_on)
        .select_related("run__period")
        .order_by("run__period__starts_on", "pk")
    )
    found: dict[_Where, _Paid] = {}
    for row in rows:
        own: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
        for segment in row.inputs.get("segments", ()):
            if segment["plan"] in plans:
                own[segment["plan"]].append(segment)
        for plan_id, segments in own.items():
            where = (row.person_id, plan_id, row.run.period.code)
            found[where] = _Paid(row.run.period, row, tuple(segments))
        for plan_id, windows in row.inputs.get("late", {}).items():
            for window, told in windows.items():
                where = (row.person_id, int(plan_id), window)
                if where in found:  # a run in between paid the difference already
                    found[where] = _Paid(found[where].period, found[where].statement, tuple(told["segments"]))
    return found


def _told(
    different: Mapping[_Where, tuple[Told, ...]],
    paid: Mapping[_Where, _Paid],
    versions: Mapping[int, PlanVersion],
) -> dict[int, dict[str, dict[str, Told]]]:
    quotas = _quotas(different, paid, versions)
    found: dict[int, dict[str, dict[str, Told]]] = defaultdict(lambda: defaultdict(dict))
    for (person_id, plan_id, window), segments in sorted(different.items()):
        before = paid[person_id, plan_id, window]
        now = quotas.get((person_id, window), {})
        standings = {
            span: {
                measure: [actual, now.get((span, measure), quota)]
                for measure, (actual, quota) in measures.items()
            }
            for span, measures in before.statement.inputs.get("standings", {}).items()
        }
        facts = before.statement.inputs.get("facts", {}).get(str(plan_id), {})
        found[person_id][str(plan_id)][window] = {
            "kind": before.period.kind,
            "segments": list(segments),
            "standings": standings,
            "facts": facts,
            "actuals": _of_plan(before.statement.inputs.get("actuals", {}), str(plan_id)),
            "rates": before.statement.inputs.get("rates", []),
            "components": _paid_by_days(segments, versions),
        }
    return {person_id: {plan: dict(own) for plan, own in plans.items()} for person_id, plans in found.items()}


def _of_plan(told: Mapping[str, Any], plan: str) -> dict[str, Any]:
    return {plan: told[plan]} if plan in told else {}


def _paid_by_days(segments: Iterable[Told], versions: Mapping[int, PlanVersion]) -> list[str]:
    plans = [versions[one["version"]].plan_document for one in segments]
    return sorted({component.code for plan in plans for component in by_days(plan).components})


def _quotas(
    different: Iterable[_Where], paid: Mapping[_Where, _Paid], versions: Mapping[int, PlanVersion]
) -> dict[tuple[int, str], dict[tuple[str, str], str | None]]:
    """Return what people are held to today for periods that are paid again: leave lowers quotas, too."""
    by_period: dict[str, tuple[FiscalPeriod, dict[int, list[PlanDocument]]]] = {}
    for where in different:
        row = paid[where]
        _period, people = by_period.setdefault(where[2], (row.period, defaultdict(list)))
        people[where[0]] += [versions[one["version"]].plan_document for one in row.segments]
    found: dict[tuple[int, str], dict[tuple[str, str], str | None]] = {}
    for window, (period, people) in sorted(by_period.items()):
        for person_id, spans in standings_of(people, period).items():
            found[person_id, window] = {
                (span, measure): None if one.quota is None else str(one.quota)
                for span, measures in spans.items()
                for measure, one in measures.items()
            }
    return found


def late_segments(late: Mapping[str, Told], work: "PlanWork") -> list[Segment]:
    """Return what pays earlier periods again by today's leave, less what locked runs hold for them."""
    found = []
    for window, told in sorted(late.items()):
        period = calendars.period(window, told["kind"])
        taken: set[str] = set()
        for index, one in enumerate(told["segments"]):
            segment = _again(window, index, told, one, period, work, taken)
            if segment is not None:
                found.append(segment)
    return found


def _again(
    window: str,
    index: int,
    told: Told,
    one: Mapping[str, Any],
    period: FiscalPeriod,
    work: "PlanWork",
    taken: set[str],
) -> Segment | None:
    """Pay one segment of an earlier period again; the first with a component gives back what was posted."""
    cells: dict[str, Sequence[Cell]] = {}
    standings: Standings = {}
    version = None
    for component in told["components"]:
        key = Key(work.payee.person_id, work.version.plan_id, component, window)
        before = work.posted.windows.get(key)
        if before is None or before.version.pk != one["version"]:
            continue
        version = before.version
        standings = standings or standings_under(version, told, period)
        given_back = Posted(exists=True) if component in taken else before.posted
        taken.add(component)
        cells[component] = [
            Cell(window, posted=given_back, is_current=False, standings=standings, again=True)
        ]
    if version is None:
        return None
    days, leave, plan = days_of(one), leave_in(one), by_days(version.plan_document)
    code = f"late:{window}.{index}"
    work.paid_under[code] = (version, one["assignment"])
    basis = plan.proration.days
    return Segment(
        plan=plan,
        code=code,
        active=share_of(basis, days, period, leave),
        cells=cells,
        standings=standings,
        annual=annual_of(plan, one),
        grades=grades_in(told["facts"]),
        days=(days.length, (period.ends_before - period.starts_on).days),
        presence=presence_of(basis, days, period, leave) if leave else None,
        has_ended=True,
    )
