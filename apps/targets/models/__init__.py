from apps.targets.models.alerts import AlertRule, TargetAlert
from apps.targets.models.approvals import ApprovalStep, PlanApproval, ShareRequest
from apps.targets.models.nodes import Target, TargetMonth, TargetWaiver
from apps.targets.models.plans import PlanLevel, PlanMonth, TargetPlan
from apps.targets.models.rounds import BottomUpRound, OwnFigure, OwnFigureNote, RoundDue

__all__ = [
    "AlertRule",
    "ApprovalStep",
    "BottomUpRound",
    "OwnFigure",
    "OwnFigureNote",
    "PlanApproval",
    "PlanLevel",
    "PlanMonth",
    "RoundDue",
    "ShareRequest",
    "Target",
    "TargetAlert",
    "TargetMonth",
    "TargetPlan",
    "TargetWaiver",
]
