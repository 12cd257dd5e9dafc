"""A target over 5,000 nodes: cascade, edits in the grid and undo, beside the same split in plain SQL."""

import datetime as dt
import resource
import statistics
import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from apps.access.models import User
from apps.access.permissions import Role
from apps.calendars import services as calendars
from apps.core import clock
from apps.core.effective import span
from apps.org.models import OrgUnit, RoleGrant
from apps.org.services import load_structure
from apps.org.services.loading import PersonRow, SeatRow, UnitRow
from apps.targets import services
from apps.targets.enums import Balance, Method, Season
from apps.targets.models import Target, TargetPlan
from apps.targets.rules.levels import Level
from apps.targets.services import settling
from benchmarks import floor

NODES = 5_000
TIMES = 5
REGIONS, TEAMS = 10, 480
STRUCTURE_ON = dt.date(2030, 1, 1)
AT = dt.datetime(2030, 1, 2, 9, tzinfo=dt.UTC)
LEVELS = {
    0: Level(Method.CAPACITY, Decimal("0.03")),
    1: Level(Method.WEIGHTED, weights={"capacity": Decimal("0.6"), "equal": Decimal("0.4")}),
}


def measure() -> dict[str, Any]:
    """Plan 5,000 nodes, cascade them again, edit the grid as a browser does; all given up at the end."""
    with transaction.atomic(), clock.fixed(AT):
        top = _structure()
        planner = User.objects.create_user("bench-planner")
        for role in (Role.SALES_OPS, Role.EXECUTIVE):
            RoleGrant.objects.create(user=planner, role=role, unit=top, valid=span(STRUCTURE_ON))
        found = _measured(top, planner)
        transaction.set_rollback(True)
    return found


def _structure() -> OrgUnit:
    seats = NODES - 1 - REGIONS - TEAMS
    units = [UnitRow("bench-top", "Benchmark", "company")]
    units += [UnitRow(f"bench-r{one}", f"Region {one}", "region", "bench-top") for one in range(REGIONS)]
    units += [
        UnitRow(f"bench-t{one}", f"Team {one}", "team", f"bench-r{one % REGIONS}") for one in range(TEAMS)
    ]
    people = [PersonRow(f"bench-p{one}", f"Person {one}") for one in range(seats)]
    places = [
        SeatRow(f"bench-s{one}", "Seller", f"bench-t{one % TEAMS}", person=f"bench-p{one}")
        for one in range(seats)
    ]
    calendars.ensure_years(2029, 2031)
    load_structure(units=units, people=people, seats=places, on=STRUCTURE_ON)
    return OrgUnit.objects.get(code="bench-top")


