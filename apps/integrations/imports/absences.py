"""Absences of an import: each row becomes a dated record of a person, or a problem with its cell."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils import translation
from django.utils.translation import gettext_noop

from apps.access.models import User
from apps.access.permissions import Permission
from apps.core.errors import DomainError
from apps.integrations.imports.mapping import TableMap
from apps.integrations.imports.preparing import Prepared, RowReader, table_rows
from apps.integrations.imports.sentences import Sentence
from apps.integrations.imports.values import BadValue, to_decimal
from apps.org.enums import AbsenceKind
from apps.org.models import Absence, Person
from apps.org.services import cancel_absence, change_absence, record_absence

_DAY = dt.timedelta(days=1)
_WHOLE = Decimal(100)
_YES = frozenset({"yes", "y", "true", "1", "x", "✓", "是", "有"})
_NO = frozenset({"no", "n", "false", "0", "否", "无"})
_YES_OR_NO = gettext_noop("“%(text)s” is neither yes nor no.")
_BACKWARDS = Sentence(gettext_noop("The last day must not come before the first."))
_NAMESAKES = gettext_noop("%(count)s people are called “%(name)s”. Write the personnel number instead.")
# Where a refusal of the organisation belongs; anything else is about the days.
_FIELDS = {"is_paid": "is_paid", "time_percent": "time_percent"}


class Loaded(NamedTuple):
    """How many absences an import recorded, changed and read."""

    created: list[int]
    updated: int
    rows: int


@dataclass(frozen=True)
class AbsenceRow:
    """A row that can be recorded."""

    person_id: int
    starts_on: dt.date
    content: dict[str, Any]


def load_absences(prepared: Prepared, table: TableMap, *, by: User | None, at: dt.datetime) -> Loaded:
    """Record the absences of a file; one of the same person and first day is changed to what the file says.

    Rows about people out of the importer's reach are unknown people. Rows that the organisation refuses
    become problems.
    """
    created: list[int] = []
    updated = rows = 0
    known = _People(by)
    for _row, read in table_rows(prepared, table):
        row = _read(read, known)
        if row is None:
            continue
        rows += 1
        try:
            with translation.override(None):  # kept as the catalogue writes it, read in any language
                pk, is_new = _record(row, by, at)
        except DomainError as error:
            place = next((_FIELDS[name] for name in error.fields if name in _FIELDS), "starts_on")
            read.bad(place, read.text(place), Sentence(str(error)))
            continue
        if is_new:
            created.append(pk)
        else:
            updated += bool(pk)
    return Loaded(created, updated, rows)


def _record(row: AbsenceRow, by: User | None, at: dt.datetime) -> tuple[int, bool]:
    """Return the absence and whether it is new; 0 where nothing changed."""
    same = Absence.objects.standing().filter(person=row.person_id, valid__startswith=row.starts_on).first()
    if same is None:
        made = record_absence(person_id=row.person_id, starts_on=row.starts_on, by=by, at=at, **row.content)
        return made.pk, True
    content = {"is_paid": row.content["kind"] != AbsenceKind.UNPAID} | {
        name: value for name, value in row.content.items() if value is not None or name == "ends_before"
    }
    content["relieves_quota"] = content["relieves_quota"] or not content["is_paid"]
    found = {name: getattr(same, name) for name in content if name != "ends_before"}
    if found | {"ends_before": same.valid.upper} == content:
        return 0, False
    change_absence(absence_id=same.pk, version=same.version, starts_on=row.starts_on, by=by, **content)
    return same.pk, False


class _People:
    """The people whose absences the importer may record, by number and by name."""

    def __init__(self, by: User | None) -> None:
        people = (
            Person.objects.all() if by is None else Person.objects.permitting(by, Permission.ABSENCE_EDIT)
        )
        rows = list(people.order_by("pk").values_list("pk", "external_id", "name"))
        self.numbers = {number: pk for pk, number, _name in rows}
        self.names = {name: pk for pk, _number, name in rows}
        self.namesakes = Counter(name for _pk, _number, name in rows)

    def find(self, read: RowReader) -> int | None:
        """Return who a row is about, or None after noting that nobody is."""
        told = read.text("person", needed=True)
        if not told or told in self.numbers:
            return self.numbers.get(told)
        if self.namesakes[told] > 1:
            read.bad("person", told, Sentence(_NAMESAKES, {"count": self.namesakes[told], "name": told}))
        elif told not in self.names:
            read.unknown("person", told, [*self.names, *self.numbers])
        return self.names.get(told)


def _read(read: RowReader, known: _People) -> AbsenceRow | None:
    """Return one absence, or None after noting what is wrong with the row."""
    person_id = known.find(read)
    kind = _kind(read)
    read.text("starts_on", needed=True)
    first, last = read.date("starts_on"), read.date("last_day")
    if first and last and last < first:
        read.bad("last_day", last.isoformat(), _BACKWARDS)
    content = {
        "kind": kind,
        "ends_before": last + _DAY if last else None,
        "is_paid": _converted(read, "is_paid", _yes),
        "time_percent": _converted(read, "time_percent", _percent),
        "relieves_quota": bool(_converted(read, "relieves_quota", _yes)),
        "note": read.text("note", limit=300),
    }
    if not read.is_good or person_id is None or first is None:
        return None
    return AbsenceRow(person_id, first, content)


def _kind(read: RowReader) -> str:
    told = read.text("kind", needed=True)
    found = dict(_kinds()).get(told.casefold(), "")
    if told and not found:
        read.unknown("kind", told, [str(label) for label in AbsenceKind.labels])
    return found


def _kinds() -> Iterator[tuple[str, str]]:
    """Yield how each kind is written: by its code, and as either language calls it."""
    for kind in AbsenceKind:
        yield kind.value, kind.value
        for language in ("en", "zh-hans"):
            with translation.override(language):
                yield str(kind.label).casefold(), kind.value


def _converted(read: RowReader, name: str, convert: Callable[[str], Any]) -> Any:
    text = read.text(name)
    try:
        return convert(text)
    except BadValue as error:
        read.bad(name, text, error.sentence)
        return None


def _yes(text: str) -> bool | None:
    told = text.casefold()
    if told and told not in _YES | _NO:
        raise BadValue(_YES_OR_NO, text=text)
    return told in _YES if told else None


def _percent(text: str) -> Decimal:
    number = to_decimal(text.removesuffix("%").rstrip())
    return _WHOLE if number is None else number


def cancel_absences(ids: list[int], *, by: User, at: dt.datetime) -> int:
    """Cancel what an import recorded and nobody has changed since; return how many went."""
    rows = Absence.objects.permitting(by, Permission.ABSENCE_EDIT).standing()
    found = list(rows.filter(pk__in=ids, version=1).order_by("pk").values_list("pk", flat=True))
    for pk in found:
        cancel_absence(absence_id=pk, version=1, by=by, at=at)
    return len(found)
