"""A target over 5,000 nodes: cascade, edits in the grid and undo, beside the same split in plain SQL."""

import datetime as dt
import resource
import time
from collections.abc import Callable
from decimal import Decimal
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
from benchmarks import floor

NODES = 5_000
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
    found["cascade"] = timed(lambda: _cascade(plan, planner))
    found["floor_cascade_seconds"] = floor.cascade(plan.pk)
    client = Client(headers={"accept": "application/json"})
    client.force_login(planner)
    seats = iter(nodes.filter(depth=3).order_by("place")[:4])
    for name, target, balance in (
        ("edit_seat", next(seats), Balance.SIBLINGS),
        ("edit_seat_up", next(seats), Balance.UP),
        ("edit_month", next(seats), Balance.SIBLINGS),
        ("edit_team", nodes.filter(depth=2).first(), Balance.SIBLINGS),
        ("edit_region_up", nodes.filter(depth=1).first(), Balance.UP),
        ("edit_region", nodes.filter(depth=1).last(), Balance.SIBLINGS),
    ):
        column = "m4" if name == "edit_month" else "year"
        found[name] = timed(lambda t=target, b=balance, c=column: _edit(client, t, b, c))
    found["undo"] = timed(lambda: _posted(client, reverse("targets:undo", args=[plan.pk])))
    found["grid_page"] = timed(lambda: client.get(reverse("targets:plan", args=[plan.pk])))
    team = nodes.filter(depth=2).first()
    if team is not None:
        found["branch"] = timed(lambda: client.get(reverse("targets:rows", args=[plan.pk, team.pk])))
    found["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return found


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


def _cascade(plan: TargetPlan, planner: User) -> None:
    services.cascade(
        plan_id=plan.pk,
        amount=Decimal("1300000000.01"),
        levels=LEVELS,
        by_id=planner.pk,
        at=AT,
        on=AT.date(),
    )
    connection.check_constraints()


def _edit(client: Client, target: Target | None, balance: Balance, column: str) -> None:
    if target is None:
        raise LookupError("There is no such node.")
    _posted(
        client,
        reverse("targets:edit_cell", args=[target.pk]),
        column=column,
        amount="-1%",
        balance=str(balance),
        opened=str(target.parent_id),
    )


def _posted(client: Client, url: str, **data: str) -> None:
    answer = client.post(url, data)
    if answer.status_code != 200:
        raise RuntimeError(answer.content[:300])
    connection.check_constraints()


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
