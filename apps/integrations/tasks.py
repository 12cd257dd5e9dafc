"""Imports in the background."""

from apps.core import clock
from apps.events.jobs import job_task
from apps.integrations import services


@job_task(
    name=services.WORK_TASK,
    atomic=False,
    lease_seconds=600,
    soft_time_limit=570,
    time_limit=590,
    max_attempts=2,
)
def work_on_import(*, run_id: int, **_newer: object) -> None:
    """Check, write or take back an import; a second delivery finds it done and leaves it."""
    services.execute(run_id=run_id, today=clock.today(), at=clock.now())
