"""The resources of insights."""

from apps.insights.api.viewsets import TeamPerformanceViewSet

routes = [("insights/team-performance", TeamPerformanceViewSet, "team-performance")]
