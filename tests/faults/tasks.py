"""Tasks of the fault tests, whose effects can be counted."""

import os
import time

from django.db import connection

from apps.events.jobs import job_task


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
