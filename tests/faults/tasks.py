"""Tasks of the fault tests, whose effects can be counted."""

import datetime as dt
import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from celery.signals import task_prerun
from django.db import connection

from apps.events import leases
from apps.events.jobs import job_task
from apps.events.models import LongTask, OutboxEntry
from apps.incentives import services
from tests.faults.stage import PAYEES_A_BATCH, deaths_of

_CALLS: Counter[str] = Counter()
leases.PATIENCE = dt.timedelta(seconds=1)


@job_task(name="faults.count")
def count(*, number: int, milliseconds: int = 0) -> None:
    """Write one effect, half of the work before it and half after it."""
    time.sleep(milliseconds / 2000)
    mark(number)
    time.sleep(milliseconds / 2000)


@job_task(name="faults.late", lease_seconds=1)
def late(*, number: int, milliseconds: int) -> None:
    """Write by which attempt; the first one goes on for long after its lease has ended."""
    attempt = OutboxEntry.objects.get(name="faults.late", payload__number=number).attempts
    mark(number + attempt)
    time.sleep(milliseconds / 1000 if attempt == 1 else 0)


@job_task(name="faults.poison", max_attempts=3)
def poison(*, number: int) -> None:
    """Kill the process that runs it."""
    os.kill(os.getpid(), 9)


def mark(number: int) -> None:
    """Write one effect; nothing but the outbox keeps it from being written twice."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO faults_effect (number) VALUES (%s)", [number])


def die_at_points() -> None:
    """Have a pay calculation kill its process, or the whole worker, where a file of its run says so.

    The file holds lines such as ``compute_batch 2 written``: the second batch of an attempt,
    written but not committed; or ``statement 57``: before that statement of an attempt is sent.
    ``all`` before it takes the whole worker down.
    """
    for name in ("prepare_calculation", "compute_batch", "finish_calculation"):
        setattr(services, name, _deadly(name, getattr(services, name)))
    LongTask.finish = _deadly("finish", LongTask.finish)  # type: ignore[method-assign]
    task_prerun.connect(_forget)


def _deadly(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any, **given: Any) -> Any:
        if name == "prepare_calculation":  # an attempt begins
            _forget()
            _CALLS["run"] = given["run_id"]
            if _count_statement not in connection.execute_wrappers:
                connection.execute_wrappers.append(_count_statement)
        _CALLS[name] += 1
        number = _CALLS[name]
        _die(f"{name} {number} called")
        result = function(*args, **given, **({"size": PAYEES_A_BATCH} if name == "compute_batch" else {}))
        _die(f"{name} {number} written")
        return result

    return run


def _forget(**_signal: object) -> None:
    _CALLS.clear()


def _count_statement(execute: Callable[..., Any], *statement: Any) -> Any:
    if "run" in _CALLS:
        _CALLS["statement"] += 1
        _die(f"statement {_CALLS['statement']}")
    return execute(*statement)


def _die(point: str) -> None:
    plan = deaths_of(Path(os.environ["LOCAL_DIR"]), _CALLS["run"])
    waiting = plan.read_text().splitlines() if plan.exists() else []
    for line in (point, f"all {point}"):
        if line in waiting:
            waiting.remove(line)
            plan.write_text("\n".join(waiting))
            os.killpg(os.getpgrp(), 9) if line.startswith("all") else os.kill(os.getpid(), 9)


die_at_points()
