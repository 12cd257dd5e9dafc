"""Measure one scale in one database, for ``benchmarks.__main__`` (Django is set up here).

``python -m benchmarks.one FOLDER OUT.json import|reuse PART…``
"""

import datetime as dt
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402

from apps.access.models import User  # noqa: E402
from apps.access.permissions import Role  # noqa: E402
from apps.core import clock  # noqa: E402
from apps.core.effective import span  # noqa: E402
from apps.integrations.imports.mapping import parse  # noqa: E402
from apps.integrations.imports.preparing import prepare  # noqa: E402
from apps.integrations.imports.running import run_import  # noqa: E402
from apps.measures.selectors import query, value  # noqa: E402
from apps.org.models import OrgUnit, Person, RoleGrant  # noqa: E402
from apps.pipeline.models import Opportunity, Stage  # noqa: E402
from apps.pipeline.services import unload_opportunities  # noqa: E402
from benchmarks import commission, floor  # noqa: E402

MAPPING = Path(__file__).parent.parent / "examples" / "maven_crm" / "mapping.yml"
EVER = (dt.date(2013, 1, 1), dt.date(2018, 1, 1))
NOW = dt.datetime(2018, 1, 2, 12, tzinfo=dt.UTC)


class Counter:
    """Counts statements and the time the database took for them."""

    def __init__(self) -> None:
        self.statements, self.seconds = 0, 0.0

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Run one statement."""
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.statements += 1
            self.seconds += time.perf_counter() - started


def median_ms(function: Callable[[], Any], times: int = 15) -> float:
    """Return the median milliseconds of a call after one warm-up."""
    function()
    found = []
    for _ in range(times):
        started = time.perf_counter()
        function()
        found.append((time.perf_counter() - started) * 1000)
    return round(statistics.median(found), 1)


def least_cpu_ms(function: Callable[[], Any], times: int = 20) -> float:
    """Return the least CPU milliseconds of a call, which says something on a busy machine too."""
    found = []
    for _ in range(times):
        started = time.process_time()
        function()
        found.append((time.process_time() - started) * 1000)
    return round(min(found), 1)


def sql(statement: str, params: list[Any] | None = None) -> list[Any]:
    """Run a statement of the floor and fetch everything."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall() if cursor.description else []


