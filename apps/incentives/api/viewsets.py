"""``/api/v1/``: plans, pay runs, statements, lines, adjustments. Pay needs the scope to see statements."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.core import clock
from apps.events import audit
from apps.incentives import services
from apps.incentives.api.serializers import (
    AdjustmentIn,
    AdjustmentOut,
    LineOut,
    PlanOut,
    ProvenanceOut,
    RunOut,
    StatementOut,
    TraceOut,
    VersionOut,
)
from apps.incentives.models import (
    Adjustment,
    IncentivePlan,
    PayLine,
    PayRun,
    PayTrace,
    PlanVersion,
    Statement,
)
from apps.incentives.selectors.provenance import provenance
from apps.org.models import Person
from apps.ui.rest import CreateOnce, ReadOnlyViewSet

TRACE_PAGE = 1000


class NoStore:
    """Pay is never kept by caches on the way."""

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Forbid storing the answer."""
        answer = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]  # mixin
        answer["Cache-Control"] = "no-store, private"
        return answer


class PlanViewSet(ReadOnlyViewSet):
    """Incentive plans."""

    serializer_class = PlanOut
    filters = frozenset({"code"})
    required_permissions: ClassVar = {
        "list": Permission.PLAN_VIEW,
        "retrieve": Permission.PLAN_VIEW,
        "versions": Permission.PLAN_VIEW,
    }

    def get_queryset(self) -> QuerySet:
        """Return the plans in reach."""
        rows = IncentivePlan.objects.visible_to(self.viewer)
        code = self.request.query_params.get("code", "")
        return rows.filter(code=code) if code else rows

    @extend_schema(responses=VersionOut(many=True))
    @action(detail=True, methods=["get"])
    def versions(self, request: Request, pk: str) -> Response:
        """List the versions of a plan, newest first."""
        rows = PlanVersion.objects.visible_to(self.viewer).filter(plan=self.get_object())
        return Response(VersionOut(rows.order_by("-number"), many=True).data)


class RunViewSet(NoStore, ReadOnlyViewSet):
    """Pay runs."""

    serializer_class = RunOut
    filters = frozenset({"state", "period"})
    required_permissions: ClassVar = {"list": Permission.RUN_VIEW, "retrieve": Permission.RUN_VIEW}

    def get_queryset(self) -> QuerySet:
        """Return the runs in reach, each with the total of the statements in reach."""
        scope = scope_of(self.viewer, Permission.STATEMENT_VIEW)
        rows = PayRun.objects.visible_to(self.viewer).select_related("period")
        if not scope.everything:
            rows = rows.filter(statements__person__in=scope.person_ids - {scope.own_person_id})
        for name, lookup in (("state", "state"), ("period", "period__code")):
            value = self.request.query_params.get(name, "")
            rows = rows.filter(**{lookup: value}) if value else rows
        return rows.with_shown_total()


class StatementViewSet(NoStore, ReadOnlyViewSet):
    """Statements: what each person earned in each run."""

    serializer_class = StatementOut
    filters = frozenset({"run", "person"})
    required_permissions: ClassVar = {
        "list": Permission.STATEMENT_VIEW,
        "retrieve": Permission.STATEMENT_VIEW,
        "lines": Permission.STATEMENT_VIEW,
    }

    def get_queryset(self) -> QuerySet:
        """Return the statements in reach."""
        rows = Statement.objects.visible_to(self.viewer).select_related("run__period", "person")
        return rows.filter(**_ids(self.request, "run", "person"))

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Show a statement; the reading is noted."""
        found = self.get_object()
        _note(request, "statement", "incentives_statement", found.pk)
        return Response(self.get_serializer(found).data)

    @extend_schema(responses=LineOut(many=True))
    @action(detail=True, methods=["get"])
    def lines(self, request: Request, pk: str) -> Response:
        """List the lines of a statement with their calculation."""
        found = self.get_object()
        _note(request, "statement", "incentives_statement", found.pk)
        return Response(LineOut(found.lines.order_by("sequence"), many=True).data)


class LineViewSet(NoStore, ReadOnlyViewSet):
    """Pay lines, each down to its ledger credits."""

    serializer_class = LineOut
    filters = frozenset({"run", "person", "after"})
    required_permissions: ClassVar = {
        "list": Permission.STATEMENT_VIEW,
        "retrieve": Permission.STATEMENT_VIEW,
        "sources": Permission.STATEMENT_VIEW,
        "provenance": Permission.AUDIT_VIEW,
    }

    def get_queryset(self) -> QuerySet:
        """Return the lines in reach."""
        rows = PayLine.objects.visible_to(self.viewer)
        return rows.filter(**_ids(self.request, "run", "person")) if self.action == "list" else rows

    @extend_schema(responses=TraceOut(many=True))
    @action(detail=True, methods=["get"])
    def sources(self, request: Request, pk: str) -> Response:
        """List the ledger credits behind a line, up to 1,000 after the number ``after``."""
        found = self.get_object()
        after = _ids(request, "after").get("after", 0)
        rows = PayTrace.objects.filter(line=found, sequence__gt=after)
        return Response(TraceOut(rows.order_by("sequence")[:TRACE_PAGE], many=True).data)

    @extend_schema(responses=ProvenanceOut)
    @action(detail=True, methods=["get"])
    def provenance(self, request: Request, pk: str) -> Response:
        """Trace a line to the request that asked for it, its inputs, its plan version and who approved it."""
        [found] = provenance([self.get_object().pk])
        _note(request, "pay line", "incentives_payline", found.line_id)
        return Response(ProvenanceOut(found).data)


class AdjustmentViewSet(NoStore, CreateOnce, ReadOnlyViewSet):
    """Corrections: asked for here, decided by a second person on the page."""

    required_permissions: ClassVar = {
        "list": Permission.RUN_CALCULATE,
        "retrieve": Permission.RUN_CALCULATE,
        "create": Permission.RUN_CALCULATE,
    }

    def get_serializer_class(self) -> Any:
        """Return what comes in or goes out."""
        return AdjustmentIn if self.action == "create" else AdjustmentOut

    def get_queryset(self) -> QuerySet:
        """Return the adjustments in reach."""
        return Adjustment.objects.permitting(self.viewer, Permission.RUN_CALCULATE)

    def perform(self, data: dict[str, Any]) -> Adjustment:
        """Ask for an adjustment."""
        scope = scope_of(self.viewer, Permission.RUN_CALCULATE)
        if not scope.covers_person(data["person"]) or not Person.objects.filter(pk=data["person"]).exists():
            raise Http404
        return services.request_adjustment(
            person_id=data["person"],
            amount=data["amount"],
            reason=data["reason"],
            by=self.viewer,
            at=clock.now(),
            currency=data.get("currency", ""),
        )

    def shown(self, made: Adjustment) -> Any:
        """Return the new adjustment."""
        return AdjustmentOut(made).data


def _ids(request: Request, *names: str) -> dict[str, int]:
    """Return the whole numbers of the address by name. Raises ValidationError."""
    given = {name: request.query_params[name] for name in names if request.query_params.get(name)}
    for name, text in given.items():
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise ValidationError({name: [_("A whole number is expected.")]})
    return {name: int(text) for name, text in given.items()}


def _note(request: Request, what: str, table: str, row_id: int) -> None:
    audit.record_access(user_id=request.user.pk, what=what, table=table, row_id=row_id)
