"""The only writers of evaluations."""

from apps.reviews.services.calibrating import (
    AssessedByYourself,
    NotInCalibration,
    ReasonMissing,
    approve_evaluation,
    approve_ready,
    calibrate,
    return_to_manager,
)
from apps.reviews.services.evaluating import CycleClosed, NotAReviewPeriod, PeriodNotOver, evaluate_period
from apps.reviews.services.parts import (
    NewGoal,
    NotYourTurn,
    RatingMissing,
    acknowledge,
    save_assessment,
    save_self,
    submit_assessment,
    submit_self,
)
from apps.reviews.services.stages import NothingToMove, close_cycle, end_self_stage, open_cycle, share_cycle

__all__ = [
    "AssessedByYourself",
    "CycleClosed",
    "NewGoal",
    "NotAReviewPeriod",
    "NotInCalibration",
    "NotYourTurn",
    "NothingToMove",
    "PeriodNotOver",
    "RatingMissing",
    "ReasonMissing",
    "acknowledge",
    "approve_evaluation",
    "approve_ready",
    "calibrate",
    "close_cycle",
    "end_self_stage",
    "evaluate_period",
    "open_cycle",
    "return_to_manager",
    "save_assessment",
    "save_self",
    "share_cycle",
    "submit_assessment",
    "submit_self",
]
