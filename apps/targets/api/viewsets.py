"""``/api/v1/target-plans/``, ``/api/v1/targets/`` and ``/api/v1/attainment/``."""

from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.permissions import Permission
from apps.core import clock
from apps.measures import registry
from apps.targets import selectors, services
from apps.targets.api.evidence import EvidenceOut, shown_evidence
from apps.targets.api.serializers import AttainmentOut, PlanIn, PlanOut, ReasonIn, TargetIn, TargetOut
from apps.targets.enums import Balance, Method, Season
from apps.targets.forms import AttainmentForm
from apps.targets.models import Target, TargetPlan
from apps.targets.rules.levels import Level
from apps.targets.rules.tree import WrongTarget
from apps.targets.selectors.chain import decidable
from apps.targets.selectors.overview import subject_for
from apps.targets.selectors.picture import picture
from apps.targets.selectors.reach import may_move_totals, may_plan, may_plan_unit
from apps.ui.rest import ApiViewSet, CreateOnce, ReadOnlyViewSet, Versioned


class PlanViewSet(CreateOnce, ReadOnlyViewSet):
    """Versions of targets: read, create a draft, submit, approve."""

    required_permissions: ClassVar[dict[str, Permission]] = {
        "list": Permission.TARGET_VIEW,
        "retrieve": Permission.TARGET_VIEW,
        "create": Permission.TARGET_EDIT,
        "submit": Permission.TARGET_EDIT,
        "approve": Permission.TARGET_APPROVE,
        "follow": Permission.TARGET_EDIT,
    }
    filters = frozenset({"measure", "status"})
    queryset = TargetPlan.objects.none()

    def get_queryset(self) -> QuerySet[TargetPlan]:
        """Keep what the caller may see, by measure and status when asked."""
        found = TargetPlan.objects.visible_to(self.viewer).select_related("period")
        asked = {
            name: self.request.query_params[name]
            for name in self.filters
            if name in self.request.query_params
        }
        return found.filter(**asked)

    def get_serializer_class(self) -> Any:
        """Take a plan in, show a plan out."""
        return {"create": PlanIn, "follow": ReasonIn}.get(self.action, PlanOut)

    def perform(self, data: dict[str, Any]) -> TargetPlan:
        """Create the draft; the caller's own unit is out of reach."""
        today = clock.today()
        if not may_plan_unit(self.viewer, data["root_unit"], today):
            raise Http404
        return services.create_plan(
            measure=data["measure"],
            year=data["year"],
            root_unit_id=data["root_unit"],
            by_id=self.viewer.pk,
            at=clock.now(),
            on=today,
            growth=data["growth"],
            amount=data["amount"],
            baseline=data["baseline"],
            season=Season(data["season"]),
            levels=_levels(data["levels"]),
            unit_ids=data["units"],
            reason=data["reason"],
        )

    def shown(self, made: TargetPlan) -> Any:
        """Show the new plan."""
        return PlanOut(TargetPlan.objects.select_related("period").get(pk=made.pk)).data

    @extend_schema(request=None, responses=PlanOut)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Check a draft and hand it over."""
        plan = self._planned(pk)
        services.submit_plan(plan_id=plan.pk, by_id=self.viewer.pk, at=clock.now(), on=clock.today())
        return Response(self.shown(plan))

    @extend_schema(request=None, responses=PlanOut)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Agree to a submitted version; the last agreement of the chain puts it into force."""
        allowed = TargetPlan.objects.permitting(self.viewer, Permission.TARGET_APPROVE)
        plan = get_object_or_404(allowed, pk=pk)
        mine = [row.pk for row in decidable(self.viewer, plan, clock.today())]
        services.approve_plan(
            plan_id=plan.pk, approval_ids=mine, by_id=self.viewer.pk, at=clock.now(), on=clock.today()
        )
        return Response(self.shown(plan))

    @extend_schema(request=ReasonIn, responses={201: PlanOut})
    @action(detail=True, methods=["post"], url_path="next-version")
    def follow(self, request: Request, pk: str) -> Response:
        """Copy the version in force into a draft."""
        given = ReasonIn(data=request.data)
        given.is_valid(raise_exception=True)
        new = services.new_version(
            plan_id=self._planned(pk).pk,
            by_id=self.viewer.pk,
            at=clock.now(),
            reason=given.validated_data["reason"],
        )
        return Response(self.shown(new), status=201)

    def _planned(self, pk: str) -> TargetPlan:
        plan = get_object_or_404(TargetPlan.objects.permitting(self.viewer, Permission.TARGET_EDIT), pk=pk)
        if not may_plan(self.viewer, plan):
            raise Http404
        return plan


