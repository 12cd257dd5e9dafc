"""A table: columns and filters declared once, its whole state in the address."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import BaseExpression, OrderBy
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from apps.core.names import called
from apps.ui.models import SavedView
from apps.ui.tables.columns import Column
from apps.ui.tables.filters import Filter
from apps.ui.tables.markup import columns_html, heads_html, options_html, rows_html, ticks_html

COUNT_LIMIT = 10_000
EXPORT_CHUNK = 2_000
MAX_PAGE = 2_000


@dataclass(frozen=True)
class Empty:
    """What a table without rows says, and the next thing to do."""

    title: Promise | str
    text: Promise | str = ""
    action_label: Promise | str = ""
    action_url: Promise | str = ""
    icon: str = "inbox"
    sheet: bool = False


@dataclass(frozen=True)
class Chip:
    """One filter in force, and the address without it."""

    label: str
    value: str
    remove: str


@dataclass(frozen=True)
class Head:
    """One column heading."""

    column: Column
    sort_url: str
    direction: str


class Table:
    """Rows with sort, filter, search, pages, saved views, column choice and CSV.

    Subclass, declare, and give it the request and rows that start from
    ``visible_to``::

        table = DealTable(request, Opportunity.objects.visible_to(request.user))

    ``rows`` may also be a list (small, computed tables): it is shown as given,
    sorted by the columns that have a plain ``sort``, and filters do not apply.
    """

    key: ClassVar[str] = ""
    title: ClassVar[Promise | str] = ""
    columns: ClassVar[Sequence[Column]] = ()
    filters: ClassVar[Sequence[Filter]] = ()
    search: ClassVar[Sequence[str]] = ()
    search_hint: ClassVar[Promise | str] = ""
    default_sort: ClassVar[str] = ""
    page_size: ClassVar[int] = 50
    empty: ClassVar[Empty | None] = None
    exportable: ClassVar[bool] = True

    def __init__(
        self,
        request: HttpRequest,
        rows: QuerySet | Sequence[Any],
        *,
        count: Callable[["Table"], int | None] | None = None,
        empty: Empty | None = None,
        prefix: str = "",
        extra: dict[str, Any] | None = None,
    ) -> None:
        self.request = request
        self.source = rows
        self.counter = count
        self.empty = empty or type(self).empty  # type: ignore[misc]  # an instance may say it better
        self.prefix = prefix
        self.extra = extra or {}
        self.params: QueryDict = request.GET

    @property
    def id(self) -> str:
        """The id of the element that htmx swaps."""
        return "table-" + (self.prefix + self.key).replace(".", "-").replace("_", "-")

    # -- what the address says -------------------------------------------------------------------

    @cached_property
    def text(self) -> str:
        """The search text."""
        return self.params.get(self.prefix + "q", "").replace("\x00", "").strip()[:100]

    @cached_property
    def chosen(self) -> dict[str, Any]:
        """The filters in force, by name."""
        read = ((one.name, one.read(self._unprefixed)) for one in self.filters)
        return {name: value for name, value in read if value is not None}

    @cached_property
    def sort(self) -> str:
        """The column key sorted by, with ``-`` for descending."""
        asked = self.params.get(self.prefix + "sort", "")
        return asked if self._sortable(asked) else self.default_sort

    @cached_property
    def page_number(self) -> int:
        """The page asked for, from 1."""
        asked = self.params.get(self.prefix + "page", "1")
        return (
            max(1, min(int(asked), MAX_PAGE)) if asked.isascii() and asked.isdigit() and len(asked) < 8 else 1
        )

    @cached_property
    def shown(self) -> list[Column]:
        """The columns chosen, in the order declared."""
        asked = self.params.get(self.prefix + "cols", "").split(",")
        chosen = [column for column in self.columns if column.key in asked]
        return chosen or [column for column in self.columns if column.default]

    # -- rows ------------------------------------------------------------------------------------

    @cached_property
    def rows(self) -> QuerySet | Sequence[Any]:
        """All rows that match, in order."""
        if not isinstance(self.source, QuerySet):
            return self._sorted_list(list(self.source))
        return self.matching.order_by(*self._ordering())

    @cached_property
    def matching(self) -> QuerySet:
        """All rows that match, unordered."""
        return self.narrow(self.source)  # type: ignore[arg-type]  # only called for querysets

    def narrow(self, rows: QuerySet) -> QuerySet:
        """Keep the rows that fit the search and the filters in force."""
        for one in self.filters:
            if one.name in self.chosen:
                rows = one.restrict(rows, self.chosen[one.name])
        return self.search_rows(rows, self.text) if self.text else rows

    def search_rows(self, rows: QuerySet, text: str) -> QuerySet:
        """Keep the rows in which every word occurs in one of the ``search`` fields."""
        for word in text.split()[:6]:
            held = Q()
            for lookup in self.search:
                exact = "__" in lookup and _is_lookup(lookup)
                held |= Q(**{lookup: word}) if exact else called(lookup, word)
            rows = rows.filter(held)
        return rows

    @cached_property
    def _window(self) -> list[Any]:
        start = (self.page_number - 1) * self.page_size
        return list(self.rows[start : start + self.page_size + 1])

    @property
    def page_rows(self) -> list[Any]:
        """The rows of this page."""
        return self._window[: self.page_size]

    @property
    def has_next(self) -> bool:
        """Tell whether another page follows."""
        return len(self._window) > self.page_size and self.page_number < MAX_PAGE

    @cached_property
    def total(self) -> int:
        """How many rows match; ``COUNT_LIMIT`` + 1 stands for more than we counted."""
        if not isinstance(self.source, QuerySet):
            return len(self.rows)
        if self.counter is not None and (exact := self.counter(self)) is not None:
            return exact
        if self.page_number == 1 and not self.has_next:
            return len(self._window)
        return self.matching.order_by()[: COUNT_LIMIT + 1].count()

    @property
    def total_is_open(self) -> bool:
        """Tell whether there are more rows than were counted."""
        return self.counter is None and isinstance(self.source, QuerySet) and self.total > COUNT_LIMIT

    @property
    def first(self) -> int:
        """Number of the first row shown."""
        return (self.page_number - 1) * self.page_size + 1 if self.page_rows else 0

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return (self.page_number - 1) * self.page_size + len(self.page_rows)

    # -- what the template shows -----------------------------------------------------------------

    @property
    def body(self) -> SafeString:
        """The rows of this page as HTML."""
        return rows_html(self.shown, self.page_rows)

    @property
    def head(self) -> SafeString:
        """The column headings as HTML."""
        return heads_html(self.heads, self.request.path)

    @property
    def column_choice(self) -> SafeString:
        """A tick box for every column, as HTML."""
        return columns_html(self.columns, self.shown)

    @property
    def heads(self) -> list[Head]:
        """The column headings."""
        now = self.sort.lstrip("-")
        heads = []
        for column in self.shown:
            active = column.key == now
            direction = ("desc" if self.sort.startswith("-") else "asc") if active else ""
            heads.append(Head(column, self._sort_url(column, direction), direction))
        return heads

    @cached_property
    def chips(self) -> list[Chip]:
        """The filters in force, each with the address that drops it."""
        chips = []
        for one in self.filters:
            if one.name in self.chosen:
                without = self.url(drop=one.names)
                chips.append(Chip(str(one.label), one.describe(self.chosen[one.name]), without))
        return chips

    @cached_property
    def quick_controls(self) -> list[dict[str, Any]]:
        """The filters that stand beside the search box, with their choices."""
        return [one for one in map(self._control, self._quick) if one["choices"]]

    @property
    def panel_controls(self) -> list[dict[str, Any]]:
        """The filters of the panel, with their choices: asked for when it opens, the page does not pay."""
        return [self._control(one) for one in self._in_panel]

    @property
    def panel_id(self) -> str:
        """The id of the element that shows the filters of the panel."""
        return f"{self.id}-panel"

    @property
    def panel_params(self) -> list[tuple[str, str]]:
        """What the form carries for the panel as long as it was not opened; empty choices stay out."""
        names = [name for one in self._in_panel for name in self._named(one)]
        return [(name, value) for name in names for value in self.params.getlist(name) if value]

    @property
    def has_panel(self) -> bool:
        """Tell whether any filter stands in the panel."""
        return bool(self._in_panel)

    @cached_property
    def _quick(self) -> list[Filter]:
        return [one for one in self.filters if one.quick and hasattr(one, "choices")]

    @cached_property
    def _in_panel(self) -> list[Filter]:
        beside = {control["filter"].name for control in self.quick_controls}
        return [one for one in self.filters if one.name not in beside]

    def _control(self, one: Filter) -> dict[str, Any]:
        value = self.chosen.get(one.name)
        choices = one.choices(value) if hasattr(one, "choices") else []
        names = self._named(one)
        drawn = ticks_html(names[0], choices) if one.widget == "multi" else options_html(choices)
        return {"filter": one, "value": value, "choices": choices, "drawn": drawn, "names": names}

    @property
    def narrowed(self) -> bool:
        """Tell whether a search or filter is in force."""
        return bool(self.chosen or self.text)

    @cached_property
    def views(self) -> list[SavedView]:
        """The reader's saved views of this table."""
        user = self.request.user
        if not self.key or not user.is_authenticated:
            return []
        return list(SavedView.objects.visible_to(user).of_table(self.key))

    @cached_property
    def current_view(self) -> SavedView | None:
        """The saved view this address shows, if it is one."""
        return next((view for view in self.views if view.query == self.state), None)

    @cached_property
    def state(self) -> str:
        """The address without page: what a saved view keeps."""
        return self._encoded(drop=("page", "export"), keep_foreign=False)

    def url(self, drop: Sequence[str] = (), **changes: Any) -> str:
        """Return this page's address with some of the table's parameters changed; page 1 unless given."""
        return "?" + self._encoded(drop=(*drop, "page", "export"), **changes)

    @property
    def next_url(self) -> str:
        """The address of the next page."""
        return self.url(page=self.page_number + 1)

    @property
    def previous_url(self) -> str:
        """The address of the page before."""
        return self.url(page=self.page_number - 1) if self.page_number > 2 else self.url()

    @property
    def export_url(self) -> str:
        """The address of the CSV file."""
        return self.url(export="csv")

    @property
    def workbook_url(self) -> str:
        """The address of the Excel file."""
        return self.url(export="xlsx")

    @property
    def clear_url(self) -> str:
        """The address without search and filters."""
        names = [name for one in self.filters for name in one.names]
        return self.url(drop=("q", *names))

    @property
    def carried(self) -> list[tuple[str, str]]:
        """Parameters the filter form must carry along: sort, columns and those of the page itself."""
        mine = {self.prefix + name for one in self.filters for name in one.names}
        mine |= {self.prefix + "q", self.prefix + "page", self.prefix + "export"}
        return [
            (name, value) for name in self.params for value in self.params.getlist(name) if name not in mine
        ]

    @property
    def all_params(self) -> list[tuple[str, str]]:
        """Parameters the column form must carry along: everything but page and columns."""
        left_out = {self.prefix + "page", self.prefix + "export", self.prefix + "cols"}
        return [
            (name, value)
            for name in self.params
            if name not in left_out
            for value in self.params.getlist(name)
        ]

    @property
    def export_format(self) -> str:
        """The kind of file the address asks for: csv, xlsx, or nothing."""
        asked = self.params.get(self.prefix + "export", "")
        return asked if self.exportable and asked in {"csv", "xlsx"} else ""

    @property
    def exported(self) -> list[Column]:
        """The columns of a file: those shown, without what only a page can hold."""
        return [column for column in self.shown if column.exported]

    def export_rows(self) -> Iterator[list[Any]]:
        """Yield every matching row of the shown columns, as values for a text file."""
        columns = self.exported
        for row in self._every_row():
            yield [column.exported_value(row) for column in columns]

    def sheet_rows(self) -> Iterator[list[Any]]:
        """Yield every matching row of the shown columns, as values for a workbook."""
        columns = self.exported
        for row in self._every_row():
            yield [column.sheet_value(row) for column in columns]

    def _every_row(self) -> Iterator[Any]:
        rows = self.rows
        return rows.iterator(chunk_size=EXPORT_CHUNK) if isinstance(rows, QuerySet) else iter(rows)

    # -- inner -----------------------------------------------------------------------------------

    @cached_property
    def _unprefixed(self) -> QueryDict:
        if not self.prefix:
            return self.params
        inner = QueryDict(mutable=True)
        for name in self.params:
            if name.startswith(self.prefix):
                inner.setlist(name.removeprefix(self.prefix), self.params.getlist(name))
        return inner

    @cached_property
    def _own_names(self) -> set[str]:
        names = {"q", "sort", "page", "cols", "export"} | {n for one in self.filters for n in one.names}
        return {self.prefix + name for name in names}

    def _encoded(self, drop: Sequence[str] = (), keep_foreign: bool = True, **changes: Any) -> str:
        params = QueryDict(mutable=True)
        own, dropped = self._own_names, {self.prefix + name for name in drop}
        for name in self.params:
            if name not in dropped and (keep_foreign or name in own):
                params.setlist(name, self.params.getlist(name))
        for name, value in changes.items():
            params[self.prefix + name] = str(value)
        return params.urlencode()

    def _named(self, one: Filter) -> list[str]:
        return [self.prefix + name for name in one.names]

    def _sortable(self, asked: str) -> bool:
        column = self._by_key.get(asked.lstrip("-"))
        return column is not None and bool(column.sort_expressions)

    @cached_property
    def _by_key(self) -> dict[str, Column]:
        return {column.key: column for column in self.columns}

    def _sort_url(self, column: Column, direction: str) -> str:
        if not column.sort_expressions:
            return ""
        first = "-" if column.right or column.kind in {"date", "moment"} else ""
        turned = {"": first, "asc": "-", "desc": ""}[direction]
        return self.url(sort=f"{turned}{column.key}")

    def _ordering(self) -> list[OrderBy]:
        column = self._by_key.get(self.sort.lstrip("-"))
        descending = self.sort.startswith("-")
        ordering = []
        for expression in column.sort_expressions if column else ():
            turned = isinstance(expression, str) and expression.startswith("-")
            base: BaseExpression | F = (
                F(expression.lstrip("-")) if isinstance(expression, str) else expression
            )
            last = {"nulls_last": True} if column and column.nullable else {}
            ordering.append(base.desc(**last) if descending != turned else base.asc(**last))
        pk = F("pk")
        return [*ordering, pk.desc() if descending else pk.asc()]

    def _sorted_list(self, rows: list[Any]) -> list[Any]:
        column = self._by_key.get(self.sort.lstrip("-"))
        if column is None or not column.sort_expressions:
            return rows
        present: list[Any] = []
        missing: list[Any] = []
        for row in rows:
            (missing if column.raw(row) is None else present).append(row)
        return sorted(present, key=column.raw, reverse=self.sort.startswith("-")) + missing


def _is_lookup(name: str) -> bool:
    return name.rsplit("__", 1)[-1] in {
        "icontains",
        "istartswith",
        "iexact",
        "contains",
        "startswith",
        "exact",
    }
