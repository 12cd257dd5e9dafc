"""The list of imports."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.integrations.models import ImportRun, ImportState
from apps.ui.tables import Choice, Column, Empty, Table

TONES = {
    ImportState.UPLOADED: "muted",
    ImportState.CHECKING: "info",
    ImportState.CHECKED: "accent",
    ImportState.RUNNING: "info",
    ImportState.DONE: "good",
    ImportState.FAILED: "bad",
    ImportState.UNDOING: "info",
    ImportState.UNDONE: "muted",
}


class ImportTable(Table):
    """A person's imports, newest first."""

    key = "integrations.imports"
    title = _("Imports")
    search = ("name",)
    default_sort = "-created_at"
    columns = (
        Column("name", _("Company"), href="integrations:import", sort=True, phone="title"),
        Column(
            "state", _("State"), kind="badge", value="get_state_display", tone=lambda run: TONES[run.state]
        ),
        Column(
            "files", _("Files"), value=lambda run: ", ".join(f["given"] for f in run.files), phone="subtitle"
        ),
        Column("changed", _("Records changed"), kind="number", value=lambda run: run.outcome.get("changed")),
        Column("created_at", _("Started"), kind="moment", sort=True),
    )
    filters = (Choice("state", _("State"), options=ImportState.choices),)

    def __init__(self, request: HttpRequest, rows: QuerySet[ImportRun]) -> None:
        empty = Empty(
            _("Nothing imported yet"),
            _("Bring your people, products, accounts and deals: upload the files as they are."),
            _("Import files"),
            reverse("integrations:new"),
            "file-import",
        )
        super().__init__(request, rows, empty=empty)
