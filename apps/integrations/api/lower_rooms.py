"""Resources of the rooms below the kit of the API: periods, job runs and the caller's notices."""

from typing import ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from apps.access.permissions import Permission
from apps.calendars.enums import PeriodKind
from apps.calendars.models import FiscalPeriod
from apps.events.models import JobRun
from apps.notifications.models import Notification
from apps.ui.rest import ReadOnlyViewSet


class PeriodOut(serializers.ModelSerializer):
    """A fiscal period; it ends before ``ends_before``."""

    class Meta:
        model = FiscalPeriod
        fields = ["id", "code", "kind", "year", "number", "starts_on", "ends_before", "parent", "closed_at"]
        read_only_fields = fields


class JobRunOut(serializers.ModelSerializer):
    """A run of a periodic job for one key."""

    class Meta:
        model = JobRun
        fields = ["id", "job", "key", "state", "attempts", "due_at", "started_at", "finished_at", "error"]
        read_only_fields = fields


class NotificationOut(serializers.ModelSerializer):
    """A notice in the caller's inbox."""

    class Meta:
        model = Notification
        fields = ["id", "kind", "title", "body", "url", "created_at", "read_at"]
        read_only_fields = fields


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter("kind", str, enum=PeriodKind.values),
            OpenApiParameter("year", int, description="the fiscal year"),
        ]
    )
)
class PeriodViewSet(ReadOnlyViewSet):
    """Years, halves, quarters and months of the company's fiscal calendar."""

    room = "calendars"
    serializer_class = PeriodOut
    queryset = FiscalPeriod.objects.none()
    filters = frozenset({"kind", "year"})
    ordering = ("-starts_on", "-pk")
    required_permissions: ClassVar = {"list": Permission.MEASURE_VIEW, "retrieve": Permission.MEASURE_VIEW}

    def get_queryset(self) -> QuerySet:
        """Return the periods of the company's calendar."""
        rows = FiscalPeriod.objects.of_company()
        if self.action != "list":
            return rows
        kind, year = (self.request.query_params.get(name, "") for name in ("kind", "year"))
        if kind and kind not in PeriodKind.values:
            raise ValidationError({"kind": [f"{kind!r}"]})
        if year and not (year.isascii() and year.isdigit() and len(year) == 4):
            raise ValidationError({"year": [f"{year!r}"]})
        rows = rows.filter(kind=kind) if kind else rows
        return rows.filter(year=year) if year else rows


class JobRunViewSet(ReadOnlyViewSet):
    """Runs of periodic jobs, newest first."""

    room = "events"
    serializer_class = JobRunOut
    queryset = JobRun.objects.order_by("pk")
    required_permissions: ClassVar = {"list": Permission.JOB_VIEW, "retrieve": Permission.JOB_VIEW}


class NotificationViewSet(ReadOnlyViewSet):
    """The caller's own notices, newest first."""

    room = "notifications"
    serializer_class = NotificationOut
    queryset = Notification.objects.none()
    required_permissions: ClassVar = {"list": Permission.HOME, "retrieve": Permission.HOME}

    def get_queryset(self) -> QuerySet:
        """Return what the caller was told in the app."""
        return Notification.objects.visible_to(self.viewer).filter(in_app=True)


routes = [
    ("periods", PeriodViewSet, "period"),
    ("job-runs", JobRunViewSet, "job-run"),
    ("notifications", NotificationViewSet, "notification"),
]
