"""Resources for the API root."""

from apps.targets.api.alerts import AlertViewSet
from apps.targets.api.approvals import ApprovalViewSet
from apps.targets.api.resources import ResourceViewSet
from apps.targets.api.rounds import FigureViewSet, RoundViewSet
from apps.targets.api.seats import SeatViewSet
from apps.targets.api.viewsets import AttainmentViewSet, PlanViewSet, TargetViewSet

routes = [
    ("target-plans", PlanViewSet, "target-plan"),
    ("targets", TargetViewSet, "target"),
    ("target-rounds", RoundViewSet, "target-round"),
    ("target-approvals", ApprovalViewSet, "target-approval"),
    ("target-seats", SeatViewSet, "target-seat"),
    ("target-alerts", AlertViewSet, "target-alert"),
    ("target-resources", ResourceViewSet, "target-resource"),
    ("own-figures", FigureViewSet, "own-figure"),
    ("attainment", AttainmentViewSet, "attainment"),
]
