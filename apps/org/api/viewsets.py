"""``/api/v1/units/``, ``/people/`` and ``/role-grants/``: read as of a day, changed by the services."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.models import User
from apps.access.permissions import Permission
from apps.org import selectors, services
from apps.org.api.base import DatedViewSet
from apps.org.api.serializers import (
    GrantIn,
    GrantOut,
    OnIn,
    PersonIn,
    PersonMoveIn,
    PersonOut,
    UnitIn,
    UnitMoveIn,
    UnitNameIn,
    UnitOut,
)
from apps.org.models import OrgUnit, Person, Position, RoleGrant
from apps.ui.rest import CreateOnce, ReadOnlyViewSet

READ = {"list": Permission.DIRECTORY_VIEW, "retrieve": Permission.DIRECTORY_VIEW}


class UnitViewSet(CreateOnce, DatedViewSet, ReadOnlyViewSet):
    """The formal structure: create, rename, move and close units."""

    required_permissions: ClassVar = READ | {
        "create": Permission.ORG_EDIT,
        "partial_update": Permission.ORG_EDIT,
        "move": Permission.ORG_EDIT,
        "close": Permission.ORG_EDIT,
    }
    filters = frozenset({"as_of", "parent", "within", "kind", "code"})
    queryset = OrgUnit.objects.none()

    def get_serializer_class(self) -> Any:
        """Return the serializer of the action."""
        return UnitIn if self.action == "create" else UnitOut

    def get_queryset(self) -> QuerySet[OrgUnit]:
        """Return the units of the day; a single one is also shown when it does not exist that day."""
        rows = selectors.placed_units(OrgUnit.objects.visible_to(self.viewer), self.day)
        if self.action == "list":
            ids = self.asked_ids(["parent", "within"])
            rows = rows.existing(self.day).filter(**self.asked_text(["kind", "code"]))
            if "parent" in ids:
                rows = rows.filter(parent_on=ids["parent"])
            if "within" in ids:
                rows = rows.filter(pk__in=selectors.subtree(ids["within"], self.day))
        return rows

    def perform(self, data: dict[str, Any]) -> OrgUnit:
        """Create a unit below one in reach."""
        parent = self.reach(OrgUnit, data.pop("parent"))
        return services.create_unit(parent_id=parent.pk, by=self.viewer, **data)

    def shown(self, made: OrgUnit) -> Any:
        """Show the unit where it is from its first day on."""
        day = max(self.day, made.places.get().valid.lower)
        return UnitOut(selectors.placed_units(OrgUnit.objects.all(), day).get(pk=made.pk)).data

    @extend_schema(request=UnitNameIn, responses=UnitOut)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Give a unit another name or kind."""
        unit = self.reach(OrgUnit, pk)
        data = {"name": unit.name, "kind": unit.kind, **self.given(UnitNameIn, partial=True)}
        services.rename_unit(unit_id=unit.pk, by=self.viewer, **data)
        return self._answer(unit)

    @extend_schema(request=UnitMoveIn, responses=UnitOut)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Move a unit with everything below it; a day to come schedules the move."""
        unit, data = self.reach(OrgUnit, pk), self.given(UnitMoveIn)
        parent = self.reach(OrgUnit, data["parent"])
        services.move_unit(unit_id=unit.pk, parent_id=parent.pk, on=data["on"], by=self.viewer)
        return self._answer(unit)

    @extend_schema(request=OnIn, responses=UnitOut)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """Close an empty unit; its history stays."""
        unit = self.reach(OrgUnit, pk)
        services.close_unit(unit_id=unit.pk, on=self.given(OnIn)["on"], by=self.viewer)
        return self._answer(unit)

    def _answer(self, unit: OrgUnit) -> Response:
        return Response(UnitOut(self.get_queryset().get(pk=unit.pk)).data)


class PersonViewSet(CreateOnce, DatedViewSet, ReadOnlyViewSet):
    """The people of the company: hire, move, leave, stay after all."""

    required_permissions: ClassVar = READ | {
        "create": Permission.ORG_EDIT,
        "move": Permission.ORG_EDIT,
        "leave": Permission.ORG_EDIT,
        "undo_leave": Permission.ORG_EDIT,
    }
    filters = frozenset({"as_of", "search", "external_id", "unit"})
    queryset = Person.objects.none()

    def get_serializer_class(self) -> Any:
        """Return the serializer of the action."""
        return PersonIn if self.action == "create" else PersonOut

    def get_queryset(self) -> QuerySet[Person]:
        """Return who is employed on the day; a single person is shown after leaving, too."""
        rows = selectors.seated_people(Person.objects.visible_to(self.viewer), self.day)
        if self.action == "list":
            words = self.asked_text(["external_id", "search"])
            rows = rows.employed(self.day).matching(words.pop("search", "")).filter(**words)
            for unit in self.asked_ids(["unit"]).values():
                units = selectors.subtree(unit, self.day)
                rows = rows.filter(pk__in=selectors.people_in(units, self.day))
        return rows

    def perform(self, data: dict[str, Any]) -> Person:
        """Hire a person, into a seat in reach if one is named."""
        position = data.pop("position")
        if position is not None:
            position = self.reach(Position, position).pk
        return services.hire_person(position_id=position, by=self.viewer, **data)

    def shown(self, made: Person) -> Any:
        """Show the person on the first day of work, or today if that is later."""
        rows = selectors.seated_people(Person.objects.all(), max(self.day, made.hired_on))
        return PersonOut(rows.get(pk=made.pk)).data

    @extend_schema(request=PersonMoveIn, responses=PersonOut)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Move a person to a vacant seat; the old one becomes vacant."""
        person, data = self.reach(Person, pk), self.given(PersonMoveIn)
        position = self.reach(Position, data["position"])
        services.move_person(person_id=person.pk, position_id=position.pk, on=data["on"], by=self.viewer)
        return self._answer(person)

    @extend_schema(request=OnIn, responses=PersonOut)
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, pk: str) -> Response:
        """Record the first day a person no longer works here; seats and role grants end that day."""
        person = self.reach(Person, pk)
        services.leave(person_id=person.pk, on=self.given(OnIn)["on"], by=self.viewer)
        return self._answer(person)

    @extend_schema(request=None, responses=PersonOut)
    @action(detail=True, methods=["post"], url_path="undo-leave")
    def undo_leave(self, request: Request, pk: str) -> Response:
        """Take a recorded leave back; seats still free return, role grants are decided anew."""
        person = self.reach(Person, pk)
        services.undo_leave(person_id=person.pk, by=self.viewer)
        return self._answer(person)

    def _answer(self, person: Person) -> Response:
        return Response(PersonOut(self.get_queryset().get(pk=person.pk)).data)


