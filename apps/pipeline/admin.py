"""The pipeline in the administration: to look, not to go around the services."""

from django.contrib import admin

from apps.access.admin_base import RoomAdmin, RoomInline
from apps.access.permissions import Permission
from apps.pipeline.models import (
    Activity,
    Opportunity,
    OpportunityLine,
    OpportunitySplit,
    OutcomeReason,
    PipelineCell,
    Price,
    Product,
    SalesProcess,
    Stage,
    StageChange,
    StageGate,
    Task,
)

DEAL = Permission.DEAL_VIEW


class LineInline(RoomInline):
    model = OpportunityLine
    view_permission = DEAL


class SplitInline(RoomInline):
    model = OpportunitySplit
    view_permission = DEAL


class PriceInline(RoomInline):
    model = Price
    view_permission = DEAL


class StageInline(RoomInline):
    model = Stage
    view_permission = DEAL


class GateInline(RoomInline):
    model = StageGate
    view_permission = DEAL


@admin.register(Opportunity)
class OpportunityAdmin(RoomAdmin):
    view_permission = DEAL
    list_display = ("name", "account", "stage", "amount", "currency", "owner", "closes_on")
    list_filter = ("state", "stage")
    search_fields = ("name", "external_id")
    list_select_related = ("account", "stage", "owner")
    inlines = (LineInline, SplitInline)


@admin.register(Product)
class ProductAdmin(RoomAdmin):
    view_permission = DEAL
    list_display = ("code", "name", "series", "retired_on")
    search_fields = ("code", "name")
    inlines = (PriceInline,)


@admin.register(SalesProcess)
class ProcessAdmin(RoomAdmin):
    view_permission = DEAL
    list_display = ("name", "code", "is_default", "retired_on")
    inlines = (StageInline,)


@admin.register(Stage)
class StageAdmin(RoomAdmin):
    view_permission = DEAL
    list_display = ("name", "process", "order", "kind", "probability")
    list_select_related = ("process",)
    inlines = (GateInline,)


@admin.register(OutcomeReason)
class ReasonAdmin(RoomAdmin):
    view_permission = DEAL
    list_display = ("name", "kind", "counts", "retired_on")


@admin.register(Activity)
class ActivityAdmin(RoomAdmin):
    view_permission = DEAL
    list_display = ("subject", "kind", "person", "account", "happened_at")
    list_filter = ("kind",)
    search_fields = ("subject",)
    list_select_related = ("person", "account")


@admin.register(Task)
class TaskAdmin(RoomAdmin):
    view_permission = DEAL
    list_display = ("title", "assignee", "due_on", "done_at")
    search_fields = ("title",)
    list_select_related = ("assignee",)


@admin.register(StageChange)
class ChangeAdmin(RoomAdmin):
    view_permission = DEAL
    list_display = ("opportunity", "from_stage", "to_stage", "changed_on", "override_reason")
    list_select_related = ("opportunity", "from_stage", "to_stage")


@admin.register(OpportunityLine, OpportunitySplit, Price, StageGate)
class PartAdmin(RoomAdmin):
    view_permission = DEAL


@admin.register(PipelineCell)
class CellAdmin(RoomAdmin):
    view_permission = DEAL
    list_display = ("owner_id", "stage_id", "currency", "month", "deals", "amount")
