"""Imports through the browser: upload, map, check, run, take back."""

import datetime as dt
import logging
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core.db import copy_rows, lock_rows, requires_transaction
from apps.core.errors import DomainError, StaleVersion
from apps.customers.models import Account
from apps.events import progress
from apps.events.jobs import enqueue
from apps.events.models import LongTask
from apps.integrations.imports import guessing
from apps.integrations.imports.mapping import ImportMapping, build
from apps.integrations.imports.preparing import Report, prepare
from apps.integrations.imports.readers import MAX_BYTES, UnreadableFile, open_sheet
from apps.integrations.imports.running import Outcome, run_import
from apps.integrations.models import ImportRun, ImportState
from apps.pipeline.models import Product
from apps.pipeline.services.bulk import unload_opportunities

logger = logging.getLogger(__name__)

MAX_FILES = 10
SAMPLE_ROWS = 2000
RUN_TASK = "integrations.run_import"
_ENDINGS = {".csv", ".tsv", ".txt", ".xlsx"}


class InvalidUpload(DomainError):
    """A file cannot be taken in."""


class WrongState(DomainError):
    """The import is in a state in which this cannot be done."""


class Upload(Protocol):
    """An uploaded file, as Django hands it over."""

    name: str | None
    size: int | None

    def chunks(self) -> Iterable[bytes]:
        """Yield the content piece by piece."""
        ...


@requires_transaction
def start_import(
    *, name: str, uploads: Sequence[Upload], currency: str, since: dt.date, by: User
) -> ImportRun:
    """Keep uploaded files and guess a first mapping.

    File names are made anew from the given ones, so that no path can leave the
    import's own folder. Raises InvalidUpload, UnreadableFile.
    """
    if not uploads or len(uploads) > MAX_FILES:
        text = _("Choose 1 to %(limit)s files.") % {"limit": MAX_FILES}
        raise InvalidUpload(text, fields={"files": text})
    run = ImportRun.objects.create(name=name, by=by)
    run.path.mkdir(parents=True)
    try:
        run.files = [_kept(run.path, upload, number) for number, upload in enumerate(uploads, start=1)]
        run.mapping = _guessed(run, currency, since)
    except BaseException:
        shutil.rmtree(run.path, ignore_errors=True)
        raise
    run.save(update_fields=["files", "mapping"])
    return run


