"""``/api/v1/target-approvals/``: the agreements a submitted version needs."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.permissions import Permission
from apps.core import clock
from apps.targets import services
from apps.targets.api.filters import whole_numbers
from apps.targets.api.serializers import ReasonIn
from apps.targets.models import PlanApproval
from apps.targets.selectors.chain import decidable
from apps.ui.rest import ReadOnlyViewSet


class ApprovalOut(serializers.ModelSerializer):
    """One agreement: of a unit's lead or of a role."""

    class Meta:
        model = PlanApproval
        fields = ("id", "plan", "attempt", "order", "who", "unit", "role", "state", "comment", "decided_at")
        read_only_fields = fields


class CommentIn(serializers.Serializer):
    """A sentence with an agreement."""

    comment = serializers.CharField(max_length=1000, default="", allow_blank=True)


class ApprovalViewSet(ReadOnlyViewSet):
    """Agreements: read them, give or refuse one's own when it is its turn."""

    required_permissions: ClassVar[dict[str, Permission]] = {
        "list": Permission.TARGET_EDIT,
        "retrieve": Permission.TARGET_EDIT,
        "agree": Permission.TARGET_EDIT,
        "refuse": Permission.TARGET_EDIT,
    }
    filters = frozenset({"plan"})
    serializer_class = ApprovalOut
    queryset = PlanApproval.objects.none()

    def get_queryset(self) -> QuerySet[PlanApproval]:
        """Keep the agreements of plans the caller may see."""
        found = PlanApproval.objects.visible_to(self.viewer)
        return found.filter(**whole_numbers(self.request, self.filters))

    @extend_schema(request=CommentIn, responses=ApprovalOut)
    @action(detail=True, methods=["post"])
    def agree(self, request: Request, pk: str) -> Response:
        """Agree; the last agreement of the chain puts the version into force."""
        row = self._mine(pk)
        given = CommentIn(data=request.data)
        given.is_valid(raise_exception=True)
        services.approve_plan(
            plan_id=row.plan_id,
            approval_ids=[row.pk],
            by_id=self.viewer.pk,
            at=clock.now(),
            on=clock.today(),
            comment=given.validated_data["comment"],
        )
        return self._answer(row)

    @extend_schema(request=ReasonIn, responses=ApprovalOut)
    @action(detail=True, methods=["post"], url_path="return")
    def refuse(self, request: Request, pk: str) -> Response:
        """Return the version to its planners."""
        row = self._mine(pk)
        given = ReasonIn(data=request.data)
        given.is_valid(raise_exception=True)
        services.return_plan(
            plan_id=row.plan_id,
            approval_ids=[row.pk],
            by_id=self.viewer.pk,
            at=clock.now(),
            reason=given.validated_data["reason"],
        )
        return self._answer(row)

    def _mine(self, pk: str) -> PlanApproval:
        row = get_object_or_404(PlanApproval.objects.select_related("plan"), pk=pk)
        if row.pk not in {one.pk for one in decidable(self.viewer, row.plan, clock.today())}:
            raise Http404
        return row

    def _answer(self, row: PlanApproval) -> Response:
        shown: Any = ApprovalOut(PlanApproval.objects.get(pk=row.pk)).data
        return Response(shown)
