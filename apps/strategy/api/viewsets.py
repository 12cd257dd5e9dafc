"""``/api/v1/strategies/``, ``/api/v1/strategy-reviews/`` and ``/api/v1/strategy-decisions/``."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.core import clock
from apps.org.models import OrgUnit, Person
from apps.strategy import services
from apps.strategy.api.serializers import (
    DecisionIn,
    DecisionOut,
    HoldIn,
    ObjectiveOut,
    ReviewOut,
    StrategyChange,
    StrategyIn,
    StrategyOut,
    text,
)
from apps.strategy.models import Decision, Strategy, StrategyReview
from apps.strategy.selectors.page import Line, strategy_page
from apps.ui.rest import CreateOnce, ReadOnlyViewSet, Versioned


def _employed(field: str, ids: list[int]) -> None:
    """Refuse people who are unknown or gone."""
    known = set(Person.objects.employed(clock.today()).filter(pk__in=ids).values_list("pk", flat=True))
    if set(ids) - known:
        raise ValidationError({field: [_("There is no such person.")]})


def _steering(*actions: str) -> dict[str, Permission]:
    """Ask tokens for the right to change where owners, who need not hold it, may act on what is theirs."""
    return dict.fromkeys(actions, Permission.STRATEGY_EDIT)


class _Filtered(ReadOnlyViewSet):
    """Whole-number and code filters that name a column."""

    numbers: ClassVar[frozenset[str]] = frozenset()

    def asked(self) -> dict[str, str]:
        """Return the filters of the address. Raises ValidationError for a number that is none."""
        found = {}
        for name in self.filters or ():
            given = self.request.query_params.get(name)
            if given is None:
                continue
            if name in self.numbers and not (given.isascii() and given.isdigit() and len(given) < 19):
                raise ValidationError({name: [_("A whole number is expected.")]})
            found[name] = given[:40]
        return found


class StrategyViewSet(CreateOnce, Versioned, _Filtered):
    """Strategies: read, create a draft, change, activate, read the standing of objectives."""

    required_permissions: ClassVar[dict[str, Permission]] = {
        "list": Permission.STRATEGY_VIEW,
        "retrieve": Permission.STRATEGY_VIEW,
        "objectives": Permission.STRATEGY_VIEW,
        "create": Permission.STRATEGY_EDIT,
        "partial_update": Permission.STRATEGY_VIEW,
        "activate": Permission.STRATEGY_VIEW,
    }
    token_permissions = _steering("partial_update", "activate")
    filters = frozenset({"state", "unit"})
    numbers = frozenset({"unit"})
    queryset = Strategy.objects.none()

    def get_queryset(self) -> QuerySet[Strategy]:
        """Keep what the caller may see."""
        found = Strategy.objects.visible_to(self.viewer)
        return found.filter(**self.asked()) if self.action == "list" else found

    def get_serializer_class(self) -> Any:
        """Take a draft in, show a strategy out."""
        inputs = {"create": StrategyIn, "partial_update": StrategyChange}
        return inputs.get(self.action or "", StrategyOut)

    def perform(self, data: dict[str, Any]) -> Strategy:
        """Create a draft for a unit in reach."""
        today = clock.today()
        unit = OrgUnit.objects.existing(today).filter(pk=data["unit"]).first()
        if unit is None or not scope_of(self.viewer, Permission.STRATEGY_EDIT, today).covers_unit(unit.pk):
            raise Http404
        _employed("owner", [data["owner"]])
        _employed("participants", data["participants"])
        return services.create_strategy(
            title=data["title"],
            purpose=data["purpose"],
            situation=data["situation"],
            owner_id=data["owner"],
            unit_id=unit.pk,
            starts_on=data["starts_on"],
            last_day=data["last_day"],
            participant_ids=data["participants"],
            by=self.viewer,
            at=clock.now(),
        )

    def shown(self, made: Strategy) -> Any:
        """Show the new draft."""
        return StrategyOut(Strategy.objects.get(pk=made.pk)).data

    @extend_schema(request=StrategyChange(partial=True), responses=StrategyOut)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the fields given, as its owner or for its unit; send the version read."""
        found = self._steered(pk)
        version = self.expected_version(request)
        given = StrategyChange(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        if data.get("owner", found.owner_id) != found.owner_id:
            _employed("owner", [data["owner"]])
        saved = services.change_strategy(
            strategy_id=found.pk,
            version=version,
            title=data.get("title", found.title),
            purpose=data.get("purpose", found.purpose),
            situation=data.get("situation", found.situation),
            owner_id=data.get("owner", found.owner_id),
            starts_on=data.get("starts_on", found.valid.lower),
            last_day=data.get("last_day", found.last_day),
            watch_below=data.get("watch_below"),
            by=self.viewer,
            on=clock.today(),
        )
        return Response(self.shown(saved))

    @extend_schema(request=None, responses=StrategyOut)
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, pk: str) -> Response:
        """Put a draft into force, as its owner or for its unit."""
        found = self._steered(pk)
        services.activate_strategy(strategy_id=found.pk, by=self.viewer, at=clock.now(), on=clock.today())
        return Response(self.shown(found))

    def _steered(self, pk: str) -> Strategy:
        allowed = Strategy.objects.permitting(self.viewer, Permission.STRATEGY_EDIT)
        return get_object_or_404(allowed, pk=pk)

    @extend_schema(responses=ObjectiveOut(many=True))
    @action(detail=True, methods=["get"])
    def objectives(self, request: Request, pk: str) -> Response:
        """Show the objectives with their figures as of today."""
        found = get_object_or_404(
            Strategy.objects.visible_to(self.viewer).select_related("unit", "owner"), pk=pk
        )
        lines = strategy_page(self.viewer, found, clock.today()).lines
        return Response([ObjectiveOut(_line(one)).data for one in lines])