def _measured(top: OrgUnit, planner: User) -> dict[str, Any]:
    found: dict[str, Any] = {"create": timed(lambda: _create(top, planner))}
    plan = TargetPlan.objects.get(root_unit=top)
    nodes = Target.objects.filter(plan=plan)
    found["nodes"] = nodes.count()
    _unlike(plan)
    found["cascade"] = timed(lambda: _cascade(plan, planner))
    found["cascade_cpu"] = repeated(lambda number: _cascade(plan, planner, number + 1), times=3)
    found["floor_cascade_seconds"] = floor.cascade(plan.pk)
    found["floor_cascade"] = repeated(lambda _n: floor.cascade(plan.pk), times=3)
    found["floor_rewrite"] = repeated(lambda _n: floor.rewrite(plan.pk), times=3)
    client = Client(headers={"accept": "application/json"})
    client.force_login(planner)
    found["edits"] = _edits(client, plan)
    found["grid_page"] = repeated(lambda _n: client.get(reverse("targets:plan", args=[plan.pk])))
    team = nodes.filter(depth=2).first()
    if team is not None:
        found["branch"] = repeated(lambda _n: client.get(reverse("targets:rows", args=[plan.pk, team.pk])))
    found["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return found


def _edits(client: Client, plan: TargetPlan) -> dict[str, Any]:
    """Every kind of edit of the grid, several times, with what its answer left to be written beside it."""
    nodes = Target.objects.filter(plan=plan).order_by("place")
    seats, teams, regions = (list(nodes.filter(depth=depth)[: 40 * TIMES : 40]) for depth in (3, 2, 1))
    region, top = list(nodes.filter(depth=1)), list(nodes.filter(depth=0))
    found = {}
    for name, rows, balance, column in (
        ("seat", seats, Balance.SIBLINGS, "year"),
        ("seat_up", seats, Balance.UP, "year"),
        ("month", seats, Balance.SIBLINGS, "m4"),
        ("team", teams, Balance.SIBLINGS, "year"),
        ("team_month", teams, Balance.SIBLINGS, "m4"),
        ("region_up", region[1:], Balance.UP, "year"),
        ("region", regions, Balance.SIBLINGS, "year"),
        ("company", top, Balance.UP, "year"),
    ):
        found[name] = repeated(_typed(client, rows, balance, column), _settled)
    for name in ("undo", "redo"):
        found[name] = repeated(partial(_turned, client, plan, name), _settled, times=3)
    return found


def _turned(client: Client, plan: TargetPlan, name: str, _number: int) -> None:
    _posted(client, reverse(f"targets:{name}", args=[plan.pk]))


def _settled() -> None:
    """Write what was answered, with what the database proves when it is committed."""
    settling.settle_all()
    connection.check_constraints()


def _typed(client: Client, rows: list[Target], balance: Balance, column: str) -> Callable[[int], None]:
    return lambda number: _edit(client, rows[number % len(rows)], balance, column, number)


def _create(top: OrgUnit, planner: User) -> None:
    services.create_plan(
        measure="revenue",
        year="2030",
        root_unit_id=top.pk,
        by_id=planner.pk,
        at=AT,
        on=AT.date(),
        amount=Decimal("1234567890.12"),
        levels=LEVELS,
        season=Season.WORKING_DAYS,
        unit_ids=list(OrgUnit.objects.filter(code__startswith="bench-").values_list("pk", flat=True)),
    )
    connection.check_constraints()


def _unlike(plan: TargetPlan) -> None:
    """Give the seats full-time shares of all sizes, so that no two of a team are split alike."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE targets_target SET capacity = 0.5 + (id * 7919 %% 5000) / 10000.0"
            " WHERE plan_id = %s AND position_id IS NOT NULL",
            [plan.pk],
        )


def _cascade(plan: TargetPlan, planner: User, number: int = 0) -> None:
    services.cascade(
        plan_id=plan.pk,
        amount=Decimal("1300000000.01") + 10_000_000 * number,
        levels=LEVELS,
        by_id=planner.pk,
        at=AT,
        on=AT.date(),
    )
    connection.check_constraints()


def _edit(client: Client, target: Target, balance: Balance, column: str, number: int) -> None:
    _posted(
        client,
        reverse("targets:edit_cell", args=[target.pk]),
        column=column,
        amount="+1%" if number % 2 else "-1%",
        balance=str(balance),
        opened=str(target.parent_id or ""),
    )


def _posted(client: Client, url: str, **data: str) -> None:
    answer = client.post(url, data)
    if answer.status_code != 200:
        raise RuntimeError(answer.content[:300])
    connection.check_constraints()


def repeated(
    act: Callable[[int], Any], after: Callable[[], Any] | None = None, times: int = 0
) -> dict[str, float]:
    """Return median milliseconds of acts: by the clock, of Python, of the database's process (Linux).

    ``after`` runs after each of them and is measured apart.
    """
    acts, afters = [], []
    for number in range(times or TIMES):
        acts.append(_spent(partial(act, number)))
        if after is not None:
            afters.append(_spent(after))
    found = _medians(acts)
    return found | {f"settling_{name}": value for name, value in (_medians(afters) if afters else {}).items()}


def _spent(function: Callable[[], Any]) -> tuple[float, float, float]:
    clock_, python, database = time.perf_counter(), time.process_time(), _database_seconds()
    function()
    return time.perf_counter() - clock_, time.process_time() - python, _database_seconds() - database


def _database_seconds() -> float:
    """Return the CPU seconds of this connection's process; 0 where the system does not tell."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        path = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    return int(path.read_text().split()[0]) / 1e9 if path.exists() else 0.0


def _medians(spent: list[tuple[float, float, float]]) -> dict[str, float]:
    middle = [round(statistics.median(one[column] for one in spent) * 1000) for column in range(3)]
    return {
        "ms": middle[0],
        "cpu_ms": middle[1] + middle[2],
        "python_ms": middle[1],
        "database_ms": middle[2],
    }


def timed(function: Callable[[], Any]) -> dict[str, float]:
    """Return wall and CPU seconds of a call and the statements it took."""
    count = 0

    def counter(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        nonlocal count
        count += 1
        return execute(sql, params, many, context)

    started, cpu = time.perf_counter(), time.process_time()
    with connection.execute_wrapper(counter):
        function()
    return {
        "seconds": round(time.perf_counter() - started, 3),
        "cpu_seconds": round(time.process_time() - cpu, 3),
        "statements": count,
    }
