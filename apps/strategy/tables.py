"""The lists of this room."""

from django.utils.translation import gettext_lazy as _

from apps.strategy.enums import StrategyState
from apps.strategy.models import Strategy
from apps.ui.tables import Choice, Column, Empty, Table

STATE_TONES = {"draft": "muted", "active": "good", "closed": "info"}


def _tone(row: Strategy) -> str:
    return STATE_TONES[row.state]


class StrategyTable(Table):
    """Strategies."""

    key = "strategy.strategies"
    title = _("Strategies")
    columns = [
        Column("title", _("Strategy"), sort=True, href="strategy:strategy", phone="title"),
        Column("unit", _("Unit"), value="unit.name", sort="unit__name", phone="subtitle"),
        Column("owner", _("Owner"), kind="person", sort="owner__name"),
        Column("state", _("State"), kind="badge", value="get_state_display", tone=_tone),
        Column("objectives", _("Objectives"), kind="number", value="objective_count", sort="objective_count"),
        Column("next_review", _("Next review"), kind="date", sort=True, nullable=True),
        Column("open", _("Open decisions"), kind="number", value="open_count", sort="open_count"),
        Column("last_day", _("Last day"), kind="date", sort="valid", phone="hidden"),
    ]  # fmt: skip
    filters = [Choice("state", _("State"), options=StrategyState.choices, quick=True)]
    search = ["title", "purpose", "owner__name", "unit__name"]
    search_hint = _("Title, purpose, owner or unit")
    default_sort = "next_review"
    empty = Empty(
        _("No strategy yet"),
        _("A strategy says where a unit wants to go; its objectives take their figures from targets."),
        icon="compass",
    )
