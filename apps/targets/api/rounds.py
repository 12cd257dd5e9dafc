"""``/api/v1/target-rounds/`` and ``/api/v1/own-figures/``."""

from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.permissions import Permission
from apps.core import clock
from apps.targets import services
from apps.targets.api.filters import whole_numbers
from apps.targets.api.serializers import ReasonIn
from apps.targets.models import BottomUpRound, OwnFigure, RoundDue, TargetPlan
from apps.targets.selectors.reach import may_plan
from apps.ui.rest import CreateOnce, DateField, ReadOnlyViewSet, Versioned


class DueOut(serializers.ModelSerializer):
    """Until when one level hands up; the top is level 0."""

    class Meta:
        model = RoundDue
        fields = ("depth", "due_on")


class RoundOut(serializers.ModelSerializer):
    """A bottom-up round."""

    dues = DueOut(many=True)

    class Meta:
        model = BottomUpRound
        fields = ("id", "plan", "note", "shows_proposal", "dues", "opened_at", "closed_at")
        read_only_fields = fields


class DueIn(serializers.Serializer):
    """Until when one level hands up."""

    depth = serializers.IntegerField(min_value=0, max_value=50)
    due_on = DateField()


class RoundIn(serializers.Serializer):
    """A new round on a draft."""

    plan = serializers.IntegerField(min_value=1)
    dues = DueIn(many=True)
    note = serializers.CharField(max_length=1000, default="", allow_blank=True)
    shows_proposal = serializers.BooleanField(default=True)


class BlendIn(serializers.Serializer):
    """The weight of the top-down figures, as a part of 1."""

    top_down = serializers.DecimalField(5, 4, min_value=Decimal(0), max_value=Decimal(1))


class BlendOut(serializers.Serializer):
    """How many targets a new split changed."""

    changed = serializers.IntegerField()


