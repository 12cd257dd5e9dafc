"""Tables as Excel workbooks, written while they are sent: neither file nor rows are ever whole in memory."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from io import RawIOBase
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from apps.ui.tables.export import runs_as_formula

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET_ROWS = 1_000_000
ROWS_AT_ONCE = 500
MAX_TEXT = 32_767
DATE, MOMENT, SHARE, AMOUNT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm", "0.0%", "#,##0.00"
_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001  # what Excel counts its days from has no time zone
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_REFUSED_BY_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_READS_AS_CODE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True)
class Head:
    """A heading: its words, and how the figures below it are written (an Excel number format)."""

    label: str
    style: str = ""


class _Pipe(RawIOBase):
    """Collects what the archive writes until somebody takes it; it cannot go back."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, part: Any) -> int:
        self.parts.append(bytes(part))
        return len(part)

    def take(self) -> bytes:
        taken, self.parts = b"".join(self.parts), []
        return taken


@dataclass
class _Styles:
    """The cell styles in use: 0 plain, 1 heading, 2 text that looks like a formula, then number formats."""

    formats: dict[str, int] = field(default_factory=dict)

    def of(self, code: str) -> int:
        return self.formats.setdefault(code, len(self.formats) + 3)

    def xml(self) -> str:
        codes = "".join(
            f'<numFmt numFmtId="{164 + at}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>'
            for at, code in enumerate(self.formats)
        )
        kinds = "".join(
            f'<xf numFmtId="{164 + at}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
            for at in range(len(self.formats))
        )
        plain = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        bold = '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
        quoted = '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1"/>'
        face = '<sz val="11"/><name val="Calibri"/>'
        fills = "".join(f'<fill><patternFill patternType="{kind}"/></fill>' for kind in ("none", "gray125"))
        root = plain.replace(' xfId="0"', "")
        return (
            f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
            + (f'<numFmts count="{len(self.formats)}">{codes}</numFmts>' if codes else "")
            + f'<fonts count="2"><font>{face}</font><font><b/>{face}</font></fonts>'
            + f'<fills count="2">{fills}</fills>'
            + '<borders count="1"><border/></borders>'
            + f'<cellStyleXfs count="1">{root}</cellStyleXfs>'
            + f'<cellXfs count="{3 + len(self.formats)}">{plain}{bold}{quoted}{kinds}</cellXfs></styleSheet>'
        )


def workbook(title: str, heads: Sequence[Head], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Write an XLSX file piece by piece: headings that stay in sight, figures as figures, dates as dates.

    Text stays text whatever it starts with. A cell may be a pair of a value and
    its number format. Past a million rows the table goes on in another sheet.
    """
    pipe, styles, sheets = _Pipe(), _Styles(), 0
    source = iter(rows)
    row = next(source, None)
    with ZipFile(pipe, "w") as archive:  # type: ignore[arg-type]  # a raw stream is what is written to
        while sheets == 0 or row is not None:
            sheets += 1
            with archive.open(_entry(f"xl/worksheets/sheet{sheets}.xml"), "w") as sheet:
                sheet.write(_sheet_start(heads).encode())
                written = 0
                while row is not None and written < SHEET_ROWS:
                    sheet.write(_row(row, heads, styles).encode())
                    written += 1
                    row = next(source, None)
                    if written % ROWS_AT_ONCE == 0 and (piece := pipe.take()):
                        yield piece
                sheet.write(b"</sheetData></worksheet>")
        for name, text in _frame(title, sheets, styles):
            archive.writestr(_entry(name), text)
    yield pipe.take()


def workbook_response(
    filename: str, title: str, heads: Sequence[Head], rows: Iterable[Sequence[Any]]
) -> StreamingHttpResponse:
    """Stream an Excel file without holding it in memory."""
    response = StreamingHttpResponse(workbook(title, heads, rows), content_type=MEDIA_TYPE)
    response["Content-Disposition"] = content_disposition_header(True, filename)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name)
    entry.compress_type = ZIP_DEFLATED
    return entry


def _sheet_start(heads: Sequence[Head]) -> str:
    widths = "".join(
        f'<col min="{at}" max="{at}" width="{_width(head)}" customWidth="1"/>'
        for at, head in enumerate(heads, 1)
    )
    labels = "".join(_text(head.label, 1) for head in heads)
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{widths}</cols><sheetData><row>{labels}</row>"
    )


def _width(head: Head) -> int:
    wide = sum(2 if ord(char) > 0x2E7F else 1 for char in head.label)
    return max(wide + 3, 16 if head.style else 22)


def _row(row: Sequence[Any], heads: Sequence[Head], styles: _Styles) -> str:
    cells = (_cell(value, head.style, styles) for value, head in zip(row, heads, strict=True))
    return f"<row>{''.join(cells)}</row>"


def _cell(value: Any, style: str, styles: _Styles) -> str:
    if isinstance(value, tuple):
        value, style = value
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
        figure = f"{value:f}" if isinstance(value, Decimal) else repr(value)
        if figure.lstrip("-")[:1].isdigit():
            return f'<c s="{styles.of(style) if style else 0}"><v>{figure}</v></c>'
    if isinstance(value, dt.datetime):
        return f'<c s="{styles.of(MOMENT)}"><v>{_days(value.replace(tzinfo=None))}</v></c>'
    if isinstance(value, dt.date):
        day = dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001  # a day
        return f'<c s="{styles.of(DATE)}"><v>{_days(day):.0f}</v></c>'
    text = str(value)
    return _text(text, 2 if runs_as_formula(text) else 0)


def _days(moment: dt.datetime) -> float:
    return (moment - _EPOCH) / dt.timedelta(days=1)


def _text(text: str, style: int) -> str:
    clean = _READS_AS_CODE.sub("_x005F_", _REFUSED_BY_XML.sub("", text))[:MAX_TEXT]
    return f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{escape(clean)}</t></is></c>'


def _frame(title: str, sheets: int, styles: _Styles) -> Iterator[tuple[str, str]]:
    """Yield the parts that hold the sheets together; last, because only now their number is known."""
    words = re.sub(r"[\[\]:*?/\\']", " ", _REFUSED_BY_XML.sub("", title)).split()
    name = " ".join(words)[:26].strip() or "1"
    tabs = [name, *(f"{name} {number}" for number in range(2, sheets + 1))]
    numbered = list(enumerate(tabs, 1))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{at}.xml" ContentType="{kind}.worksheet+xml"/>'
        for at, _tab in numbered
    )
    yield (
        "[Content_Types].xml",
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>{parts}</Types>',
    )
    yield (
        "_rels/.rels",
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_RELATED}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    )
    listed = "".join(
        f'<sheet name="{escape(tab, {chr(34): "&quot;"})}" sheetId="{at}" r:id="rId{at}"/>'
        for at, tab in numbered
    )
    yield (
        "xl/workbook.xml",
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATED}"><sheets>{listed}</sheets></workbook>',
    )
    links = "".join(
        f'<Relationship Id="rId{at}" Type="{_RELATED}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at, _tab in numbered
    )
    yield (
        "xl/_rels/workbook.xml.rels",
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{links}<Relationship Id="rId{sheets + 1}" '
        f'Type="{_RELATED}/styles" Target="styles.xml"/></Relationships>',
    )
    yield "xl/styles.xml", styles.xml()
