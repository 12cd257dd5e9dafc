"""Targets in the administration: to look at. Planning happens on the pages, where the sums are kept."""

from django.contrib import admin

from apps.access.admin_base import RoomAdmin, RoomInline
from apps.access.permissions import Permission
from apps.targets.models import (
    AlertRule,
    ApprovalStep,
    BottomUpRound,
    OwnFigure,
    OwnFigureNote,
    PlanApproval,
    PlanChange,
    PlanLevel,
    PlanMonth,
    QuotaRelief,
    RoundDue,
    ShareRequest,
    Target,
    TargetAlert,
    TargetPlan,
    TargetSlice,
    TargetWaiver,
)


class LevelInline(RoomInline):
    """The levels of a plan."""

    model = PlanLevel
    view_permission = Permission.TARGET_VIEW


class MonthInline(RoomInline):
    """The months of a plan."""

    model = PlanMonth
    view_permission = Permission.TARGET_VIEW


class SliceInline(RoomInline):
    """The slices of a target."""

    model = TargetSlice
    view_permission = Permission.TARGET_VIEW


@admin.register(TargetPlan)
class TargetPlanAdmin(RoomAdmin):
    """Versions of targets."""

    view_permission = Permission.TARGET_VIEW
    list_display = ("name", "measure", "period", "version", "status", "root_unit", "approved_at")
    list_filter = ("status", "measure")
    list_select_related = ("period", "root_unit")
    search_fields = ("name", "measure")
    inlines = (LevelInline, MonthInline)


@admin.register(Target)
class TargetAdmin(RoomAdmin):
    """Targets of units and seats."""

    view_permission = Permission.TARGET_VIEW
    list_display = ("plan", "unit", "position", "owner", "amount", "is_fixed", "smart_grade")
    list_filter = ("plan__status", "smart_grade", "is_fixed")
    list_select_related = ("plan", "unit", "position", "owner")
    search_fields = ("unit__name", "position__title", "owner__name")
    inlines = (SliceInline,)


@admin.register(PlanLevel)
class PlanLevelAdmin(RoomAdmin):
    """How a level splits its targets."""

    view_permission = Permission.TARGET_VIEW
    list_display = ("plan", "depth", "method", "over_assignment")
    list_select_related = ("plan",)


@admin.register(PlanMonth)
class PlanMonthAdmin(RoomAdmin):
    """The weight of a month."""

    view_permission = Permission.TARGET_VIEW
    list_display = ("plan", "month", "weight", "working_days")
    list_select_related = ("plan", "month")


@admin.register(TargetSlice)
class TargetSliceAdmin(RoomAdmin):
    """The part of a target that falls to a product, a segment, an account."""

    view_permission = Permission.TARGET_VIEW
    list_display = ("target", "dimension", "label", "amount")
    list_filter = ("dimension",)
    list_select_related = ("target",)


@admin.register(PlanChange)
class PlanChangeAdmin(RoomAdmin):
    """Who changed what in a draft."""

    view_permission = Permission.TARGET_VIEW
    list_display = ("plan", "number", "kind", "made_by", "made_at", "undone_by", "undone_at")
    list_filter = ("kind",)
    list_select_related = ("plan", "made_by", "undone_by")


@admin.register(QuotaRelief)
class QuotaReliefAdmin(RoomAdmin):
    """What is taken off quotas, and why."""

    view_permission = Permission.TARGET_VIEW
    list_display = (
        "person",
        "measure",
        "month",
        "amount",
        "share",
        "on_top",
        "reason",
        "granted_by",
        "revoked_at",
    )
    list_select_related = ("person", "month", "granted_by")


@admin.register(TargetWaiver)
class TargetWaiverAdmin(RoomAdmin):
    """Why targets were accepted all the same."""

    view_permission = Permission.TARGET_VIEW
    list_display = ("target", "letters", "reason", "waived_by", "waived_at")
    list_select_related = ("target", "waived_by")


@admin.register(BottomUpRound)
class BottomUpRoundAdmin(RoomAdmin):
    """Bottom-up rounds."""

    view_permission = Permission.TARGET_VIEW
    list_display = ("plan", "opened_by", "opened_at", "closed_at")
    list_select_related = ("plan", "opened_by")


@admin.register(RoundDue)
class RoundDueAdmin(RoomAdmin):
    """Until when a level hands up."""

    view_permission = Permission.TARGET_VIEW
    list_display = ("round", "depth", "due_on")
    list_select_related = ("round",)


@admin.register(OwnFigure)
class OwnFigureAdmin(RoomAdmin):
    """Own figures."""

    view_permission = Permission.TARGET_VIEW
    list_display = ("target", "person", "state", "amount", "submitted_at", "decided_at")
    list_select_related = ("target", "person")


@admin.register(OwnFigureNote)
class OwnFigureNoteAdmin(RoomAdmin):
    """What happened to own figures."""

    view_permission = Permission.TARGET_VIEW
    list_display = ("figure", "kind", "amount", "written_by", "written_at")
    list_select_related = ("figure", "written_by")


@admin.register(ApprovalStep)
class ApprovalStepAdmin(RoomAdmin):
    """The steps of an approval."""

    view_permission = Permission.TARGET_VIEW
    list_display = ("order", "who", "unit_kind", "role", "set_by")
    list_select_related = ("set_by",)


@admin.register(PlanApproval)
class PlanApprovalAdmin(RoomAdmin):
    """Who agreed to a target."""

    view_permission = Permission.TARGET_VIEW
    list_display = ("plan", "attempt", "order", "unit", "role", "state", "decided_by")
    list_select_related = ("plan", "unit", "decided_by")


@admin.register(ShareRequest)
class ShareRequestAdmin(RoomAdmin):
    """Questions about the figures below a changed total."""

    view_permission = Permission.TARGET_VIEW
    list_display = ("target", "before", "after", "choice", "asked_by", "due_on")
    list_select_related = ("target", "asked_by")


@admin.register(AlertRule)
class AlertRuleAdmin(RoomAdmin):
    """When a target is off its course."""

    view_permission = Permission.TARGET_VIEW
    list_display = ("kind", "is_on", "below", "after", "window")


@admin.register(TargetAlert)
class TargetAlertAdmin(RoomAdmin):
    """Targets off their course."""

    view_permission = Permission.TARGET_VIEW
    list_display = ("target", "kind", "opened_on", "seen_on", "closed_on")
    list_select_related = ("target",)
