"""One evaluation, and the lists of one's own and one's team's."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.decorators import page
from apps.access.permissions import Permission
from apps.access.scope import person_id_of
from apps.reviews import selectors
from apps.reviews.enums import Stage
from apps.reviews.models import Evaluation, EvaluationCycle
from apps.reviews.tables import RATING_TONES, STAGE_TONES, EvaluationTable, signed_rating
from apps.ui import charts
from apps.ui.panels import panels_for
from apps.ui.tables import respond


@page(Permission.REVIEW_VIEW)
def mine(request: HttpRequest) -> HttpResponse:
    """The person's own evaluations: what waits for them and what they were given."""
    rows = selectors.own_evaluations(request.user)  # type: ignore[arg-type]  # signed in
    given = [row for row in rows if row.is_shared and row.kpi_score is not None][::-1]
    context = {
        "due": [row for row in rows if row.stage == Stage.SELF],
        "unread": [row for row in rows if row.stage == Stage.SHARED],
        "rows": [(row, STAGE_TONES[Stage(row.stage)], RATING_TONES[row.rating]) for row in rows],
        "trend": _trend(given) if len(given) > 1 else None,
        "sees_others": EvaluationCycle.objects.visible_to(request.user).exists(),  # type: ignore[arg-type]
    }
    return render(request, "reviews/mine.html", context)


@page(Permission.REVIEW_VIEW)
def team(request: HttpRequest) -> HttpResponse:
    """The evaluations of the people in reach, one period at a time."""
    viewer: Any = request.user
    cycles = list(EvaluationCycle.objects.visible_to(viewer).order_by("-starts_on", "-pk")[:12])
    asked = request.GET.get("cycle", "")
    chosen = next((one for one in cycles if one.period_code == asked), cycles[0] if cycles else None)
    rows = selectors.team_evaluations(viewer, chosen)
    context = {"cycles": cycles, "chosen": chosen, "waiting": selectors.waiting_for(viewer)["team"]}
    return respond(request, EvaluationTable(request, rows), "reviews/team.html", context)


@page(Permission.REVIEW_VIEW)
def evaluation(request: HttpRequest, evaluation_id: int) -> HttpResponse:
    """One evaluation: scorecard, both parts, goals, signatures; fit for printing."""
    viewer: Any = request.user
    row = get_object_or_404(with_people(Evaluation.objects.visible_to(viewer)), pk=evaluation_id)
    cards = selectors.scorecard(row)
    own = row.person_id == person_id_of(viewer)
    context = {
        **summary_of(row),
        "cards": cards,
        "counted": [card for card in cards if card.decides],
        "segments": list(row.segments.select_related("unit", "role", "manager").order_by("starts_on")),
        "goals": list(row.goals.order_by("position")) if row.stage in selectors.RATED else [],
        "changes": list(row.changes.select_related("by").order_by("at", "pk")) if not own else [],
        "history": _history(row, viewer),
        "acts": _acts(row, viewer, own),
        "panels": panels_for(request, "evaluation", row),
        "signatures": _signatures(row),
    }
    return render(request, "reviews/evaluation.html", context)


def with_people(rows: Any) -> Any:
    """Fetch what every page about an evaluation names."""
    return rows.select_related("cycle", "person", "role", "unit", "manager", "assessed_by", "approved_by")


def summary_of(row: Evaluation) -> dict[str, Any]:
    """Return what the head of every page about an evaluation shows."""
    rating = signed_rating(row)
    return {
        "evaluation": row,
        "rating": row.get_rating_display() if rating else "",
        "rating_tone": RATING_TONES[rating],
        "kpi_tone": RATING_TONES[row.kpi_rating],
        "stage_tone": STAGE_TONES[Stage(row.stage)],
        "is_signed": row.stage in selectors.RATED,
    }


def _acts(row: Evaluation, viewer: Any, own: bool) -> dict[str, bool]:
    """Return what the viewer may do with an evaluation now."""
    if own:
        return {"acknowledge": row.stage == Stage.SHARED}
    edits = Evaluation.objects.permitting(viewer, Permission.REVIEW_EDIT).filter(pk=row.pk).exists()
    runs = Evaluation.objects.permitting(viewer, Permission.REVIEW_ADMIN).filter(pk=row.pk).exists()
    calibrating = runs and row.stage == Stage.CALIBRATION and row.assessed_by_id != viewer.pk
    return {
        "assess": edits and row.stage == Stage.MANAGER,
        "calibrate": calibrating,
        "approve": calibrating and bool(row.rating),
        "return": calibrating and row.manager_id is not None,
    }


def _signatures(row: Evaluation) -> list[dict[str, Any]]:
    """Return who signed when, in the order of the process."""
    steps: list[tuple[Any, Any, Any, str]] = [
        (_("Self-assessment signed"), row.self_submitted_at, row.person, "writing-sign"),
        (_("Manager signed"), row.manager_submitted_at, row.assessed_by, "signature"),
        (_("Approved"), row.approved_at, row.approved_by, "shield-check"),
        (_("Shared with the person"), row.shared_at, None, "share"),
        (_("Read and confirmed"), row.acknowledged_at, row.person, "circle-check"),
    ]
    return [
        {"title": title, "at": at, "who": who, "icon": icon, "tone": "good"}
        for title, at, who, icon in steps
        if at is not None
    ]


def _history(row: Evaluation, viewer: Any) -> charts.Chart | None:
    known = [one for one in selectors.shared_history(row.person_id, viewer) if one.kpi_score is not None]
    earlier = [one for one in known if one.cycle.starts_on < row.cycle.starts_on]
    if not earlier or row.kpi_score is None:
        return None
    return _trend([*earlier, row])


def _trend(rows: list[Evaluation]) -> charts.Chart:
    return charts.line(
        _("KPI score by period"),
        [row.cycle.period_code for row in rows],
        [charts.Series(_("KPI score"), [row.kpi_score for row in rows], tone="accent", area=True)],
        format="percent",
        height="sm",
        links=[reverse("reviews:evaluation", args=[row.pk]) for row in rows],
    )
