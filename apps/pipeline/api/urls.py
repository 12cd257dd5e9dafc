"""The resources of the pipeline."""

from apps.pipeline.api.viewsets import (
    ActivityViewSet,
    OpportunityViewSet,
    ProductViewSet,
    ReasonViewSet,
    StageViewSet,
    TaskViewSet,
)

routes = [
    ("opportunities", OpportunityViewSet, "opportunity"),
    ("products", ProductViewSet, "product"),
    ("stages", StageViewSet, "stage"),
    ("outcome-reasons", ReasonViewSet, "outcome-reason"),
    ("activities", ActivityViewSet, "activity"),
    ("tasks", TaskViewSet, "task"),
]
