"""``/api/v1/roles/``, ``/skills/``, ``/position-roles/`` and ``/process-steps/``."""

from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.permissions import Permission
from apps.core import days
from apps.org.models import Position
from apps.roles import services
from apps.roles.api.serializers import (
    PartsIn,
    PositionRoleIn,
    PositionRoleOut,
    RoleIn,
    RoleOut,
    SkillOut,
    StepIn,
    StepOut,
    VersionIn,
    content_of,
)
from apps.roles.models import (
    PositionRole,
    ProcessStep,
    Responsibility,
    RoleDuty,
    RoleKpi,
    RoleSkill,
    RoleVersion,
    SalesRole,
    Skill,
)
from apps.ui.rest import CreateOnce, ReadOnlyViewSet

READ = {"list": Permission.ROLE_VIEW, "retrieve": Permission.ROLE_VIEW}


def with_versions(roles: QuerySet[SalesRole]) -> QuerySet[SalesRole]:
    """Fetch what the versions say, in order, five queries for a page."""
    versions = RoleVersion.objects.order_by("number").prefetch_related(
        Prefetch("duties", RoleDuty.objects.order_by("position", "pk")),
        Prefetch("skills", RoleSkill.objects.select_related("skill").order_by("-level", "pk")),
        Prefetch("kpis", RoleKpi.objects.order_by("-weight", "measure")),
    )
    return roles.prefetch_related(Prefetch("versions", versions))


class RoleViewSet(CreateOnce, ReadOnlyViewSet):
    """The role catalogue: add roles, put new versions in force."""

    required_permissions: ClassVar = READ | {"create": Permission.ROLE_EDIT, "revise": Permission.ROLE_EDIT}
    filters = frozenset({"code"})
    queryset = SalesRole.objects.none()

    def get_serializer_class(self) -> Any:
        """Return the serializer of the action."""
        return RoleIn if self.action == "create" else RoleOut

    def get_queryset(self) -> QuerySet[SalesRole]:
        """Return the roles the caller may see, one by its code when asked."""
        rows = with_versions(SalesRole.objects.visible_to(self.viewer))
        code = self.request.query_params.get("code", "")
        return rows.filter(code=code) if code else rows

    def perform(self, data: dict[str, Any]) -> SalesRole:
        """Add a role."""
        return services.create_role(
            code=data["code"], name=data["name"], content=content_of(data), on=data["on"], by=self.viewer
        )

    def shown(self, made: SalesRole) -> Any:
        """Show the role with its versions."""
        return RoleOut(with_versions(SalesRole.objects.all()).get(pk=made.pk)).data

    @extend_schema(request=VersionIn, responses={201: RoleOut})
    @action(detail=True, methods=["post"], url_path="versions")
    def revise(self, request: Request, pk: str) -> Response:
        """Put a new version in force from a day on; the older stays readable for its days."""
        role = get_object_or_404(SalesRole.objects.visible_to(self.viewer), pk=pk)
        given = VersionIn(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        services.revise_role(
            role_id=role.pk, content=content_of(data), on=data["on"], name=data["name"], by=self.viewer
        )
        return Response(self.shown(role), status=201)


class SkillViewSet(ReadOnlyViewSet):
    """The skills roles may ask for."""

    required_permissions: ClassVar = READ
    serializer_class = SkillOut
    queryset = Skill.objects.none()

    def get_queryset(self) -> QuerySet[Skill]:
        """Return the skills the caller may see."""
        return Skill.objects.visible_to(self.viewer)


class PositionRoleViewSet(CreateOnce, ReadOnlyViewSet):
    """Which position carries which role, from when to when."""

    required_permissions: ClassVar = READ | {"create": Permission.ROLE_EDIT}
    filters = frozenset({"as_of", "position", "role"})
    queryset = PositionRole.objects.none()

    def get_serializer_class(self) -> Any:
        """Return the serializer of the action."""
        return PositionRoleIn if self.action == "create" else PositionRoleOut

    def get_queryset(self) -> QuerySet[PositionRole]:
        """Return the rows the caller may see, by position, role or day when asked."""
        rows, query = PositionRole.objects.visible_to(self.viewer), self.request.query_params
        for name in ("position", "role"):
            if name in query:
                text = query[name]
                if not (text.isascii() and text.isdigit() and len(text) < 19):
                    raise ValidationError({name: [_("A whole number is expected.")]})
                rows = rows.filter(**{name: int(text)})
        if "as_of" not in query:
            return rows
        try:
            day = parse_date(query["as_of"])
        except ValueError:
            day = None
        if day is None or not days.is_plausible(day):
            raise ValidationError({"as_of": [_("Write the day as 2026-12-31.")]})
        return rows.on(day)

    def perform(self, data: dict[str, Any]) -> PositionRole:
        """Let a position carry a role; position and role must be in the caller's sight."""
        reach = Position.objects.permitting(self.viewer, Permission.ROLE_EDIT)
        position = get_object_or_404(reach, pk=data["position"])
        role = get_object_or_404(SalesRole.objects.visible_to(self.viewer), pk=data["role"])
        return services.set_position_role(
            position_id=position.pk, role_id=role.pk, on=data["on"], by=self.viewer
        )

    def shown(self, made: PositionRole) -> Any:
        """Show the row."""
        return PositionRoleOut(made).data


class StepViewSet(CreateOnce, ReadOnlyViewSet):
    """The standard selling process and who plays which part in it."""

    required_permissions: ClassVar = READ | {
        "create": Permission.ROLE_EDIT,
        "responsibilities": Permission.ROLE_EDIT,
    }
    filters = frozenset({"phase"})
    ordering = ("position", "pk")
    queryset = ProcessStep.objects.none()

    def get_serializer_class(self) -> Any:
        """Return the serializer of the action."""
        return StepIn if self.action == "create" else StepOut

    def get_queryset(self) -> QuerySet[ProcessStep]:
        """Return the steps the caller may see, of one phase when asked."""
        parts = Prefetch("responsibilities", Responsibility.objects.order_by("letter", "role_id"))
        rows = ProcessStep.objects.visible_to(self.viewer).prefetch_related(parts)
        phase = self.request.query_params.get("phase", "")
        return rows.filter(phase=phase) if phase else rows

    def perform(self, data: dict[str, Any]) -> ProcessStep:
        """Add a step."""
        return services.create_step(by=self.viewer, **data)

    def shown(self, made: ProcessStep) -> Any:
        """Show the step."""
        return StepOut(self.get_queryset().get(pk=made.pk)).data

    @extend_schema(request=PartsIn, responses=StepOut)
    @action(detail=True, methods=["put"])
    def responsibilities(self, request: Request, pk: str) -> Response:
        """Say who plays which part, instead of what was said before: one A, at least one R."""
        step = get_object_or_404(ProcessStep.objects.visible_to(self.viewer), pk=pk)
        given = PartsIn(data=request.data)
        given.is_valid(raise_exception=True)
        parts = [(part["role"], part["letter"]) for part in given.validated_data["responsibilities"]]
        known = set(
            SalesRole.objects.filter(pk__in=[role for role, _l in parts]).values_list("pk", flat=True)
        )
        if {role for role, _l in parts} - known:
            raise ValidationError({"responsibilities": [_("A role is unknown.")]})
        services.set_responsibilities(step_id=step.pk, parts=parts, by=self.viewer)
        return Response(self.shown(step))
