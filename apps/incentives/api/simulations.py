"""``/api/v1/plan-simulations/``: past credits through a plan version, with what it means for every payee."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.calendars import selectors as calendars
from apps.core import clock
from apps.incentives import services
from apps.incentives.api.viewsets import NoStore
from apps.incentives.models import PlanVersion, SimulatedPayee, Simulation
from apps.incentives.models.simulations import NEEDED
from apps.org.models import OrgUnit
from apps.roles.models import SalesRole
from apps.ui.rest import CreateOnce, ReadOnlyViewSet

_ID = {"min_value": 1, "max_value": 2**63 - 1}


class SimulationOut(serializers.ModelSerializer):
    """A simulation; ``result`` is empty until it is done."""

    first = serializers.CharField(source="first.code")
    last = serializers.CharField(source="last.code")

    class Meta:
        model = Simulation
        fields = (
            "id", "version", "plan", "unit", "role", "first", "last", "budget", "seed", "draws", "currency",
            "result", "created_at", "done_at", "expires_on",
        )  # fmt: skip
        read_only_fields = fields


class SimulationIn(serializers.Serializer):
    """A plan version and the past periods to play it on; payees of its plan, of a unit or of a role."""

    version = serializers.IntegerField(**_ID)
    first = serializers.CharField(max_length=20)
    last = serializers.CharField(max_length=20)
    unit = serializers.IntegerField(required=False, allow_null=True, **_ID)
    role = serializers.IntegerField(required=False, allow_null=True, **_ID)
    budget = serializers.DecimalField(
        max_digits=18, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    seed = serializers.IntegerField(min_value=1, max_value=2_000_000_000, default=1)
    draws = serializers.IntegerField(min_value=100, max_value=5000, default=500)


class SimulatedPayeeOut(serializers.ModelSerializer):
    """What both plans pay one person."""

    class Meta:
        model = SimulatedPayee
        fields = (
            "id", "person", "paid_now", "paid_then", "difference", "credited", "attainment", "problem",
            "periods", "lines",
        )  # fmt: skip
        read_only_fields = fields


class SimulationViewSet(NoStore, CreateOnce, ReadOnlyViewSet):
    """Simulations of plan versions."""

    shows_pay = True
    required_permissions: ClassVar = {
        "list": Permission.PLAN_EDIT,
        "retrieve": Permission.PLAN_EDIT,
        "create": Permission.PLAN_EDIT,
        "destroy": Permission.PLAN_EDIT,
        "payees": Permission.PLAN_EDIT,
    }

    def get_serializer_class(self) -> Any:
        """Return what comes in or goes out."""
        return SimulationIn if self.action == "create" else SimulationOut

    def get_queryset(self) -> QuerySet:
        """Return the simulations, for those who write plans and see pay for the whole company."""
        return Simulation.objects.visible_to(self.viewer).select_related("first", "last")

    def perform(self, data: dict[str, Any]) -> Simulation:
        """Have a version simulated in the background."""
        versions = PlanVersion.objects.permitting(self.viewer, Permission.PLAN_EDIT)
        if not all(scope_of(self.viewer, one).everything for one in NEEDED):
            versions = versions.none()
        return services.request_simulation(
            version=_one(versions.select_related("plan"), data.pop("version")),
            first=calendars.period(data.pop("first")),
            last=calendars.period(data.pop("last")),
            unit=_one(OrgUnit.objects.all(), data.pop("unit", None)),
            role=_one(SalesRole.objects.all(), data.pop("role", None)),
            by=self.viewer,
            at=clock.now(),
            today=clock.today(),
            url=lambda pk: reverse("incentives:simulation", args=[pk]),
            **data,
        )

    def shown(self, made: Simulation) -> Any:
        """Return the new simulation."""
        return SimulationOut(made).data

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete a simulation with everything it says of payees."""
        services.delete_simulation(simulation_id=self.get_object().pk, by=self.viewer)
        return Response(status=204)

    @extend_schema(responses=SimulatedPayeeOut(many=True))
    @action(detail=True, methods=["get"])
    def payees(self, request: Request, pk: str) -> Response:
        """List what both plans pay every payee, page by page, with every line."""
        rows = SimulatedPayee.objects.visible_to(self.viewer).played().filter(simulation=self.get_object())
        page = self.paginate_queryset(rows.order_by("pk"))
        return self.get_paginated_response(SimulatedPayeeOut(page, many=True).data)


def _one(rows: QuerySet, pk: int | None) -> Any:
    if pk is None:
        return None
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
