"""Resources for the API root."""

from apps.reviews.api.viewsets import EvaluationCycleViewSet, EvaluationViewSet

routes = [
    ("evaluation-cycles", EvaluationCycleViewSet, "evaluation-cycle"),
    ("evaluations", EvaluationViewSet, "evaluation"),
]
