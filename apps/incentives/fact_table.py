"""The list of facts of pay."""

from collections.abc import Iterator
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from apps.incentives.enums import FactKind, FactStatus
from apps.incentives.names import in_words
from apps.incentives.selectors.facts import fact_names
from apps.ui import formatting
from apps.ui.tables import Choice, Column, Empty, Table

FACT_TONES = {
    FactStatus.WAITING: "warn",
    FactStatus.CONFIRMED: "good",
    FactStatus.REFUSED: "muted",
    FactStatus.REPLACED: "muted",
}


def _fact_about(row: Any) -> str:
    """Return whom or what a fact is about."""
    if row.source_id is not None:
        return row.label
    return row.person.name if row.person else str(_("Everybody under the plan"))


def _fact_told(row: Any) -> str:
    """Return what a fact says; nothing where it takes back what was said."""
    if row.is_day:
        return formatting.day(row.on) if row.on else str(_("Taken back"))
    if row.value is None:
        return str(_("Taken back"))
    return formatting.percent(row.value) if row.kind == FactKind.GRADE else formatting.number(row.value)


class FactTable(Table):
    """Facts of pay, those that wait first."""

    key = "incentives.facts"
    title = _("Inputs of pay")
    columns = [
        Column("about", _("Payee or deal"), value=_fact_about, phone="title"),
        Column("kind", _("Kind"), value="get_kind_display", sort=True, phone="hidden", default=False),
        Column(
            "name",
            _("What the plan calls it"),
            kind="template",
            template="incentives/fact_what.html",
            css="roomy",
            export=lambda row: in_words(row.called),
        ),
        Column(
            "plan",
            _("Plan"),
            value=lambda row: in_words(row.plan.name) if row.plan else "",
            phone="hidden",
            default=False,
        ),
        Column("period", _("Period"), value="period.code", nullable=True, css="text-nowrap"),
        Column("told", _("Recorded"), value=_fact_told),
        Column("note", _("Note"), value=lambda row: in_words(row.note), phone="hidden", default=False),
        Column("status", _("Status"), kind="badge", value="get_status_display", tone=FACT_TONES, sort=True),
        Column("told_by", _("Recorded by"), kind="person", phone="hidden"),
        Column("told_at", _("Recorded at"), kind="moment", sort=True, phone="hidden", default=False),
        Column("decided_by", _("Confirmed by"), kind="person", nullable=True, phone="hidden"),
        Column("refusal", _("Why refused"), phone="hidden", default=False),
        Column("decide", "", kind="template", template="incentives/fact_actions.html", exported=False),
    ]

    filters = [
        Choice("status", _("Status"), options=FactStatus.choices, quick=True),
        Choice("kind", _("Kind"), options=FactKind.choices),
    ]
    search = ["person__name", "label", "name", "note"]
    default_sort = "-told_at"
    empty = Empty(
        _("Nothing recorded yet"),
        _("Plans that pay by grades, agreed weights, milestones or events ask for it here."),
        icon="checkbox",
    )

    @property
    def page_rows(self) -> list[Any]:
        """The rows of this page, each under the name that its plan gives it."""
        return [self._as_called(row) for row in super().page_rows]

    def _every_row(self) -> Iterator[Any]:
        return map(self._as_called, super()._every_row())

    @cached_property
    def _called_by_plans(self) -> dict[tuple[str, int | None, str], str]:
        return fact_names()

    def _as_called(self, row: Any) -> Any:
        row.called = self._called_by_plans.get((row.kind, row.plan_id, row.name), row.name)
        return row
