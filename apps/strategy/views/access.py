"""Finding what a person may see or change; what is out of reach is not found."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from apps.access.permissions import Permission
from apps.strategy.models import Initiative, Objective, Strategy, StrategyReview


def seen(request: HttpRequest, strategy_id: int) -> Strategy:
    """Return a strategy the person may see."""
    rows = Strategy.objects.visible_to(request.user).select_related("owner", "unit")
    return get_object_or_404(rows, pk=strategy_id)


def steered(request: HttpRequest, strategy_id: int) -> Strategy:
    """Return a strategy the person may change: as its owner, or for its unit."""
    rows = Strategy.objects.permitting(request.user, Permission.STRATEGY_EDIT)
    return get_object_or_404(rows.select_related("owner", "unit"), pk=strategy_id)


def joined(request: HttpRequest, strategy_id: int) -> Strategy:
    """Return a strategy the person may report on."""
    return get_object_or_404(Strategy.objects.joined_by(request.user).select_related("unit"), pk=strategy_id)


def steered_review(request: HttpRequest, review_id: int) -> StrategyReview:
    """Return a review of a strategy the person may change."""
    rows = StrategyReview.objects.permitting(request.user, Permission.STRATEGY_EDIT)
    return get_object_or_404(rows.select_related("strategy__unit", "strategy__owner"), pk=review_id)


def steered_objective(request: HttpRequest, objective_id: int) -> Objective:
    """Return an objective of a strategy the person may change."""
    rows = Objective.objects.permitting(request.user, Permission.STRATEGY_EDIT)
    return get_object_or_404(rows.select_related("strategy__unit"), pk=objective_id)


def steered_initiative(request: HttpRequest, initiative_id: int) -> Initiative:
    """Return an initiative of a strategy the person may change."""
    rows = Initiative.objects.permitting(request.user, Permission.STRATEGY_EDIT)
    return get_object_or_404(rows.select_related("strategy"), pk=initiative_id)
