"""Answering with a table: the whole page, only the table, or the file."""

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify

from apps.core import clock
from apps.ui import htmx
from apps.ui.tables.export import csv_response
from apps.ui.tables.table import Table
from apps.ui.tables.workbook import Head, workbook_response


def respond(
    request: HttpRequest, table: Table, template: str, context: dict[str, Any] | None = None
) -> HttpResponse | StreamingHttpResponse:
    """Answer a request for a page whose main part is one table.

    The file when the address asks for it, the table alone when htmx swaps it, its
    filters when their panel opens, otherwise the page; opened without parameters
    it shows the default view.
    """
    if table.export_format:
        return _file(table)
    if htmx.is_htmx(request) and htmx.target(request) == table.id:
        return render(request, "ui/table.html", {"table": table})
    if htmx.is_htmx(request) and htmx.target(request) == table.panel_id:
        return render(request, "ui/table_filters.html", {"table": table})
    if not request.GET and not htmx.is_htmx(request):
        chosen = next((view for view in table.views if view.is_default and view.query), None)
        if chosen is not None:
            return redirect(f"{request.path}?{chosen.query}")
    return render(request, template, {"table": table, **(context or {})})


def _file(table: Table) -> StreamingHttpResponse:
    title, columns = str(table.title), table.exported
    name = (
        f"{slugify(title, allow_unicode=True) or 'table'}-{clock.today().isoformat()}.{table.export_format}"
    )
    if table.export_format == "csv":
        return csv_response(name, [str(column.label) for column in columns], table.export_rows())
    heads = [Head(str(column.label), column.sheet_style) for column in columns]
    return workbook_response(name, title, heads, table.sheet_rows())
