"""Answering with a table: the whole page, only the table, or the file."""

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify

from apps.core import clock
from apps.ui import htmx
from apps.ui.tables.export import csv_response
from apps.ui.tables.table import Table


def respond(
    request: HttpRequest, table: Table, template: str, context: dict[str, Any] | None = None
) -> HttpResponse | StreamingHttpResponse:
    """Answer a request for a page whose main part is one table.

    The CSV when the address asks for it, the table alone when htmx swaps it,
    otherwise the page; opened without parameters it shows the default view.
    """
    if table.wants_export:
        name = slugify(str(table.title), allow_unicode=True) or "table"
        return csv_response(
            f"{name}-{clock.today().isoformat()}.csv", table.export_header(), table.export_rows()
        )
    if htmx.is_htmx(request) and htmx.target(request) == table.id:
        return render(request, "ui/table.html", {"table": table})
    if not request.GET and not htmx.is_htmx(request):
        chosen = next((view for view in table.views if view.is_default and view.query), None)
        if chosen is not None:
            return redirect(f"{request.path}?{chosen.query}")
    return render(request, template, {"table": table, **(context or {})})
