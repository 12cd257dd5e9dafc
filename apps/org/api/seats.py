"""``/api/v1/positions/``, ``/assignments/`` and ``/reporting-lines/``."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.permissions import Permission
from apps.org import selectors, services
from apps.org.api.base import DatedViewSet
from apps.org.api.serializers import (
    AssignmentIn,
    AssignmentOut,
    LineIn,
    LineOut,
    OnIn,
    PositionIn,
    PositionMoveIn,
    PositionOut,
    PositionTitleIn,
)
from apps.org.api.viewsets import READ
from apps.org.models import Assignment, OrgUnit, Person, Position, ReportingLine
from apps.ui.rest import CreateOnce, ReadOnlyViewSet


class PositionViewSet(CreateOnce, DatedViewSet, ReadOnlyViewSet):
    """Seats apart from who holds them: add, rename, move, close."""

    required_permissions: ClassVar = READ | {
        "create": Permission.ORG_EDIT,
        "partial_update": Permission.ORG_EDIT,
        "move": Permission.ORG_EDIT,
        "close": Permission.ORG_EDIT,
    }
    filters = frozenset({"as_of", "unit", "code", "vacant"})
    queryset = Position.objects.none()

    def get_serializer_class(self) -> Any:
        """Return the serializer of the action."""
        return PositionIn if self.action == "create" else PositionOut

    def get_queryset(self) -> QuerySet[Position]:
        """Return the seats approved on the day; a single one is shown outside its days, too."""
        rows = selectors.placed_positions(Position.objects.visible_to(self.viewer), self.day)
        if self.action == "list":
            ids, words = self.asked_ids(["unit"]), self.asked_text(["code", "vacant"])
            vacant = words.pop("vacant", "")
            rows = rows.filter(unit_on__isnull=False, **words)
            if "unit" in ids:
                rows = rows.filter(unit_on=ids["unit"])
            if vacant:
                rows = rows.filter(holder_on__isnull=vacant in {"1", "true"})
        return rows

    def perform(self, data: dict[str, Any]) -> Position:
        """Add a seat to a unit in reach."""
        unit = self.reach(OrgUnit, data.pop("unit"))
        return services.create_position(unit_id=unit.pk, by=self.viewer, **data)

    def shown(self, made: Position) -> Any:
        """Show the seat from its first day on."""
        day = max(self.day, made.places.get().valid.lower)
        return PositionOut(selectors.placed_positions(Position.objects.all(), day).get(pk=made.pk)).data

    @extend_schema(request=PositionTitleIn, responses=PositionOut)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Give a seat another title."""
        position = self.reach(Position, pk)
        title = self.given(PositionTitleIn)["title"]
        services.rename_position(position_id=position.pk, title=title, by=self.viewer)
        return self._answer(position)

    @extend_schema(request=PositionMoveIn, responses=PositionOut)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Move a seat, with whoever holds it, to another unit."""
        position, data = self.reach(Position, pk), self.given(PositionMoveIn)
        unit = self.reach(OrgUnit, data.pop("unit"))
        services.move_position(position_id=position.pk, unit_id=unit.pk, by=self.viewer, **data)
        return self._answer(position)

    @extend_schema(request=OnIn, responses=PositionOut)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """Take a vacant seat out of the plan."""
        position = self.reach(Position, pk)
        services.close_position(position_id=position.pk, on=self.given(OnIn)["on"], by=self.viewer)
        return self._answer(position)

    def _answer(self, position: Position) -> Response:
        return Response(PositionOut(self.get_queryset().get(pk=position.pk)).data)


class AssignmentViewSet(CreateOnce, DatedViewSet, ReadOnlyViewSet):
    """Who holds which seat, from when to when: assign, stand in, end."""

    required_permissions: ClassVar = READ | {"create": Permission.ORG_EDIT, "end": Permission.ORG_EDIT}
    filters = frozenset({"as_of", "person", "position"})
    queryset = Assignment.objects.none()

    def get_serializer_class(self) -> Any:
        """Return the serializer of the action."""
        return AssignmentIn if self.action == "create" else AssignmentOut

    def get_queryset(self) -> QuerySet[Assignment]:
        """Return the assignments, those of a day when one is asked for."""
        rows = Assignment.objects.visible_to(self.viewer)
        if self.action == "list":
            rows = rows.filter(**self.asked_ids(["person", "position"]))
            if "as_of" in self.request.query_params:
                rows = rows.on(self.day)
        return rows

    def perform(self, data: dict[str, Any]) -> Assignment:
        """Let a person hold a seat in reach, or stand in for its holder."""
        position = self.reach(Position, data.pop("position"))
        person = get_object_or_404(Person.objects.visible_to(self.viewer), pk=data.pop("person"))
        told = {"person_id": person.pk, "position_id": position.pk, "by": self.viewer}
        if data.pop("is_acting"):
            return services.set_acting(on=data["on"], until=data["until"], **told)
        return services.assign_person(**told, **data)

    def shown(self, made: Assignment) -> Any:
        """Show the assignment."""
        return AssignmentOut(made).data

    @extend_schema(request=OnIn, responses={204: None})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """End an assignment; the day given is the first without it."""
        row = get_object_or_404(Assignment.objects.visible_to(self.viewer), pk=pk)
        self.reach(Position, row.position_id)
        services.end_assignment(assignment_id=row.pk, on=self.given(OnIn)["on"], by=self.viewer)
        return Response(status=204)


class LineViewSet(CreateOnce, DatedViewSet, ReadOnlyViewSet):
    """Reporting lines that differ from the structure."""

    required_permissions: ClassVar = READ | {"create": Permission.ORG_EDIT}
    filters = frozenset({"as_of", "position", "manager"})
    queryset = ReportingLine.objects.none()

    def get_serializer_class(self) -> Any:
        """Return the serializer of the action."""
        return LineIn if self.action == "create" else LineOut

    def get_queryset(self) -> QuerySet[ReportingLine]:
        """Return the lines, those of a day when one is asked for."""
        rows = ReportingLine.objects.visible_to(self.viewer)
        if self.action == "list":
            rows = rows.filter(**self.asked_ids(["position", "manager"]))
            if "as_of" in self.request.query_params:
                rows = rows.on(self.day)
        return rows

    def perform(self, data: dict[str, Any]) -> ReportingLine:
        """Set the line of a seat in reach."""
        position = self.reach(Position, data.pop("position"))
        manager = get_object_or_404(Position.objects.visible_to(self.viewer), pk=data.pop("manager"))
        return services.set_reporting_line(
            position_id=position.pk, manager_id=manager.pk, by=self.viewer, **data
        )

    def shown(self, made: ReportingLine) -> Any:
        """Show the line."""
        return LineOut(made).data
