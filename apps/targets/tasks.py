"""The periodic work of this room."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.events.enums import CatchUp
from apps.events.jobs import Due, PeriodicJob, job_task, register
from apps.targets.services import reminding, settling, watching


def remind(due: Due) -> None:
    """Remind of own figures that are due."""
    with transaction.atomic():
        reminding.remind(on=due.as_of)


def watch(due: Due) -> None:
    """See which targets are off their course."""
    with transaction.atomic():
        watching.watch(on=due.as_of)


@job_task(name=settling.TASK, atomic=False)
def settle(*, plan_id: int, **_newer: object) -> None:
    """Write what the last edit of a plan was answered with."""
    settling.settle_now(plan_id)


def register_jobs() -> None:
    """Add the jobs; called once when the app is ready."""
    register(
        PeriodicJob(
            "targets.remind",
            remind,
            period_kind="day",
            at=dt.time(6, 20),
            catch_up=CatchUp.LATEST,
            label=_("Remind of own figures for targets that are due"),
            owner="targets",
        )
    )
    register(
        PeriodicJob(
            "targets.watch",
            watch,
            period_kind="day",
            at=dt.time(5, 40),
            catch_up=CatchUp.LATEST,
            label=_("See which targets are off their course"),
            owner="targets",
        )
    )
