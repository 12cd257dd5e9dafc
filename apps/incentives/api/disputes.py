"""``/api/v1/disputes/``: questions about lines of pay, by the payee and by compensation."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.core import clock
from apps.incentives import services
from apps.incentives.enums import Cause
from apps.incentives.models import Dispute, DisputeEntry, PayLine
from apps.ui.rest import CreateOnce, ReadOnlyViewSet


class DisputeEntryOut(serializers.ModelSerializer):
    """What somebody wrote or did."""

    class Meta:
        model = DisputeEntry
        fields = ("id", "step", "text", "at")
        read_only_fields = fields


class DisputeOut(serializers.ModelSerializer):
    """A dispute with its thread."""

    entries = serializers.SerializerMethodField()

    class Meta:
        model = Dispute
        fields = (
            "id", "line", "person", "state", "cause", "due_on", "asked_at", "escalated_at", "closed_at",
            "adjustment", "entries",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema(responses=DisputeEntryOut(many=True))
    def get_entries(self, row: Dispute) -> list[dict[str, Any]]:
        """Return the thread, oldest first."""
        entries = sorted(row.entries.all(), key=lambda entry: (entry.at, entry.pk))
        return list(DisputeEntryOut(entries, many=True).data)


class DisputeIn(serializers.Serializer):
    """A line to question, and why."""

    line = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    text = serializers.CharField(max_length=2000)


class DisputeTextIn(serializers.Serializer):
    """Something to say."""

    text = serializers.CharField(max_length=2000)


class DisputeRefusalIn(DisputeTextIn):
    """Why the line stands."""

    cause = serializers.ChoiceField(choices=Cause.choices)


class DisputeAcceptIn(serializers.Serializer):
    """By how much pay is corrected, and what was behind it."""

    amount = serializers.DecimalField(max_digits=14, decimal_places=2)
    cause = serializers.ChoiceField(choices=Cause.choices)
    text = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class DisputeViewSet(CreateOnce, ReadOnlyViewSet):
    """Disputes: raised by the payee on an own line, answered and decided by compensation."""

    filters = frozenset({"state"})
    required_permissions: ClassVar = {
        "list": Permission.STATEMENT_VIEW,
        "retrieve": Permission.STATEMENT_VIEW,
        "create": Permission.DISPUTE_RAISE,
        "write": Permission.DISPUTE_RAISE,
        "withdraw": Permission.DISPUTE_RAISE,
        "answer": Permission.DISPUTE_DECIDE,
        "accept": Permission.DISPUTE_DECIDE,
        "refuse": Permission.DISPUTE_DECIDE,
    }

    def get_serializer_class(self) -> Any:
        """Return what comes in or goes out."""
        return DisputeIn if self.action == "create" else DisputeOut

    def get_queryset(self) -> QuerySet:
        """Return the disputes in reach of what is asked."""
        needed = self.required_permissions[self.action]
        rows = Dispute.objects.permitting(self.viewer, needed).prefetch_related("entries")
        state = self.request.query_params.get("state", "") if self.action == "list" else ""
        return rows.filter(state=state) if state else rows

    def perform(self, data: dict[str, Any]) -> Dispute:
        """Question a line."""
        mine = scope_of(self.viewer, Permission.DISPUTE_RAISE).people("person")
        if not PayLine.objects.visible_to(self.viewer).filter(mine, pk=data["line"]).exists():
            raise Http404
        return services.raise_dispute(line_id=data["line"], text=data["text"], by=self.viewer, at=clock.now())

    def shown(self, made: Dispute) -> Any:
        """Return the new dispute."""
        return DisputeOut(made).data

    def _act(self, request: Request, service: Any, serializer: Any = None) -> Response:
        found = self.get_object()
        data: dict[str, Any] = {}
        if serializer is not None:
            given = serializer(data=request.data)
            given.is_valid(raise_exception=True)
            data = given.validated_data
        done = service(dispute_id=found.pk, by=self.viewer, at=clock.now(), **data)
        return Response(DisputeOut(done).data)

    @extend_schema(request=DisputeTextIn, responses=DisputeOut)
    @action(detail=True, methods=["post"])
    def write(self, request: Request, pk: str) -> Response:
        """Write into the thread."""
        return self._act(request, services.comment_dispute, DisputeTextIn)

    @extend_schema(request=None, responses=DisputeOut)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take one's own question back."""
        return self._act(request, services.withdraw_dispute)

    @extend_schema(request=DisputeTextIn, responses=DisputeOut)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str) -> Response:
        """Answer the payee."""
        return self._act(request, services.answer_dispute, DisputeTextIn)

    @extend_schema(request=DisputeAcceptIn, responses=DisputeOut)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Agree, and ask for the correction that a second person approves."""
        return self._act(request, services.accept_dispute, DisputeAcceptIn)

    @extend_schema(request=DisputeRefusalIn, responses=DisputeOut)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        """Stand by the line."""
        return self._act(request, services.refuse_dispute, DisputeRefusalIn)
