from apps.targets.models.alerts import AlertRule, TargetAlert
from apps.targets.models.approvals import ApprovalStep, PlanApproval, ShareRequest
from apps.targets.models.nodes import QuotaRelief, Target, TargetSlice, TargetWaiver
from apps.targets.models.plans import PendingStep, PlanChange, PlanLevel, PlanMonth, TargetPlan
from apps.targets.models.rounds import BottomUpRound, OwnFigure, OwnFigureNote, RoundDue

__all__ = [
    "AlertRule",
    "ApprovalStep",
    "BottomUpRound",
    "OwnFigure",
    "OwnFigureNote",
    "PendingStep",
    "PlanApproval",
    "PlanChange",
    "PlanLevel",
    "PlanMonth",
    "QuotaRelief",
    "RoundDue",
    "ShareRequest",
    "Target",
    "TargetAlert",
    "TargetPlan",
    "TargetSlice",
    "TargetWaiver",
]
