"""What this room adds to the pages of people and seats: the sales role, with its days."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.access.permissions import Permission
from apps.access.scope import may
from apps.org import selectors as org
from apps.org.models import Person, Position
from apps.roles.models import PositionRole
from apps.ui.asof import as_of
from apps.ui.panels import Panel, register


def register_all() -> None:
    """Show the sales role of a person and of a seat."""
    view = Permission.ROLE_VIEW
    for page, find, order in (("person", _of_person, 20), ("seat", _of_seat, 10)):
        register(
            Panel(page, "sales_role", _("Sales role"), "roles/seat_panel.html", find, view, order, "id-badge")
        )


def _of_person(request: HttpRequest, person: Person) -> dict[str, Any] | None:
    seat = org.seat_of(person.pk, as_of(request))
    return _shown(request, seat.position_id) if seat is not None else None


def _of_seat(request: HttpRequest, position: Position) -> dict[str, Any] | None:
    return _shown(request, position.pk)


def _shown(request: HttpRequest, position_id: int) -> dict[str, Any] | None:
    viewer: Any = request.user
    carried = PositionRole.objects.visible_to(viewer).filter(position=position_id)
    rows = list(carried.select_related("role").order_by("-valid", "pk"))
    reach = Position.objects.permitting(viewer, Permission.ROLE_EDIT).filter(pk=position_id)
    editable = may(viewer, Permission.ROLE_EDIT) and reach.exists()
    if not rows and not editable:
        return None
    return {"rows": rows, "position_id": position_id, "editable": editable, "day": as_of(request)}
