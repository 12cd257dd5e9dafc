"""Tasks of the fault tests, whose effects can be counted."""

import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connection

from apps.events.jobs import job_task
from apps.events.models import LongTask
from apps.incentives import services

PAYEES_A_BATCH = 15
_CALLS: Counter[str] = Counter()


@job_task(name="faults.count")
def count(*, number: int, milliseconds: int = 0) -> None:
    """Write one effect, half of the work before it and half after it."""
    time.sleep(milliseconds / 2000)
    mark(number)
    time.sleep(milliseconds / 2000)


@job_task(name="faults.poison", max_attempts=3)
def poison(*, number: int) -> None:
    """Kill the process that runs it."""
    os.kill(os.getpid(), 9)


def mark(number: int) -> None:
    """Write one effect; nothing but the outbox keeps it from being written twice."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO faults_effect (number) VALUES (%s)", [number])


def die_at_points() -> None:
    """Have the steps of a pay calculation kill their process, or the whole worker, where a file says so.

    The file holds lines such as ``compute_batch 2 written``: the second batch of an attempt,
    written but not committed. ``all`` before it takes the whole worker down.
    """
    for name in ("prepare_calculation", "compute_batch", "finish_calculation"):
        setattr(services, name, _deadly(name, getattr(services, name)))
    LongTask.finish = _deadly("finish", LongTask.finish)  # type: ignore[method-assign]


def _deadly(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any, **given: Any) -> Any:
        if name == "prepare_calculation":
            _CALLS.clear()
        _CALLS[name] += 1
        number = _CALLS[name]
        _die(f"{name} {number} called")
        result = function(*args, **given, **({"size": PAYEES_A_BATCH} if name == "compute_batch" else {}))
        _die(f"{name} {number} written")
        return result

    return run


def _die(point: str) -> None:
    plan = Path(os.environ["LOCAL_DIR"]) / "deaths"
    waiting = plan.read_text().splitlines() if plan.exists() else []
    for line in (point, f"all {point}"):
        if line in waiting:
            waiting.remove(line)
            plan.write_text("\n".join(waiting))
            os.killpg(os.getpgrp(), 9) if line.startswith("all") else os.kill(os.getpid(), 9)


die_at_points()
