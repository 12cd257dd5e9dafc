"""Reading what people send: CSV in any usual encoding, or the first sheet of a workbook, row by row."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import python_calamine
from django.utils.translation import gettext as _

from apps.core.errors import DomainError

MAX_BYTES = 256 * 1024 * 1024
MAX_CELL = 32_000
MAX_COLUMNS = 500
_SAMPLE = 256 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GUARDED = ("'=", "'+", "'-", "'@", "'\t", "'\r", "'＝", "'＋", "'－", "'＠")


class UnreadableFile(DomainError):
    """The file cannot be read; the message says where and what to do."""


@dataclass(frozen=True)
class SheetRow:
    """One row: its number in the file (the header is row 1) and its cells by column."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Sheet:
    """An opened file: how it was understood, its columns, and its rows to iterate once."""

    name: str
    encoding: str
    columns: tuple[str, ...]
    rows: Iterator[SheetRow]
    ragged: list[int]


def open_sheet(path: Path, *, encoding: str = "") -> Sheet:
    """Open a CSV file or workbook. Rows come as text, one at a time.

    Rows of the wrong length are not yielded; their numbers are collected in
    ``ragged``. Raises UnreadableFile for anything that is not a table.
    """
    if not path.is_file():
        raise UnreadableFile(_("The file %(name)s is not there.") % {"name": path.name})
    if path.stat().st_size > MAX_BYTES:
        text = _("%(name)s is larger than %(limit)s MB. Split it and import the parts one after another.")
        raise UnreadableFile(text % {"name": path.name, "limit": MAX_BYTES // 1024 // 1024})
    if path.suffix.lower() in {".xlsx", ".xls", ".ods"}:
        return _table(path.name, "xlsx", _workbook_rows(path))
    with path.open("rb") as file:
        chosen = encoding or detect_encoding(file, path.name)
    try:
        return _table(path.name, chosen, _csv_rows(path, chosen))
    except UnicodeError as error:
        raise _wrong_encoding(path.name, chosen) from error


def detect_encoding(file: BinaryIO, name: str) -> str:
    """Return the encoding of a file: by its mark, else UTF-8 if all of it is, else GB 18030.

    Text in UTF-16 without a mark, and binary files, are refused rather than
    guessed. Raises UnreadableFile.
    """
    head = file.read(_SAMPLE)
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    if b"\0" in head:
        text = _("%(name)s is not plain text (it may be UTF-16 without a mark). Save it as CSV UTF-8.")
        raise UnreadableFile(text % {"name": name})
    file.seek(0)
    for encoding in ("utf-8", "gb18030"):
        if _decodes(file, encoding):
            return encoding
        file.seek(0)
    raise UnreadableFile(_("The encoding of %(name)s is unknown. Save it as CSV UTF-8.") % {"name": name})


def _decodes(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while block := file.read(1 << 20):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _wrong_encoding(name: str, encoding: str) -> UnreadableFile:
    text = _("%(name)s is not written in %(encoding)s. Choose another encoding or save it as CSV UTF-8.")
    return UnreadableFile(text % {"name": name, "encoding": encoding})


def _csv_rows(path: Path, encoding: str) -> Iterator[tuple[int, Sequence[str]]]:
    with path.open(encoding=encoding, newline="") as file:
        head = file.read(64 * 1024)
        file.seek(0)
        delimiter = _delimiter(head)
        reader = csv.reader(_without_nul(file, path.name), delimiter=delimiter, strict=True)
        try:
            yield from enumerate(reader, start=1)
        except UnicodeError as error:
            raise _wrong_encoding(path.name, encoding) from error
        except csv.Error as error:
            text = _("%(name)s cannot be read at line %(line)s: %(error)s. Correct the quotes there.")
            raise UnreadableFile(
                text % {"name": path.name, "line": reader.line_num, "error": error}
            ) from error


def _without_nul(file: io.TextIOBase, name: str) -> Iterator[str]:
    for number, line in enumerate(file, start=1):
        if "\0" in line:
            text = _("%(name)s has a zero byte in line %(line)s. Save it as CSV UTF-8.")
            raise UnreadableFile(text % {"name": name, "line": number})
        yield line


def _delimiter(head: str) -> str:
    first = head.split("\n", 1)[0]
    return max(",;\t|", key=first.count)


def _workbook_rows(path: Path) -> Iterator[tuple[int, Sequence[str]]]:
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        sheet = book.get_sheet_by_index(0)
        if sheet.width > MAX_COLUMNS or sheet.height > 1_048_576:
            raise UnreadableFile(_("%(name)s claims to be larger than a sheet can be.") % {"name": path.name})
        for number, row in enumerate(sheet.iter_rows(), start=1):
            yield number, [_cell_text(cell) for cell in row]
    except (python_calamine.CalamineError, OSError, IndexError) as error:
        text = _("%(name)s is not a workbook that can be read: %(error)s")
        raise UnreadableFile(text % {"name": path.name, "error": error}) from error


def _cell_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if hasattr(cell, "isoformat"):
        return str(cell.isoformat())
    return str(cell)


def _table(name: str, encoding: str, rows: Iterator[tuple[int, Sequence[str]]]) -> Sheet:
    first = next(rows, None)
    if first is None or not any(cell.strip() for cell in first[1]):
        raise UnreadableFile(_("%(name)s is empty: it needs a header row and data.") % {"name": name})
    columns = tuple(cell.strip() for cell in first[1])
    while columns and not columns[-1]:
        columns = columns[:-1]
    _check_header(name, columns)
    ragged: list[int] = []
    return Sheet(name, encoding, columns, _rows(name, columns, rows, ragged), ragged)


def _check_header(name: str, columns: Sequence[str]) -> None:
    if len(columns) > MAX_COLUMNS:
        raise UnreadableFile(
            _("%(name)s has %(count)s columns; at most %(limit)s are read.")
            % {"name": name, "count": len(columns), "limit": MAX_COLUMNS}
        )
    twice = sorted({column for column in columns if columns.count(column) > 1 and column})
    if twice:
        raise UnreadableFile(
            _("%(name)s has the column “%(column)s” twice. Rename one of them.")
            % {"name": name, "column": twice[0]}
        )


def _rows(
    name: str, columns: Sequence[str], rows: Iterator[tuple[int, Sequence[str]]], ragged: list[int]
) -> Iterator[SheetRow]:
    width = len(columns)
    for number, cells in rows:
        if not any(cells):
            continue
        if len(cells) != width and (len(cells) < width or any(cells[width:])):
            ragged.append(number)
            continue
        longest = max(map(len, cells))
        if longest > MAX_CELL:
            text = _("%(name)s row %(row)s has a cell of %(length)s characters; at most %(limit)s are read.")
            raise UnreadableFile(text % {"name": name, "row": number, "length": longest, "limit": MAX_CELL})
        yield SheetRow(number, dict(zip(columns, map(unguarded, cells), strict=False)))


def unguarded(cell: str) -> str:
    """Strip spaces and the apostrophe that an export puts before formula characters."""
    text = cell.strip()
    return text[1:] if text[:1] == "'" and text.startswith(_GUARDED) else text
