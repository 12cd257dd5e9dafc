"""Sending of e-mails."""

from apps.core import clock
from apps.events.jobs import job_task
from apps.notifications import services

# 1 min, doubling to 1 h: about a day of attempts before a person is asked.
ATTEMPTS = 30


@job_task(name=services.SEND_EMAIL, max_attempts=ATTEMPTS, first_delay=60, longest_delay=3600)
def send_email(*, notification_id: int, **_newer_arguments: object) -> None:
    """E-mail one notice."""
    services.send_email(notification_id=notification_id, at=clock.now())


@job_task(name=services.TELL_JOB_KEEPERS)
def tell_job_keepers(*, what: str, name: str, work_id: int, **_newer_arguments: object) -> None:
    """Say that work was given up."""
    services.tell_job_keepers(what=what, name=name, work_id=work_id)
