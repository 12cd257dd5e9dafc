"""``/api/v1/opportunities/`` and what belongs to it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.permissions import Permission
from apps.access.scope import person_id_of, scope_of
from apps.core import clock
from apps.customers.models import Account, Contact
from apps.org import selectors as org
from apps.org.models import Person
from apps.pipeline import services
from apps.pipeline.api import serializers as shapes
from apps.pipeline.models import Activity, Opportunity, OutcomeReason, Product, Stage, Task
from apps.pipeline.rules import Share
from apps.pipeline.services import NewLine
from apps.ui.rest import ApiViewSet, CreateOnce, ReadOnlyViewSet, Versioned

_READ = {"list": Permission.DEAL_VIEW, "retrieve": Permission.DEAL_VIEW}
_IDS = ("owner", "account", "stage")


def _id(value: str, name: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 19):
        raise ValidationError({name: ["An id is expected."]})
    return int(value)


def _check_links(viewer: Any, data: dict[str, Any], permission: Permission) -> None:
    """Refuse links to people, accounts, contacts and deals out of reach."""
    for name in ("owner_id", "assignee_id"):
        person = data.get(name)
        if person is None:
            continue
        reached = scope_of(viewer, permission).covers_person(person)
        if not reached or not Person.objects.filter(pk=person).exists():
            raise ValidationError({name: ["Choose a person in your reach."]})
    for name, rows in (("account_id", Account), ("contact_id", Contact), ("opportunity_id", Opportunity)):
        pk = data.get(name)
        if pk is not None and not rows.objects.visible_to(viewer).filter(pk=pk).exists():
            raise ValidationError({name: ["This does not exist or is out of your reach."]})


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter(
                "unit", int, description="deals that count for this unit and those below it today"
            )
        ]
    )
)
class OpportunityViewSet(CreateOnce, Versioned, ReadOnlyViewSet):
    """Deals; moving, winning, losing and reopening are actions of their own."""

    queryset = Opportunity.objects.none()
    serializer_class = shapes.OpportunityOut
    required_permissions: ClassVar = _READ | {
        "create": Permission.DEAL_EDIT,
        "partial_update": Permission.DEAL_EDIT,
        "move": Permission.DEAL_EDIT,
        "win": Permission.DEAL_EDIT,
        "lose": Permission.DEAL_EDIT,
        "reopen": Permission.DEAL_EDIT,
    }
    filters = frozenset({*_IDS, "unit", "state", "external_id"})

    def get_queryset(self) -> QuerySet[Opportunity]:
        """Return the deals in reach, narrowed by the query."""
        rows = Opportunity.objects.visible_to(self.viewer)
        query = self.request.query_params
        for name in _IDS:
            if name in query:
                rows = rows.filter(**{f"{name}_id": _id(query[name], name)})
        if "unit" in query:
            counted = org.counted_for(_id(query["unit"], "unit"), clock.today())
            rows = rows if counted is None else rows.filter(owner__in=counted)
        for name in ("state", "external_id"):
            if name in query:
                rows = rows.filter(**{name: query[name]})
        return rows

    def get_serializer_class(self) -> Any:
        """Return the serializer of the action."""
        inputs = {"create": shapes.OpportunityIn, "partial_update": shapes.OpportunityChange}
        return inputs.get(self.action or "", shapes.OpportunityOut)

    def perform(self, data: dict[str, Any]) -> Opportunity:
        """Create a deal, by default the caller's own."""
        _check_links(self.viewer, data, Permission.DEAL_EDIT)
        owner = data.pop("owner_id", None) or person_id_of(self.viewer)
        if owner is None:
            raise ValidationError({"owner_id": ["Name the owner."]})
        lines = [
            NewLine(
                line["product_id"],
                line.get("quantity", Decimal(1)),
                line.get("unit_price"),
                line.get("discount", Decimal(0)),
            )
            for line in data.pop("lines", [])
        ]
        shares = [Share(share["person_id"], share["share"]) for share in data.pop("shares", [])]
        return services.create_opportunity(
            owner_id=owner, today=clock.today(), by=self.viewer, lines=lines, shares=shares, **data
        )

    def shown(self, made: Opportunity) -> Any:
        """Return the deal."""
        return shapes.OpportunityOut(made).data

    @extend_schema(request=shapes.OpportunityChange(partial=True), responses=shapes.OpportunityOut)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the fields given; send the version read."""
        found = self._editable(pk)
        version = self.expected_version(request)
        serializer = shapes.OpportunityChange(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        data = dict(serializer.validated_data)
        _check_links(self.viewer, data, Permission.DEAL_EDIT)
        saved = services.update_opportunity(
            opportunity_id=found.pk, version=version, changes=data, today=clock.today()
        )
        return self._answer(saved)

    @extend_schema(request=shapes.MoveIn, responses=shapes.OpportunityOut)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Move to another open stage; exit criteria apply."""
        found, data, version = self._acting(request, pk, shapes.MoveIn)
        saved = services.move_stage(
            opportunity_id=found.pk,
            to_stage_id=data["stage_id"],
            version=version,
            on=clock.today(),
            by=self.viewer,
        )
        return self._answer(saved)

    @extend_schema(request=shapes.CloseIn, responses=shapes.OpportunityOut)
    @action(detail=True, methods=["post"])
    def win(self, request: Request, pk: str) -> Response:
        """Win the deal and post its credit."""
        return self._close(request, pk, services.win)

    @extend_schema(request=shapes.CloseIn, responses=shapes.OpportunityOut)
    @action(detail=True, methods=["post"])
    def lose(self, request: Request, pk: str) -> Response:
        """Lose the deal for a reason."""
        return self._close(request, pk, services.lose)

    @extend_schema(request=shapes.ReopenIn, responses=shapes.OpportunityOut)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """Open a decided deal again and reverse its credit."""
        found, data, version = self._acting(request, pk, shapes.ReopenIn)
        saved = services.reopen(
            opportunity_id=found.pk,
            version=version,
            on=clock.today(),
            reason=data["reason"],
            by=self.viewer,
        )
        return self._answer(saved)

    def _close(self, request: Request, pk: str, decide: Callable[..., Opportunity]) -> Response:
        found, data, version = self._acting(request, pk, shapes.CloseIn)
        today = clock.today()
        saved = decide(
            opportunity_id=found.pk,
            version=version,
            closed_on=data.get("closed_on") or today,
            today=today,
            by=self.viewer,
            reason_id=data.get("reason_id"),
            note=data.get("note", ""),
        )
        return self._answer(saved)

    def _acting(self, request: Request, pk: str, shape: type[Any]) -> tuple[Opportunity, dict[str, Any], int]:
        found = self._editable(pk)
        version = self.expected_version(request)
        serializer = shape(data=request.data)
        serializer.is_valid(raise_exception=True)
        return found, serializer.validated_data, version

    def _editable(self, pk: str) -> Opportunity:
        rows = Opportunity.objects.permitting(self.viewer, Permission.DEAL_EDIT)
        return get_object_or_404(rows, pk=pk)

    def _answer(self, saved: Opportunity) -> Response:
        saved.refresh_from_db()
        return Response(self.shown(saved))


