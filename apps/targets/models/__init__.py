from apps.targets.models.nodes import Target, TargetMonth, TargetWaiver
from apps.targets.models.plans import PlanLevel, PlanMonth, TargetPlan

__all__ = ["PlanLevel", "PlanMonth", "Target", "TargetMonth", "TargetPlan", "TargetWaiver"]
