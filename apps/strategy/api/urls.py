"""Resources for the API root."""

from apps.strategy.api.viewsets import DecisionViewSet, ReviewViewSet, StrategyViewSet

routes = [
    ("strategies", StrategyViewSet, "strategy"),
    ("strategy-reviews", ReviewViewSet, "strategy-review"),
    ("strategy-decisions", DecisionViewSet, "strategy-decision"),
]