def _levels(rows: list[dict[str, Any]]) -> dict[int, Level]:
    return {
        depth: Level(Method(row["method"]), row["over_assignment"], row["growth"], row["weights"])
        for depth, row in enumerate(rows)
    }


class TargetViewSet(Versioned, ReadOnlyViewSet):
    """Targets of units and seats with their months; a draft's figure can be changed."""

    required_permissions: ClassVar[dict[str, Permission]] = {
        "list": Permission.TARGET_VIEW,
        "retrieve": Permission.TARGET_VIEW,
        "partial_update": Permission.TARGET_EDIT,
        "evidence": Permission.TARGET_VIEW,
    }
    filters = frozenset({"plan", "unit", "position", "owner"})
    serializer_class = TargetOut
    queryset = Target.objects.none()

    def get_queryset(self) -> QuerySet[Target]:
        """Keep what the caller may see, by plan, unit, seat or owner when asked."""
        found = (
            Target.objects.visible_to(self.viewer)
            .select_related("plan")
            .prefetch_related("plan__months__month")
        )
        for name in self.filters & set(self.request.query_params):
            text = self.request.query_params[name]
            if not (text.isascii() and text.isdigit() and len(text) < 19):
                raise ValidationError({name: [_("A whole number is expected.")]})
            found = found.filter(**{name: int(text)})
        return found

    @extend_schema(responses=EvidenceOut)
    @action(detail=True, methods=["get"])
    def evidence(self, request: Request, pk: str) -> Response:
        """Return the SMART verdict with the evidence behind it, judged as of today."""
        visible = Target.objects.visible_to(self.viewer).select_related("plan__period", "plan__baseline")
        target = get_object_or_404(visible, pk=pk)
        return Response(shown_evidence(picture(self.viewer, target.plan, target, clock.today())))

    @extend_schema(request=TargetIn, responses=TargetOut)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Set the year of a target by hand; ``If-Match`` carries the version read."""
        allowed = Target.objects.permitting(self.viewer, Permission.TARGET_EDIT)
        target = get_object_or_404(allowed.select_related("parent"), pk=pk)
        given = TargetIn(data=request.data)
        given.is_valid(raise_exception=True)
        balance = Balance(given.validated_data["balance"])
        if balance == Balance.UP and not may_move_totals(self.viewer, target):
            raise WrongTarget(_("You may not change the totals above. Let the others make room instead."))
        services.edit_node(
            target_id=target.pk,
            amount=given.validated_data["amount"],
            balance=balance,
            by_id=self.viewer.pk,
            at=clock.now(),
            reason=given.validated_data["reason"],
            revision=self.expected_version(request),
        )
        return Response(TargetOut(self.get_queryset().get(pk=target.pk)).data)


class AttainmentViewSet(ApiViewSet):
    """How a unit or person stands: ``?measure=&start=&end=&unit=|person=&on=``."""

    required_permissions: ClassVar[dict[str, Permission]] = {"list": Permission.TARGET_VIEW}
    filters = frozenset({"measure", "start", "end", "unit", "person", "on"})
    serializer_class = AttainmentOut
    queryset = TargetPlan.objects.none()

    @extend_schema(
        parameters=[
            OpenApiParameter(name, str) for name in ("measure", "start", "end", "unit", "person", "on")
        ],
        responses=AttainmentOut,
    )
    def list(self, request: Request) -> Response:
        """Answer one question."""
        form = AttainmentForm(request.query_params)
        if not form.is_valid():
            raise ValidationError(form.errors)
        asked = form.cleaned_data
        if asked["measure"] not in registry.measures:
            raise Http404
        subject = subject_for(self.viewer, clock.today(), unit_id=asked["unit"], person_id=asked["person"])
        if subject is None:
            raise Http404
        standing = selectors.attainment(
            measure=asked["measure"],
            start=asked["start"],
            end=asked["end"],
            unit_id=subject.unit_id,
            person_id=subject.person_id,
            on=asked["on"] or min(clock.today(), asked["last"]),
        )
        figures = {
            name: _text(getattr(standing, name))
            for name in ("actual", "quota", "ratio", "expected", "pace", "projection", "required_per_day")
        }
        told = {name: asked[name] for name in ("measure", "start", "end")}
        told["on"] = asked["on"] or min(clock.today(), asked["last"])
        return Response(AttainmentOut({**told, **figures, "days_left": standing.days_left}).data)


def _text(value: Decimal | Fraction | None) -> str | None:
    """Write an exact figure with at most ten decimals."""
    if value is None:
        return None
    if isinstance(value, Fraction):
        value = Decimal(value.numerator) / Decimal(value.denominator)
        return str(value.quantize(Decimal("0.0000000001")).normalize())
    return str(value)
