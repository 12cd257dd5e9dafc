"""Columns of a table: where the value comes from, how it reads on screen and in a file."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db.models import Model
from django.db.models.expressions import BaseExpression
from django.template.loader import get_template
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.core.names import Proposed, in_words
from apps.ui import addresses, formatting
from apps.ui.tables import workbook

Value = str | Callable[[Any], Any] | None
Sort = str | BaseExpression | tuple[str | BaseExpression, ...] | None
RIGHT = {"money", "number", "percent"}
KINDS = {
    "text",
    "money",
    "number",
    "percent",
    "date",
    "moment",
    "month",
    "badge",
    "person",
    "yesno",
    "template",
}
PHONE = {"", "title", "subtitle", "hidden"}
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})


@dataclass(frozen=True)
class Column:
    """One column.

    ``value`` is a dotted path or a function of the row (the key by default).
    ``sort`` names the field or expression, ``True`` stands for the key;
    ``nullable`` puts rows without a value last. ``href`` is a function of the
    row or the name of a URL that takes its pk; with ``sheet`` the link opens in
    the side sheet. ``currency`` is a code or a dotted path; a number with one
    reads as money. ``tone`` colours a badge: a mapping from the raw value or a
    function of the row.
    ``phone`` is title, subtitle, hidden, or empty for a labelled line.
    """

    key: str
    label: Promise | str
    kind: str = "text"
    value: Value = None
    sort: Sort | bool = None
    nullable: bool = False
    href: str | Callable[[Any], str] | None = None
    sheet: bool = False
    currency: str | Callable[[Any], str] = ""
    places: int | None = None
    tone: Mapping[Any, str] | Callable[[Any], str] | None = None
    icon: Callable[[Any], str] | None = None
    template: str = ""
    export: Value = None
    exported: bool = True
    default: bool = True
    phone: str = ""
    help: Promise | str = ""
    css: str = ""
    _path: tuple[str, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.phone not in PHONE:
            raise ValueError(f"Column {self.key!r}: unknown kind {self.kind!r} or phone role {self.phone!r}.")
        if not callable(self.value):
            object.__setattr__(self, "_path", tuple((self.value or self.key).split(".")))

    @property
    def right(self) -> bool:
        """Tell whether figures stand under each other at the right edge."""
        return self.kind in RIGHT

    @property
    def sort_expressions(self) -> tuple[str | BaseExpression, ...]:
        """Return what the column sorts by; empty when it does not."""
        if self.sort is True:
            return (self.value.replace(".", "__") if isinstance(self.value, str) else self.key,)
        if not self.sort:
            return ()
        return self.sort if isinstance(self.sort, tuple) else (self.sort,)  # type: ignore[return-value]

    def raw(self, row: Any) -> Any:
        """Return the value of a row."""
        return self.value(row) if callable(self.value) else follow(row, self._path)

    def reader(self) -> Callable[[Any], Any]:
        """Return :meth:`raw` as a function made once for all rows of a page."""
        if callable(self.value):
            return self.value
        path = self._path
        return lambda row: follow(row, path)

    def cell(self, row: Any) -> SafeString:
        """Return what the page shows, escaped, linked when the column links."""
        return SafeString(self.writer()(row))

    def writer(self) -> Callable[[Any], str]:
        """Return the function that writes the cell of a row as HTML; made once for all rows of a page."""
        if self.kind == "template":
            template = get_template(self.template)
            return lambda row: template.render({"row": row, "column": self})
        shape, raw = FORMATS[self.kind], self.reader()
        if self.href is None:
            return lambda row: _escaped(shape(self, row, raw(row)))
        mark = "data-sheet " if self.sheet else ""

        def linked(row: Any) -> str:
            inner, url = _escaped(shape(self, row, raw(row))), self.url(row)
            return f'<a href="{escaped(url)}" {mark}class="cell-link">{inner}</a>' if url else inner

        return linked

    def url(self, row: Any) -> str:
        """Return the address the cell links to, or nothing."""
        if self.href is None:
            return ""
        if callable(self.href):
            return self.href(row) or ""
        pk = row.get("pk", row.get("id")) if type(row) is dict or isinstance(row, Mapping) else row.pk
        return addresses.record_url(self.href, pk)

    def currency_of(self, row: Any) -> str:
        """Return the currency of a row's amount."""
        if callable(self.currency):
            return self.currency(row)
        if len(self.currency) == 3 and self.currency.isupper():
            return self.currency
        return str(follow(row, tuple(self.currency.split("."))) or "") if self.currency else ""

    def exported_value(self, row: Any) -> Any:
        """Return the value for a file: plain figures, ISO dates, names instead of codes."""
        return plain(self.file_value(row))

    def file_value(self, row: Any) -> Any:
        """Return the value for a file as what it is: a figure, a date, a name."""
        if callable(self.export):
            return self.export(row)
        value = follow(row, tuple(self.export.split("."))) if self.export else self.raw(row)
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if isinstance(value, Proposed):
            return in_words(value)
        return name_of(value) if self.kind == "person" and value else value

    def sheet_value(self, row: Any) -> Any:
        """Return the value for a workbook; an amount comes with the number format of its currency."""
        value = self.file_value(row)
        if isinstance(value, Decimal | int) and (currency := self.currency_of(row)):
            return value, f"{workbook.AMOUNT} [${currency}]"
        if isinstance(value, dt.datetime):
            local = timezone.localtime(value)
            return local.date() if self.kind == "date" else local
        return value if isinstance(value, Decimal | int | float | dt.date) or value is None else str(value)

    @property
    def sheet_style(self) -> str:
        """Return the number format of the column in a workbook."""
        if self.kind == "percent":
            return workbook.SHARE
        return {"money": workbook.AMOUNT, "date": workbook.DATE, "moment": workbook.MOMENT}.get(self.kind, "")


