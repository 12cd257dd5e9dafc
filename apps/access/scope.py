"""How far a permission reaches: the answer of the organisation to "where, on this date?"."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from django.db import models
from django.db.models import Q

from apps.access.models import User
from apps.access.permissions import Permission, Role
from apps.core import clock
from apps.core.registry import Port

Q_S = TypeVar("Q_S", bound=models.QuerySet)


@dataclass(frozen=True)
class Scope:
    """The reach of one permission for one user on one day.

    ``everything`` is true for a role granted at the top unit. Otherwise
    ``unit_ids`` are the units in reach, ``person_ids`` the people seated there
    that day plus the user's own person when the permission covers own records.
    """

    everything: bool = False
    unit_ids: frozenset[int] = frozenset()
    person_ids: frozenset[int] = frozenset()
    own_person_id: int | None = None
    roles: frozenset[Role] = frozenset()

    def __bool__(self) -> bool:
        return self.everything or bool(self.unit_ids or self.person_ids or self.roles)

    def covers_person(self, person_id: int | None) -> bool:
        """Tell whether a person is in reach."""
        return self.everything or person_id in self.person_ids

    def covers_unit(self, unit_id: int | None) -> bool:
        """Tell whether a unit is in reach."""
        return self.everything or unit_id in self.unit_ids

    def people(self, field: str) -> Q:
        """Return the condition that a person column (``owner``, ``person``) is in reach."""
        return Q() if self.everything else Q(**{f"{field}_id__in" if field else "pk__in": self.person_ids})

    def units(self, field: str) -> Q:
        """Return the condition that a unit column is in reach."""
        return Q() if self.everything else Q(**{f"{field}_id__in" if field else "pk__in": self.unit_ids})


class OrgPort(Protocol):
    """What ``access`` asks of the organisation."""

    def scope(self, user: User, permission: Permission, on: dt.date) -> Scope:
        """Return the reach of a permission."""
        ...

    def permissions(self, user: User, on: dt.date) -> frozenset[Permission]:
        """Return every permission the user holds anywhere that day: those whose scope is not empty."""
        ...

    def roles(self, user: User, on: dt.date) -> frozenset[Role]:
        """Return every role the user has anywhere that day."""
        ...

    def person_id(self, user: User) -> int | None:
        """Return the person behind the user."""
        ...

    def explain(
        self, user: User, person_ids: Iterable[int], unit_ids: Iterable[int], on: dt.date
    ) -> list[str]:
        """Return sentences that say through which seat or grant the record is in reach."""
        ...


port: Port[OrgPort] = Port("organisation")


_LIMIT = "_permission_limit"


def limit_permissions(user: User, permissions: frozenset[Permission]) -> None:
    """Hold this user object to some of their permissions: how the scopes of an API token take effect.

    Every later question about the object (``may``, ``scope_of``, ``visible_to``) answers within the limit.
    """
    user.__dict__[_LIMIT] = permissions
    user.__dict__.pop("_scopes", None)


def scope_of(user: User, permission: Permission, on: dt.date | None = None) -> Scope:
    """Return the reach of a permission for a user; an empty scope when they do not hold it.

    Remembered on the user object for the length of the request.
    """
    if not user.is_authenticated or not user.is_active:
        return Scope()
    permission = Permission(permission)  # rooms below access name it by its value
    limit: frozenset[Permission] | None = user.__dict__.get(_LIMIT)
    if limit is not None and permission not in limit:
        return Scope()
    day = on or clock.today()
    cache: dict[tuple[str, dt.date], Scope] = user.__dict__.setdefault("_scopes", {})
    key = (permission.value, day)
    if key not in cache:
        cache[key] = port.answer.scope(user, permission, day)
    return cache[key]


def permissions_held(user: User, on: dt.date | None = None) -> frozenset[Permission]:
    """Return the permissions a user holds anywhere: those whose scope is not empty.

    The units and people of the scopes are not looked up, so a menu of forty entries costs one question.
    """
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    held = port.answer.permissions(user, on or clock.today())
    limit: frozenset[Permission] | None = user.__dict__.get(_LIMIT)
    return held if limit is None else held & limit


def may(user: User, permission: Permission, on: dt.date | None = None) -> bool:
    """Tell whether a user holds a permission anywhere, on own records included."""
    return Permission(permission) in permissions_held(user, on)  # rooms below name it by its value


def person_id_of(user: User) -> int | None:
    """Return the id of the person behind a user, if any."""
    return port.answer.person_id(user) if user.is_authenticated else None
