"""The ticking of periodic jobs and the sending of the outbox."""

import datetime as dt

from celery import shared_task

from apps.core import clock
from apps.events import jobs, outbox
from apps.events.outbox import job_task

__all__ = ["fan_out", "job_task", "relay", "tick"]


@shared_task(name="events.tick", acks_late=True, soft_time_limit=270, time_limit=300, ignore_result=True)
def tick(**_newer_arguments: object) -> None:
    """Run every periodic job that is due."""
    now = clock.now()
    day = clock.today()
    if day != clock.date_of(now):
        now = dt.datetime.combine(day, now.astimezone(clock.company_zone()).timetz()).astimezone(dt.UTC)
    jobs.run_due(now)


@shared_task(name="events.relay", acks_late=True, soft_time_limit=50, time_limit=60, ignore_result=True)
def relay(**_newer_arguments: object) -> None:
    """Send what the outbox still holds."""
    outbox.relay()


@job_task(name=outbox.FAN_OUT)
def fan_out(*, entry_id: int, **_newer_arguments: object) -> None:
    """Hand an announcement to its subscribers."""
    outbox.fan_out(entry_id)
