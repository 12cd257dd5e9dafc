"""The second half of an import: check, write, take back; long ones in a worker, with progress."""

import datetime as dt
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from apps.access.models import User
from apps.core.db import copy_rows, requires_transaction
from apps.core.errors import DomainError
from apps.customers.models import Account
from apps.events import progress
from apps.events.audit import acting
from apps.events.jobs import enqueue
from apps.events.models import LongTask
from apps.integrations.imports.absences import cancel_absences
from apps.integrations.imports.mapping import build
from apps.integrations.imports.preparing import Report, prepare
from apps.integrations.imports.running import Outcome, run_import
from apps.integrations.models import ImportRun, ImportState
from apps.integrations.services.starting import EDITABLE, WrongState, locked
from apps.pipeline.models import Product
from apps.pipeline.services.bulk import unload_opportunities

logger = logging.getLogger(__name__)

WORK_TASK = "integrations.work_on_import"
AT_ONCE = 2000
_BACK_TO = {
    ImportState.CHECKING: ImportState.UPLOADED,
    ImportState.RUNNING: ImportState.CHECKED,
    ImportState.UNDOING: ImportState.DONE,
}
Progress = Callable[[int], None]


def is_long(run: ImportRun) -> bool:
    """Tell whether checking an import takes too long for a page."""
    return sum(file.get("rows", 0) for file in run.files) > AT_ONCE


@requires_transaction
def request_check(*, run_id: int, by: User, url: str) -> ImportRun:
    """Have an import checked by a worker, with progress. Raises WrongState, InvalidMapping."""
    run = locked(run_id, EDITABLE)
    build(run.mapping)
    total = sum(file.get("rows", 0) for file in run.files)
    return _hand_over(run, ImportState.CHECKING, by, url, total)


@requires_transaction
def request_run(*, run_id: int, by: User, url: str) -> ImportRun:
    """Hand a checked import to a worker. Raises WrongState."""
    run = locked(run_id, {ImportState.CHECKED})
    if not run.can_run:
        raise WrongState(_("Some rows cannot be imported yet. Map their values or leave them out."))
    total = sum(run.outcome.get("counts", {}).get("deals", {}).values())
    return _hand_over(run, ImportState.RUNNING, by, url, total)


@requires_transaction
def request_undo(*, run_id: int, by: User, reason: str, url: str) -> ImportRun:
    """Have what an import created taken back by a worker. Raises WrongState."""
    run = locked(run_id, {ImportState.DONE})
    run.outcome = {**run.outcome, "undo_reason": reason}
    return _hand_over(run, ImportState.UNDOING, by, url, 0)


def _hand_over(run: ImportRun, state: ImportState, by: User, url: str, total: int) -> ImportRun:
    run.task = progress.start("import", by=by, title=run.name, total=total, url=url)
    run.state, run.version = state, run.version + 1
    run.save(update_fields=["task", "state", "version", "outcome"])
    enqueue(WORK_TASK, run_id=run.pk)
    return run


def execute(*, run_id: int, today: dt.date, at: dt.datetime) -> None:
    """Do what an import waits for, all or nothing, with progress; called by the worker, safe to repeat.

    Work that was asked to stop or that a rule refused changes nothing and says why.
    """
    run = ImportRun.objects.select_related("task", "by").get(pk=run_id)
    if not run.is_busy:
        return
    task, state = run.task, ImportState(run.state)
    try:
        with override(run.by.language), acting(run.by_id, source="import"), transaction.atomic():
            _do(locked(run_id, {state}), state, today, at, _advance(task))
    except WrongState:
        return  # another delivery was faster
    except progress.Cancelled:
        _give_up(run_id, state, _BACK_TO[state], at)
        if task:
            task.stop()
    except DomainError as error:
        _give_up(run_id, state, _refused_to(state), at, message=str(error))
        if task:
            task.fail(str(error))
    else:
        if task:
            task.finish({}, url=task.url)


def _do(run: ImportRun, state: ImportState, today: dt.date, at: dt.datetime, on_progress: Progress) -> None:
    if state == ImportState.CHECKING:
        _check(run, today, on_progress)
    elif state == ImportState.RUNNING:
        _write(run, today=today, at=at, on_progress=on_progress)
    else:
        _take_back(run, today, at, run.outcome.get("undo_reason", ""), on_progress)


def _refused_to(state: ImportState) -> ImportState:
    return ImportState.DONE if state == ImportState.UNDOING else ImportState.FAILED


def _advance(task: LongTask | None) -> Progress:
    def advance(rows: int) -> None:
        if task is not None:
            task.advance(rows, total=max(task.total, rows), note=_("Deals"))

    return advance


def _give_up(
    run_id: int, state: ImportState, back_to: ImportState, at: dt.datetime, *, message: str = ""
) -> None:
    with transaction.atomic():
        run = locked(run_id, {state})
        run.state, run.finished_at = back_to, at
        run.outcome = {**run.outcome, "message": message}
        run.save(update_fields=["state", "finished_at", "outcome"])


