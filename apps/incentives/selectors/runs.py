"""Which periods and plans a new pay run can be for, and in which currencies people are paid."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.calendars import selectors as calendars
from apps.calendars.models import FiscalPeriod
from apps.incentives.models import IncentivePlan, PlanVersion, RunPlan
from apps.incentives.names import in_words
from apps.incentives.selectors.exchange import company_currency, pays_in

_DAY = dt.timedelta(days=1)


def payable_periods(today: dt.date) -> QuerySet[FiscalPeriod]:
    """Return the open periods begun by today for which some approved plan has no run yet, newest first."""
    taken = RunPlan.objects.filter(is_void=False, plan=OuterRef("plan"), period=OuterRef(OuterRef("pk")))
    unpaid = (
        PlanVersion.objects.approved()
        .filter(plan__frequency=OuterRef("kind"), valid__startswith__lt=OuterRef("ends_before"))
        .filter(Q(valid__endswith__isnull=True) | Q(valid__endswith__gte=OuterRef("ends_before")))
        .exclude(Exists(taken))
    )
    begun = FiscalPeriod.objects.of_company().filter(closed_at__isnull=True, starts_on__lte=today)
    return begun.filter(Exists(unpaid)).order_by("-starts_on", "kind")


def plans_left(periods: Sequence[FiscalPeriod]) -> dict[int, list[str]]:
    """Return the names of the plans without a run, by period, where other plans have one already."""
    taken: dict[int, set[int]] = defaultdict(set)
    rows = RunPlan.objects.filter(is_void=False, period__in=[one.pk for one in periods])
    for period_id, plan_id in rows.values_list("period_id", "plan_id"):
        taken[period_id].add(plan_id)
    approved = list(PlanVersion.objects.approved().select_related("plan").order_by("plan__name", "plan_id"))
    return {
        period.pk: list(dict.fromkeys(in_words(one.plan.name) for one in _waiting(approved, period, paid)))
        for period in periods
        if (paid := taken.get(period.pk))
    }


def _waiting(
    approved: Iterable[PlanVersion], period: FiscalPeriod, paid: Collection[int]
) -> Iterator[PlanVersion]:
    """Yield the versions that pay for a period and whose plan has no run for it."""
    last = period.ends_before - dt.timedelta(days=1)
    for one in approved:
        if one.plan.frequency == period.kind and one.plan_id not in paid and last in one.valid:
            yield one


def first_day(kind: str, today: dt.date, plan_id: int | None = None) -> dt.date:
    """Return from when on a plan or a version best begins: with a pay period.

    It is the running one; the next one if the plan has a run for it, or a version from its days on.
    Without a fiscal year it is today.
    """
    running = _running(kind, today)
    if running is None:
        return today
    later = PlanVersion.objects.approved().filter(plan=plan_id, valid__startswith__gte=running.starts_on)
    if plan_id is not None and later.exists():
        return running.ends_before
    return _begins(running, plan_id)


def first_day_under(plan: IncentivePlan, today: dt.date) -> dt.date:
    """Return from when on somebody best is put under a plan: from a pay period that no run has begun."""
    running = _running(plan.frequency, today)
    first = today if running is None else _begins(running, plan.pk)
    versions = PlanVersion.objects.approved().filter(plan=plan).order_by("valid")
    begins = versions.values_list("valid", flat=True).first()
    return first if begins is None else max(first, begins.lower)


def _running(kind: str, today: dt.date) -> FiscalPeriod | None:
    return next(iter(calendars.periods_between(today, today + _DAY, kind)), None)


def _begins(running: FiscalPeriod, plan_id: int | None) -> dt.date:
    taken = RunPlan.objects.filter(plan=plan_id, period=running, is_void=False)
    return running.ends_before if plan_id is not None and taken.exists() else running.starts_on


def currencies_of_pay() -> list[str]:
    """Return the currencies people are paid in: the company's first, then those of approved plans."""
    approved = PlanVersion.objects.approved().order_by("pk")
    paid_in = {pays_in(version.plan_document) for version in approved}
    return [company_currency(), *sorted(paid_in - {company_currency()})]
