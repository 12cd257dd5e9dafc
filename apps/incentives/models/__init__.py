from apps.incentives.models.lines import Adjustment, PayLine, PayrollExport, PayTrace, Statement
from apps.incentives.models.plans import IncentivePlan, PlanAssignment, PlanVersion
from apps.incentives.models.runs import PayRun, RunPlan, RunStep

__all__ = [
    "Adjustment",
    "IncentivePlan",
    "PayLine",
    "PayRun",
    "PayTrace",
    "PayrollExport",
    "PlanAssignment",
    "PlanVersion",
    "RunPlan",
    "RunStep",
    "Statement",
]
