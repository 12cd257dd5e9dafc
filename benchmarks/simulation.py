"""``python -m benchmarks.simulation``: a year of 1,000 payees through two plans; nothing is left behind.

Runs in the database of DATABASE_URL, in one transaction that is taken back. Both plans pay months to date:
a marginal commission and a salary on one side, another rate table on the other; ten deals a month each.
"""

import argparse
import datetime as dt
import json
import resource
import time
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import transaction  # noqa: E402

from apps.access.models import User  # noqa: E402
from apps.calendars import selectors as calendars  # noqa: E402
from apps.core.effective import span  # noqa: E402
from apps.incentives import services  # noqa: E402
from apps.incentives.models import PlanAssignment, PlanVersion  # noqa: E402
from apps.incentives.services import simulations  # noqa: E402
from apps.measures import services as ledger  # noqa: E402
from apps.org.models import Assignment, OrgUnit, Person, Position, PositionUnit  # noqa: E402

START, END = dt.date(2025, 10, 1), dt.date(2026, 10, 1)
AT = dt.datetime(2026, 10, 2, 9, tzinfo=dt.UTC)
DEALS = 10
_CREDITS = """
    SELECT 'revenue', 'bench:' || p.id || ':' || m || ':' || d,
           (date '2025-10-01' + make_interval(months => m) + make_interval(days => d * 2))::date,
           (date '2025-10-01' + make_interval(months => m) + make_interval(days => d * 2))::date,
           1000 + (p.id * 7919 + m * 104729 + d * 1299709) %% 9000, %s,
           p.id, NULL::bigint, NULL::bigint, false,
           'bench', p.id * 1000 + m * 50 + d
    FROM unnest(%s::bigint[]) AS p(id), generate_series(0, 11) AS m, generate_series(0, %s) AS d
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--payees", type=int, default=1000)
    print(json.dumps(measured(parser.parse_args().payees), indent=1))


def measured(payees: int) -> dict[str, Any]:
    """Return the processor seconds of a simulation, the credits it played and what memory it took."""
    with transaction.atomic():
        found = _simulation(payees)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started, processor = time.perf_counter(), time.process_time()
        done = services.simulate_now(simulation_id=found.pk, at=AT)
        figures = {
            "payees": done.result["payees"],
            "credits": payees * 12 * DEALS,
            "seconds": round(time.perf_counter() - started, 1),
            "cpu_seconds": round(time.process_time() - processor, 1),
            "more_memory_mb": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024,
        }
        transaction.set_rollback(True)
    return figures


def _simulation(payees: int) -> Any:
    writer, approver = (User.objects.create_user(f"bench-{name}") for name in ("writer", "approver"))
    simulations.scope_of = lambda *_args: _Everything  # type: ignore[attr-defined]  # nobody signs in here
    people = _people(payees)
    plan = _version("bench-sim-a", "0.06", writer, approver)
    other = _version("bench-sim-b", "0.08", writer, approver)
    rows = [PlanAssignment(plan=plan.plan, person_id=pk, valid=span(START, None)) for pk in people]
    PlanAssignment.objects.bulk_create(rows)
    ledger.post_staged(_CREDITS, [settings.COMPANY_CURRENCY, people, DEALS - 1])
    made = services.request_simulation(
        version=other, first=calendars.period_of(START, "month"), last=calendars.period("2026-M09"),
        by=writer, at=AT, today=AT.date(), url=lambda pk: "",
    )  # fmt: skip
    made.plan = plan.plan
    made.save(update_fields=["plan"])
    return made


class _Everything:
    everything = True


def _people(count: int) -> list[int]:
    unit = OrgUnit.objects.order_by("pk")[0]
    people = Person.objects.bulk_create(
        Person(external_id=f"bench-{n}", name=f"Bench {n}", email=f"bench-{n}@example.com", hired_on=START)
        for n in range(count)
    )
    positions = Position.objects.bulk_create(Position(code=f"bench-{n}", title="Bench") for n in range(count))
    PositionUnit.objects.bulk_create(
        PositionUnit(position=one, unit=unit, valid=span(START, None)) for one in positions
    )
    Assignment.objects.bulk_create(
        Assignment(position=seat, person=one, valid=span(START, None), is_primary=True)
        for seat, one in zip(positions, people, strict=True)
    )
    return [one.pk for one in people]


def _version(code: str, high: str, writer: User, approver: User) -> PlanVersion:
    tiers = [
        {"from": "0", "to": "300000", "rate": "0.04"},
        {"from": "300000", "rate": high},
    ]
    document = {
        "schema": "salesorg.plan/2", "currency": settings.COMPANY_CURRENCY, "period": "month",
        "components": [
            {
                "kind": "commission", "code": "commission", "name": "Commission", "measure": "revenue",
                "basis": "year_to_date", "table": {"kind": "marginal", "tiers": tiers},
            },
            {"kind": "base_salary", "code": "base", "name": "Base", "annual": "60000"},
        ],
    }  # fmt: skip
    version = services.create_plan(
        code=code, name=code, purpose="Benchmark.", document=document, starts_on=dt.date(2025, 1, 1),
        by=writer, at=AT,
    )  # fmt: skip
    services.submit_version(version_id=version.pk, by=writer, at=AT)
    services.approve_version(version_id=version.pk, by=approver, at=AT)
    return PlanVersion.objects.select_related("plan").get(pk=version.pk)


if __name__ == "__main__":
    main()
