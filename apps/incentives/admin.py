"""The support desk's view: everything to look at, nothing to write, pay only with the permission for it."""

from django.contrib import admin

from apps.access.admin_base import RoomAdmin
from apps.access.permissions import Permission
from apps.incentives import models


@admin.register(models.IncentivePlan)
class IncentivePlanAdmin(RoomAdmin):
    """Plans."""

    view_permission = Permission.PLAN_VIEW
    list_display = ["code", "name", "frequency"]
    search_fields = ["code", "name"]


@admin.register(models.PlanVersion)
class PlanVersionAdmin(RoomAdmin):
    """Versions."""

    view_permission = Permission.PLAN_VIEW
    list_display = ["plan", "number", "status", "valid"]
    list_select_related = ["plan"]
    list_filter = ["status"]


@admin.register(models.VersionStep)
class VersionStepAdmin(RoomAdmin):
    """Steps of versions."""

    view_permission = Permission.PLAN_EDIT
    list_display = ["version", "act", "by", "at"]
    list_select_related = ["version", "by"]
    list_filter = ["act"]


@admin.register(models.PlanAssignment)
class PlanAssignmentAdmin(RoomAdmin):
    """Assignments of plans."""

    view_permission = Permission.STATEMENT_VIEW
    list_display = ["plan", "person", "position", "role", "valid"]
    list_select_related = ["plan", "person", "position", "role"]
    pay_fields = ["annual_salary", "annual_bonus"]


@admin.register(models.PayRun)
class PayRunAdmin(RoomAdmin):
    """Pay runs."""

    view_permission = Permission.RUN_VIEW
    list_display = ["period", "state", "payees", "exceptions", "calculated_at"]
    list_select_related = ["period"]
    list_filter = ["state"]
    exclude = ["total"]


@admin.register(models.Simulation)
class SimulationAdmin(RoomAdmin):
    """Simulations, without their figures."""

    view_permission = Permission.PLAN_EDIT
    list_display = ["version", "first", "last", "created_at", "done_at", "expires_on"]
    list_select_related = ["version", "first", "last"]
    exclude = ["result", "budget"]


@admin.register(models.RunPlan)
class RunPlanAdmin(RoomAdmin):
    """Plans of runs."""

    view_permission = Permission.RUN_VIEW
    list_display = ["run", "plan"]
    list_select_related = ["run", "plan"]


@admin.register(models.RunStep)
class RunStepAdmin(RoomAdmin):
    """Steps of runs."""

    view_permission = Permission.RUN_VIEW
    list_display = ["run", "state", "by", "at"]
    list_select_related = ["run", "by"]


@admin.register(models.Statement)
class StatementAdmin(RoomAdmin):
    """Statements."""

    view_permission = Permission.STATEMENT_VIEW
    list_display = ["run", "person", "total", "exception"]
    list_select_related = ["run", "person"]
    pay_fields = ["total", "variable", "inputs", "exception_details"]


@admin.register(models.PayLine)
class PayLineAdmin(RoomAdmin):
    """Pay lines."""

    view_permission = Permission.STATEMENT_VIEW
    list_display = ["statement", "sequence", "component", "kind", "window", "amount"]
    list_select_related = ["statement"]
    list_filter = ["kind"]
    pay_fields = ["basis", "raw", "exact", "amount", "steps"]


@admin.register(models.Adjustment)
class AdjustmentAdmin(RoomAdmin):
    """Adjustments."""

    view_permission = Permission.STATEMENT_VIEW
    list_display = ["person", "status", "amount", "requested_by", "decided_by"]
    list_select_related = ["person", "requested_by", "decided_by"]
    list_filter = ["status"]
    pay_fields = ["amount", "reason", "refusal"]


@admin.register(models.PayrollExport)
class PayrollExportAdmin(RoomAdmin):
    """Payroll files."""

    view_permission = Permission.PAYROLL_EXPORT
    list_display = ["run", "rows", "exported_by", "exported_at"]
    list_select_related = ["run", "exported_by"]
    pay_fields = ["content", "total"]


