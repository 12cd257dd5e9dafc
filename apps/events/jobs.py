"""Jobs that run exactly once per key, periodic jobs that catch up, and tasks sent after the commit.

jobs.once("reviews.open_cycle", "2026-Q3", lambda: services.open_cycle(...))
jobs.register(PeriodicJob("reviews.open_cycle", open_cycle, period_kind="quarter"))
jobs.enqueue("reviews.score", evaluation_id=evaluation.pk)
"""

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.functional import Promise

from apps.core import clock, periods
from apps.core.registry import Registry
from apps.events import leases
from apps.events.context import acting
from apps.events.enums import CatchUp
from apps.events.models import JobRun
from apps.events.outbox import UnknownTask, enqueue, job_task
from apps.events.rules import daily_keys, instant, interval_key, weekly_keys
from apps.events.signals import work_given_up

__all__ = [
    "Due",
    "PeriodicJob",
    "UnknownTask",
    "due_runs",
    "enqueue",
    "job_task",
    "keys_after",
    "once",
    "register",
    "registered",
    "run_due",
]

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
LEASE_SECONDS = 600


@dataclass(frozen=True)
class Due:
    """One period of a periodic job that is to be run.

    ``key`` is a fiscal period code (``2026-Q3``), an ISO week (``2026-W47``), a
    day or the start of an interval; ``as_of`` the date on which it fell due:
    for a fiscal period or week the day after it ended.
    """

    job: str
    key: str
    as_of: dt.date
    due_at: dt.datetime


@dataclass(frozen=True)
class PeriodicJob:
    """Something the company does every period, at a wall-clock time in the company's zone.

    ``function(due)`` runs in one transaction with the clock held at the due
    instant. ``period_kind`` is ``day``, ``week`` or a fiscal ``month``,
    ``quarter``, ``half``, ``year`` (due the day after the period ends, plus
    ``offset_days``); or give an ``interval``. ``first_due`` is the first due
    date; without it a new job starts with the latest one. ``after`` names a job
    whose earlier runs must be settled first, also when two workers tick at once.
    """

    name: str
    function: Callable[[Due], Any]
    period_kind: str = "day"
    interval: dt.timedelta | None = None
    at: dt.time = dt.time(2, 0)
    offset_days: int = 0
    first_due: dt.date | None = None
    catch_up: CatchUp = CatchUp.EACH
    after: str = ""
    label: str | Promise = ""
    owner: str | Promise = ""


registered: Registry[PeriodicJob] = Registry("periodic job")


def register(job: PeriodicJob) -> PeriodicJob:
    """Add a periodic job; call from ``AppConfig.ready``."""
    return registered.register(job.name, job)


def once(
    job: str,
    key: str,
    function: Callable[[], Any],
    *,
    as_of: dt.date | None = None,
    due_at: dt.datetime | None = None,
    lease_seconds: int = LEASE_SECONDS,
    max_attempts: int = MAX_ATTEMPTS,
) -> bool:
    """Run ``function`` exactly once for (job, key); tell whether it ran now.

    The function runs in one transaction together with the mark that it is done,
    so its database effects happen once even when workers die or two start at
    once. An exception undoes them, is recorded and raised again; after
    ``max_attempts`` the run is given up and listed on the jobs page.
    """
    JobRun.objects.bulk_create([JobRun(job=job, key=key, as_of=as_of, due_at=due_at)], ignore_conflicts=True)
    run_id = JobRun.objects.values_list("pk", flat=True).get(job=job, key=key)
    lease, given_up = leases.take(JobRun, run_id, seconds=lease_seconds, max_attempts=max_attempts)
    if given_up:
        work_given_up.send(sender=JobRun, what="job", name=job, key=key, id=run_id)
    if lease is None:
        return False
    try:
        with acting(None, request_id=f"{job}:{key}"[:64], source="job"), transaction.atomic():
            function()
            lease.finish()
    except leases.LeaseLost:
        logger.info("job taken over by another worker", extra={"job": job, "key": key})
        return False
    except Exception as error:
        dead = lease.attempt >= max_attempts
        if lease.give_back(f"{type(error).__name__}: {error}", dead=dead) and dead:
            work_given_up.send(sender=JobRun, what="job", name=job, key=key, id=run_id)
        raise
    return True


def run_due(now: dt.datetime) -> int:
    """Run everything that is due, each job's missed keys oldest first; return how many runs succeeded.

    A failing key holds back the later ones of its job, not other jobs, until it
    succeeds or is given up.
    """
    return sum(_run_job(job, now) for job in registered.values())


def _run_job(job: PeriodicJob, now: dt.datetime) -> int:
    succeeded = 0
    for due in due_runs(job, now):
        if job.after and due_runs(registered.get(job.after), due.due_at):
            break
        try:
            with clock.fixed(due.due_at):
                ran = once(job.name, due.key, partial(job.function, due), as_of=due.as_of, due_at=due.due_at)
        except Exception:
            logger.exception("periodic job failed", extra={"job": job.name, "key": due.key})
            break
        if not ran:
            break
        succeeded += 1
    return succeeded


def due_runs(job: PeriodicJob, now: dt.datetime) -> list[Due]:
    """Return what a job still has to run at an instant, oldest first."""
    settled = JobRun.objects.filter(job=job.name, state__in=leases.SETTLED, due_at__isnull=False)
    last = settled.order_by("-due_at").values_list("due_at", flat=True).first()
    keys = keys_after(job, last, now)
    if job.catch_up == CatchUp.LATEST or job.interval or (last is None and job.first_due is None):
        keys = keys[-1:]
    waiting = JobRun.objects.filter(job=job.name, due_at__isnull=False, as_of__isnull=False)
    waiting = waiting.exclude(state__in=leases.SETTLED)
    found = {due.key: due for due in keys}
    if not job.interval:
        for key, as_of, due_at in waiting.values_list("key", "as_of", "due_at"):
            if as_of is not None and due_at is not None:
                found.setdefault(key, Due(job.name, key, as_of, due_at))
    done = set(settled.filter(key__in=list(found)).values_list("key", flat=True))
    return sorted((due for due in found.values() if due.key not in done), key=lambda due: due.due_at)


def keys_after(job: PeriodicJob, last: dt.datetime | None, now: dt.datetime) -> list[Due]:
    """Return the keys that fell due after ``last`` and up to ``now``, whether run or not."""
    if job.interval:
        key, start = interval_key(now, job.interval)
        if last is not None and start <= last:
            return []
        return [Due(job.name, key, clock.date_of(start), start)]
    today = clock.date_of(now)
    after = clock.date_of(last) if last else job.first_due or today - dt.timedelta(days=800)
    offset = dt.timedelta(days=job.offset_days)
    if job.period_kind == "day":
        pairs = daily_keys(after, today)
    elif job.period_kind == "week":
        pairs = weekly_keys(after - offset, today - offset)
    else:
        over = periods.port.answer.ended(job.period_kind, after - offset, today - offset)
        pairs = [(period.code, period.ends_before) for period in over]
    if job.period_kind != "day":
        pairs = [(key, day + offset) for key, day in pairs]
    zone = clock.company_zone()
    all_due = [Due(job.name, key, day, instant(day, job.at, zone)) for key, day in pairs]
    return [due for due in all_due if due.due_at <= now and (last is None or due.due_at > last)]
