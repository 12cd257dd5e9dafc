"""Calculating a run: pin the inputs, pay in batches that survive a killed worker, then close the sums."""

import datetime as dt
import hashlib
import logging

from django.db import connection, transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core.db import requires_transaction, wait_for_other_workers
from apps.events import jobs, progress
from apps.events.models import LongTask
from apps.incentives.enums import RunState
from apps.incentives.models import PayLine, PayRun, Statement
from apps.incentives.rules.states import RECALCULABLE
from apps.incentives.selectors import payees as people_of
from apps.incentives.selectors.holds import holds_of
from apps.incentives.selectors.pinned import Pinned
from apps.incentives.selectors.statements import compute
from apps.incentives.services.holds import LineReview
from apps.incentives.services.pinning import pin_run
from apps.incentives.services.runs import PeriodClosed, WrongState, locked_run, move
from apps.incentives.services.writing import Writer

logger = logging.getLogger(__name__)

BATCH = 500
TASK = "incentives.calculate_run"
# Held by every batch until it is written: a newer calculation waits for it. The rest is for long streams.
_BESIDE_OTHERS = """
    SET LOCAL work_mem = '32MB'; SET LOCAL jit = off;
    SELECT 1 FROM incentives_payrun WHERE id = %s FOR KEY SHARE
"""


@requires_transaction
def request_calculation(*, run_id: int, by: User, title: str, url: str) -> LongTask:
    """Have a draft or calculated run calculated anew in the background, with progress.

    Raises WrongState, PeriodClosed.
    """
    run = _restart(run_id, by)
    task = progress.start(TASK, by, title, url=url)
    run.task = task
    run.save(update_fields=["task"])
    jobs.enqueue(TASK, run_id=run.pk, generation=run.generation, by_id=by.pk, task_id=task.pk)
    return task


def _restart(run_id: int, by: User) -> PayRun:
    run = locked_run(run_id)
    if run.reverses_id is not None:
        raise WrongState(_("A reversal takes back what was paid and is not calculated. Drop it instead."))
    if run.state not in RECALCULABLE:
        raise WrongState(_("Only a draft or calculated pay run can be calculated. Send it back first."))
    if run.period.closed_at is not None:
        text_ = _("%(period)s is closed. Reopen it before calculating.")
        raise PeriodClosed(text_ % {"period": run.period.code})
    run.state = RunState.DRAFT
    run.generation += 1
    run.pinned_at = run.ledger_upto = run.calculated_by = run.calculated_at = None
    run.save(
        update_fields=["state", "generation", "pinned_at", "ledger_upto", "calculated_by", "calculated_at"]
    )
    logger.info("calculation requested", extra={"run_id": run.pk, "by": by.pk})
    return run


def calculate_now(*, run_id: int, by: User, at: dt.datetime) -> PayRun:
    """Calculate a run in this process, step by step, each step in its own transaction."""
    with transaction.atomic():
        run = _restart(run_id, by)
    generation = run.generation
    with transaction.atomic():
        prepare_calculation(run_id=run_id, generation=generation, at=at)
    while True:
        with transaction.atomic():
            if not compute_batch(run_id=run_id, generation=generation, at=at):
                break
    with transaction.atomic():
        return finish_calculation(run_id=run_id, generation=generation, by=by, at=at)


def _current(run_id: int, generation: int) -> PayRun:
    wait_for_other_workers()
    run = locked_run(run_id)
    if run.generation != generation or run.state != RunState.DRAFT:
        raise WrongState(_("A newer calculation of this pay run has started."))
    return run


@requires_transaction
def prepare_calculation(*, run_id: int, generation: int, at: dt.datetime) -> int:
    """Pin the ledger and every payee's inputs, and return how many payees there are. Safe to repeat."""
    run = _current(run_id, generation)
    if run.pinned_at is not None:
        return Statement.objects.filter(run=run).count()
    pin_run(run, at)
    return Statement.objects.filter(run=run).count()


