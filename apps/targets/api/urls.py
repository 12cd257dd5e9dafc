"""Resources for the API root."""

from apps.targets.api.viewsets import AttainmentViewSet, PlanViewSet, TargetViewSet

routes = [
    ("target-plans", PlanViewSet, "target-plan"),
    ("targets", TargetViewSet, "target"),
    ("attainment", AttainmentViewSet, "attainment"),
]