def follow(row: Any, path: tuple[str, ...]) -> Any:
    """Walk a dotted path over objects and mappings; a missing link is None, a method is called."""
    for name in path:
        if row is None:
            return None
        # A row of ``values()`` is a plain dict; asking for that first spares the walk through the ABCs.
        row = row.get(name) if type(row) is dict or isinstance(row, Mapping) else getattr(row, name)
        if callable(row) and not isinstance(row, Model):
            row = row()
    return row


def escaped(text: str) -> str:
    """Escape text for HTML, as ``html.escape`` does, in one pass instead of five."""
    return text.translate(_ENTITIES)


def _escaped(text: object) -> str:
    if type(text) is str:
        return text.translate(_ENTITIES)
    return text.__html__() if hasattr(text, "__html__") else escaped(str(text))


def plain(value: Any) -> Any:
    """Return a value as it stands in a file."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal | int | float) or value is None:
        return value
    return str(value)


def name_of(value: Any) -> str:
    """Return how a person is called: their name, whatever object stands for them."""
    return str(getattr(value, "name", "") or value)


def avatar(name: str, size: str = "") -> SafeString:
    """Return a round picture of a name: initials on a colour that stays the same."""
    return _avatar(str(name), size)


@lru_cache(maxsize=4096)
def _avatar(name: str, size: str) -> SafeString:
    hue = sum(ord(char) for char in name) % 8
    sized = f" avatar-{size}" if size else ""
    initials = escaped(formatting.initials(name))
    return SafeString(
        f'<span class="avatar avatar-hue-{hue}{escaped(sized)}" aria-hidden="true">{initials}</span>'
    )


def _text(column: Column, row: Any, value: Any) -> str:
    if isinstance(value, Proposed):
        return in_words(value)
    return formatting.NOTHING if value is None or value == "" else str(value)


def _money(column: Column, row: Any, value: Any) -> str:
    return formatting.money(value, column.currency_of(row))


def _number(column: Column, row: Any, value: Any) -> str:
    if currency := column.currency_of(row):
        return formatting.money(value, currency)
    return formatting.number(value, column.places)


def _percent(column: Column, row: Any, value: Any) -> str:
    return formatting.percent(value, 1 if column.places is None else column.places)


def _badge(column: Column, row: Any, value: Any) -> str | SafeString:
    if value is None or value == "":
        return formatting.NOTHING
    tone = column.tone(row) if callable(column.tone) else (column.tone or {}).get(_code(column, row), "")
    return badge(value, tone or "muted")


def _code(column: Column, row: Any) -> Any:
    """Return the stored code behind ``get_status_display``, which is what tones are keyed by."""
    last = column._path[-1] if column._path else ""
    if last.startswith("get_") and last.endswith("_display"):
        return follow(row, (*column._path[:-1], last[4:-8]))
    return column.raw(row)


def badge(label: object, tone: str = "muted") -> SafeString:
    """Return a status mark: a dot whose shape differs by tone, and the word."""
    return SafeString(f'<span class="status status-{escaped(tone)}">{_escaped(label)}</span>')


def _person(column: Column, row: Any, value: Any) -> str | SafeString:
    if not value:
        return formatting.NOTHING
    name = name_of(value)
    return _person_html(name)


@lru_cache(maxsize=4096)
def _person_html(name: str) -> SafeString:
    """The same name reads the same for everybody, and a list shows it in many rows."""
    return SafeString(f'<span class="person">{avatar(name, "xs")}<span>{escaped(name)}</span></span>')


def _yesno(column: Column, row: Any, value: Any) -> str:
    return _("Yes") if value else _("No")


FORMATS: dict[str, Callable[[Column, Any, Any], str | SafeString]] = {
    "text": _text,
    "money": _money,
    "number": _number,
    "percent": _percent,
    "date": lambda column, row, value: formatting.day(value),
    "moment": lambda column, row, value: formatting.moment(value),
    "month": lambda column, row, value: formatting.month(value),
    "badge": _badge,
    "person": _person,
    "yesno": _yesno,
}
