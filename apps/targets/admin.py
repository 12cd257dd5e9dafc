"""Targets in the administration: to look at. Planning happens on the pages, where the sums are kept."""

from django.contrib import admin

from apps.access.admin_base import RoomAdmin, RoomInline
from apps.access.permissions import Permission
from apps.targets.models import PlanLevel, PlanMonth, Target, TargetMonth, TargetPlan, TargetWaiver


class LevelInline(RoomInline):
    """The levels of a plan."""

    model = PlanLevel
    view_permission = Permission.TARGET_VIEW


class MonthInline(RoomInline):
    """The months of a plan."""

    model = PlanMonth
    view_permission = Permission.TARGET_VIEW


class TargetMonthInline(RoomInline):
    """The months of a target."""

    model = TargetMonth
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
    inlines = (TargetMonthInline,)


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


@admin.register(TargetMonth)
class TargetMonthAdmin(RoomAdmin):
    """One month of a target."""

    view_permission = Permission.TARGET_VIEW
    list_display = ("target", "month", "amount", "is_fixed")
    list_select_related = ("target", "month")


@admin.register(TargetWaiver)
class TargetWaiverAdmin(RoomAdmin):
    """Why targets were accepted all the same."""

    view_permission = Permission.TARGET_VIEW
    list_display = ("target", "letters", "reason", "waived_by", "waived_at")
    list_select_related = ("target", "waived_by")
