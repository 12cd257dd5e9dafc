"""The reference organisation: its mapping, its import, and its files read plainly to compare with."""

import csv
import datetime as dt
from pathlib import Path
from typing import Any

from django.db import transaction

from apps.core import clock
from apps.integrations.imports.mapping import ImportMapping, parse
from apps.integrations.imports.preparing import prepare
from apps.integrations.imports.running import Outcome, run_import

YEAR_END = dt.datetime(2018, 1, 2, tzinfo=dt.UTC)
EXAMPLE = Path(__file__).parents[3] / "examples" / "maven_crm" / "mapping.yml"


def mapping(**changes: str) -> ImportMapping:
    """Return the example mapping with some text replaced."""
    text = EXAMPLE.read_text()
    for before, after in changes.items():
        text = text.replace(before, after)
    return parse(text)


def load(mapping: ImportMapping, folder: Path) -> tuple[Outcome, Any]:
    """Import a folder as on the second day of 2018 and return the outcome and the report."""
    prepared = prepare(mapping, folder)
    with clock.fixed(YEAR_END), transaction.atomic():
        return run_import(prepared, today=clock.today(), by=None), prepared.report


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a file of the data set."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
