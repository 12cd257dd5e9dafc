"""What this room contributes to lower rooms at start-up."""

from apps.events import audit

audit.track(
    "incentives.IncentivePlan",
    "incentives.PlanVersion",
    "incentives.RunPlan",
    "incentives.RunStep",
)
audit.track("incentives.PayRun", secret_fields=("total",))
audit.track("incentives.PlanAssignment", secret_fields=("annual_salary", "annual_bonus"))
audit.track("incentives.Statement", secret_fields=("total", "variable", "inputs", "exception_details"))
audit.track("incentives.PayLine", secret_fields=("basis", "raw", "exact", "amount", "steps"))
audit.track("incentives.Adjustment", secret_fields=("amount", "reason"))
audit.track("incentives.PayrollExport", secret_fields=("content", "total"))