class GrantViewSet(CreateOnce, DatedViewSet, ReadOnlyViewSet):
    """Roles granted in units: grant and take back."""

    required_permissions: ClassVar = {
        "list": Permission.USER_ADMIN,
        "retrieve": Permission.USER_ADMIN,
        "create": Permission.USER_ADMIN,
        "revoke": Permission.USER_ADMIN,
    }
    filters = frozenset({"as_of", "user", "role", "unit"})
    queryset = RoleGrant.objects.none()

    def get_serializer_class(self) -> Any:
        """Return the serializer of the action."""
        return GrantIn if self.action == "create" else GrantOut

    def get_queryset(self) -> QuerySet[RoleGrant]:
        """Return the grants, those of a day when one is asked for."""
        rows = RoleGrant.objects.visible_to(self.viewer)
        if self.action == "list":
            rows = rows.filter(**self.asked_ids(["user", "unit"]), **self.asked_text(["role"]))
            if "as_of" in self.request.query_params:
                rows = rows.on(self.day)
        return rows

    def perform(self, data: dict[str, Any]) -> RoleGrant:
        """Grant a role in a unit; one that two administrators must agree on is refused here."""
        user = get_object_or_404(User.objects.filter(is_active=True), pk=data.pop("user"))
        units = OrgUnit.objects.permitting(self.viewer, Permission.USER_ADMIN)
        unit = get_object_or_404(units, pk=data.pop("unit"))
        return services.grant_role(user=user, unit_id=unit.pk, by=self.viewer, **data)

    def shown(self, made: RoleGrant) -> Any:
        """Show the grant."""
        return GrantOut(made).data

    @extend_schema(request=OnIn, responses={204: None})
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        """End a grant; the day given is the first without it."""
        rows = RoleGrant.objects.permitting(self.viewer, Permission.USER_ADMIN)
        grant = get_object_or_404(rows, pk=pk)
        services.revoke_role(grant_id=grant.pk, on=self.given(OnIn)["on"], by=self.viewer)
        return Response(status=204)
