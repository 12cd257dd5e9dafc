"""The first half of an import: keep the files, guess a mapping, take corrections of it."""

import datetime as dt
import json
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core.db import lock_rows, requires_transaction
from apps.core.errors import DomainError, StaleVersion
from apps.integrations.imports import guessing
from apps.integrations.imports.mapping import ENTITIES, build, parse_raw
from apps.integrations.imports.readers import MAX_BYTES, open_sheet
from apps.integrations.models import ImportRun, ImportState
from apps.integrations.selectors import company_code

MAX_FILES = 10
SAMPLE_ROWS = 20_000
EDITABLE = frozenset({ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED})
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
    *, name: str, uploads: Sequence[Upload], currency: str, since: dt.date, by: User, mapping_text: str = ""
) -> ImportRun:
    """Keep uploaded files and guess a first mapping, or take the one given as YAML.

    File names are made anew from the given ones, so that no path can leave the
    import's own folder. Raises InvalidUpload, UnreadableFile, InvalidMapping.
    """
    if not uploads or len(uploads) > MAX_FILES:
        text = _("Choose 1 to %(limit)s files.") % {"limit": MAX_FILES}
        raise InvalidUpload(text, fields={"files": text})
    run = ImportRun.objects.create(name=name, by=by)
    run.path.mkdir(parents=True)
    try:
        run.files = [_kept(run.path, upload, number) for number, upload in enumerate(uploads, start=1)]
        run.mapping = _given(run, mapping_text) if mapping_text else _guessed(run, currency, since)
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
    stem = re.sub(r"[^\w-]+", "-", Path(given).stem).strip("-")[:60] or f"file-{number}"
    name = f"{stem}{ending}"
    if (folder / name).exists():
        name = f"{stem}-{number}{ending}"
    lines = 0
    with (folder / name).open("wb") as target:
        for chunk in upload.chunks():
            lines += chunk.count(b"\n")
            target.write(chunk)
    sheet = open_sheet(folder / name)
    rows = lines if ending != ".xlsx" else (upload.size or 0) // 50
    return {"name": name, "given": given[:120], "size": upload.size, "encoding": sheet.encoding,
            "columns": list(sheet.columns), "rows": rows}  # fmt: skip


def _given(run: ImportRun, text: str) -> dict[str, Any]:
    """Return a mapping file as data, its file names replaced by the kept ones. Raises InvalidMapping."""
    raw = json.loads(json.dumps(parse_raw(text), default=str))
    kept = {file["given"]: file["name"] for file in run.files}
    for entity in ENTITIES:
        part = raw.get(entity)
        if isinstance(part, dict) and part.get("file") in kept:
            part["file"] = kept[part["file"]]
    _refuse_missing_files(run, raw)
    return dict(raw)


def _refuse_missing_files(run: ImportRun, mapping: Mapping[str, Any]) -> None:
    there = {file["name"] for file in run.files}
    for file in build(mapping).files():
        if file not in there:
            text = _("The mapping names the file “%(name)s”, which was not uploaded.") % {"name": file}
            raise InvalidUpload(text, fields={"files": text})


def _guessed(run: ImportRun, currency: str, since: dt.date) -> dict[str, Any]:
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
        stages=stages[:50],
        dates=guessing.guess_dates(samples),
        currency=currency,
        since=since.isoformat(),
        company_code=company_code(run.name),
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
def set_mapping(*, run_id: int, version: int, mapping: Mapping[str, Any]) -> ImportRun:
    """Keep a corrected mapping; the import must be checked again.

    Raises InvalidMapping, InvalidUpload, WrongState, StaleVersion.
    """
    run = _to_edit(run_id, version)
    build(mapping)
    _refuse_missing_files(run, mapping)
    run.mapping, run.name = dict(mapping), str(mapping.get("name") or run.name)[:120]
    run.state, run.version = ImportState.UPLOADED, run.version + 1
    run.report, run.outcome = {}, {}
    run.save(update_fields=["mapping", "name", "state", "version", "report", "outcome"])
    return run


@requires_transaction
def fix_values(*, run_id: int, version: int, values: Mapping[str, Mapping[str, str]]) -> ImportRun:
    """Read values of the files as other ones, field by field; an empty one leaves the cell blank.

    Raises WrongState, StaleVersion.
    """
    run = _to_edit(run_id, version)
    merged = {field: dict(pairs) for field, pairs in (run.mapping.get("values") or {}).items()}
    for field, pairs in values.items():
        merged.setdefault(field, {}).update(pairs)
    return set_mapping(run_id=run_id, version=version, mapping={**run.mapping, "values": merged})


@requires_transaction
def leave_out_bad_rows(*, run_id: int, version: int, leave_out: bool) -> ImportRun:
    """Decide whether rows with problems stop the import or stay out. Raises WrongState, StaleVersion."""
    run = _to_edit(run_id, version)
    run.leave_out_bad_rows, run.version = leave_out, run.version + 1
    run.save(update_fields=["leave_out_bad_rows", "version"])
    return run


def locked(run_id: int, states: Iterable[ImportState]) -> ImportRun:
    """Return the import, locked. Raises WrongState unless it is in one of the states."""
    [run] = lock_rows(ImportRun.objects.filter(pk=run_id))
    if run.state not in set(states):
        text = _("The import is “%(state)s”; this cannot be done now.") % {"state": run.get_state_display()}
        raise WrongState(text)
    return run


def _to_edit(run_id: int, version: int) -> ImportRun:
    run = locked(run_id, EDITABLE)
    if run.version != version:
        raise StaleVersion(_("The mapping was changed in another window. Load the page again."))
    return run