@admin.register(models.Dispute)
class DisputeAdmin(RoomAdmin):
    """Disputes."""

    view_permission = Permission.STATEMENT_VIEW
    list_display = ["person", "state", "due_on", "assigned_to", "cause"]
    list_select_related = ["person", "assigned_to"]
    list_filter = ["state", "cause"]


@admin.register(models.DisputeEntry)
class DisputeEntryAdmin(RoomAdmin):
    """Entries of disputes."""

    view_permission = Permission.STATEMENT_VIEW
    list_display = ["dispute", "step", "by", "at"]
    list_select_related = ["dispute", "by"]
    pay_fields = ["text"]


@admin.register(models.Hold)
class HoldAdmin(RoomAdmin):
    """Holds."""

    view_permission = (Permission.RUN_CALCULATE, Permission.RUN_APPROVE)
    list_display = ["label", "kind", "person", "placed_at", "released_at"]
    list_select_related = ["person"]
    list_filter = ["kind"]
    pay_fields = ["value", "threshold", "reason", "note"]


@admin.register(models.PayFact)
class PayFactAdmin(RoomAdmin):
    """Facts of pay."""

    view_permission = Permission.PAY_FACT
    list_display = ["kind", "name", "plan", "period", "person", "label", "on", "status"]
    list_select_related = ["plan", "period", "person"]
    list_filter = ["kind", "status"]
    pay_fields = ["value", "note", "refusal"]


@admin.register(models.RunHold)
class RunHoldAdmin(RoomAdmin):
    """Holds of runs."""

    view_permission = (Permission.RUN_CALCULATE, Permission.RUN_APPROVE)
    list_display = ["run", "hold"]
    list_select_related = ["run", "hold"]


@admin.register(models.Acknowledgement)
class AcknowledgementAdmin(RoomAdmin):
    """Confirmations of plans."""

    view_permission = Permission.PLAN_VIEW
    list_display = ["version", "person", "confirmed_at"]
    list_select_related = ["version", "person"]


@admin.register(models.Accrual)
class AccrualAdmin(RoomAdmin):
    """Accruals."""

    view_permission = Permission.PAYROLL_EXPORT
    list_display = ["as_of", "period", "rows", "made_at"]
    list_select_related = ["period"]
    pay_fields = ["content", "total"]


@admin.register(models.PayPolicy)
class PayPolicyAdmin(RoomAdmin):
    """The company's rules of pay."""

    view_permission = Permission.RUN_VIEW
    list_display = ["dispute_days", "shows_leaderboards", "changed_by", "changed_at"]
    list_select_related = ["changed_by"]


@admin.register(models.Contest)
class ContestAdmin(RoomAdmin):
    """Contests."""

    view_permission = Permission.CONTEST_VIEW
    list_display = ["name", "measure", "starts_on", "ends_before", "unit", "closed_at"]
    list_select_related = ["unit"]


@admin.register(models.ContestPlayer)
class ContestPlayerAdmin(RoomAdmin):
    """Participants of contests."""

    view_permission = Permission.CONTEST_VIEW
    list_display = ["contest", "person"]
    list_select_related = ["contest", "person"]


@admin.register(models.ContestPrize)
class ContestPrizeAdmin(RoomAdmin):
    """Prizes of contests."""

    view_permission = Permission.CONTEST_VIEW
    list_display = ["contest", "place", "name"]
    list_select_related = ["contest"]
    pay_fields = ["amount"]


@admin.register(models.ContestAward)
class ContestAwardAdmin(RoomAdmin):
    """Awards of contests."""

    view_permission = Permission.CONTEST_VIEW
    list_display = ["contest", "place", "person", "prize"]
    list_select_related = ["contest", "person"]
    pay_fields = ["value"]


@admin.register(models.Unlisted)
class UnlistedAdmin(RoomAdmin):
    """People who prefer not to be listed; everybody sees their own wish alone."""

    view_permission = Permission.CONTEST_VIEW
    list_display = ["person", "since"]
    list_select_related = ["person"]