class ProductViewSet(ReadOnlyViewSet):
    """What we sell."""

    queryset = Product.objects.none()
    serializer_class = shapes.ProductOut
    required_permissions: ClassVar = _READ
    filters = frozenset({"code"})

    def get_queryset(self) -> QuerySet[Product]:
        """Return the products, one of them by code."""
        rows = Product.objects.visible_to(self.viewer)
        code = self.request.query_params.get("code")
        return rows.filter(code=code) if code else rows


class StageViewSet(ReadOnlyViewSet):
    """Stages of the sales processes."""

    queryset = Stage.objects.none()
    serializer_class = shapes.StageOut
    required_permissions: ClassVar = _READ
    filters = frozenset()

    def get_queryset(self) -> QuerySet[Stage]:
        """Return the stages."""
        return Stage.objects.visible_to(self.viewer)


class ReasonViewSet(ReadOnlyViewSet):
    """Reasons for winning and losing."""

    queryset = OutcomeReason.objects.none()
    serializer_class = shapes.ReasonOut
    required_permissions: ClassVar = _READ
    filters = frozenset()

    def get_queryset(self) -> QuerySet[OutcomeReason]:
        """Return the reasons still used."""
        return OutcomeReason.objects.visible_to(self.viewer).filter(retired_on__isnull=True)


