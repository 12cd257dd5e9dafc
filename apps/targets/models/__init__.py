from apps.targets.models.nodes import QuotaRelief, Target, TargetSlice, TargetWaiver
from apps.targets.models.plans import PlanChange, PlanLevel, PlanMonth, TargetPlan

__all__ = [
    "PlanChange",
    "PlanLevel",
    "PlanMonth",
    "QuotaRelief",
    "Target",
    "TargetPlan",
    "TargetSlice",
    "TargetWaiver",
]
