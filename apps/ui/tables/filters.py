"""Filters of a table: what the address says, the condition it means, how it reads."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from apps.core import days
from apps.core.names import in_words
from apps.ui import formatting

Options = Iterable[tuple[Any, Any]] | Callable[[], Iterable[tuple[Any, Any]]]
MAX_VALUES = 100


@dataclass(frozen=True)
class Option:
    """One choice as the page shows it."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Filter:
    """The base: ``name`` in the address, ``lookup`` on the model (the name by default).

    ``apply`` replaces the lookup by a function of queryset and value. A filter
    with ``quick`` stands beside the search box, the others in the panel.
    """

    name: str
    label: Promise | str
    lookup: str = ""
    apply: Callable[[QuerySet, Any], QuerySet] | None = None
    quick: bool = False

    widget = "text"

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters this filter reads."""
        return (self.name,)

    def read(self, params: QueryDict) -> Any:
        """Return the chosen value, or None when the address holds none or nonsense."""
        return params.get(self.name, "").replace("\x00", "").strip()[:200] or None

    def restrict(self, rows: QuerySet, value: Any) -> QuerySet:
        """Keep the rows the value asks for."""
        if self.apply is not None:
            return self.apply(rows, value)
        return rows.filter(self.condition(value))

    def condition(self, value: Any) -> Q:
        """Return the condition of a value."""
        return Q(**{f"{self.lookup or self.name}__icontains": value})

    def describe(self, value: Any) -> str:
        """Return the value in words."""
        return str(value)


@dataclass(frozen=True)
class Text(Filter):
    """Contains this text."""


@dataclass(frozen=True)
class Choice(Filter):
    """One of several; ``options`` are (value, label) pairs or a function returning them."""

    options: Options = ()

    widget = "choice"

    def pairs(self) -> list[tuple[str, str]]:
        """Return the options as text."""
        options = self.options() if callable(self.options) else self.options
        return [(str(value), in_words(str(label))) for value, label in options]

    def read(self, params: QueryDict) -> Any:
        value = params.get(self.name, "")
        return value if value and value in dict(self.pairs()) else None

    def condition(self, value: Any) -> Q:
        return Q(**{self.lookup or self.name: value})

    def describe(self, value: Any) -> str:
        return dict(self.pairs()).get(value, str(value))

    def choices(self, chosen: Any) -> list[Option]:
        """Return the options with the chosen one marked."""
        held = chosen if isinstance(chosen, list) else [chosen]
        return [Option(value, label, value in held) for value, label in self.pairs()]


@dataclass(frozen=True)
class Multi(Choice):
    """Any of the ticked ones."""

    widget = "multi"

    def read(self, params: QueryDict) -> Any:
        asked = params.getlist(self.name)[:MAX_VALUES]
        known = dict(self.pairs()) if asked else {}
        return [value for value in asked if value in known] or None

    def condition(self, value: Any) -> Q:
        return Q(**{f"{self.lookup or self.name}__in": value})

    def describe(self, value: Any) -> str:
        known = dict(self.pairs())
        return ", ".join(known[one] for one in value if one in known)


@dataclass(frozen=True)
class Boolean(Filter):
    """Yes or no."""

    widget = "boolean"

    def read(self, params: QueryDict) -> Any:
        return {"yes": True, "no": False}.get(params.get(self.name, ""))

    def condition(self, value: Any) -> Q:
        return Q(**{self.lookup or self.name: value})

    def describe(self, value: Any) -> str:
        return _("Yes") if value else _("No")

    def choices(self, chosen: Any) -> list[Option]:
        """Return yes and no with the chosen one marked."""
        return [Option("yes", _("Yes"), chosen is True), Option("no", _("No"), chosen is False)]


@dataclass(frozen=True)
class DateRange(Filter):
    """From one day to another, both included; either may be open."""

    instants: bool = False

    widget = "dates"

    @property
    def names(self) -> tuple[str, ...]:
        return (f"{self.name}_from", f"{self.name}_to")

    def read(self, params: QueryDict) -> Any:
        first, last = (_date(params.get(name, "")) for name in self.names)
        return (first, last) if first or last else None

    def condition(self, value: Any) -> Q:
        first, last = value
        field = (self.lookup or self.name) + ("__date" if self.instants else "")
        held = Q()
        if first:
            held &= Q(**{f"{field}__gte": first})
        if last:
            held &= Q(**{f"{field}__lte": last})
        return held

    def describe(self, value: Any) -> str:
        first, last = value
        if first and last:
            return f"{formatting.day(first)} – {formatting.day(last)}"
        if first:
            return _("from %(day)s") % {"day": formatting.day(first)}
        return _("until %(day)s") % {"day": formatting.day(last)}


def _date(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if days.is_plausible(day) else None
