"""``/api/v1/``: holds, confirmations, payroll files, accruals, and contests with their standings."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.core import clock
from apps.core.errors import DomainError
from apps.incentives import services
from apps.incentives.models import Accrual, Acknowledgement, Contest, Hold, PayrollExport
from apps.incentives.selectors.boards import contest_page
from apps.pipeline.services.credits import SOURCE
from apps.ui.rest import CreateOnce, ReadOnlyViewSet


class HoldOut(serializers.ModelSerializer):
    """A deal whose pay waits."""

    class Meta:
        model = Hold
        fields = (
            "id", "kind", "source_type", "source_id", "label", "person", "reason", "value", "threshold",
            "placed_at", "released_at", "note",
        )  # fmt: skip
        read_only_fields = fields


class HoldIn(serializers.Serializer):
    """A deal to hold, for everybody it pays or for one payee."""

    opportunity = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    person = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False, allow_null=True)
    reason = serializers.CharField(max_length=500)


class HoldViewSet(CreateOnce, ReadOnlyViewSet):
    """Holds: placed here, released by a second person on the page."""

    required_permissions: ClassVar = {
        "list": Permission.RUN_CALCULATE,
        "retrieve": Permission.RUN_CALCULATE,
        "create": Permission.RUN_CALCULATE,
    }

    def get_serializer_class(self) -> Any:
        """Return what comes in or goes out."""
        return HoldIn if self.action == "create" else HoldOut

    def get_queryset(self) -> QuerySet:
        """Return the holds, for those who calculate pay for the whole company."""
        return Hold.objects.permitting(self.viewer, Permission.RUN_CALCULATE)

    def perform(self, data: dict[str, Any]) -> Hold:
        """Hold a deal."""
        if not scope_of(self.viewer, Permission.RUN_CALCULATE).everything:
            raise DomainError(_("A hold concerns the whole company."), code="part_only")
        return services.place_hold(
            source_type=SOURCE,
            source_id=data["opportunity"],
            person_id=data.get("person"),
            reason=data["reason"],
            by=self.viewer,
            at=clock.now(),
        )

    def shown(self, made: Hold) -> Any:
        """Return the new hold."""
        return HoldOut(made).data


class ConfirmationOut(serializers.ModelSerializer):
    """A payee has confirmed a version of their plan."""

    class Meta:
        model = Acknowledgement
        fields = ("id", "version", "person", "document_hash", "language", "confirmed_at")
        read_only_fields = fields


class ConfirmationViewSet(ReadOnlyViewSet):
    """Confirmations of plans. People confirm in person, never through a token."""

    serializer_class = ConfirmationOut
    required_permissions: ClassVar = {"list": Permission.PLAN_VIEW, "retrieve": Permission.PLAN_VIEW}

    def get_queryset(self) -> QuerySet:
        """Return the confirmations of people in reach."""
        return Acknowledgement.objects.visible_to(self.viewer)


class PayrollFileOut(serializers.ModelSerializer):
    """A payroll file with its control totals; the content is read one by one."""

    class Meta:
        model = PayrollExport
        fields = ("id", "run", "sha256", "rows", "totals", "total", "currency", "exported_at")
        read_only_fields = fields


class PayrollFileWithContent(PayrollFileOut):
    """A payroll file as it left."""

    class Meta(PayrollFileOut.Meta):
        fields = (*PayrollFileOut.Meta.fields, "content")
        read_only_fields = fields


class PayrollFileViewSet(ReadOnlyViewSet):
    """Payroll files."""

    required_permissions: ClassVar = {
        "list": Permission.PAYROLL_EXPORT,
        "retrieve": Permission.PAYROLL_EXPORT,
    }

    def get_serializer_class(self) -> Any:
        """Return the file with its content when it is read alone."""
        return PayrollFileWithContent if self.action == "retrieve" else PayrollFileOut

    def get_queryset(self) -> QuerySet:
        """Return the files, for those who export payroll for the whole company."""
        return PayrollExport.objects.visible_to(self.viewer)


class AccrualOut(serializers.ModelSerializer):
    """What the company owes on a day; the content is read one by one."""

    class Meta:
        model = Accrual
        fields = ("id", "as_of", "sha256", "rows", "total", "currency", "made_at")
        read_only_fields = fields


class AccrualWithContent(AccrualOut):
    """An accrual with its rows as CSV."""

    class Meta(AccrualOut.Meta):
        fields = (*AccrualOut.Meta.fields, "content")
        read_only_fields = fields


class AccrualViewSet(ReadOnlyViewSet):
    """Accruals."""

    required_permissions: ClassVar = {
        "list": Permission.PAYROLL_EXPORT,
        "retrieve": Permission.PAYROLL_EXPORT,
    }

    def get_serializer_class(self) -> Any:
        """Return the accrual with its rows when it is read alone."""
        return AccrualWithContent if self.action == "retrieve" else AccrualOut

    def get_queryset(self) -> QuerySet:
        """Return the accruals, for those who export payroll for the whole company."""
        return Accrual.objects.visible_to(self.viewer)


class ContestOut(serializers.ModelSerializer):
    """A contest."""

    class Meta:
        model = Contest
        fields = (
            "id", "name", "purpose", "measure", "starts_on", "ends_before", "unit", "minimum", "closed_at",
        )  # fmt: skip
        read_only_fields = fields


class StandingOut(serializers.Serializer):
    """Where somebody stands; equal figures share a place."""

    place = serializers.IntegerField()
    person = serializers.IntegerField()
    value = serializers.DecimalField(max_digits=20, decimal_places=6)


class ContestViewSet(ReadOnlyViewSet):
    """Contests, with the standings of those who wish to be listed."""

    serializer_class = ContestOut
    required_permissions: ClassVar = {
        "list": Permission.CONTEST_VIEW,
        "retrieve": Permission.CONTEST_VIEW,
        "standings": Permission.CONTEST_VIEW,
    }

    def get_queryset(self) -> QuerySet:
        """Return the contests in reach."""
        return Contest.objects.visible_to(self.viewer)

    @extend_schema(responses=StandingOut(many=True))
    @action(detail=True, methods=["get"])
    def standings(self, request: Request, pk: str) -> Response:
        """List the places as of today."""
        found = contest_page(self.get_object(), clock.today(), self.viewer)
        rows = [
            {"place": one.place, "person": one.person.pk, "value": one.value} for one in found.board.places
        ]
        return Response(StandingOut(rows, many=True).data)
