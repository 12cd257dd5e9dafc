"""Reads of the import pages."""

import datetime as dt
import itertools
from dataclasses import dataclass
from typing import Any

import yaml
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.integrations.imports.mapping import ENTITIES
from apps.integrations.imports.readers import open_sheet
from apps.integrations.imports.sentences import words
from apps.integrations.labels import KIND_LABELS, field_label
from apps.integrations.models import ImportRun
from apps.org.models import UnitParent

SHOWN_PROBLEMS = 100
_PEEK = 40
_LINKS = {
    "organisation": "org:chart",
    "products": "pipeline:products",
    "accounts": "customers:accounts",
    "deals": "pipeline:deals",
    "absences": "org:absences",
}


@dataclass(frozen=True)
class CountRow:
    """How many records of a kind are created, updated and unchanged; ``url`` leads to them."""

    label: str
    created: int
    updated: int
    unchanged: int
    url: str


def imports_of(user: User) -> QuerySet[ImportRun]:
    """Return the user's own imports."""
    return ImportRun.objects.visible_to(user).select_related("by")


def first_day(today: dt.date) -> dt.date:
    """Return the first day to offer: that of the organisation, if there is more than its top unit."""
    tops = UnitParent.objects.filter(parent=None).order_by("valid").values_list("valid", flat=True)
    found = tops.first() if UnitParent.objects.exclude(parent=None).exists() else None
    return found.lower if found and found.lower else today.replace(year=today.year - 2, month=1, day=1)


def company_name() -> str:
    """Return the name to offer for the top of the org chart: that of the unit that is there."""
    top = (
        UnitParent.objects.filter(parent=None).order_by("-valid").values_list("unit__name", flat=True).first()
    )
    return top or ""


def counts(run: ImportRun) -> list[CountRow]:
    """Return what a check found or an import did, by kind."""
    found = run.outcome.get("counts", {})
    return [
        CountRow(
            str(KIND_LABELS[kind]),
            found[kind]["created"],
            found[kind]["updated"],
            found[kind]["unchanged"],
            reverse(url),
        )
        for kind, url in _LINKS.items()
        if kind in found
    ]


def undone(run: ImportRun) -> list[tuple[str, int, int]]:
    """Return per kind how many records went and how many stayed."""
    return [
        (str(KIND_LABELS[kind]), numbers["removed"], numbers["kept"])
        for kind, numbers in run.outcome.get("undone", {}).items()
        if numbers["removed"] or numbers["kept"]
    ]


def notes(run: ImportRun) -> list[dict[str, Any]]:
    """Return what was understood and how, most frequent first."""
    found = [
        {**note, "label": field_label(note["field"]), "message": words(note["message"])}
        for note in run.report.get("notes", ())
    ]
    return sorted(found, key=lambda note: -note["times"])


def other_problems(run: ImportRun) -> list[dict[str, Any]]:
    """Return the first problems that no mapping of values can solve."""
    unknown = {(one["file"], one["value"]) for one in run.report.get("unknown", ())}
    found = (
        {**problem, "message": words(problem["message"])}
        for problem in run.report.get("problems", ())
        if (problem["file"], problem["value"]) not in unknown or not problem["value"]
    )
    return list(itertools.islice(found, SHOWN_PROBLEMS))


def company_code(name: str) -> str:
    """Return the code of the top unit of that name, or nothing: an import then makes one."""
    tops = UnitParent.objects.filter(parent=None, unit__name=name).order_by("-valid")
    return tops.values_list("unit__code", flat=True).first() or ""


def problem_rows(run: ImportRun) -> list[tuple[Any, ...]]:
    """Return the lines of the error file."""
    rows: list[tuple[Any, ...]] = [
        (
            given_name(run, one["file"]),
            one["row"] or "",
            one["field"],
            one["value"],
            words(one["message"]),
            one["suggestion"],
        )
        for one in run.report.get("problems", ())
    ]
    missing = run.report.get("errors", 0) - len(rows)
    if missing > 0:
        rows.append(("", "", "", "", _("And %(count)s more problems of this kind.") % {"count": missing}, ""))
    return rows


def given_name(run: ImportRun, file: str) -> str:
    """Return the name a kept file had when it was uploaded."""
    return next((str(one["given"]) for one in run.files if one["name"] == file), file)


def mapping_text(run: ImportRun) -> str:
    """Return the mapping as a YAML file for ``import_data``, with the files' own names."""
    mapping = dict(run.mapping)
    for entity in ENTITIES:
        if mapping.get(entity):
            mapping[entity] = {**mapping[entity], "file": given_name(run, mapping[entity]["file"])}
    return str(yaml.safe_dump(mapping, allow_unicode=True, sort_keys=False, width=100))


def samples(run: ImportRun) -> dict[str, dict[str, list[str]]]:
    """Return the first distinct values of every column of every file."""
    found: dict[str, dict[str, list[str]]] = {}
    for file in run.files:
        columns: dict[str, dict[str, None]] = {column: {} for column in file["columns"]}
        for row in itertools.islice(open_sheet(run.path / file["name"]).rows, _PEEK):
            for column, value in row.cells.items():
                if value and column in columns and len(columns[column]) < 3:
                    columns[column].setdefault(value[:30])
        found[file["name"]] = {column: list(values) for column, values in columns.items()}
    return found
