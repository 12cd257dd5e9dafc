"""Roles that two administrators must agree on: one asks, another one decides."""

import datetime as dt
import logging

from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.access.matrix import needs_two, roles_with
from apps.access.models import User
from apps.access.permissions import Permission, Role
from apps.core.db import lock_rows, requires_transaction
from apps.core.errors import DomainError
from apps.core.names import lazy_words
from apps.notifications.registry import register_kind
from apps.notifications.services import notify
from apps.org.enums import RequestState
from apps.org.models import RoleGrant, RoleRequest
from apps.org.services.closure import lock_structure
from apps.org.services.grants import check_grant, grant_role
from apps.org.services.guards import ActOnOneself

logger = logging.getLogger(__name__)

KIND = "role_requests"


class OneAdministratorIsEnough(DomainError):
    """The role needs no second administrator: grant it."""


class AlreadyAsked(DomainError):
    """The same role is being asked for already."""


class RequestDecided(DomainError):
    """Somebody decided the request before."""


class SecondAdministratorNeeded(DomainError):
    """Whoever asked does not decide."""


def register_kinds() -> None:
    """Register the notices about requests for roles."""
    register_kind(KIND, gettext_lazy("Roles that two administrators agree on"))


@requires_transaction
def request_role(
    *,
    user: User,
    role: str,
    unit_id: int,
    on: dt.date,
    by: User,
    at: dt.datetime,
    until: dt.date | None = None,
) -> RoleRequest:
    """Ask for a role that a second administrator must agree to, and tell the other administrators.

    Raises OneAdministratorIsEnough, AlreadyAsked and what ``check_grant`` raises.
    """
    lock_structure()
    if not needs_two(role):
        raise OneAdministratorIsEnough(_("This role needs no second administrator."))
    check_grant(user=user, role=role, unit_id=unit_id, on=on, until=until, by=by)
    if RoleRequest.objects.waiting().filter(user=user, role=role, unit=unit_id).exists():
        text = _("Somebody asked for this already. It waits for a second administrator.")
        raise AlreadyAsked(text, fields={"role": text})
    made = RoleRequest.objects.create(
        user=user,
        role=role,
        unit_id=unit_id,
        starts_on=on,
        ends_before=until,
        requested_by=by,
        requested_at=at,
    )
    title = format_lazy(
        gettext_lazy("{asker} asks for “{role}” for {person}"),
        asker=by.name,
        role=Role(role).label,
        person=user.name,
    )
    _tell(_administrators(at.date()) - {by.pk, user.pk}, made, title, "asked")
    logger.info("role requested", extra={"request_id": made.pk, "by": by.pk})
    return made


@requires_transaction
def decide_role_request(
    *, request_id: int, grant: bool, by: User, at: dt.datetime, today: dt.date
) -> RoleRequest:
    """Agree to a role or refuse it. A day that has passed meanwhile becomes today.

    Raises RequestDecided, SecondAdministratorNeeded, ActOnOneself and what ``grant_role`` raises.
    """
    row = _open_request(request_id)
    if by.pk == row.requested_by_id:
        raise SecondAdministratorNeeded(_("You asked for this role. Another administrator must agree."))
    if by.pk == row.user_id:
        raise ActOnOneself(_("Nobody decides about their own roles. Ask another administrator."))
    if grant:
        row.grant = grant_role(
            user=row.user,
            role=row.role,
            unit_id=row.unit_id,
            on=max(row.starts_on, today),
            until=row.ends_before,
            by=row.requested_by,
            approved_by=by,
        )
    row.state = RequestState.GRANTED if grant else RequestState.REFUSED
    _close(row, by, at)
    text = (
        gettext_lazy("{person} now holds “{role}”")
        if grant
        else gettext_lazy("“{role}” for {person} is refused")
    )
    title = format_lazy(text, person=row.user.name, role=Role(row.role).label)
    _tell({row.requested_by_id} | ({row.user_id} if grant else set()), row, title, "decided")
    return row


@requires_transaction
def withdraw_role_request(*, request_id: int, by: User, at: dt.datetime) -> RoleRequest:
    """Take back one's own request. Raises RequestDecided, SecondAdministratorNeeded."""
    row = _open_request(request_id)
    if by.pk != row.requested_by_id:
        raise SecondAdministratorNeeded(
            _("Only the person who asked takes the request back. Refuse it instead.")
        )
    row.state = RequestState.WITHDRAWN
    return _close(row, by, at)


def _open_request(request_id: int) -> RoleRequest:
    [row] = lock_rows(RoleRequest.objects.filter(pk=request_id))
    if row.state != RequestState.WAITING:
        raise RequestDecided(_("This request was decided already."))
    return row


def _close(row: RoleRequest, by: User, at: dt.datetime) -> RoleRequest:
    row.decided_by, row.decided_at = by, at
    row.save(update_fields=["state", "decided_by", "decided_at", "grant"])
    logger.info("role request decided", extra={"request_id": row.pk, "by": by.pk, "state": row.state})
    return row


def _administrators(on: dt.date) -> set[int]:
    roles = roles_with(Permission.USER_ADMIN)
    return set(RoleGrant.objects.on(on).filter(role__in=roles).values_list("user_id", flat=True))


def _tell(user_ids: set[int], row: RoleRequest, title: object, what: str) -> None:
    if user_ids:
        key = f"role-request:{row.pk}:{what}"
        notify(user_ids, KIND, title, lazy_words(row.unit.name), reverse("org:grants"), dedupe_key=key)