def measure_import(folder: Path) -> dict[str, Any]:
    """Load the floor, then the product, from the same files."""
    floor_seconds = floor.load(folder)
    started = time.perf_counter()
    with clock.fixed(NOW), transaction.atomic():
        outcome = run_import(prepare(parse(MAPPING.read_text()), folder), today=clock.today(), by=None)
    seconds = time.perf_counter() - started
    deals = sum(outcome.counts["deals"].values())
    sql("ANALYZE")
    return {
        "deals": deals,
        "seconds": round(seconds, 2),
        "deals_per_second": round(deals / seconds),
        "floor_deals_per_second": round(deals / floor_seconds),
        "ratio": round(seconds / floor_seconds, 1),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def measure_undo() -> dict[str, Any]:
    """Take every deal nobody touched back, in one transaction that is given up at the end."""
    ids = Opportunity.objects.order_by("pk").values_list("pk", flat=True)
    started = time.perf_counter()
    with transaction.atomic():
        gone = unload_opportunities(
            ids=ids.iterator(chunk_size=10_000), booked_on=NOW.date(), reason="Benchmark"
        )
        seconds = time.perf_counter() - started
        transaction.set_rollback(True)
    return {"deals": gone, "seconds": round(seconds, 1), "deals_per_second": round(gone / seconds)}


def measure_roll_up() -> dict[str, Any]:
    """Revenue by region › manager × month and by agent × month: each question alone, then both."""
    top = OrgUnit.objects.get(code="company").pk

    def by_unit() -> None:
        query("revenue", *EVER, by=["unit", "month"], unit_id=top)

    def by_person() -> None:
        query("revenue", *EVER, by=["person", "month"])

    def both() -> None:
        by_unit()
        by_person()

    return {
        "unit_p50_ms": median_ms(by_unit),
        "person_p50_ms": median_ms(by_person),
        "p50_ms": median_ms(both),
        "floor_p50_ms": median_ms(lambda: sql(floor.ROLL_UP), 7),
    }


def clients() -> tuple[Client, Client]:
    """Return an executive and the manager whose team the lists are filtered to, signed in."""
    top = OrgUnit.objects.get(code="company")
    executive, _created = User.objects.get_or_create(username="bench-executive")
    for role in (Role.EXECUTIVE, Role.SALES_OPS):
        days = {"valid": span(dt.date(2016, 1, 1))}
        RoleGrant.objects.get_or_create(user=executive, role=role, unit=top, defaults=days)
    manager, _created = User.objects.get_or_create(username="bench-manager")
    person = Person.objects.get(name="Melvin Marxen")
    person.user = manager
    person.save(update_fields=["user"])
    found = []
    for user in (executive, manager):
        client = Client()
        client.force_login(user)
        found.append(client)
    return found[0], found[1]


def page(client: Client, url: str) -> dict[str, Any]:
    """Return median time, queries and size of a page."""
    answer = client.get(url)
    if answer.status_code != 200:
        return {"status": answer.status_code}
    counter = Counter()
    with connection.execute_wrapper(counter):
        client.get(url)
    return {
        "p50_ms": median_ms(lambda: client.get(url)),
        "least_cpu_ms": least_cpu_ms(lambda: client.get(url)),
        "database_ms": round(counter.seconds * 1000, 1),
        "queries": counter.statements,
        "kB": len(answer.content) // 1024,
    }


def measure_pages(executive: Client, manager: Client) -> dict[str, Any]:
    """Lists, board and home pages beside the floor's statements."""
    found: dict[str, Any] = {
        "list_html": page(manager, "/pipeline/deals/"),
        "list_json": page(manager, "/api/v1/opportunities/?page_size=50"),
        "board_html": page(executive, "/pipeline/board/"),
        "home_manager": page(manager, "/"),
        "home_executive": page(executive, "/"),
    }
    found["floor_list_ms"] = median_ms(lambda: (sql(floor.LIST), sql(floor.COUNT)), 7)
    found["floor_board_ms"] = median_ms(lambda: sql(floor.TOTALS), 7)
    return found


def measure_writes(executive: Client) -> dict[str, Any]:
    """Create deals by API, win them, and look for the revenue at the next read."""
    owner = Person.objects.get(name="Darcel Schlecht")
    stage = Stage.objects.filter(kind="open").order_by("order").first()
    body = {
        "owner_id": owner.pk,
        "amount": "1000.00",
        "currency": settings.COMPANY_CURRENCY,
        "stage_id": stage.pk if stage else None,
    }
    times, statuses = [], set()
    for number in range(20):
        started = time.perf_counter()
        answer = executive.post(
            "/api/v1/opportunities/",
            {**body, "name": f"Benchmark {number}"},
            content_type="application/json",
        )
        times.append((time.perf_counter() - started) * 1000)
        statuses.add(answer.status_code)
    return {
        "create_p50_ms": round(statistics.median(times), 1),
        "statuses": sorted(statuses),
        **_wins(executive),
        "floor_insert_ms": median_ms(lambda: sql(floor.INSERT, [f"B{time.time_ns()}"]), 20),
    }


def _wins(executive: Client) -> dict[str, Any]:
    today = clock.today()
    year = (dt.date(today.year, 1, 1), dt.date(today.year + 1, 1, 1))
    before = value("revenue", *year).value or 0
    database_ms, statuses = [], set()
    for deal in Opportunity.objects.open().filter(name__startswith="Benchmark ").order_by("pk")[:15]:
        counter = Counter()
        with connection.execute_wrapper(counter):
            answer = executive.post(
                f"/api/v1/opportunities/{deal.pk}/win/",
                {"version": deal.version},
                content_type="application/json",
            )
        statuses.add(answer.status_code)
        database_ms.append(counter.seconds * 1000)
    after = value("revenue", *year).value or 0
    return {
        "win_database_p50_ms": round(statistics.median(database_ms), 1) if database_ms else None,
        "win_statuses": sorted(statuses),
        "revenue_seen_at_next_read": str(after - before),
    }


def main() -> None:
    """Import unless the data is there, measure the parts asked for and write the figures."""
    folder, out, data, *parts = sys.argv[1:]
    found: dict[str, Any] = {}
    if data == "import":
        call_command("migrate", verbosity=0)
        found["import"] = measure_import(Path(folder))
    if "roll_up" in parts:
        found["roll_up"] = measure_roll_up()
    if {"pages", "writes"} & set(parts):
        executive, manager = clients()
        if "pages" in parts:
            with clock.fixed(NOW):
                found["pages"] = measure_pages(executive, manager)
        if "writes" in parts:
            found["writes"] = measure_writes(executive)
    if "commission" in parts:
        with clock.fixed(NOW):
            found["commission"] = commission.measure()
    if "undo" in parts:
        found["undo"] = measure_undo()
    Path(out).write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
