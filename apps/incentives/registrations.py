"""What this room contributes to lower rooms at start-up."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from apps.events import audit, jobs
from apps.incentives import tasks

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

jobs.register(
    jobs.PeriodicJob(
        "incentives.check_sums",
        tasks.check_sums,
        period_kind="day",
        at=dt.time(3, 30),
        label=_("Check that ledger, lines, statements and payroll agree"),
        owner="incentives",
    )
)
