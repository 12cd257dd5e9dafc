"""What repeats in a table as HTML: written by one function each instead of one template node per value."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.safestring import SafeString

from apps.ui.formatting import NOTHING
from apps.ui.tables.columns import Column, escaped
from apps.ui.tables.filters import Option

if TYPE_CHECKING:
    from apps.ui.tables.table import Head

_SORTED = {"": "", "asc": ' aria-sort="ascending"', "desc": ' aria-sort="descending"'}


def rows_html(columns: Sequence[Column], rows: Iterable[Any]) -> SafeString:
    """Return the ``<tr>`` elements of rows: what does not change from row to row is written once."""
    blanks = [_opening(column, "blank") for column in columns]
    openings = [_opening(column) for column in columns]
    writers = [column.writer() for column in columns]
    parts = list(zip(openings, blanks, writers, strict=True))
    lines = []
    for row in rows:
        cells = "".join(
            [
                f"{blank if (text := write(row)) == NOTHING else opening}{text}</td>"
                for opening, blank, write in parts
            ]
        )
        lines.append(f"<tr>{cells}</tr>")
    return SafeString("\n".join(lines))


def heads_html(heads: Iterable["Head"], path: str) -> SafeString:
    """Return the ``<th>`` elements; a heading that sorts is a link to the sorted page."""
    return SafeString("".join([_head(head, path) for head in heads]))


def options_html(options: Iterable[Option]) -> SafeString:
    """Return the ``<option>`` elements of a select."""
    return SafeString(
        "".join(
            [
                f'<option value="{escaped(one.value)}"{" selected" if one.chosen else ""}>'
                f"{escaped(one.label)}</option>"
                for one in options
            ]
        )
    )


def ticks_html(name: str, options: Iterable[Option]) -> SafeString:
    """Return a tick box for every option."""
    mark = f'name="{escaped(name)}"'
    ticks = [_tick(f'{mark} value="{escaped(one.value)}"', one.label, one.chosen) for one in options]
    return SafeString("".join(ticks))


def columns_html(columns: Iterable[Column], shown: Iterable[Column]) -> SafeString:
    """Return a tick box for every column that can be shown."""
    keys = {column.key for column in shown}
    return SafeString(
        "".join(
            [
                _tick(f'value="{escaped(one.key)}" data-column', str(one.label), one.key in keys)
                for one in columns
            ]
        )
    )


def _tick(marks: str, label: str, ticked: bool) -> str:
    return (
        f'<label class="form-check"><input class="form-check-input" type="checkbox" {marks}'
        f'{" checked" if ticked else ""}><span class="form-check-label">{escaped(label)}</span></label>'
    )


def _head(head: "Head", path: str) -> str:
    column, label = head.column, escaped(str(head.column.label))
    title = f' title="{escaped(str(column.help))}"' if column.help else ""
    opening = f'<th scope="col" class="{"num" if column.right else ""}"{_SORTED[head.direction]}{title}>'
    if not head.sort_url:
        return f"{opening}{label}</th>"
    url = escaped(head.sort_url)
    css = f"sort sort-{head.direction}" if head.direction else "sort"
    return f'{opening}<a class="{css}" href="{url}" hx-get="{escaped(path)}{url}">{label}</a></th>'


def _opening(column: Column, *more: str) -> str:
    marks = [*more, "num"] if column.right else [*more]
    if column.phone:
        marks.append(f"ph-{column.phone}")
    marks.append(f"kind-{column.kind}")
    if column.css:
        marks.append(column.css)
    return f'<td data-label="{escaped(str(column.label))}" class="{escaped(" ".join(marks))}">'
