"""From files and a mapping to typed rows and a list of what a person should know. Writes nothing."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from django.utils.translation import gettext, gettext_noop

from apps.customers.services.bulk import AccountRow
from apps.integrations.imports.mapping import ImportMapping, OrganisationMap, TableMap, code_of
from apps.integrations.imports.readers import Sheet, SheetRow, UnreadableFile, open_sheet
from apps.integrations.imports.sentences import Sentence
from apps.integrations.imports.values import BadValue, Problem, to_amount, to_date, to_decimal, to_whole
from apps.org.services.loading import PersonRow, SeatRow, UnitRow

MAX_PROBLEMS = 5000
MAX_KNOWN = 500
MAX_SUGGESTED = 200
_NEEDED = gettext_noop("This cell is needed.")

T = TypeVar("T")


@dataclass(frozen=True)
class ProductRow:
    """A product of an import and its list price."""

    code: str
    name: str
    series: str
    price: Decimal | None


@dataclass
class Report:
    """What reading the files brought to light. Problems beyond the first 5,000 are only counted."""

    problems: list[Problem] = field(default_factory=list)
    errors: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    _mapped: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    _unknown: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    _blank: Counter[tuple[str, str]] = field(default_factory=Counter)
    _near: dict[tuple[str, str], str] = field(default_factory=dict)
    known_values: dict[str, list[str]] = field(default_factory=dict)
    notes: list[Problem] = field(default_factory=list)

    def error(
        self, file: str, row: int, name: str, value: str, message: Sentence, suggestion: str = ""
    ) -> None:
        """Note a row that cannot be imported."""
        self.errors += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(file, row, name, value, message, suggestion=suggestion))

    def note(self, file: str, name: str, value: str, message: Sentence, *, times: int = 1) -> None:
        """Note something that was understood, and how."""
        self.notes.append(Problem(file, 0, name, value, message, level="note", times=times))

    def mapped(self, file: str, name: str, seen: str, meant: str) -> None:
        """Count a value that was read as another one."""
        self._mapped[file, name, seen, meant] += 1

    def unknown(
        self, file: str, row: int, column: str, value: str, known: Iterable[str], *, name: str = ""
    ) -> None:
        """Note a reference that leads nowhere, with the nearest known value; ``name`` is its field."""
        field_name = name or column
        suggestion = self._suggested(field_name, value, known)
        self._unknown[file, field_name, value, suggestion] += 1
        said = Sentence(gettext_noop("“%(value)s” is unknown."), {"value": value})
        if suggestion:
            near = gettext_noop("“%(value)s” is unknown. Did you mean “%(near)s”?")
            said = Sentence(near, {"value": value, "near": suggestion})
        self.error(file, row, column, value, said, suggestion)

    def _suggested(self, name: str, value: str, known: Iterable[str]) -> str:
        """Return the nearest known value; looked for once per value, and not for very many values."""
        if (name, value) not in self._near:
            choices = list(known)
            self.known_values.setdefault(name, sorted(choices)[:MAX_KNOWN])
            few = len(self._near) < MAX_SUGGESTED
            near = get_close_matches(value, choices, n=1, cutoff=0.6) if few else []
            self._near[name, value] = near[0] if near else ""
        return self._near[name, value]

    def blank(self, file: str, name: str) -> None:
        """Count a row without an optional reference."""
        self._blank[file, name] += 1

    @property
    def unknown_values(self) -> list[tuple[str, str, str, str, int]]:
        """File, field, value, suggestion and number of rows of each unknown reference."""
        return [(*key, times) for key, times in sorted(self._unknown.items())]

    def all_notes(self) -> list[Problem]:
        """Return the notes with the counted ones summed up."""
        notes = list(self.notes)
        for (file, name, seen, meant), times in sorted(self._mapped.items()):
            read_as = gettext_noop("“%(seen)s” was read as “%(meant)s”.")
            text = read_as if meant else gettext_noop("“%(seen)s” was left blank.")
            said = Sentence(text, {"seen": seen, "meant": meant})
            notes.append(Problem(file, 0, name, seen, said, "note", times, meant))
        for (file, name), times in sorted(self._blank.items()):
            said = Sentence(
                gettext_noop("These rows have no %(field)s and stay without one."), {"field": name}
            )
            notes.append(Problem(file, 0, name, "", said, "note", times))
        return notes


@dataclass
class Prepared:
    """Everything small, read and typed; the deals are read again, row by row, when they are loaded."""

    mapping: ImportMapping
    folder: Path
    report: Report
    units: list[UnitRow] = field(default_factory=list)
    people: list[PersonRow] = field(default_factory=list)
    seats: list[SeatRow] = field(default_factory=list)
    products: list[ProductRow] = field(default_factory=list)
    accounts: list[AccountRow] = field(default_factory=list)
    account_owners: dict[str, str] = field(default_factory=dict)


class RowReader:
    """One row of a table read through its mapping; remembers whether anything was wrong with it."""

    def __init__(self, mapping: ImportMapping, table: TableMap, row: SheetRow, report: Report) -> None:
        self._mapping, self._table, self._row, self._report = mapping, table, row, report
        self._texts: dict[str, str] = {}
        self.is_good = True

    @property
    def file(self) -> str:
        """The file the row comes from."""
        return self._table.file

    def text(self, name: str, *, limit: int = 200, needed: bool = False) -> str:
        """Return a text cell after the value mapping."""
        found = self._texts.get(name)
        if found is None:
            found = self._texts[name] = self._read(name, limit=limit, needed=needed)
        return found

    def _read(self, name: str, *, limit: int, needed: bool) -> str:
        column = self._table.columns.get(name)
        if column is None:
            return ""
        seen = self._row.cells.get(column.name, "")
        values = self._mapping.values.get(name)
        meant = values.get(seen, seen) if values else seen
        if meant != seen:
            self._report.mapped(self._table.file, name, seen, meant)
        if needed and not meant:
            self.bad(name, "", Sentence(_NEEDED))
        if len(meant) > limit:
            text = gettext_noop("At most %(limit)s characters fit; this has %(length)s.")
            self.bad(name, meant[:40], Sentence(text, {"limit": limit, "length": len(meant)}))
        return meant[:limit]

    def date(self, name: str) -> dt.date | None:
        """Return a date cell in the declared order."""
        return self._converted(name, lambda text: to_date(text, self._mapping.dates))

    def amount(self, name: str) -> Decimal | None:
        """Return an amount of money."""
        column = self._table.columns.get(name)
        if column is not None and column.times != 1:
            times = column.times
            return self._converted(name, lambda text: to_amount(_scaled(text, times)))
        return self._converted(name, to_amount)

    def whole(self, name: str, low: int, high: int) -> int | None:
        """Return a whole number between two bounds."""
        return self._converted(name, lambda text: to_whole(text, low=low, high=high))

    def bad(self, name: str, value: str, message: Sentence) -> None:
        """Note that this cell makes the row unusable."""
        self.is_good = False
        self._report.error(self._table.file, self._row.number, self._place(name), value, message)

    def unknown(self, name: str, value: str, known: Iterable[str]) -> None:
        """Note that this cell refers to something that is not there."""
        self.is_good = False
        self._report.unknown(self._table.file, self._row.number, self._place(name), value, known, name=name)

    def _place(self, name: str) -> str:
        column = self._table.columns.get(name)
        return column.name if column is not None else name

    def _converted(self, name: str, convert: Callable[[str], T | None]) -> T | None:
        text = self.text(name)
        try:
            return convert(text)
        except BadValue as error:
            self.bad(name, text, error.sentence)
            return None


def _scaled(text: str, times: Decimal) -> str:
    number = to_decimal(text)
    return "" if number is None else format((number * times).normalize(), "f")


def prepare(mapping: ImportMapping, folder: Path) -> Prepared:
    """Read the small files and check that the large one opens. Raises UnreadableFile."""
    prepared = Prepared(mapping, folder, Report())
    if mapping.organisation:
        _organisation(prepared, mapping.organisation)
    if mapping.products:
        _products(prepared, mapping.products)
    if mapping.accounts:
        _accounts(prepared, mapping.accounts)
    if mapping.opportunities:
        columns = [column.name for column in mapping.opportunities.columns.values()]
        opened = sheet_of(prepared, mapping.opportunities.file)
        _need_columns(opened, [*columns, *mapping.history.values()])
    return prepared


def sheet_of(prepared: Prepared, file: str) -> Sheet:
    """Open a file of the import."""
    return open_sheet(prepared.folder / file, encoding=prepared.mapping.encoding)


def table_rows(prepared: Prepared, table: TableMap) -> Iterator[tuple[SheetRow, RowReader]]:
    """Yield the rows of a table with their readers; ragged rows become problems. Raises UnreadableFile."""
    sheet = sheet_of(prepared, table.file)
    _need_columns(sheet, [column.name for column in table.columns.values()])
    count = 0
    for row in sheet.rows:
        count += 1
        yield row, RowReader(prepared.mapping, table, row, prepared.report)
    _note_ragged(prepared.report, sheet)
    prepared.report.rows[table.file] = count + len(sheet.ragged)


def _note_ragged(report: Report, sheet: Sheet) -> None:
    for number in sheet.ragged:
        text = gettext_noop(
            "The row has another number of cells than the header (%(count)s). Check its quotes and commas."
        )
        report.error(sheet.name, number, "", "", Sentence(text, {"count": len(sheet.columns)}))


def _need_columns(sheet: Sheet, wanted: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in sheet.columns]
    if missing:
        text = gettext("%(file)s has no column “%(column)s”. It has: %(columns)s.")
        values = {"file": sheet.name, "column": missing[0], "columns": ", ".join(sheet.columns)}
        raise UnreadableFile(text % values)


def _organisation(prepared: Prepared, source: OrganisationMap) -> None:
    sheet = sheet_of(prepared, source.file)
    _need_columns(sheet, [source.person_column, *(level.column for level in source.levels)])
    units = {source.company_code: UnitRow(source.company_code, source.company_name, "company")}
    people: dict[str, PersonRow] = {}
    seats: dict[str, SeatRow] = {}
    count = 0
    for row in sheet.rows:
        count += 1
        unit = _unit_of(prepared, source, row, units, people, seats)
        name = _meant(prepared, source.file, "owner", row.cells[source.person_column])
        if not name:
            prepared.report.error(source.file, row.number, source.person_column, "", Sentence(_NEEDED))
            continue
        code = code_of(name)
        if code in people and f"seat-{code}" in seats:
            twice = gettext_noop("“%(name)s” appears twice. Keep one row for each person.")
            said = Sentence(twice, {"name": name})
            prepared.report.error(source.file, row.number, source.person_column, name, said)
            continue
        people[code] = PersonRow(code, name)
        seats[f"seat-{code}"] = SeatRow(f"seat-{code}", source.person_title, unit, person=code)
    _note_ragged(prepared.report, sheet)
    prepared.report.rows[source.file] = count
    prepared.units, prepared.people, prepared.seats = [*units.values()], [*people.values()], [*seats.values()]


def _unit_of(
    prepared: Prepared,
    source: OrganisationMap,
    row: SheetRow,
    units: dict[str, UnitRow],
    people: dict[str, PersonRow],
    seats: dict[str, SeatRow],
) -> str:
    """Make the units of a row's levels, with their leads, and return the lowest one's code."""
    parent = source.company_code
    for level in source.levels:
        value = _meant(prepared, source.file, level.kind, row.cells[level.column])
        if not value:
            continue
        code = f"{parent if parent != source.company_code else level.kind}-{code_of(value)}"[:64]
        units.setdefault(code, UnitRow(code, level.label(value), level.kind, parent))
        if level.lead_title:
            person = code_of(value)
            people.setdefault(person, PersonRow(person, value))
            seats.setdefault(
                f"lead-{code}"[:64], SeatRow(f"lead-{code}"[:64], level.lead_title, code, True, person)
            )
        parent = code
    return parent


def _meant(prepared: Prepared, file: str, name: str, seen: str) -> str:
    meant = prepared.mapping.values.get(name, {}).get(seen, seen)
    if meant != seen:
        prepared.report.mapped(file, name, seen, meant)
    return meant


def _products(prepared: Prepared, table: TableMap) -> None:
    for _row, read in table_rows(prepared, table):
        name = read.text("name", limit=160, needed=True)
        code = read.text("code", limit=60) or code_of(name)
        price = read.amount("price")
        series = read.text("series", limit=80)
        if read.is_good:
            prepared.products.append(ProductRow(code, name, series, price))
    _refuse_twins(prepared, table, [row.code for row in prepared.products])


def _accounts(prepared: Prepared, table: TableMap) -> None:
    owners = {person.name for person in prepared.people}
    for _row, read in table_rows(prepared, table):
        name = read.text("name", needed=True)
        parent = read.text("parent")
        values = AccountRow(
            external_id=read.text("external_id", limit=80) or code_of(name, 80),
            name=name,
            parent_external_id=code_of(parent, 80),
            sector=read.text("sector", limit=80),
            country=read.text("country", limit=80),
            city=read.text("city", limit=80),
            founded=read.whole("founded", 1000, 2200),
            employees=read.whole("employees", 0, 100_000_000),
            annual_revenue=read.amount("annual_revenue"),
            registration_code=read.text("registration_code", limit=40),
        )
        owner = read.text("owner")
        if owner and owner not in owners:
            read.unknown("owner", owner, sorted(owners))
        if read.is_good:
            prepared.accounts.append(values)
            if owner:
                prepared.account_owners[values.external_id] = code_of(owner)
    _refuse_twins(prepared, table, [row.external_id for row in prepared.accounts])
    _refuse_orphans(prepared, table)


def _refuse_twins(prepared: Prepared, table: TableMap, codes: Sequence[str]) -> None:
    for code, times in Counter(codes).items():
        if times > 1:
            text = gettext_noop("This appears %(times)s times. Keep one of the rows.")
            prepared.report.error(table.file, 0, "", code, Sentence(text, {"times": times}))


def _refuse_orphans(prepared: Prepared, table: TableMap) -> None:
    known: Mapping[str, str] = {row.external_id: row.name for row in prepared.accounts}
    for row in prepared.accounts:
        if row.parent_external_id and row.parent_external_id not in known:
            prepared.report.unknown(table.file, 0, "parent", row.parent_external_id, sorted(known))
