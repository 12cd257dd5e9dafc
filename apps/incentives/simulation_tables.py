"""Tables of simulations."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.incentives.names import in_words
from apps.ui.tables import Column, Empty, Table


def _difference(row: Any) -> Decimal | None:
    """Return what the simulated plan costs more, once it is known."""
    return Decimal(row.result["then"]) - Decimal(row.result["now"]) if row.done_at else None


class SimulationTable(Table):
    """Simulations that are kept."""

    key = "incentives.simulations"
    title = _("Simulations")
    columns = [
        Column(
            "plan",
            _("Plan"),
            value=lambda row: f"{in_words(row.version.plan.name)} · {row.version.number}",
            sort="version__plan__name",
            href="incentives:simulation",
            phone="title",
        ),
        Column(
            "periods", _("Periods"), value=lambda row: f"{row.first.code} – {row.last.code}", phone="subtitle"
        ),
        Column(
            "difference", _("Difference"), kind="money", currency="currency", value=_difference, nullable=True
        ),
        Column("created_by", _("Made by"), kind="person", value="created_by.name"),
        Column("created_at", _("Made at"), kind="moment", sort=True),
        Column("expires_on", _("Kept until"), kind="date", sort=True),
    ]
    default_sort = "-created_at"
    empty = Empty(
        _("No simulations yet"), _("Open a plan and choose “Simulate this version”."), icon="calculator"
    )


class SimulatedPayeeTable(Table):
    """What both plans pay each payee."""

    key = "incentives.simulated_payees"
    title = _("Payees")
    columns = [
        Column(
            "person",
            _("Payee"),
            kind="person",
            sort="person__name",
            href="incentives:simulated_payee",
            phone="title",
        ),
        Column("unit", _("Unit"), value="unit_name", sort="unit_name", phone="subtitle"),
        Column("paid_now", _("Plans today"), kind="money", currency="simulation.currency", sort=True),
        Column("paid_then", _("Simulated plan"), kind="money", currency="simulation.currency", sort=True),
        Column("difference", _("Difference"), kind="money", currency="simulation.currency", sort=True),
        Column("attainment", _("Attainment"), kind="percent", sort=True, nullable=True),
        Column(
            "problem",
            _("State"),
            kind="badge",
            value=lambda row: _("Exception") if row.problem else _("Calculated"),
            tone=lambda row: "bad" if row.problem else "muted",
        ),
    ]
    search = ["person__name", "person__name_key", "person__external_id", "unit_name"]
    default_sort = "-difference"
    empty = Empty(_("No payees"), _("Nobody was under a plan in these periods."), icon="users")