def _kept(folder: Path, upload: Upload, number: int) -> dict[str, Any]:
    given = Path((upload.name or "").replace("\\", "/")).name
    ending = Path(given).suffix.lower()
    if ending not in _ENDINGS:
        text = _("“%(name)s” is not a CSV file or workbook.") % {"name": given[:80]}
        raise InvalidUpload(text, fields={"files": text})
    if (upload.size or 0) > MAX_BYTES:
        text = _("“%(name)s” is larger than %(limit)s MB. Split it.")
        values = {"name": given[:80], "limit": MAX_BYTES // 1024 // 1024}
        raise InvalidUpload(text % values, fields={"files": text % values})
    stem = guessing.code_of(Path(given).stem) or f"file-{number}"
    name = f"{stem}{ending}"
    if (folder / name).exists():
        name = f"{stem}-{number}{ending}"
    with (folder / name).open("wb") as target:
        for chunk in upload.chunks():
            target.write(chunk)
    sheet = open_sheet(folder / name)
    return {"name": name, "given": given[:120], "size": upload.size, "encoding": sheet.encoding,
            "columns": list(sheet.columns)}  # fmt: skip


def _guessed(run: ImportRun, currency: str, since: dt.date) -> dict[str, object]:
    headers = {file["name"]: file["columns"] for file in run.files}
    draft = guessing.mapping_of(run.name, headers)
    stages: Sequence[str] = ()
    samples: list[str] = []
    deals = draft.get("opportunities")
    if isinstance(deals, dict):
        columns = deals["columns"]
        stages = distinct_values(run, deals["file"], columns.get("stage", ""))
        for field in ("created_on", "closed_on"):
            samples += distinct_values(run, deals["file"], columns.get(field, ""))
    return guessing.mapping_of(
        run.name,
        headers,
        stages=stages,
        dates=guessing.guess_dates(samples),
        currency=currency,
        since=since.isoformat(),
    )


def distinct_values(run: ImportRun, file: str, column: str) -> list[str]:
    """Return the distinct values of a column, in order of appearance, from the first rows of a file."""
    if not column:
        return []
    found: dict[str, None] = {}
    for row in open_sheet(run.path / file).rows:
        if row.number > SAMPLE_ROWS:
            break
        if value := row.cells.get(column, ""):
            found.setdefault(value)
    return list(found)


@requires_transaction
def set_mapping(
    *, run_id: int, version: int, mapping: Mapping[str, Any], leave_out_bad_rows: bool = False
) -> ImportRun:
    """Keep a corrected mapping; the import must be checked again. Raises InvalidMapping, WrongState."""
    run = _locked(run_id, {ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED})
    if run.version != version:
        raise StaleVersion(_("The mapping was changed in another window. Load the page again."))
    build(mapping)
    run.mapping, run.leave_out_bad_rows = dict(mapping), leave_out_bad_rows
    run.state, run.version = ImportState.UPLOADED, run.version + 1
    run.save(update_fields=["mapping", "leave_out_bad_rows", "state", "version"])
    return run


def check_import(*, run_id: int, today: dt.date) -> ImportRun:
    """Do everything the import would do, keep what came to light, and take it back.

    Runs in its own transactions: the trial is rolled back, the report is kept.
    Raises WrongState, InvalidMapping, UnreadableFile and what the rooms refuse.
    """
    run = ImportRun.objects.get(pk=run_id)
    _refuse_unless(run, {ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED})
    report, outcome = _tried(run, build(run.mapping), today)
    with transaction.atomic():
        run = _locked(run_id, {ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED})
        run.report = report_data(report)
        run.outcome = outcome_data(outcome)
        run.state = ImportState.CHECKED
        run.save(update_fields=["report", "outcome", "state"])
    return run


def _tried(run: ImportRun, mapping: ImportMapping, today: dt.date) -> tuple[Report, Outcome]:
    prepared = prepare(mapping, run.path)
    with transaction.atomic():
        outcome = run_import(prepared, today=today, by=run.by, leave_out_bad_rows=True)
        transaction.set_rollback(True)
    return prepared.report, outcome


@requires_transaction
def request_run(*, run_id: int, by: User, url: str) -> LongTask:
    """Hand a checked import to a worker and return its progress. Raises WrongState."""
    run = _locked(run_id, {ImportState.CHECKED})
    if not run.can_run:
        raise WrongState(_("Some rows cannot be imported yet. Map their values or leave them out."))
    run.task = progress.start("import", by=by, title=run.name, total=_expected_rows(run), url=url)
    run.state = ImportState.RUNNING
    run.save(update_fields=["task", "state"])
    enqueue(RUN_TASK, run_id=run.pk)
    return run.task


def _expected_rows(run: ImportRun) -> int:
    return sum(run.outcome.get("counts", {}).get("deals", {}).values())


def execute_run(*, run_id: int, today: dt.date, at: dt.datetime) -> None:
    """Write a requested import, all or nothing, with progress; called by the worker, safe to repeat."""
    run = ImportRun.objects.select_related("task", "by").get(pk=run_id)
    if run.state != ImportState.RUNNING:
        return
    task = run.task
    try:
        with transaction.atomic():
            [run] = lock_rows(ImportRun.objects.filter(pk=run_id, state=ImportState.RUNNING)) or [None]
            if run is None:
                return
            _write(run, today=today, at=at, on_progress=_advance(task))
    except progress.Cancelled:
        _give_up(run_id, ImportState.CHECKED, at)
        if task:
            task.stop()
    except (DomainError, UnreadableFile) as error:
        _give_up(run_id, ImportState.FAILED, at, message=str(error))
        if task:
            task.fail(str(error))
    else:
        if task:
            task.finish({"changed": run.outcome.get("changed", 0)}, url=task.url)


def _advance(task: LongTask | None) -> Callable[[int], None]:
    def advance(rows: int) -> None:
        if task is not None:
            task.advance(rows, note=_("Deals"))

    return advance


def _write(run: ImportRun, *, today: dt.date, at: dt.datetime, on_progress: Callable[[int], None]) -> None:
    prepared = prepare(build(run.mapping), run.path)
    outcome = run_import(
        prepared,
        today=today,
        by=run.by,
        leave_out_bad_rows=run.leave_out_bad_rows,
        on_progress=on_progress,
    )
    copy_rows(
        "integrations_importedrecord",
        ("run_id", "kind", "record_id"),
        ((run.pk, kind, pk) for kind, ids in outcome.created_ids.items() for pk in ids),
    )
    run.report, run.outcome = report_data(prepared.report), outcome_data(outcome)
    run.state, run.finished_at = ImportState.DONE, at
    run.save(update_fields=["report", "outcome", "state", "finished_at"])
    logger.info("import done", extra={"run_id": run.pk, "changed_rows": outcome.changed})


def _give_up(run_id: int, state: ImportState, at: dt.datetime, *, message: str = "") -> None:
    with transaction.atomic():
        run = _locked(run_id, {ImportState.RUNNING})
        run.state, run.finished_at = state, at
        run.outcome = {**run.outcome, "message": message}
        run.save(update_fields=["state", "finished_at", "outcome"])


@requires_transaction
def undo_import(*, run_id: int, today: dt.date, at: dt.datetime, reason: str) -> dict[str, dict[str, int]]:
    """Take back what an import created and return per kind how many went and how many stay.

    Deals are removed and their credit is reversed in the ledger, unless
    somebody has worked on them since. Accounts and products go when nothing
    refers to them any more. People and units stay: the ledger names them.
    Raises WrongState, ClosedPeriod.
    """
    run = _locked(run_id, {ImportState.DONE})
    ids: dict[str, list[int]] = {}
    for kind, record in run.records.order_by("pk").values_list("kind", "record_id"):
        ids.setdefault(kind, []).append(record)
    deals = ids.get("deals", [])
    gone = unload_opportunities(ids=deals, booked_on=today, reason=reason) if deals else 0
    counts = {"deals": {"removed": gone, "kept": len(deals) - gone}}
    counts["accounts"] = _remove_unused(Account.objects.all(), ids.get("accounts", []))
    counts["products"] = _remove_unused(Product.objects.all(), ids.get("products", []))
    run.state, run.finished_at = ImportState.UNDONE, at
    run.outcome = {**run.outcome, "undone": counts}
    run.save(update_fields=["state", "finished_at", "outcome"])
    logger.info("import taken back", extra={"run_id": run.pk, "removed_deals": gone})
    return counts


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
            for file, field, value, suggestion, times in report.unknown_values
        ],
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


def _locked(run_id: int, states: set[ImportState]) -> ImportRun:
    [run] = lock_rows(ImportRun.objects.filter(pk=run_id))
    _refuse_unless(run, states)
    return run


def _refuse_unless(run: ImportRun, states: set[ImportState]) -> None:
    if run.state not in states:
        text = _("The import is “%(state)s”; this cannot be done now.") % {"state": run.get_state_display()}
        raise WrongState(text)
