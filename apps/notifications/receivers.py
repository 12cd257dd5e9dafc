"""Reactions to facts of lower rooms."""

from typing import Any

from django.db import transaction
from django.dispatch import receiver

from apps.events import jobs
from apps.events.signals import work_given_up
from apps.notifications.services import TELL_JOB_KEEPERS


@receiver(work_given_up)
def tell_job_keepers(*, what: str, name: str, key: str, id: int, **_extra: Any) -> None:
    """Have everybody who may see jobs told that work needs a person."""
    if name == TELL_JOB_KEEPERS:
        return
    with transaction.atomic():
        jobs.enqueue(TELL_JOB_KEEPERS, dedupe_key=f"{what}:{id}", what=what, name=name, work_id=id)
