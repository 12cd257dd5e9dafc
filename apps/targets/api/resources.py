"""``/api/v1/target-resources/``: target beside capacity, funnel and pipeline."""

from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.permissions import Permission
from apps.core import clock
from apps.targets.api.filters import whole_numbers
from apps.targets.models import TargetPlan
from apps.targets.selectors.overview import subject_for
from apps.targets.selectors.resources import ResourceRow, resources
from apps.ui.rest import ApiViewSet


class ResourceOut(serializers.Serializer):
    """One node; gaps are what is missing (negative: to spare), null where it cannot be told."""

    target = serializers.IntegerField()
    remaining = serializers.CharField()
    fte = serializers.CharField()
    vacant = serializers.IntegerField()
    capacity = serializers.CharField(allow_null=True)
    heads_gap = serializers.CharField(allow_null=True)
    meetings_needed = serializers.CharField(allow_null=True)
    meetings_gap = serializers.CharField(allow_null=True)
    open_pipeline = serializers.CharField(allow_null=True)
    coverage = serializers.CharField(allow_null=True, help_text="null once nothing remains")
    coverage_required = serializers.CharField(allow_null=True)
    pipeline_gap = serializers.CharField(allow_null=True)


class ResourceViewSet(ApiViewSet):
    """What is missing for a version in force: ``?plan=&unit=|person=``; the node first, then those below."""

    required_permissions: ClassVar[dict[str, Permission]] = {"list": Permission.TARGET_VIEW}
    filters = frozenset({"plan", "unit", "person"})
    serializer_class = ResourceOut
    pagination_class = None
    queryset = TargetPlan.objects.none()

    @extend_schema(
        parameters=[OpenApiParameter(name, int) for name in ("plan", "unit", "person")],
        responses=ResourceOut(many=True),
    )
    def list(self, request: Request) -> Response:
        """Answer one question."""
        asked = whole_numbers(request, self.filters)
        today = clock.today()
        plan = (
            TargetPlan.objects.in_force()
            .filter(pk=asked.get("plan", 0), measure="revenue")
            .select_related("period", "baseline")
            .first()
        )
        subject = subject_for(self.viewer, today, unit_id=asked.get("unit"), person_id=asked.get("person"))
        found = None
        if plan is not None and subject is not None:
            found = resources(self.viewer, plan, today, unit_id=subject.unit_id, person_id=subject.person_id)
        if found is None:
            raise Http404
        return Response(ResourceOut([_shown(row) for row in found.shown], many=True).data)


def _shown(row: ResourceRow) -> dict[str, Any]:
    heads, meetings, coverage = row.heads, row.meetings, row.coverage
    return {
        "target": row.target.pk,
        "remaining": _text(row.remaining),
        "fte": str(row.fte),
        "vacant": row.vacant,
        "capacity": _text(heads.capacity if heads else None),
        "heads_gap": _text(heads.gap if heads else None),
        "meetings_needed": _text(meetings.needed if meetings else None),
        "meetings_gap": _text(meetings.gap if meetings else None),
        "open_pipeline": None if coverage is None else str(coverage.open_amount),
        "coverage": _text(coverage.coverage if coverage else None),
        "coverage_required": _text(coverage.required if coverage else None),
        "pipeline_gap": _text(coverage.gap if coverage else None),
    }


def _text(value: Fraction | None) -> str | None:
    if value is None:
        return None
    return str((Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.0001")))
