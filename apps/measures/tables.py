"""The rows behind a figure, as a table."""

from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.measures import registry
from apps.measures.models import Credit
from apps.measures.registry import Measure, SourceLink
from apps.ui.tables import Column, Empty, Table


def is_money(code: str) -> bool:
    """Tell whether the figures of a measure are amounts in company currency."""
    return registry.measures.get(code).kind == "money"


class CreditTable(Table):
    """Ledger rows with what each came from."""

    key = "measures.credits"
    title = _("Rows behind the figure")
    default_sort = "-credited_on"
    columns = (
        Column("credited_on", _("Date"), "date", sort=True),
        Column(
            "source",
            _("Source"),
            value=lambda row: row.link.label,
            href=lambda row: row.link.url,
            phone="title",
        ),
        Column("person", _("Credited to"), value="person.name", sort="person__name", phone="subtitle"),
        Column("unit", _("Unit"), value="unit.name", sort="unit__name"),
        Column("measure", _("Measure"), value=lambda row: registry.measures.get(row.measure).name),
        Column("reason", _("Reason"), default=False),
        Column(
            "value",
            _("Value"),
            "number",
            value=lambda row: row.value.normalize(),
            currency=lambda row: settings.COMPANY_CURRENCY if is_money(row.measure) else "",
            sort=True,
        ),
    )
    empty = Empty(_("No rows"), _("Nothing was credited in this period."))

    def __init__(self, request: HttpRequest, rows: QuerySet[Credit], measure: Measure, total: int) -> None:
        super().__init__(request, rows, count=lambda table: total)
        self.measure = measure

    @cached_property
    def page_rows(self) -> list[Any]:  # type: ignore[override]  # computed once with the links
        """The rows of this page, each with the link to its source."""
        rows: list[Any] = self._window[: self.page_size]
        link_sources(rows, self.request.user)  # type: ignore[arg-type]  # signed in
        return rows


def link_sources(rows: list[Any], reader: User) -> None:
    """Give each row ``link``: the name and address of what posted it. One question per kind of source."""
    by_type: dict[str, set[int]] = {}
    for row in rows:
        by_type.setdefault(row.source_type, set()).add(row.source_id)
    found = {
        kind: registry.sources.get(kind)(sorted(ids), reader) if kind in registry.sources else {}
        for kind, ids in by_type.items()
    }
    for row in rows:
        row.link = found[row.source_type].get(row.source_id, SourceLink(f"{row.source_type} {row.source_id}"))
