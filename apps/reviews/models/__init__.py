from apps.reviews.models.cycles import EvaluationCycle, KpiScale
from apps.reviews.models.evaluations import Evaluation, EvaluationSegment, KpiScore
from apps.reviews.models.parts import EvaluationChange, Goal

__all__ = [
    "Evaluation",
    "EvaluationChange",
    "EvaluationCycle",
    "EvaluationSegment",
    "Goal",
    "KpiScale",
    "KpiScore",
]
