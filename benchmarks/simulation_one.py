"""Build or measure the company of ``benchmarks.simulation`` (Django is set up here).

``python -m benchmarks.simulation_one build PAYEES | measure | worker SIMULATION``
"""

import datetime as dt
import hashlib
import json
import subprocess
import sys
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from apps.access.models import User  # noqa: E402
from apps.access.permissions import Role  # noqa: E402
from apps.calendars import selectors as calendars  # noqa: E402
from apps.calendars import services as calendar_services  # noqa: E402
from apps.core import clock  # noqa: E402
from apps.core.effective import span  # noqa: E402
from apps.incentives import services  # noqa: E402
from apps.incentives.models import PlanAssignment, PlanVersion, SimulatedPayee, Simulation  # noqa: E402
from apps.incentives.services.simulations import PlayedElsewhere  # noqa: E402
from apps.measures.services import post_staged  # noqa: E402
from apps.org.models import OrgUnit, Person, RoleGrant  # noqa: E402
from apps.org.services import load_structure  # noqa: E402
from apps.org.services.loading import PersonRow, SeatRow, UnitRow  # noqa: E402
from benchmarks.clocks import peak_mb, timed  # noqa: E402

START = dt.date(2025, 10, 1)
AT = dt.datetime(2026, 10, 2, 9, tzinfo=dt.UTC)
DEALS, TEAM = 10, 20
# Amounts and dates follow from the number of the deal alone, so that every run measures the same.
_CREDITS = """
    SELECT 'revenue', 'bench:' || p.id || ':' || m || ':' || d,
           (date '2025-10-01' + make_interval(months => m) + make_interval(days => d * 2))::date,
           (date '2025-10-01' + make_interval(months => m) + make_interval(days => d * 2))::date,
           1000 + (p.place * 7919 + m * 104729 + d * 1299709) %% 9000, %s,
           p.id, NULL::bigint, NULL::bigint, false,
           'bench', p.id * 1000 + m * 50 + d
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM org_person) AS p,
         generate_series(0, 11) AS m, generate_series(0, %s) AS d
"""


def main() -> None:
    """Do one part and print what it found."""
    part, *rest = sys.argv[1:]
    if part != "worker":
        call_command("migrate", verbosity=0)
    with clock.fixed(AT):
        if part == "build":
            build(*map(int, rest))
        elif part == "measure":
            print(json.dumps(measured(), indent=1))
        else:
            _work(*map(int, rest))


def build(payees: int) -> None:
    """Make a company of so many sellers under a plan, a second plan, and ten deals a month of each seller."""
    with transaction.atomic():
        calendar_services.ensure_years(2025, 2026)
        _structure(payees)
        writer, approver = (User.objects.create_user(f"bench-{name}") for name in ("writer", "approver"))
        for user in (writer, approver):
            top = OrgUnit.objects.get(code="bench-top")
            RoleGrant.objects.create(user=user, role=Role.COMP_ADMIN, unit=top, valid=span(START, None))
        plan = _version("bench-sim-a", "0.06", writer, approver).plan
        _version("bench-sim-b", "0.08", writer, approver)
        people = Person.objects.values_list("pk", flat=True)
        rows = [PlanAssignment(plan=plan, person_id=pk, valid=span(START, None)) for pk in people]
        PlanAssignment.objects.bulk_create(rows)
    with transaction.atomic():
        post_staged(_CREDITS, [settings.COMPANY_CURRENCY, DEALS - 1])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _structure(payees: int) -> None:
    teams = max(1, payees // TEAM)
    units = [UnitRow("bench-top", "Benchmark", "company")]
    units += [UnitRow(f"bench-t{one}", f"Team {one}", "team", "bench-top") for one in range(teams)]
    people = [PersonRow(f"bench-p{one}", f"Person {one}") for one in range(payees)]
    places = [
        SeatRow(f"bench-s{one}", "Seller", f"bench-t{one % teams}", one < teams, f"bench-p{one}")
        for one in range(payees)
    ]
    load_structure(units=units, people=people, seats=places, on=START)


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


def measured() -> dict[str, Any]:
    """Simulate the year by one worker and by two."""
    found: dict[str, Any] = {"by_one_worker": _simulated(workers=1), "by_two_workers": _simulated(workers=2)}
    found["same_for_1_and_2_workers"] = len({one.pop("digest") for one in found.values()}) == 1
    return found


def _simulated(*, workers: int) -> dict[str, Any]:
    made = _asked()
    helpers = [_worker(made.pk) for _number in range(workers - 1)]
    figures = timed(lambda: _played(made.pk, helpers))
    told = [json.loads(helper.stdout.readline()) for helper in helpers]
    done = Simulation.objects.get(pk=made.pk)
    return {
        **figures,
        "python_cpu": [figures["python_cpu"], *(one["python_cpu"] for one in told)],
        "database_cpu": [figures["database_cpu"], *(one["database_cpu"] for one in told)],
        "peak_memory_mb": [peak_mb(), *(one["peak_memory_mb"] for one in told)],
        "payees": done.result["payees"],
        "costs": [done.result["now"], done.result["then"]],
        "digest": _digest(done),
    }


def _asked() -> Simulation:
    writer = User.objects.get(username="bench-writer")
    other, plan = (PlanVersion.objects.get(plan__code=f"bench-sim-{one}") for one in "ba")
    with transaction.atomic():
        made = services.request_simulation(
            version=other, first=calendars.period_of(START, "month"), last=calendars.period("2026-M09"),
            by=writer, at=AT, today=AT.date(), url=lambda pk: "",
        )  # fmt: skip
        made.plan = plan.plan
        made.save(update_fields=["plan"])
    return made


def _played(simulation_id: int, helpers: list[Any]) -> None:
    for helper in helpers:
        helper.stdin.write("go\n")
        helper.stdin.flush()
    services.simulate_now(
        simulation_id=simulation_id, at=AT, task=Simulation.objects.get(pk=simulation_id).task
    )


def _digest(simulation: Simulation) -> str:
    digest = hashlib.sha256(json.dumps(simulation.result, sort_keys=True).encode())
    rows = SimulatedPayee.objects.filter(simulation=simulation).order_by("pk")
    for row in rows.values_list("person", "paid_now", "paid_then", "periods", "lines"):
        digest.update(json.dumps(row, sort_keys=True, default=str).encode())
    return digest.hexdigest()


def _worker(simulation_id: int) -> Any:
    """Start a process that waits for its word, so that its start is not measured."""
    command = [sys.executable, "-m", "benchmarks.simulation_one", "worker", str(simulation_id)]
    helper = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert helper.stdout is not None  # noqa: S101
    helper.stdout.readline()
    return helper


def _work(simulation_id: int) -> None:
    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()
    figures = timed(lambda: _help(simulation_id))
    figures["peak_memory_mb"] = peak_mb()
    print(json.dumps(figures), flush=True)


def _help(simulation_id: int) -> None:
    try:
        services.simulate_now(simulation_id=simulation_id, at=AT, is_help=True)
    except PlayedElsewhere:
        return


if __name__ == "__main__":
    main()
