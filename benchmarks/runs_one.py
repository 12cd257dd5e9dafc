"""Build or measure the company of ``benchmarks.runs`` (Django is set up here).

``python -m benchmarks.runs_one build PAYEES CREDITS | measure | worker RUN GENERATION``
"""

import json
import subprocess
import sys
import time
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import Sum  # noqa: E402

from apps.access.models import User  # noqa: E402
from apps.calendars import selectors as calendars  # noqa: E402
from apps.core import clock  # noqa: E402
from apps.incentives import services  # noqa: E402
from apps.incentives.models import PayLine, PayRun, PayTrace  # noqa: E402
from apps.measures.services import Entry, post  # noqa: E402
from apps.org.models import Person  # noqa: E402
from benchmarks import floor, people  # noqa: E402
from benchmarks.clocks import peak_mb, timed  # noqa: E402


def main() -> None:
    """Do one part and print what it found."""
    part, *rest = sys.argv[1:]
    if part != "worker":
        call_command("migrate", verbosity=0)
    if part == "build":
        people.build(*map(int, rest))
    elif part == "measure":
        with clock.fixed(people.AT):
            print(json.dumps(measured(), indent=1))
    else:
        _work(*map(int, rest))


def measured() -> dict[str, Any]:
    """Calculate by two workers, by one, after one more deal, and the whole again."""
    writer = User.objects.get(username="bench-writer")
    run = PayRun.objects.filter(period__code="2030-Q1").first()
    if run is None:
        with transaction.atomic():
            run = services.create_run(period=calendars.period("2030-Q1"), by=writer, at=people.AT)
    found: dict[str, Any] = {
        "floor": timed(lambda: floor.pay_run(run.period.starts_on, run.period.ends_before)),
        "by_two_workers": _whole(run.pk, writer, workers=2),
        "by_one_worker": _whole(run.pk, writer, workers=1),
    }
    found["floor_pays_the_same"] = _pays_as_the_floor(run)
    _sell()
    found["after_one_deal"] = _again(run.pk, writer)
    found["after_none"] = _again(run.pk, writer)
    found["whole_again"] = _whole(run.pk, writer, workers=2)
    for name in ("by_two_workers", "by_one_worker"):
        found[name]["times_the_floor"] = round(found[name]["seconds"] / found["floor"]["seconds"], 1)
    found["same_for_1_and_2_workers"] = _same(found, "by_one_worker", "by_two_workers")
    found["same_as_a_whole_calculation"] = _same(found, "after_one_deal", "after_none", "whole_again")
    found["lines"] = PayLine.objects.filter(run=run).count()
    found["source_rows"] = PayTrace.objects.filter(line__run=run).count()
    return found


def _pays_as_the_floor(run: PayRun) -> bool:
    """Tell whether the credits are worth what the SQL beside says; the bonus has a curve of its own."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(value) FROM floor.trace")
        [floor_pays] = cursor.fetchone()
    lines = PayLine.objects.filter(run=run).exclude(component="bonus")
    return bool(floor_pays == lines.aggregate(total=Sum("raw"))["total"])


def _same(found: dict[str, Any], *names: str) -> bool:
    return len({found[name]["digest"] for name in names}) == 1


def _whole(run_id: int, writer: User, *, workers: int) -> dict[str, Any]:
    """Calculate everybody; two workers are two processes that take batches side by side."""
    PayRun.objects.filter(pk=run_id).update(rests_on={})
    with transaction.atomic():
        services.request_calculation(run_id=run_id, by=writer, title="Benchmark", url="")
    run = PayRun.objects.get(pk=run_id)
    helpers = [_worker(run) for _number in range(workers - 1)]
    figures = timed(lambda: _calculate(run, writer, helpers))
    told = [json.loads(helper.stdout.readline()) for helper in helpers]
    done = PayRun.objects.get(pk=run_id)
    return {
        **figures,
        "python_cpu": round(figures["python_cpu"] + sum(one["python_cpu"] for one in told), 2),
        "database_cpu": round(figures["database_cpu"] + sum(one["database_cpu"] for one in told), 2),
        "peak_memory_mb": [peak_mb(), *(one["peak_memory_mb"] for one in told)],
        "payees": done.payees,
        "exceptions": done.exceptions,
        "total": str(done.total),
        "digest": done.digest,
    }


def _calculate(run: PayRun, writer: User, helpers: list[Any]) -> None:
    given: dict[str, Any] = {"run_id": run.pk, "generation": run.generation, "at": people.AT}
    with transaction.atomic():
        services.prepare_calculation(**given)
    for helper in helpers:
        helper.stdin.write("go\n")
        helper.stdin.flush()
    _batches(given)
    for helper in helpers:
        helper.stdout.readline()
    with transaction.atomic():
        services.finish_calculation(**given, by=writer)


def _batches(given: dict[str, Any]) -> None:
    done = 1
    while done:
        with transaction.atomic():
            done = services.compute_batch(**given)


def _worker(run: PayRun) -> Any:
    """Start a process that waits for its word, so that its start is not measured."""
    command = [sys.executable, "-m", "benchmarks.runs_one", "worker", str(run.pk), str(run.generation)]
    helper = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert helper.stdout is not None  # noqa: S101
    helper.stdout.readline()
    return helper


def _work(run_id: int, generation: int) -> None:
    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()
    figures = timed(lambda: _batches({"run_id": run_id, "generation": generation, "at": people.AT}))
    print("done", flush=True)
    figures["peak_memory_mb"] = peak_mb()
    print(json.dumps(figures), flush=True)


def _again(run_id: int, writer: User) -> dict[str, Any]:
    figures = timed(lambda: services.calculate_now(run_id=run_id, by=writer, at=people.AT))
    done = PayRun.objects.get(pk=run_id)
    return {**figures, "recalculated": done.recalculated, "of": done.payees, "digest": done.digest}


def _sell() -> None:
    seller = Person.objects.filter(external_id__startswith="bench-").order_by("-pk").first()
    number = time.time_ns()
    with transaction.atomic():
        post(
            [
                Entry(
                    measure="revenue",
                    key=f"bench:more:{number}",
                    credited_on=people.START,
                    value=people.DEAL,
                    person_id=seller.pk if seller else None,
                    source_type="bench",
                    source_id=number,
                )
            ]
        )


if __name__ == "__main__":
    main()
