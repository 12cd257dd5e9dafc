"""A year's target over 5,000 nodes: cascade, one edit in the grid and its undo, beside plain SQL."""

import datetime as dt
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from apps.access.models import User
from apps.calendars import services as calendars
from apps.core import clock
from apps.org.models import OrgUnit
from apps.org.services import load_structure
from apps.org.services.loading import PersonRow, SeatRow, UnitRow
from apps.targets import services
from apps.targets.enums import Balance, Method, Season
from apps.targets.models import Target
from apps.targets.rules.levels import Level

NODES = 5_000
REGIONS, TEAMS = 10, 480
STRUCTURE_ON = dt.date(2030, 1, 1)
AT = dt.datetime(2030, 1, 2, 9, tzinfo=dt.UTC)


def measure() -> dict[str, Any]:
    """Plan 5,000 nodes, cascade them again, edit a seat, a team and the top; all given up at the end."""
    with transaction.atomic(), clock.fixed(AT):
        top = _structure()
        found = _measured(top)
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


def _measured(top: OrgUnit) -> dict[str, Any]:
    planner = User.objects.create_user("bench-planner")
    levels = {
        0: Level(Method.CAPACITY, Decimal("0.03")),
        1: Level(Method.WEIGHTED, weights={"capacity": Decimal("0.6"), "equal": Decimal("0.4")}),
    }
    plan = None

    def create() -> None:
        nonlocal plan
        plan = services.create_plan(
            measure="revenue",
            year="2030",
            root_unit_id=top.pk,
            by_id=planner.pk,
            at=AT,
            on=AT.date(),
            amount=Decimal("1234567890.12"),
            levels=levels,
            season=Season.WORKING_DAYS,
            unit_ids=list(OrgUnit.objects.filter(code__startswith="bench-").values_list("pk", flat=True)),
        )

    found = {"create": timed(create)}
    if plan is None:
        raise LookupError("The plan was not made.")
    nodes = Target.objects.filter(plan=plan)
    found["nodes"] = nodes.count()
    amounts = iter(range(1, 100))

    def cascade() -> None:
        services.cascade(
            plan_id=plan.pk,
            amount=Decimal("1300000000.00") + next(amounts),
            levels=levels,
            by_id=planner.pk,
            at=AT,
            on=AT.date(),
        )
        connection.check_constraints()

    found["cascade"] = timed(cascade)
    for name, target, balance in (
        ("edit_seat", nodes.filter(depth=3).first(), Balance.SIBLINGS),
        ("edit_seat_up", nodes.filter(depth=3).first(), Balance.UP),
        ("edit_team", nodes.filter(depth=2).first(), Balance.SIBLINGS),
        ("edit_region_up", nodes.filter(depth=1).first(), Balance.UP),
        ("edit_region", nodes.filter(depth=1).last(), Balance.SIBLINGS),
    ):
        found[name] = timed(lambda t=target, b=balance: _edit(t.pk, b, planner.pk))
    return found


def _edit(target_id: int, balance: Balance, by_id: int) -> None:
    amount = Target.objects.values_list("amount", flat=True).get(pk=target_id)
    services.edit_node(target_id=target_id, amount=amount - 100, balance=balance, by_id=by_id, at=AT)
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