@requires_transaction
def check_import(*, run_id: int, today: dt.date) -> ImportRun:
    """Do everything the import would do, keep what came to light, and take it back.

    What a room refuses outright is kept as the import's message, not raised.
    Raises WrongState, InvalidMapping.
    """
    run = locked(run_id, EDITABLE)
    try:
        _check(run, today, lambda _rows: None)
    except DomainError as error:
        run.state, run.outcome, run.report = ImportState.FAILED, {"message": str(error)}, {}
        run.save(update_fields=["state", "outcome", "report"])
    return run


def _check(run: ImportRun, today: dt.date, on_progress: Progress) -> None:
    prepared = prepare(build(run.mapping), run.path)
    with transaction.atomic():
        outcome = run_import(
            prepared, today=today, by=run.by, leave_out_bad_rows=True, on_progress=on_progress
        )
        transaction.set_rollback(True)
    run.report, run.outcome = report_data(prepared.report), outcome_data(outcome)
    run.state = ImportState.CHECKED
    run.save(update_fields=["report", "outcome", "state"])


def _write(run: ImportRun, *, today: dt.date, at: dt.datetime, on_progress: Progress) -> None:
    prepared = prepare(build(run.mapping), run.path)
    outcome = run_import(
        prepared,
        today=today,
        by=run.by,
        at=at,
        leave_out_bad_rows=run.leave_out_bad_rows,
        on_progress=on_progress,
        on_created=partial(_remember, run.pk),
    )
    run.report, run.outcome = report_data(prepared.report), outcome_data(outcome)
    run.state, run.finished_at = ImportState.DONE, at
    run.save(update_fields=["report", "outcome", "state", "finished_at"])
    logger.info("import done", extra={"run_id": run.pk, "changed_rows": outcome.changed})


def _remember(run_id: int, kind: str, ids: Sequence[int]) -> None:
    copy_rows(
        "integrations_importedrecord", ("run_id", "kind", "record_id"), ((run_id, kind, pk) for pk in ids)
    )


@requires_transaction
def undo_import(*, run_id: int, today: dt.date, at: dt.datetime, reason: str) -> dict[str, dict[str, int]]:
    """Take back what an import created and return per kind how many went and how many stay.

    Deals are removed and their credit is reversed in the ledger, unless
    somebody has worked on them since. Accounts and products go when nothing
    refers to them any more. Absences are cancelled, unless somebody has changed
    them since. People and units stay: the ledger names them.
    Raises WrongState, ClosedPeriod.
    """
    return _take_back(locked(run_id, {ImportState.DONE}), today, at, reason, lambda _rows: None)


def _take_back(
    run: ImportRun, today: dt.date, at: dt.datetime, reason: str, on_progress: Progress
) -> dict[str, dict[str, int]]:
    total = run.records.filter(kind="deals").count()
    gone = unload_opportunities(
        ids=_recorded(run, "deals"), booked_on=today, reason=reason, on_progress=on_progress
    )
    counts = {"deals": {"removed": gone, "kept": total - gone}}
    counts["accounts"] = _remove_unused(Account.objects.all(), list(_recorded(run, "accounts")))
    absences = list(_recorded(run, "absences"))
    gone = cancel_absences(absences, by=run.by, at=at) if absences else 0
    counts["absences"] = {"removed": gone, "kept": len(absences) - gone}
    counts["products"] = _remove_unused(Product.objects.all(), list(_recorded(run, "products")))
    run.state, run.finished_at = ImportState.UNDONE, at
    run.outcome = {**run.outcome, "undone": counts, "undo_reason": reason}
    run.save(update_fields=["state", "finished_at", "outcome"])
    logger.info("import taken back", extra={"run_id": run.pk, "removed_deals": gone})
    return counts


def _recorded(run: ImportRun, kind: str) -> Iterator[int]:
    rows = run.records.filter(kind=kind).order_by("pk")
    return rows.values_list("record_id", flat=True).iterator(chunk_size=10_000)


def _remove_unused(rows: models.QuerySet, ids: Sequence[int]) -> dict[str, int]:
    """Delete what nothing refers to, children before parents."""
    left = list(ids)
    removed = 0
    while left:
        stay = []
        for pk in left:
            try:
                with transaction.atomic():
                    rows.filter(pk=pk).delete()
            except (models.ProtectedError, models.RestrictedError, IntegrityError):
                stay.append(pk)
        if len(stay) == len(left):
            break
        removed += len(left) - len(stay)
        left = stay
    return {"removed": removed, "kept": len(left)}


def report_data(report: Report) -> dict[str, Any]:
    """Return a report as it is kept with an import."""
    return {
        "errors": report.errors,
        "problems": [asdict(problem) for problem in report.problems],
        "notes": [asdict(note) for note in report.all_notes()],
        "unknown": [
            {"file": file, "field": field, "value": value, "suggestion": suggestion, "times": times}
            for file, field, value, suggestion, times in report.unknown_values[:200]
        ],
        "known": report.known_values,
        "rows": report.rows,
    }


def outcome_data(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as it is kept with an import."""
    return {
        "counts": outcome.counts,
        "credits": outcome.credits,
        "left_out": outcome.left_out,
        "changed": outcome.changed,
    }
