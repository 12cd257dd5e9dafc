"""Tables as files: CSV that Excel opens in any language and that cannot run formulas."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

BOM = "\ufeff"
_STARTS_FORMULA = tuple("=+-@\t\r\n\x00＝＋－＠")
_INVISIBLE = " '\"\u00a0\u3000"


class _Echo:
    def write(self, line: str) -> str:
        return line


def guarded(value: Any) -> Any:
    """Return a cell that a spreadsheet will not run: text that starts a formula gets a leading quote.

    Figures stay figures, negative ones included; NUL characters are dropped.
    """
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = str(value)
    starts = runs_as_formula(text)
    text = text.replace("\x00", "")
    return f"'{text}" if starts else text


def runs_as_formula(text: str) -> bool:
    """Tell whether a spreadsheet could take a text for a formula."""
    return text.startswith(_STARTS_FORMULA) or text.lstrip(_INVISIBLE).startswith(_STARTS_FORMULA)


def unguarded(text: str) -> str:
    """Return a cell of our own file as it was before :func:`guarded`."""
    if text.startswith("'") and guarded(text[1:]) == text:
        return text[1:]
    return text


def csv_lines(header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Write the lines of a file one by one."""
    writer = csv.writer(_Echo())
    yield BOM + writer.writerow([guarded(cell) for cell in header])
    for row in rows:
        yield writer.writerow([guarded(cell) for cell in row])


def csv_response(
    filename: str, header: Sequence[Any], rows: Iterable[Sequence[Any]]
) -> StreamingHttpResponse:
    """Stream a CSV file without holding it in memory."""
    response = StreamingHttpResponse(csv_lines(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, filename)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
