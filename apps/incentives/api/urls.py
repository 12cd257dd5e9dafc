"""Resources for the API root."""

from apps.incentives.api.disputes import DisputeViewSet
from apps.incentives.api.facts import PayFactViewSet
from apps.incentives.api.preview import PlanSchemaViewSet, PreviewViewSet
from apps.incentives.api.process import (
    AccrualViewSet,
    ConfirmationViewSet,
    ContestViewSet,
    HoldViewSet,
    PayrollFileViewSet,
)
from apps.incentives.api.simulations import SimulationViewSet
from apps.incentives.api.viewsets import (
    AdjustmentViewSet,
    LineViewSet,
    PlanViewSet,
    RunViewSet,
    StatementViewSet,
)
from apps.incentives.api.what_if import DealPayViewSet

routes = [
    ("incentives/plan-schema", PlanSchemaViewSet, "incentive-plan-schema"),
    ("incentives/preview", PreviewViewSet, "incentive-preview"),
    ("deal-pay", DealPayViewSet, "deal-pay"),
    ("plan-simulations", SimulationViewSet, "plan-simulation"),
    ("incentive-plans", PlanViewSet, "incentive-plan"),
    ("pay-runs", RunViewSet, "pay-run"),
    ("statements", StatementViewSet, "statement"),
    ("pay-lines", LineViewSet, "pay-line"),
    ("pay-adjustments", AdjustmentViewSet, "pay-adjustment"),
    ("disputes", DisputeViewSet, "dispute"),
    ("pay-inputs", PayFactViewSet, "pay-input"),
    ("pay-holds", HoldViewSet, "pay-hold"),
    ("plan-confirmations", ConfirmationViewSet, "plan-confirmation"),
    ("payroll-files", PayrollFileViewSet, "payroll-file"),
    ("pay-accruals", AccrualViewSet, "pay-accrual"),
    ("contests", ContestViewSet, "contest"),
]
