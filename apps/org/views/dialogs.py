"""The dialogs of the side sheet: each is one form, one permission and one service."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.access.decorators import action, page
from apps.access.matrix import needs_two
from apps.access.models import User
from apps.access.permissions import Permission
from apps.core import clock
from apps.core.errors import DomainError
from apps.core.names import in_words
from apps.org import forms, services
from apps.org.models import OrgUnit, Person, Position
from apps.ui import htmx

Subject = Callable[[User, int], Any]
Perform = Callable[[Any, dict[str, Any], User], tuple[str, str]]


@dataclass(frozen=True)
class Dialog:
    """A form in the sheet: ``subject`` fetches what it is about in reach, ``perform`` calls the service."""

    name: str
    route: str
    title: Promise | str
    form: type[forms.OrgForm]
    subject: Subject
    perform: Perform
    permission: Permission = Permission.ORG_EDIT

    def urls(self) -> list[URLPattern]:
        """Return the page of the form and the action behind it."""
        show = page(self.permission)(self._show)
        save = action(self.permission)(self._save)
        return [
            path(f"{self.route}/", show, name=self.name),
            path(f"{self.route}/do/", save, name=f"{self.name}_do"),
        ]

    def _show(self, request: HttpRequest, pk: int = 0) -> HttpResponse:
        subject = self.subject(request.user, pk)  # type: ignore[arg-type]  # signed in
        form = self.form(by=request.user, subject=subject, today=clock.today())
        return self._answer(request, form, subject, pk, 200)

    def _save(self, request: HttpRequest, pk: int = 0) -> HttpResponse:
        subject = self.subject(request.user, pk)  # type: ignore[arg-type]  # signed in
        form = self.form(request.POST, by=request.user, subject=subject, today=clock.today())
        if not form.is_valid():
            return self._answer(request, form, subject, pk, 422)
        try:
            with transaction.atomic():
                text, url = self.perform(subject, form.cleaned_data, request.user)  # type: ignore[arg-type]
        except DomainError as error:
            form.apply_domain_error(error)
            return self._answer(request, form, subject, pk, 409)
        return htmx.toast(htmx.go(request, url), text)

    def _answer(
        self, request: HttpRequest, form: forms.OrgForm, subject: Any, pk: int, status: int
    ) -> HttpResponse:
        title = str(self.title) % {
            "name": in_words(getattr(subject, "name", "") or getattr(subject, "title", ""))
        }
        args = [pk] if pk else []
        context = {"form": form, "title": title, "action_url": reverse(f"org:{self.name}_do", args=args)}
        return render(request, "ui/form_page.html", context, status=status)


def _unit(user: User, pk: int) -> OrgUnit:
    return get_object_or_404(OrgUnit.objects.permitting(user, Permission.ORG_EDIT), pk=pk)


def _person(user: User, pk: int) -> Person:
    return get_object_or_404(Person.objects.permitting(user, Permission.ORG_EDIT), pk=pk)


def _position(user: User, pk: int) -> Position:
    return get_object_or_404(Position.objects.permitting(user, Permission.ORG_EDIT), pk=pk)


def _nothing(user: User, pk: int) -> None:
    if pk:
        raise Http404


def _vacancy(user: User, pk: int) -> Position:
    return _position(user, pk)


def _unit_url(pk: int) -> str:
    return reverse("org:unit", args=[pk])


def _person_url(pk: int) -> str:
    return reverse("org:person", args=[pk])


def _seat_url(position_id: int, on: dt.date) -> str:
    position = Position.objects.get(pk=position_id)
    place = position.places.on(max(on, clock.today())).first() or position.places.order_by("-valid").first()
    return _unit_url(place.unit_id) if place else reverse("org:chart")


def _create_unit(parent: OrgUnit, data: dict[str, Any], by: User) -> tuple[str, str]:
    unit = services.create_unit(parent_id=parent.pk, by=by, **data)
    return _("“%(name)s” is created.") % {"name": in_words(unit.name)}, _unit_url(unit.pk)


def _rename_unit(unit: OrgUnit, data: dict[str, Any], by: User) -> tuple[str, str]:
    services.rename_unit(unit_id=unit.pk, by=by, **data)
    return _("Saved."), _unit_url(unit.pk)


def _move_unit(unit: OrgUnit, data: dict[str, Any], by: User) -> tuple[str, str]:
    services.move_unit(unit_id=unit.pk, parent_id=data["parent"].pk, on=data["on"], by=by)
    return _("“%(name)s” moves.") % {"name": in_words(unit.name)}, _unit_url(unit.pk)


def _close_unit(unit: OrgUnit, data: dict[str, Any], by: User) -> tuple[str, str]:
    services.close_unit(unit_id=unit.pk, on=data["on"], by=by)
    return _("“%(name)s” closes.") % {"name": in_words(unit.name)}, reverse("org:chart")


def _add_seat(unit: OrgUnit, data: dict[str, Any], by: User) -> tuple[str, str]:
    services.create_position(unit_id=unit.pk, by=by, **data)
    return _("The seat is added."), _unit_url(unit.pk)


def _move_seat(position: Position, data: dict[str, Any], by: User) -> tuple[str, str]:
    services.move_position(
        position_id=position.pk, unit_id=data["unit"].pk, is_lead=data["is_lead"], on=data["on"], by=by
    )
    return _("The seat moves."), _unit_url(data["unit"].pk)


def _close_seat(position: Position, data: dict[str, Any], by: User) -> tuple[str, str]:
    url = _seat_url(position.pk, data["on"])
    services.close_position(position_id=position.pk, on=data["on"], by=by)
    return _("The seat closes."), url


def _hire(vacancy: Position | None, data: dict[str, Any], by: User) -> tuple[str, str]:
    position = data.pop("position")
    person = services.hire_person(position_id=position and position.pk, by=by, **data)
    return _("%(name)s is hired.") % {"name": person.name}, _person_url(person.pk)


def _assign(position: Position, data: dict[str, Any], by: User) -> tuple[str, str]:
    services.assign_person(person_id=data["person"].pk, position_id=position.pk, on=data["on"], by=by)
    return _("%(name)s has the seat.") % {"name": data["person"].name}, _person_url(data["person"].pk)


def _move_person(person: Person, data: dict[str, Any], by: User) -> tuple[str, str]:
    seat = person.assignments.on(data["on"]).exists()
    change = services.move_person if seat else services.assign_person
    change(person_id=person.pk, position_id=data["position"].pk, on=data["on"], by=by)
    return _("%(name)s moves.") % {"name": person.name}, _person_url(person.pk)


def _leave(person: Person, data: dict[str, Any], by: User) -> tuple[str, str]:
    services.leave(person_id=person.pk, on=data["on"], by=by)
    return _("Recorded that %(name)s leaves.") % {"name": person.name}, _person_url(person.pk)


def _act(position: Position, data: dict[str, Any], by: User) -> tuple[str, str]:
    person = data.pop("person")
    services.set_acting(position_id=position.pk, person_id=person.pk, by=by, **data)
    return _("%(name)s stands in.") % {"name": person.name}, _seat_url(position.pk, data["on"])


def _line(position: Position, data: dict[str, Any], by: User) -> tuple[str, str]:
    manager = data.pop("manager")
    services.set_reporting_line(position_id=position.pk, manager_id=manager.pk, by=by, **data)
    return _("The reporting line is set."), _seat_url(position.pk, data["on"])


def _grant(nothing: None, data: dict[str, Any], by: User) -> tuple[str, str]:
    unit = data.pop("unit")
    if needs_two(data["role"]):
        services.request_role(unit_id=unit.pk, by=by, at=clock.now(), **data)
        return _("Asked for. A second administrator must now agree."), reverse("org:grants")
    services.grant_role(unit_id=unit.pk, by=by, **data)
    return _("The role is granted."), reverse("org:grants")


DIALOGS = (
    Dialog(
        "unit_add",
        "units/<int:pk>/add",
        gettext_lazy("New unit in %(name)s"),
        forms.UnitForm,
        _unit,
        _create_unit,
    ),
    Dialog(
        "unit_edit",
        "units/<int:pk>/edit",
        gettext_lazy("Change %(name)s"),
        forms.RenameUnitForm,
        _unit,
        _rename_unit,
    ),
    Dialog(
        "unit_move",
        "units/<int:pk>/move",
        gettext_lazy("Move %(name)s"),
        forms.MoveUnitForm,
        _unit,
        _move_unit,
    ),
    Dialog(
        "unit_close",
        "units/<int:pk>/close",
        gettext_lazy("Close %(name)s"),
        forms.CloseUnitForm,
        _unit,
        _close_unit,
    ),
    Dialog(
        "seat_add",
        "units/<int:pk>/seat",
        gettext_lazy("New seat in %(name)s"),
        forms.SeatForm,
        _unit,
        _add_seat,
    ),
    Dialog(
        "seat_move",
        "seats/<int:pk>/move",
        gettext_lazy("Move the seat %(name)s"),
        forms.MoveSeatForm,
        _position,
        _move_seat,
    ),
    Dialog(
        "seat_close",
        "seats/<int:pk>/close",
        gettext_lazy("Close the seat %(name)s"),
        forms.CloseSeatForm,
        _position,
        _close_seat,
    ),
    Dialog(
        "seat_assign",
        "seats/<int:pk>/assign",
        gettext_lazy("Fill the seat %(name)s"),
        forms.AssignForm,
        _position,
        _assign,
    ),
    Dialog(
        "seat_acting",
        "seats/<int:pk>/acting",
        gettext_lazy("Stand in for %(name)s"),
        forms.ActingForm,
        _position,
        _act,
    ),
    Dialog(
        "seat_line",
        "seats/<int:pk>/line",
        gettext_lazy("Reporting line of %(name)s"),
        forms.LineForm,
        _position,
        _line,
    ),
    Dialog("hire", "hire", gettext_lazy("Hire a person"), forms.HireForm, _nothing, _hire),
    Dialog(
        "hire_into", "seats/<int:pk>/hire", gettext_lazy("Hire a person"), forms.HireForm, _vacancy, _hire
    ),
    Dialog(
        "person_move",
        "people/<int:pk>/move",
        gettext_lazy("Move %(name)s"),
        forms.MovePersonForm,
        _person,
        _move_person,
    ),
    Dialog(
        "person_leave",
        "people/<int:pk>/leave",
        gettext_lazy("%(name)s leaves"),
        forms.LeaveForm,
        _person,
        _leave,
    ),
    Dialog(
        "grant",
        "grants/new",
        gettext_lazy("Grant a role"),
        forms.GrantForm,
        _nothing,
        _grant,
        Permission.USER_ADMIN,
    ),
)