@requires_transaction
def compute_batch(*, run_id: int, generation: int, at: dt.datetime, size: int = BATCH) -> int:
    """Pay the next payees that nobody has taken and return how many were paid; 0 when none are left.

    Several workers may do this side by side: each takes rows the others have
    not locked, and what a killed worker had not committed is simply taken again.
    """
    wait_for_other_workers()
    with connection.cursor() as cursor:
        cursor.execute(_BESIDE_OTHERS, [run_id])
    run = PayRun.objects.select_related("period").get(pk=run_id)
    if run.generation != generation or run.state != RunState.DRAFT or run.pinned_at is None:
        raise WrongState(_("A newer calculation of this pay run has started."))
    waiting = Statement.objects.filter(run=run, computed_at__isnull=True).order_by("pk")
    statements = list(waiting.select_for_update(skip_locked=True, of=("self",))[:size])
    if not statements:
        return 0
    plan_ids = list(run.run_plans.values_list("plan_id", flat=True))
    versions = people_of.versions_in_force(plan_ids, run.period)
    writer = Writer(run, statements, at)
    pinned = [Pinned.read(one.person_id, one.inputs, run.period, one.currency) for one in statements]
    held, review = holds_of(run.pk), LineReview(run, at)
    results = compute(pinned, run.period, versions, run.ledger_upto or 0, held)
    for statement, payee, first in zip(statements, pinned, results, strict=True):
        result = first
        if more := review.hold(statement, result.lines):
            [result] = compute([payee], run.period, versions, run.ledger_upto or 0, held | more)
        writer.add(statement, result)
    writer.close()
    return len(statements)


@requires_transaction
def is_computed(*, run_id: int) -> bool:
    """Tell whether every payee of a run is computed, once the batches of other workers are written."""
    wait_for_other_workers()
    waiting = Statement.objects.filter(run=run_id, computed_at__isnull=True).order_by("pk")
    return not waiting.select_for_update(of=("self",)).values_list("pk", flat=True)[:1]


@requires_transaction
def finish_calculation(*, run_id: int, generation: int, by: User, at: dt.datetime) -> PayRun:
    """Sum up a fully computed run and mark it calculated. Raises WrongState while payees are left."""
    run = _current(run_id, generation)
    statements = Statement.objects.filter(run=run)
    if statements.filter(computed_at__isnull=True).exists():
        raise WrongState(_("Some payees are still being calculated."))
    empty, _by_model = statements.filter(lines__isnull=True, exception="").delete()
    run.recalculated = max(0, (run.recalculated or 0) - empty)
    run.totals = totals_of(run)
    run.total = statements.in_company_currency()
    run.payees = statements.aggregate(people=Count("person", distinct=True))["people"]
    run.exceptions = statements.exclude(exception="").count()
    run.digest = digest_of(run)
    move(run, RunState.CALCULATED, by, at)
    run.calculated_by, run.calculated_at = by, at
    run.save(
        update_fields=[
            "total", "totals", "payees", "exceptions", "recalculated", "digest", "state", "calculated_by",
            "calculated_at",
        ]
    )  # fmt: skip
    return run


def totals_of(run: PayRun) -> dict[str, str]:
    """Return what the lines of a run pay in each currency; currencies are never added up."""
    rows = PayLine.objects.filter(run=run).order_by("currency").values("currency")
    sums = rows.annotate(total=Sum("amount")).values_list("currency", "total")
    return {currency: f"{total:f}" for currency, total in sums if total or currency == run.currency}


def digest_of(run: PayRun) -> str:
    """Return the digest of a run: of the last hash of every statement, by payee."""
    digest = hashlib.sha256()
    rows = Statement.objects.filter(run=run).order_by("person_id", "currency")
    for person_id, head in rows.values_list("person_id", "head_hash").iterator():
        digest.update(f"{person_id}:{head}\n".encode())
    return digest.hexdigest()
