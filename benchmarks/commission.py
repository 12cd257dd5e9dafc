"""A commission run with full trace: every agent on revenue, every lead on an override of the team's."""

import datetime as dt
import resource
import time
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from apps.access.models import User
from apps.calendars import selectors as calendars
from apps.core import clock
from apps.incentives import services
from apps.incentives.models import PayLine, PayTrace
from apps.org.models import PositionUnit
from benchmarks import floor

QUARTERS = ("2017-Q1", "2017-Q2", "2017-Q3", "2017-Q4")
START = dt.date(2017, 1, 1)


def measure() -> dict[str, Any]:
    """Pay the four quarters of 2017, one after the other, and say how long the calculations took."""
    writer, approver = (User.objects.create_user(f"bench-{name}") for name in ("writer", "approver"))
    _plans(writer, approver)
    seconds = 0.0
    for code in QUARTERS:
        seconds += _quarter(code, writer, approver)
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(floor.COMMISSION)
    floor_seconds = time.perf_counter() - started
    return {
        "seconds": round(seconds, 1),
        "floor_seconds": round(floor_seconds, 2),
        "ratio": round(seconds / floor_seconds, 1),
        "lines": PayLine.objects.count(),
        "source_rows": PayTrace.objects.count(),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _at(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(9), tzinfo=clock.company_zone())


def _quarter(code: str, writer: User, approver: User) -> float:
    period = calendars.period(code)
    at = _at(period.ends_before)
    with transaction.atomic():
        run = services.create_run(period=period, by=writer, at=at)
    started = time.perf_counter()
    services.calculate_now(run_id=run.pk, by=writer, at=at)
    seconds = time.perf_counter() - started
    with transaction.atomic():
        services.review_run(run_id=run.pk, by=writer, at=at)
        services.approve_run(run_id=run.pk, by=approver, at=at)
        services.lock_run(run_id=run.pk, by=approver, at=at)
    return seconds


def _plans(writer: User, approver: User) -> None:
    leading = PositionUnit.objects.on(START).filter(is_lead=True).values_list("position_id", flat=True)
    leads = set(leading)
    seated = (
        PositionUnit.objects.on(START).exclude(position_id__in=leads).values_list("position_id", flat=True)
    )
    agents = _plan("bench-agents", "commission", "0.05", writer, approver)
    heads = _plan("bench-leads", "override", "0.01", writer, approver)
    with transaction.atomic():
        for plan_id, positions in ((agents, set(seated)), (heads, leads)):
            for position_id in sorted(positions):
                services.assign_plan(plan_id=plan_id, position_id=position_id, starts_on=START, by=writer)


def _plan(code: str, kind: str, rate: str, writer: User, approver: User) -> int:
    tiers = [{"from": "0", "rate": rate}]
    document = {
        "schema": "salesorg.plan/2",
        "currency": settings.COMPANY_CURRENCY,
        "period": "quarter",
        "components": [
            {
                "kind": kind,
                "code": kind,
                "name": kind,
                "measure": "revenue",
                "basis": "period",
                "table": {"kind": "marginal", "tiers": tiers},
            }
        ],
    }
    at = _at(START)
    with transaction.atomic():
        version = services.create_plan(
            code=code, name=code, purpose="Benchmark.", document=document, starts_on=START, by=writer, at=at
        )
        services.submit_version(version_id=version.pk, by=writer, at=at)
        services.approve_version(version_id=version.pk, by=approver, at=at)
    return int(version.plan_id)
