"""``/api/v1/target-seats/``: who carries the targets of seats."""

from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.permissions import Permission
from apps.core import clock
from apps.measures import registry
from apps.targets.forms import AttainmentForm
from apps.targets.models import TargetPlan
from apps.targets.selectors.carried import carried, seats_held, seats_in
from apps.targets.selectors.overview import subject_for
from apps.ui.rest import ApiViewSet


class PartOut(serializers.Serializer):
    """Who carried a part; ``person`` null is the vacancy."""

    person = serializers.IntegerField(source="person_id", allow_null=True)
    start = serializers.DateField()
    end = serializers.DateField(help_text="not included")
    working_days = serializers.IntegerField()
    quota = serializers.CharField()


class SeatOut(serializers.Serializer):
    """A seat's quota over the range with its parts, which sum to it."""

    position = serializers.IntegerField(source="position_id")
    unit = serializers.IntegerField(source="unit_id", allow_null=True)
    quota = serializers.CharField()
    vacant = serializers.CharField()
    parts = PartOut(many=True)


class SeatViewSet(ApiViewSet):
    """Seats of one unit or person: ``?measure=&start=&end=&unit=|person=``."""

    required_permissions: ClassVar[dict[str, Permission]] = {"list": Permission.TARGET_VIEW}
    filters = frozenset({"measure", "start", "end", "unit", "person"})
    serializer_class = SeatOut
    queryset = TargetPlan.objects.none()

    @extend_schema(
        parameters=[OpenApiParameter(name, str) for name in ("measure", "start", "end", "unit", "person")],
        responses=SeatOut(many=True),
    )
    def list(self, request: Request) -> Response:
        """Answer one question."""
        form = AttainmentForm(request.query_params)
        if not form.is_valid():
            raise ValidationError(form.errors)
        asked: dict[str, Any] = form.cleaned_data
        if asked["measure"] not in registry.measures:
            raise Http404
        subject = subject_for(self.viewer, clock.today(), unit_id=asked["unit"], person_id=asked["person"])
        if subject is None:
            raise Http404
        start, end = asked["start"], asked["end"]
        seats = (
            seats_in([subject.unit_id], start, end)
            if subject.unit_id is not None
            else seats_held(subject.person_id or 0, start, end)
        )
        return Response(SeatOut(carried(asked["measure"], start, end, seats), many=True).data)
