"""Declarative tables; see docs/ui.md."""

from apps.ui.tables.columns import Column, escaped
from apps.ui.tables.export import csv_response, guarded, unguarded
from apps.ui.tables.filters import Boolean, Choice, DateRange, Filter, Multi, Text
from apps.ui.tables.respond import respond
from apps.ui.tables.table import Empty, Table

__all__ = [
    "Boolean",
    "Choice",
    "Column",
    "DateRange",
    "Empty",
    "Filter",
    "Multi",
    "Table",
    "Text",
    "csv_response",
    "escaped",
    "guarded",
    "respond",
    "unguarded",
]
