"""Background work: calculating a run with progress, and checking the sums every night."""

import datetime as dt
import logging
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core import clock
from apps.events import jobs
from apps.events.jobs import Due, job_task
from apps.events.models import LongTask
from apps.events.progress import Cancelled
from apps.incentives import services
from apps.incentives.models import PayRun, Simulation, Statement
from apps.incentives.selectors.reconcile import reconcile
from apps.incentives.selectors.simulating import is_large
from apps.incentives.services.runs import WrongState
from apps.incentives.services.simulations import PlayedElsewhere

logger = logging.getLogger(__name__)

HELP = "incentives.help_calculate_run"
HELPED_FROM = 1000  # payees; fewer are done before a second worker has begun
HELP_SIMULATE = "incentives.help_simulate"
SIMULATED_BY_TWO_FROM = 100  # payees, each of many periods by two plans
_LONG: dict[str, Any] = {"atomic": False, "lease_seconds": 1800, "soft_time_limit": 1740, "time_limit": 1770}


class SumsDisagree(RuntimeError):
    """Ledger, lines, statements or payroll file of a run do not agree."""


@job_task(
    name="incentives.calculate_run", atomic=False, lease_seconds=600, soft_time_limit=540, time_limit=570
)
def calculate_run(*, run_id: int, generation: int, by_id: int, task_id: int, **_newer: object) -> None:
    """Calculate a run batch by batch; started again after a kill it goes on where it stopped."""
    task = LongTask.objects.get(pk=task_id)
    by = User.objects.get(pk=by_id)
    with translation.override(by.language or None):
        _calculate(run_id, generation, by, task)


def _calculate(run_id: int, generation: int, by: User, task: LongTask) -> None:
    try:
        with transaction.atomic():
            total = services.prepare_calculation(run_id=run_id, generation=generation, at=clock.now())
        if total > HELPED_FROM:
            with transaction.atomic():
                jobs.enqueue(HELP, run_id=run_id, generation=generation)
        _batches(run_id, generation, task, total)
        with transaction.atomic():
            services.finish_calculation(run_id=run_id, generation=generation, by=by, at=clock.now())
        _finish(task, run_id)
    except WrongState as refusal:
        if PayRun.objects.filter(pk=run_id, generation=generation).exclude(calculated_at=None).exists():
            _finish(task, run_id)  # an earlier worker did it all and was killed before it could say so
        else:
            task.fail(str(refusal))
    except Cancelled:
        task.stop()


def _finish(task: LongTask, run_id: int) -> None:
    payees = Statement.objects.filter(run=run_id).count()
    task.finish({"payees": payees}, url=reverse("incentives:run", args=[run_id]))


def _batches(run_id: int, generation: int, task: LongTask, total: int) -> None:
    note = _("Payees")
    while True:
        waiting = Statement.objects.filter(run=run_id, computed_at__isnull=True).count()
        task.advance(total - waiting, total, note)
        with transaction.atomic():
            done = services.compute_batch(run_id=run_id, generation=generation, at=clock.now())
        with transaction.atomic():
            if not done and services.is_computed(run_id=run_id):
                return


@job_task(name=HELP, atomic=False, lease_seconds=600, soft_time_limit=540, time_limit=570)
def help_calculate_run(*, run_id: int, generation: int, **_newer: object) -> None:
    """Take batches of a large run beside the job that calculates it; come too late, there are none."""
    done = 1
    while done:
        try:
            with transaction.atomic():
                done = services.compute_batch(run_id=run_id, generation=generation, at=clock.now())
        except WrongState:
            return


@job_task(name="incentives.simulate", **_LONG)
def simulate(*, simulation_id: int, by_id: int, task_id: int, **_newer: object) -> None:
    """Play a simulation; started again after a kill it goes on, and it is gone when it is cancelled."""
    found = Simulation.objects.filter(pk=simulation_id, done_at=None).select_related("first", "last").first()
    if found is not None and is_large(found, SIMULATED_BY_TWO_FROM):
        with transaction.atomic():
            jobs.enqueue(HELP_SIMULATE, simulation_id=simulation_id, by_id=by_id, task_id=task_id)
    _simulate(simulation_id, by_id, task_id, is_help=False)


@job_task(name=HELP_SIMULATE, **_LONG)
def help_simulate(*, simulation_id: int, by_id: int, task_id: int, **_newer: object) -> None:
    """Play a large simulation beside the job that was asked to, to its end should that one be killed."""
    _simulate(simulation_id, by_id, task_id, is_help=True)


def _simulate(simulation_id: int, by_id: int, task_id: int, *, is_help: bool) -> None:
    task = LongTask.objects.get(pk=task_id)
    if task.finished_at is not None or not Simulation.objects.filter(pk=simulation_id).exists():
        return
    by = User.objects.get(pk=by_id)
    with translation.override(by.language or None):
        try:
            services.simulate_now(simulation_id=simulation_id, at=clock.now(), task=task, is_help=is_help)
        except PlayedElsewhere:
            return
        except Cancelled:
            with transaction.atomic():
                services.delete_simulation(simulation_id=simulation_id, by=by)
            task.stop()
            return
        task.finish(url=reverse("incentives:simulation", args=[simulation_id]))


def forget_simulations(due: Due) -> None:
    """Delete the simulations whose time is over."""
    with transaction.atomic():
        services.forget_simulations(today=due.as_of)


def check_sums(due: Due) -> None:
    """Compare ledger, lines, statements and payroll files of every run since a year. Raises SumsDisagree."""
    wrong = [
        run.pk
        for run in PayRun.objects.exclude(calculated_at=None).select_related("period").order_by("pk")
        if not reconcile(run).agrees
    ]
    if wrong:
        logger.error("pay run sums disagree", extra={"run_ids": wrong, "as_of": due.as_of.isoformat()})
        raise SumsDisagree(", ".join(map(str, wrong)))


def chase_disputes(due: Due) -> None:
    """Remind of disputes that are due, and pass overdue ones up."""
    services.chase_disputes(today=due.as_of, at=due.due_at)


def remind_confirmations(due: Due) -> None:
    """Remind whoever has not confirmed their plan, once a week."""
    services.remind_confirmations(today=due.as_of)


def accrue(due: Due) -> None:
    """Make the accrual of the last day of a month."""
    services.make_accrual(as_of=due.as_of - dt.timedelta(days=1), by=None, at=due.due_at)


@job_task(
    name="incentives.make_accrual", atomic=False, lease_seconds=600, soft_time_limit=540, time_limit=570
)
def make_accrual(*, as_of: str, by_id: int, task_id: int, **_newer: object) -> None:
    """Make the accrual somebody asked for, once."""
    task = LongTask.objects.get(pk=task_id)
    if task.finished_at is not None:
        return
    by = User.objects.get(pk=by_id)
    with translation.override(by.language or None), transaction.atomic():
        made = services.make_accrual(as_of=dt.date.fromisoformat(as_of), by=by, at=clock.now())
        task.finish({"rows": made.rows}, url=reverse("incentives:accrual_file", args=[made.pk]))
