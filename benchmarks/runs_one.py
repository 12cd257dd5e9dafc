"""Build or measure the company of ``benchmarks.runs`` (Django is set up here).

``python -m benchmarks.runs_one build PAYEES CREDITS [CURRENCY] | measure``
"""

import json
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
from apps.calendars.models import ExchangeRate  # noqa: E402
from apps.core import clock  # noqa: E402
from apps.incentives import services  # noqa: E402
from apps.incentives.models import PayLine, PayRun, PayTrace  # noqa: E402
from apps.measures.services import Entry, post  # noqa: E402
from apps.org.models import Person  # noqa: E402
from benchmarks import floor, people  # noqa: E402
from benchmarks.clocks import timed  # noqa: E402
from benchmarks.memory import Watch  # noqa: E402
from benchmarks.pool import Pool  # noqa: E402

_ROWS = """
    SELECT md5(string_agg(md5(told), '' ORDER BY person_id, sequence)) FROM (
        SELECT l.person_id, l.sequence, l.hash || (
            SELECT md5(string_agg(concat_ws('|', t.sequence, t.credit_id, t.amount, t.rate, t.value), '/'
                                  ORDER BY t.sequence))
            FROM incentives_paytrace t WHERE t.line_id = l.id
        ) AS told
        FROM incentives_payline l WHERE l.run_id = %s
    ) AS lines
"""


def main() -> None:
    """Do one part and print what it found."""
    part, *rest = sys.argv[1:]
    call_command("migrate", verbosity=0)
    if part == "build":
        payees, credits, *currency = rest
        people.build(int(payees), int(credits), *currency)
    else:
        with clock.fixed(people.AT):
            print(json.dumps(measured(), indent=1))


def measured() -> dict[str, Any]:
    """Calculate by one, two and three workers, after one more deal, and the whole again."""
    writer = User.objects.get(username="bench-writer")
    run = PayRun.objects.filter(period__code="2030-Q1").first()
    if run is None:
        with transaction.atomic():
            run = services.create_run(period=calendars.period("2030-Q1"), by=writer, at=people.AT)
    found: dict[str, Any] = {
        "floor": timed(lambda: floor.pay_run(run.period.starts_on, run.period.ends_before)),
        "by_two_workers": _whole(run.pk, writer, workers=2),
        "by_one_worker": _whole(run.pk, writer, workers=1),
        "by_three_workers": _whole(run.pk, writer, workers=3),
    }
    by_all = ("by_one_worker", "by_two_workers", "by_three_workers")
    if not ExchangeRate.objects.exists():  # the floor knows one currency
        found["floor_pays_the_same"] = _pays_as_the_floor(run)
    _sell()
    found["after_one_deal"] = _again(run.pk, writer)
    found["after_none"] = _again(run.pk, writer)
    found["whole_again"] = _whole(run.pk, writer, workers=2)
    for name in by_all:
        found[name]["times_the_floor"] = round(found[name]["seconds"] / found["floor"]["seconds"], 1)
    found["same_for_any_number_of_workers"] = _same(found, *by_all)
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
    return len({(found[name]["digest"], found[name]["rows"]) for name in names}) == 1


def _whole(run_id: int, writer: User, *, workers: int) -> dict[str, Any]:
    """Calculate everybody by the processes of a pool that take batches side by side."""
    PayRun.objects.filter(pk=run_id).update(rests_on={})
    with transaction.atomic():
        services.request_calculation(run_id=run_id, by=writer, title="Benchmark", url="")
    run = PayRun.objects.get(pk=run_id)
    with Pool(run_id, run.generation, workers) as pool, Watch(pool.pids) as watch:
        started = time.perf_counter()
        children = pool.work()
        seconds = time.perf_counter() - started
    done = PayRun.objects.get(pk=run_id)
    return {
        "seconds": round(seconds, 2),
        "python_cpu": [_cpu(steps, "python_cpu") for steps in children],
        "database_cpu": [_cpu(steps, "database_cpu") for steps in children],
        "steps": children[0],
        "memory": watch.found,
        "payees": done.payees,
        "exceptions": done.exceptions,
        "total": str(done.total),
        "digest": done.digest,
        "rows": _rows_digest(run_id),
    }


def _cpu(steps: dict[str, Any], of: str) -> float:
    return float(round(sum(step[of] for step in steps.values()), 2))


def _rows_digest(run_id: int) -> str:
    """Return a digest of every line and source row as it is stored, in an order that ids do not decide."""
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [run_id])
        return str(cursor.fetchone()[0])


def _again(run_id: int, writer: User) -> dict[str, Any]:
    figures = timed(lambda: services.calculate_now(run_id=run_id, by=writer, at=people.AT))
    done = PayRun.objects.get(pk=run_id)
    digests = {"digest": done.digest, "rows": _rows_digest(run_id)}
    return {**figures, "recalculated": done.recalculated, "of": done.payees, **digests}


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