class ActivityViewSet(CreateOnce, mixins.ListModelMixin, mixins.RetrieveModelMixin, ApiViewSet):
    """What was done with customers."""

    queryset = Activity.objects.none()
    serializer_class = shapes.ActivityOut
    required_permissions: ClassVar = _READ | {"create": Permission.ACTIVITY_LOG}
    filters = frozenset({"opportunity", "account"})

    def get_queryset(self) -> QuerySet[Activity]:
        """Return the activities in reach, narrowed by the query."""
        rows = Activity.objects.visible_to(self.viewer)
        for name in ("opportunity", "account"):
            if name in self.request.query_params:
                rows = rows.filter(**{f"{name}_id": _id(self.request.query_params[name], name)})
        return rows

    def get_serializer_class(self) -> Any:
        """Return the serializer of the action."""
        return shapes.ActivityIn if self.action == "create" else shapes.ActivityOut

    def perform(self, data: dict[str, Any]) -> Activity:
        """Log an activity of the caller, once per client id."""
        person = person_id_of(self.viewer)
        if person is None:
            raise ValidationError({"person": ["Only people of the organisation log activities."]})
        _check_links(self.viewer, data, Permission.ACTIVITY_LOG)
        return services.log_activity(person_id=person, at=clock.now(), **data)

    def shown(self, made: Activity) -> Any:
        """Return the activity."""
        return shapes.ActivityOut(made).data


class TaskViewSet(CreateOnce, mixins.ListModelMixin, mixins.RetrieveModelMixin, ApiViewSet):
    """What is to be done."""

    queryset = Task.objects.none()
    serializer_class = shapes.TaskOut
    required_permissions: ClassVar = _READ | {
        "create": Permission.ACTIVITY_LOG,
        "done": Permission.ACTIVITY_LOG,
    }
    filters = frozenset({"opportunity"})

    def get_queryset(self) -> QuerySet[Task]:
        """Return the tasks in reach, narrowed by the query."""
        rows = Task.objects.visible_to(self.viewer)
        deal = self.request.query_params.get("opportunity")
        return rows.filter(opportunity_id=_id(deal, "opportunity")) if deal else rows

    def get_serializer_class(self) -> Any:
        """Return the serializer of the action."""
        return shapes.TaskIn if self.action == "create" else shapes.TaskOut

    def perform(self, data: dict[str, Any]) -> Task:
        """Create a task, by default for the caller."""
        _check_links(self.viewer, data, Permission.ACTIVITY_LOG)
        assignee = data.pop("assignee_id", None) or person_id_of(self.viewer)
        if assignee is None:
            raise ValidationError({"assignee_id": ["Name who is to do it."]})
        return services.create_task(assignee_id=assignee, by=self.viewer, **data)

    def shown(self, made: Task) -> Any:
        """Return the task."""
        return shapes.TaskOut(made).data

    @extend_schema(request=None, responses=shapes.TaskOut)
    @action(detail=True, methods=["post"])
    def done(self, request: Request, pk: str) -> Response:
        """Mark a task as done."""
        rows = Task.objects.permitting(self.viewer, Permission.ACTIVITY_LOG)
        found = get_object_or_404(rows, pk=pk)
        return Response(self.shown(services.complete_task(task_id=found.pk, at=clock.now())))
