"""Incentives of the demo company: two approved plans, three paid quarters, one waiting for approval."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import transaction

from apps.calendars import selectors as calendars
from apps.core import clock
from apps.core.demo import DemoContext
from apps.core.errors import DomainError
from apps.incentives import services
from apps.incentives.models import IncentivePlan, PayRun
from apps.incentives.rules.plan.document import SCHEMA
from apps.roles.models import SalesRole

_ROUND_THE_CLOCK = dt.time(9)


def load(context: DemoContext) -> None:
    """Load the demo company's incentives; a second load changes nothing."""
    if IncentivePlan.objects.exists():
        return
    quarters = _last_quarters(context.today, 4)
    first = quarters[0].starts_on
    writer, approver = context.users["compadmin"], context.users["executive"]
    at = dt.datetime.combine(first, _ROUND_THE_CLOCK, tzinfo=clock.company_zone())
    reps = _plan("field-sales", "Field sales", _REPS_PURPOSE, _reps(), first, writer, approver, at)
    managers = _plan("sales-leads", "Sales leads", _LEADS_PURPOSE, _leads(), first, writer, approver, at)
    with transaction.atomic():
        for plan_id, codes in ((reps, ("rep",)), (managers, ("team_manager", "regional_director"))):
            for role in SalesRole.objects.filter(code__in=codes).order_by("code"):
                services.assign_plan(plan_id=plan_id, role_id=role.pk, starts_on=first, by=writer)
    for index, quarter in enumerate(quarters):
        _run(quarter, writer, approver, is_last=index == len(quarters) - 1)
    context.extra["pay_runs"] = PayRun.objects.count()


def _last_quarters(today: dt.date, count: int) -> list[Any]:
    start = today - dt.timedelta(days=92 * (count + 1))
    ended = [q for q in calendars.periods_between(start, today, "quarter") if q.ends_before <= today]
    return ended[-count:]


_REPS_PURPOSE = (
    "Base salary, commission on revenue with an accelerator, and a bonus on deals and new customers."
)
_LEADS_PURPOSE = "Base salary, an override on the revenue of everybody below, and a bonus on wins."


def _most(amount: str) -> dict[str, Any]:
    return {"limit": {"kind": "amount", "amount": amount}, "excess": {"kind": "forfeit"}}


def _reps() -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "currency": settings.COMPANY_CURRENCY,
        "period": "quarter",
        "cap": _most("60000"),
        "components": [
            {"kind": "base_salary", "code": "base", "name": "Base salary", "annual": "54000"},
            {
                "kind": "commission",
                "code": "commission",
                "name": "Commission",
                "measure": "revenue",
                "basis": "year_to_date",
                "table": {
                    "kind": "marginal",
                    "tiers": [
                        {"from": "0", "to": "250000", "rate": "0.03"},
                        {"from": "250000", "to": "750000", "rate": "0.05"},
                        {"from": "750000", "rate": "0.065"},
                    ],
                },
            },
            {
                "kind": "kpi_bonus",
                "code": "growth_bonus",
                "name": "Growth bonus",
                "annual": "8000",
                "measures": [
                    {"measure": "deals_won", "weight": "60", "goal": "8"},
                    {"measure": "new_customers", "weight": "40", "goal": "3"},
                ],
                "curve": {
                    "kind": "curve",
                    "pays": "share",
                    "points": [
                        {"at": "0.5", "pays": "0.25"},
                        {"at": "1", "pays": "1"},
                        {"at": "1.5", "pays": "2"},
                    ],
                    "below": "zero",
                    "above": "hold",
                },
            },
        ],
    }


def _leads() -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "currency": settings.COMPANY_CURRENCY,
        "period": "quarter",
        "components": [
            {"kind": "base_salary", "code": "base", "name": "Base salary", "annual": "84000"},
            {
                "kind": "override",
                "code": "team_override",
                "name": "Team override",
                "measure": "revenue",
                "basis": "period",
                "table": {
                    "kind": "retroactive",
                    "tiers": [
                        {"from": "0", "to": "400000", "rate": "0.005"},
                        {"from": "400000", "rate": "0.008"},
                    ],
                },
                "cap": _most("40000"),
            },
            {
                "kind": "kpi_bonus",
                "code": "win_bonus",
                "name": "Win rate bonus",
                "annual": "12000",
                "measures": [{"measure": "win_rate", "weight": "100", "goal": "0.45"}],
                "curve": {
                    "kind": "curve",
                    "pays": "share",
                    "points": [
                        {"at": "0.8", "pays": "0.5"},
                        {"at": "1", "pays": "1"},
                        {"at": "1.25", "pays": "1.5"},
                    ],
                    "below": "zero",
                    "above": "hold",
                },
            },
        ],
    }


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
