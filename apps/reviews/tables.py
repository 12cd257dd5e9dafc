"""The tables of evaluations."""

from django.utils.translation import gettext_lazy as _

from apps.core.names import in_words
from apps.reviews.enums import Rating, Stage
from apps.reviews.models import Evaluation
from apps.reviews.selectors import RATED
from apps.ui.tables import Choice, Column, Empty, Table

STAGE_TONES = {
    Stage.DRAFT: "muted",
    Stage.SELF: "info",
    Stage.MANAGER: "warn",
    Stage.CALIBRATION: "accent",
    Stage.APPROVED: "good",
    Stage.SHARED: "good",
    Stage.ACKNOWLEDGED: "good",
    Stage.CLOSED: "muted",
}
RATING_TONES = {
    Rating.OUTSTANDING: "good",
    Rating.STRONG: "good",
    Rating.SOLID: "info",
    Rating.DEVELOPING: "warn",
    Rating.UNSATISFACTORY: "bad",
    "": "muted",
}


def signed_rating(row: Evaluation) -> str:
    """Return the rating once the manager has signed it; drafts are their author's own."""
    return row.rating if row.stage in RATED else ""


def _rating_label(row: Evaluation) -> str:
    rating = signed_rating(row)
    return str(Rating(rating).label) if rating else ""


class EvaluationTable(Table):
    """Evaluations of other people."""

    key = "reviews.team"
    title = _("Evaluations")
    columns = (
        Column("person", _("Person"), kind="person", value="person.name", sort="person__name",
               href="reviews:evaluation", phone="title"),
        Column("unit", _("Unit"), value="unit.name", sort="unit__name", phone="subtitle"),
        Column("role", _("Role"), value=lambda row: in_words(row.role.name), sort="role__name"),
        Column("manager", _("Manager"), value="manager.name", sort="manager__name", nullable=True),
        Column("period", _("Period"), value="cycle.period_code", sort="cycle__starts_on",
               default=False),
        Column("kpi_score", _("KPI score"), kind="percent", places=1, sort=True, nullable=True),
        Column("kpi_rating", _("By KPIs"), kind="badge", value=lambda row: row.get_kpi_rating_display(),
               tone=lambda row: RATING_TONES[row.kpi_rating]),
        Column("rating", _("Rating"), kind="badge", value=_rating_label,
               tone=lambda row: RATING_TONES[signed_rating(row)]),
        Column("stage", _("Stage"), kind="badge", value=lambda row: row.get_stage_display(),
               tone=lambda row: STAGE_TONES[row.stage]),
    )  # fmt: skip
    filters = (Choice("stage", _("Stage"), options=Stage.choices, quick=True),)
    search = ("person__name", "person__name_key", "unit__name")
    search_hint = _("Person or unit")
    default_sort = "person"
    empty = Empty(
        _("No evaluations here"),
        _("Evaluations appear when a period has ended and been evaluated."),
        icon="clipboard-check",
    )
