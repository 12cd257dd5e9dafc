"""``/api/v1/absences/``: who is away when; kind and note only where the caller may know them."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.permissions import Permission
from apps.core import clock
from apps.org import selectors, services
from apps.org.api.base import DatedViewSet
from apps.org.api.serializers import DatedOut
from apps.org.enums import AbsenceKind
from apps.org.models import Absence, Person
from apps.ui.rest import CreateOnce, DateField, ReadOnlyViewSet, Versioned


class AbsenceOut(DatedOut):
    """Days on which a person is away; ``kind`` and ``note`` are null for callers who may not know them."""

    kind = serializers.SerializerMethodField()
    note = serializers.SerializerMethodField()

    class Meta:
        model = Absence
        fields = (
            "id", "person", "starts_on", "ends_before", "kind", "is_paid", "time_percent", "relieves_quota",
            "note", "recorded_at", "cancelled_at", "version",
        )  # fmt: skip
        read_only_fields = fields

    def get_kind(self, row: Absence) -> str | None:
        """Return the kind, None for others than the person, their managers and HR."""
        return row.kind if row.is_open else None  # type: ignore[attr-defined]  # annotated

    def get_note(self, row: Absence) -> str | None:
        """Return the note, None for others than the person, their managers and HR."""
        return row.note if row.is_open else None  # type: ignore[attr-defined]  # annotated


class AbsenceIn(serializers.Serializer):
    """A new absence; without ``ends_before`` it goes on until further notice."""

    person = serializers.IntegerField(min_value=1)
    kind = serializers.ChoiceField(AbsenceKind.choices)
    starts_on = DateField()
    ends_before = DateField(allow_null=True, default=None)
    is_paid = serializers.BooleanField(allow_null=True, default=None)
    time_percent = serializers.DecimalField(max_digits=5, decimal_places=2, default=services.ALL_DAY)
    relieves_quota = serializers.BooleanField(default=False)
    note = serializers.CharField(max_length=300, allow_blank=True, default="")


class AbsenceChangeIn(serializers.Serializer):
    """What changes of an absence; what is left out stays."""

    kind = serializers.ChoiceField(AbsenceKind.choices, required=False)
    starts_on = DateField(required=False)
    ends_before = DateField(allow_null=True, required=False)
    is_paid = serializers.BooleanField(required=False)
    time_percent = serializers.DecimalField(max_digits=5, decimal_places=2, required=False)
    relieves_quota = serializers.BooleanField(required=False)
    note = serializers.CharField(max_length=300, allow_blank=True, required=False)


class AbsenceViewSet(Versioned, CreateOnce, DatedViewSet, ReadOnlyViewSet):
    """Absences: record, change and end, cancel."""

    required_permissions: ClassVar = {
        "list": Permission.ABSENCE_VIEW,
        "retrieve": Permission.ABSENCE_VIEW,
        "create": Permission.ABSENCE_EDIT,
        "partial_update": Permission.ABSENCE_EDIT,
        "cancel": Permission.ABSENCE_EDIT,
    }
    filters = frozenset({"as_of", "person"})
    queryset = Absence.objects.none()

    def get_serializer_class(self) -> Any:
        """Return the serializer of the action."""
        return AbsenceIn if self.action == "create" else AbsenceOut

    def get_queryset(self) -> QuerySet[Absence]:
        """Return the absences in reach, in the list without cancelled ones, those of a day when asked."""
        rows = selectors.absences(self.viewer)
        if self.action == "list":
            rows = rows.standing().filter(**self.asked_ids(["person"]))
            if "as_of" in self.request.query_params:
                rows = rows.on(self.day)
        return rows

    def perform(self, data: dict[str, Any]) -> Absence:
        """Record an absence of a person in reach."""
        person = self.reach(Person, data.pop("person"), Permission.ABSENCE_EDIT)
        return services.record_absence(person_id=person.pk, by=self.viewer, at=clock.now(), **data)

    def shown(self, made: Absence) -> Any:
        """Show the absence to the caller."""
        return AbsenceOut(selectors.absences(self.viewer).get(pk=made.pk)).data

    @extend_schema(request=AbsenceChangeIn, responses=AbsenceOut)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change an absence; ``If-Match`` or ``version`` says which state the change is based on."""
        row = self.reach(Absence, pk, Permission.ABSENCE_EDIT)
        now = {
            "kind": row.kind,
            "starts_on": row.valid.lower,
            "ends_before": row.valid.upper,
            "is_paid": row.is_paid,
            "time_percent": row.time_percent,
            "relieves_quota": row.relieves_quota,
            "note": row.note,
        }
        changed = now | self.given(AbsenceChangeIn, partial=True)
        version = self.expected_version(request)
        services.change_absence(absence_id=row.pk, version=version, by=self.viewer, **changed)
        return Response(self.shown(row))

    @extend_schema(request=None, responses=AbsenceOut)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Cancel an absence; it stays on record."""
        row = self.reach(Absence, pk, Permission.ABSENCE_EDIT)
        version = self.expected_version(request)
        services.cancel_absence(absence_id=row.pk, version=version, by=self.viewer, at=clock.now())
        return Response(self.shown(row))
