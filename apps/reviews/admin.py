"""Look-only admin of evaluations; how KPIs are scored can be set by whoever runs cycles."""

from django.contrib import admin

from apps.access.admin_base import RoomAdmin, RoomInline
from apps.access.permissions import Permission
from apps.reviews.models import (
    Evaluation,
    EvaluationChange,
    EvaluationCycle,
    EvaluationSegment,
    Goal,
    KpiScale,
    KpiScore,
)


class ScoreInline(RoomInline):
    """The KPI scores of an evaluation."""

    model = KpiScore
    view_permission = Permission.REVIEW_VIEW


@admin.register(EvaluationCycle)
class EvaluationCycleAdmin(RoomAdmin):
    """Cycles."""

    view_permission = Permission.REVIEW_VIEW
    list_display = ("period_code", "kind", "stage", "evaluated_on")
    list_filter = ("stage", "kind")


@admin.register(KpiScale)
class KpiScaleAdmin(RoomAdmin):
    """How measures are scored."""

    view_permission = Permission.REVIEW_VIEW
    edit_permission = Permission.REVIEW_ADMIN
    editable_fields = ("measure", "curve", "floor", "worst", "lowest", "cap")
    can_add = True
    list_display = ("measure", "curve", "floor", "worst", "cap")


class PartAdmin(RoomAdmin):
    """Evaluations and their parts: written on their pages only, and no drafts here."""

    view_permission = Permission.REVIEW_VIEW

    def get_queryset(self, request):  # type: ignore[no-untyped-def]
        """Return what is shared: drafts are read by their authors on the pages."""
        rows = super().get_queryset(request)
        prefix = "" if rows.model is Evaluation else "evaluation__"
        return rows.filter(**{f"{prefix}shared_at__isnull": False})


@admin.register(Evaluation)
class EvaluationAdmin(PartAdmin):
    """Evaluations."""

    inlines = (ScoreInline,)
    list_display = ("person", "cycle", "stage", "kpi_score", "rating")
    list_filter = ("stage", "rating")
    list_select_related = ("person", "cycle")
    search_fields = ("person__name", "cycle__period_code")


for model in (EvaluationSegment, KpiScore, Goal, EvaluationChange):
    admin.site.register(model, PartAdmin)
