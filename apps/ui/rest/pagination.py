"""Cursor pages: stable while rows come and go, equally fast on every page."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request


class CursorPages(CursorPagination):
    """Fifty rows a page, at most two hundred; ``cursor`` from ``next`` and ``previous``."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    ordering = "-pk"

    def get_ordering(self, request: Request, queryset: QuerySet, view: Any) -> tuple[str, ...]:
        """Return the view's ordering, ending in the primary key so that pages never overlap."""
        asked = request.query_params.get("ordering", "")
        allowed = getattr(view, "ordering_fields", ())
        chosen = asked if asked.lstrip("-") in allowed else getattr(view, "ordering", self.ordering)
        fields = (chosen,) if isinstance(chosen, str) else tuple(chosen)
        if fields[-1].lstrip("-") not in {"pk", "id"}:
            fields = (*fields, "-pk" if fields[0].startswith("-") else "pk")
        return fields