def _line(line: Line) -> dict[str, Any]:
    own, aim = line.standing.attainment, line.standing.aim
    figures = {"actual": own.actual, "goal": own.quota, "ratio": own.ratio, "pace": own.pace}
    return {
        "id": line.objective.pk,
        "title": line.objective.title,
        "owner": line.objective.owner_id,
        "weight": line.objective.weight,
        "target": line.objective.target_id,
        "measure": aim.measure if aim else "",
        "hidden": line.hidden,
        "warnings": line.warnings,
        **{name: None if line.hidden else text(value) for name, value in figures.items()},
    }


class ReviewViewSet(Versioned, _Filtered):
    """Reviews: read, hold."""

    required_permissions: ClassVar[dict[str, Permission]] = {
        "list": Permission.STRATEGY_VIEW,
        "retrieve": Permission.STRATEGY_VIEW,
        "hold": Permission.STRATEGY_VIEW,
    }
    token_permissions = _steering("hold")
    filters = frozenset({"strategy", "state"})
    numbers = frozenset({"strategy"})
    queryset = StrategyReview.objects.none()
    serializer_class = ReviewOut

    def get_queryset(self) -> QuerySet[StrategyReview]:
        """Keep what the caller may see."""
        found = StrategyReview.objects.visible_to(self.viewer).defer("pack")
        return found.filter(**self.asked()) if self.action == "list" else found

    @extend_schema(request=HoldIn, responses=ReviewOut)
    @action(detail=True, methods=["post"])
    def hold(self, request: Request, pk: str) -> Response:
        """Finish a review with its minutes."""
        allowed = StrategyReview.objects.permitting(self.viewer, Permission.STRATEGY_EDIT)
        found = get_object_or_404(allowed, pk=pk)
        given = HoldIn(data=request.data)
        given.is_valid(raise_exception=True)
        self.check_version(request, found)
        held = services.hold_review(
            review_id=found.pk,
            minutes=given.validated_data["minutes"],
            version=found.version,
            by=self.viewer,
            at=clock.now(),
            on=clock.today(),
        )
        return Response(ReviewOut(held).data)


class DecisionViewSet(CreateOnce, _Filtered):
    """Decisions: read, record, report as done."""

    required_permissions: ClassVar[dict[str, Permission]] = {
        "list": Permission.STRATEGY_VIEW,
        "retrieve": Permission.STRATEGY_VIEW,
        "create": Permission.STRATEGY_VIEW,
        "complete": Permission.STRATEGY_VIEW,
    }
    token_permissions = _steering("create", "complete")
    filters = frozenset({"strategy", "owner"})
    numbers = frozenset({"strategy", "owner"})
    queryset = Decision.objects.none()

    def get_queryset(self) -> QuerySet[Decision]:
        """Keep what the caller may see."""
        found = Decision.objects.visible_to(self.viewer)
        return found.filter(**self.asked()) if self.action == "list" else found

    def get_serializer_class(self) -> Any:
        """Take a decision in, show one out."""
        return DecisionIn if self.action == "create" else DecisionOut

    def perform(self, data: dict[str, Any]) -> Decision:
        """Record a decision on a strategy the caller may change."""
        allowed = Strategy.objects.permitting(self.viewer, Permission.STRATEGY_EDIT)
        found = get_object_or_404(allowed, pk=data["strategy"])
        review = data["review"]
        if review is not None:
            get_object_or_404(StrategyReview, pk=review, strategy=found)
        _employed("owner", [data["owner"]])
        return services.record_decision(
            strategy_id=found.pk,
            review_id=review,
            text=data["text"],
            owner_id=data["owner"],
            due_on=data["due_on"],
            adjusts=data["adjusts"],
            objective_id=data["objective"],
            by=self.viewer,
            on=clock.today(),
        )

    def shown(self, made: Decision) -> Any:
        """Show the decision."""
        return DecisionOut(made).data

    @extend_schema(request=None, responses=DecisionOut)
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, pk: str) -> Response:
        """Report a decision as carried out."""
        found = get_object_or_404(Decision.objects.completable_by(self.viewer), pk=pk)
        done = services.complete_decision(decision_id=found.pk, by=self.viewer, on=clock.today())
        return Response(DecisionOut(done).data)
