"""``/api/v1/target-alerts/``: targets off their course."""

from typing import ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from apps.access.permissions import Permission
from apps.targets.api.filters import whole_numbers
from apps.targets.enums import AlertKind
from apps.targets.models import TargetAlert
from apps.ui.rest import ReadOnlyViewSet


class AlertOut(serializers.ModelSerializer):
    """A deviation with the figures of the day last seen and the gap by cause; figures are text."""

    class Meta:
        model = TargetAlert
        fields = ("id", "target", "kind", "opened_on", "seen_on", "closed_on", "figures", "parts")
        read_only_fields = fields


class AlertViewSet(ReadOnlyViewSet):
    """Deviations of targets in reach, by ``target``, ``kind`` and ``is_open`` (true or false)."""

    required_permissions: ClassVar[dict[str, Permission]] = {
        "list": Permission.TARGET_VIEW,
        "retrieve": Permission.TARGET_VIEW,
    }
    filters = frozenset({"target", "kind", "is_open"})
    serializer_class = AlertOut
    queryset = TargetAlert.objects.none()

    def get_queryset(self) -> QuerySet[TargetAlert]:
        """Keep the alerts of targets the caller may see."""
        found = TargetAlert.objects.visible_to(self.viewer).filter(**whole_numbers(self.request, {"target"}))
        asked = self.request.query_params
        if asked.get("kind") in AlertKind.values:
            found = found.filter(kind=asked["kind"])
        if asked.get("is_open") in {"true", "false"}:
            found = found.filter(closed_on__isnull=asked["is_open"] == "true")
        return found
