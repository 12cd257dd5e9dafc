"""Incentives of the demo company: plans, paid quarters, one run waiting, and what is asked about it."""

import datetime as dt
from typing import Any

from django.db import transaction

from apps.calendars import selectors as calendars
from apps.core import clock
from apps.core.demo import DemoContext
from apps.core.errors import DomainError
from apps.incentives import services
from apps.incentives.demo import documents, inputs, process
from apps.incentives.models import IncentivePlan, PayRun
from apps.org.models import Assignment
from apps.roles.models import PositionRole, SalesRole

_ROUND_THE_CLOCK = dt.time(9)


def load(context: DemoContext) -> None:
    """Load the demo company's incentives; a second load changes nothing."""
    if IncentivePlan.objects.exists():
        return
    quarters = _last_quarters(context.today, 4)
    first, newest = quarters[0].starts_on, quarters[-1]
    writer, approver = context.users["compadmin"], context.users["executive"]
    at = dt.datetime.combine(first, _ROUND_THE_CLOCK, tzinfo=clock.company_zone())
    plans = {
        code: _plan(code, name, purpose, document, first, writer, approver, at)
        for code, name, purpose, document in documents.plans()
    }
    _assign(context, plans, first)
    inputs.assign(context, plans, first)
    inputs.take_leave(context, newest)
    new = _new_sellers(context, first)
    for seller_id, until in zip(new, (None, newest.starts_on + dt.timedelta(days=45)), strict=False):
        with transaction.atomic():
            services.assign_plan(
                plan_id=plans["new-sellers"],
                person_id=seller_id,
                starts_on=first,
                ends_before=until,
                by=writer,
            )
    for quarter in quarters:
        inputs.grade(context, plans["objectives"], quarter)
    for quarter in quarters[:-1]:
        _run(quarter, writer, approver, is_last=False)
        if quarter == quarters[-3]:
            process.put_right(context, quarter)
    if new:
        process.send_back(context, new[0], quarters[-2])
    process.set_rules(context, newest)
    _run(newest, writer, approver, is_last=True)
    context.extra["pay_runs"] = PayRun.objects.count()
    process.around_pay(context)
    inputs.leave_waiting(context, plans["objectives"])
    _next_version(context, plans["field-sales"])


def _assign(context: DemoContext, plans: dict[str, int], first: dt.date) -> None:
    codes = {"field-sales": ("rep",), "sales-leads": ("team_manager", "regional_director")}
    with transaction.atomic():
        for plan, roles in codes.items():
            for role in SalesRole.objects.filter(code__in=roles).order_by("code"):
                services.assign_plan(
                    plan_id=plans[plan], role_id=role.pk, starts_on=first, by=context.users["compadmin"]
                )


def _new_sellers(context: DemoContext, day: dt.date) -> list[int]:
    """Return the two sellers hired last, who start with a draw; never the one of the tour."""
    positions = PositionRole.objects.on(day).filter(role__code="rep").values("position")
    seats = Assignment.objects.on(day).filter(position__in=positions, person__left_on=None)
    seats = seats.exclude(person__user=context.users["rep"])
    return list(seats.order_by("-person__hired_on", "person_id").values_list("person_id", flat=True)[:2])


def _next_version(context: DemoContext, plan_id: int) -> None:
    """Leave a draft of what field sales may be paid by from the next quarter on."""
    quarter = calendars.period_of(context.today, "quarter")
    with transaction.atomic():
        services.save_draft(
            plan_id=plan_id,
            document=documents.reps_next(),
            starts_on=quarter.ends_before,
            note=documents.NEXT_NOTE,
            revision=None,
            by=context.users["compadmin"],
            at=dt.datetime.combine(context.today, _ROUND_THE_CLOCK, tzinfo=clock.company_zone()),
        )


def _last_quarters(today: dt.date, count: int) -> list[Any]:
    start = today - dt.timedelta(days=92 * (count + 1))
    ended = [q for q in calendars.periods_between(start, today, "quarter") if q.ends_before <= today]
    return ended[-count:]


def _plan(
    code: str,
    name: str,
    purpose: str,
    document: dict[str, Any],
    starts_on: dt.date,
    writer: Any,
    approver: Any,
    at: dt.datetime,
) -> int:
    with transaction.atomic():
        version = services.create_plan(
            code=code, name=name, purpose=purpose, document=document, starts_on=starts_on, by=writer, at=at
        )
        services.submit_version(version_id=version.pk, by=writer, at=at)
        services.approve_version(version_id=version.pk, by=approver, at=at + dt.timedelta(days=1))
    return version.plan_id


def _run(quarter: Any, writer: Any, approver: Any, *, is_last: bool) -> None:
    at = dt.datetime.combine(quarter.ends_before, _ROUND_THE_CLOCK, tzinfo=clock.company_zone())
    after = [at + dt.timedelta(days=days) for days in range(2, 7)]
    try:
        with transaction.atomic():
            run = services.create_run(period=quarter, by=writer, at=at)
    except DomainError:
        return
    services.calculate_now(run_id=run.pk, by=writer, at=after[0])
    with transaction.atomic():
        services.review_run(run_id=run.pk, by=writer, at=after[1])
        if is_last:
            return
        services.approve_run(run_id=run.pk, by=approver, at=after[2])
        services.lock_run(run_id=run.pk, by=approver, at=after[3])
        services.export_payroll(run_id=run.pk, by=writer, at=after[4])
        services.mark_paid(run_id=run.pk, by=writer, at=after[4])
