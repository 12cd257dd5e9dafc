"""Cursor pages: stable while rows come and go, equally fast on every page."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.core.exceptions import ValidationError as Unreadable
from django.db.models import Field, Model, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

_MAX_CURSOR = 500


@dataclass(frozen=True)
class _Cursor:
    """The row a page lies beyond, told by what rows are ordered by, and in which direction."""

    backwards: bool
    values: tuple[str, ...]

    def written(self) -> str:
        return urlsafe_b64encode(json.dumps([self.backwards, *self.values]).encode()).decode()

    @classmethod
    def read(cls, text: str) -> "_Cursor":
        try:
            backwards, *values = json.loads(urlsafe_b64decode(text.encode()))
        except (ValueError, TypeError, binascii.Error, RecursionError) as error:
            raise _bad_cursor() from error
        if backwards not in (True, False) or not all(isinstance(value, str) for value in values):
            raise _bad_cursor()
        return cls(bool(backwards), tuple(values))


class CursorPages(CursorPagination):
    """Fifty rows a page, at most two hundred; ``cursor`` from ``next`` and ``previous``.

    A cursor names the last row by everything rows are ordered by, so that rows
    written meanwhile neither repeat nor hide others, however many are alike.
    """

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    ordering = "-pk"

    def paginate_queryset(self, queryset: QuerySet, request: Request, view: Any = None) -> list[Any]:
        """Return the rows of the page asked for. Raises ValidationError, NotFound for a strange cursor."""
        self.request, size = request, self.get_page_size(request) or self.page_size
        self._ordering, self._model = self.get_ordering(request, queryset, view), queryset.model
        given = request.query_params.get(self.cursor_query_param, "")
        if len(given) > _MAX_CURSOR:
            raise _bad_cursor()
        cursor = _Cursor.read(given) if given else None
        backwards = cursor is not None and cursor.backwards
        ordering = [_turned(name) for name in self._ordering] if backwards else self._ordering
        rows = queryset.order_by(*ordering)
        if cursor is not None:
            rows = rows.filter(_beyond(queryset.model, ordering, cursor.values))
        found = list(rows[: size + 1])
        more, self.page = len(found) > size, found[:size]
        if backwards:
            self.page.reverse()
        self.has_next, self.has_previous = (
            (bool(self.page), more) if backwards else (more, cursor is not None)
        )
        return self.page

    def get_ordering(self, request: Request, queryset: QuerySet, view: Any) -> tuple[str, ...]:
        """Return the view's ordering, ending in the primary key so that pages never overlap."""
        asked = request.query_params.get("ordering", "")
        allowed = getattr(view, "ordering_fields", ())
        if asked and asked.removeprefix("-") not in allowed:
            raise ValidationError({"ordering": [_("This cannot be ordered by.")]})
        chosen = asked or getattr(view, "ordering", self.ordering)
        fields = (chosen,) if isinstance(chosen, str) else tuple(chosen)
        if fields[-1].lstrip("-") not in {"pk", "id"}:
            fields = (*fields, "-pk" if fields[0].startswith("-") else "pk")
        return fields

    def get_page_size(self, request: Request) -> int | None:
        """Return how many rows a page has, two hundred at most. Raises ValidationError."""
        given = request.query_params.get(self.page_size_query_param, "")
        if given and not (given.isascii() and given.isdigit() and 0 < len(given) < 10 and int(given) > 0):
            raise ValidationError({self.page_size_query_param: [_("A whole number is expected.")]})
        return super().get_page_size(request)

    def get_next_link(self) -> str | None:
        """Return the address of the following page."""
        return self._link(self.page[-1], backwards=False) if self.has_next and self.page else None

    def get_previous_link(self) -> str | None:
        """Return the address of the page before."""
        return self._link(self.page[0], backwards=True) if self.has_previous and self.page else None

    def _link(self, row: Model, *, backwards: bool) -> str:
        fields = (_field(self._model, name) for name in self._ordering)
        cursor = _Cursor(backwards, tuple(field.value_to_string(row) for field in fields))
        return replace_query_param(
            self.request.build_absolute_uri(), self.cursor_query_param, cursor.written()
        )


def _beyond(model: type[Model], ordering: Sequence[str], texts: Iterable[str]) -> Q:
    """Return the rows that come after one: equal in the first columns, further in the next."""
    beyond, equal = Q(pk__in=[]), Q()
    try:
        values = [_field(model, name).to_python(text) for name, text in zip(ordering, texts, strict=True)]
    except (Unreadable, ValueError, OverflowError) as error:
        raise _bad_cursor() from error
    for name, value in zip(ordering, values, strict=True):
        column = name.lstrip("-")
        beyond |= equal & Q(**{f"{column}__{'lt' if name.startswith('-') else 'gt'}": value})
        equal &= Q(**{column: value})
    return beyond


def _field(model: type[Model], name: str) -> Field:
    column = name.lstrip("-")
    try:
        return model._meta.pk if column == "pk" else model._meta.get_field(column)  # type: ignore[return-value]
    except FieldDoesNotExist as error:
        raise TypeError(f"{model.__name__} cannot be paged by {column}.") from error


def _turned(name: str) -> str:
    return name.removeprefix("-") if name.startswith("-") else f"-{name}"


def _bad_cursor() -> NotFound:
    return NotFound(_("There is no such page. Start from the first one."))