class FigureOut(serializers.ModelSerializer):
    """An own figure beside the plan's; ``proposal`` is null where the round hides it."""

    proposal = serializers.SerializerMethodField(help_text="the plan's figure")

    class Meta:
        model = OwnFigure
        fields = (
            "id", "round", "target", "person", "state", "amount", "months", "comment", "version", "proposal",
            "submitted_at", "decided_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_proposal(self, row: OwnFigure) -> str | None:
        """Return the top-down figure unless the round hides it from those asked."""
        request = self.context.get("request")
        hidden = not row.round.shows_proposal and not (request and may_plan(request.user, row.round.plan))
        return None if hidden else str(row.target.amount)


class FigureIn(serializers.Serializer):
    """The year, or every month; then the year is their sum."""

    amount = serializers.DecimalField(18, 4, min_value=Decimal(0), default=None, allow_null=True)
    months = serializers.ListField(
        child=serializers.DecimalField(18, 4, min_value=Decimal(0)), default=list, max_length=13
    )
    comment = serializers.CharField(max_length=1000, default="", allow_blank=True)
    version = serializers.IntegerField(min_value=1, required=False)


class RoundViewSet(CreateOnce, ReadOnlyViewSet):
    """Bottom-up rounds: open one on a draft, close it, blend its figures in."""

    required_permissions: ClassVar[dict[str, Permission]] = {
        "list": Permission.TARGET_VIEW,
        "retrieve": Permission.TARGET_VIEW,
        "create": Permission.TARGET_EDIT,
        "close": Permission.TARGET_EDIT,
        "blend": Permission.TARGET_EDIT,
    }
    filters = frozenset({"plan"})
    queryset = BottomUpRound.objects.none()

    def get_queryset(self) -> QuerySet[BottomUpRound]:
        """Keep the rounds the caller takes part in or plans."""
        found = BottomUpRound.objects.visible_to(self.viewer).select_related("plan").prefetch_related("dues")
        return found.filter(**whole_numbers(self.request, self.filters))

    def get_serializer_class(self) -> Any:
        """Take a round in, show a round out."""
        return {"create": RoundIn, "blend": BlendIn}.get(self.action, RoundOut)

    def perform(self, data: dict[str, Any]) -> BottomUpRound:
        """Open the round."""
        plan = self._planned(data["plan"])
        return services.open_round(
            plan_id=plan.pk,
            dues={due["depth"]: due["due_on"] for due in data["dues"]},
            note=data["note"],
            shows_proposal=data["shows_proposal"],
            by_id=self.viewer.pk,
            at=clock.now(),
            on=clock.today(),
        )

    def shown(self, made: BottomUpRound) -> Any:
        """Show the round."""
        return RoundOut(BottomUpRound.objects.prefetch_related("dues").get(pk=made.pk)).data

    @extend_schema(request=None, responses=RoundOut)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """End a round."""
        found = self._round(pk)
        services.close_round(round_id=found.pk, by_id=self.viewer.pk, at=clock.now())
        return Response(self.shown(found))

    @extend_schema(request=BlendIn, responses=BlendOut)
    @action(detail=True, methods=["post"])
    def blend(self, request: Request, pk: str) -> Response:
        """Split the draft again between top-down and bottom-up."""
        found = self._round(pk)
        given = BlendIn(data=request.data)
        given.is_valid(raise_exception=True)
        changed = services.blend(
            plan_id=found.plan_id,
            top_down=given.validated_data["top_down"],
            by_id=self.viewer.pk,
            at=clock.now(),
            on=clock.today(),
        )
        return Response({"changed": len(changed)})

    def _round(self, pk: str) -> BottomUpRound:
        found = get_object_or_404(BottomUpRound, pk=pk)
        self._planned(found.plan_id)
        return found

    def _planned(self, plan_id: int) -> TargetPlan:
        allowed = TargetPlan.objects.permitting(self.viewer, Permission.TARGET_EDIT)
        plan = get_object_or_404(allowed, pk=plan_id)
        if not may_plan(self.viewer, plan):
            raise Http404
        return plan


class FigureViewSet(Versioned, ReadOnlyViewSet):
    """Own figures: enter one's own, hand it up, return or accept those of others."""

    required_permissions: ClassVar[dict[str, Permission]] = {
        "list": Permission.TARGET_VIEW,
        "retrieve": Permission.TARGET_VIEW,
        "enter": Permission.TARGET_VIEW,
        "submit": Permission.TARGET_VIEW,
        "accept": Permission.TARGET_EDIT,
        "send_back": Permission.TARGET_EDIT,
    }
    # Whoever is asked may answer without the right to plan; a program must have been given it.
    token_permissions: ClassVar[dict[str, Permission]] = dict.fromkeys(
        ("enter", "submit"), Permission.TARGET_EDIT
    )
    filters = frozenset({"round", "target", "person"})
    serializer_class = FigureOut
    queryset = OwnFigure.objects.none()

    def get_queryset(self) -> QuerySet[OwnFigure]:
        """Keep one's own figures and those of targets one plans."""
        found = OwnFigure.objects.visible_to(self.viewer).select_related("round__plan", "target")
        return found.filter(**whole_numbers(self.request, self.filters))

    @extend_schema(request=FigureIn, responses=FigureOut)
    @action(detail=True, methods=["post"])
    def enter(self, request: Request, pk: str) -> Response:
        """Keep one's own figure; ``If-Match`` carries the version read."""
        row = self._own(pk)
        given = FigureIn(data=request.data)
        given.is_valid(raise_exception=True)
        services.enter_figure(
            figure_id=row.pk,
            by_id=self.viewer.pk,
            at=clock.now(),
            amount=given.validated_data["amount"],
            months=given.validated_data["months"],
            comment=given.validated_data["comment"],
            version=self.expected_version(request),
        )
        return self._answer(row.pk)

    @extend_schema(request=None, responses=FigureOut)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Hand one's own figure up."""
        row = self._own(pk)
        services.submit_figure(figure_id=row.pk, by_id=self.viewer.pk, at=clock.now())
        return self._answer(row.pk)

    @extend_schema(request=None, responses=FigureOut)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Accept somebody's figure."""
        row = self._decidable(pk)
        services.accept_figures(figure_ids=[row.pk], by_id=self.viewer.pk, at=clock.now())
        return self._answer(row.pk)

    @extend_schema(request=ReasonIn, responses=FigureOut)
    @action(detail=True, methods=["post"], url_path="return")
    def send_back(self, request: Request, pk: str) -> Response:
        """Return somebody's figure with a reason."""
        row = self._decidable(pk)
        given = ReasonIn(data=request.data)
        given.is_valid(raise_exception=True)
        services.return_figure(
            figure_id=row.pk, by_id=self.viewer.pk, at=clock.now(), reason=given.validated_data["reason"]
        )
        return self._answer(row.pk)

    def _own(self, pk: str) -> OwnFigure:
        return get_object_or_404(OwnFigure.objects.of(self.viewer), pk=pk)

    def _decidable(self, pk: str) -> OwnFigure:
        allowed = OwnFigure.objects.permitting(self.viewer, Permission.TARGET_EDIT)
        return get_object_or_404(allowed, pk=pk)

    def _answer(self, pk: int) -> Response:
        row = OwnFigure.objects.select_related("round__plan", "target").get(pk=pk)
        return Response(FigureOut(row, context={"request": self.request}).data)
