"""A stand-in for the organisation, so that tests of access need no units or people."""

import datetime as dt
from collections.abc import Iterable

import pytest

from apps.access import scope
from apps.access.matrix import ROLE_PERMISSIONS
from apps.access.models import User
from apps.access.permissions import Permission, Role
from apps.access.scope import Scope


class FakeOrganisation:
    """Answers from a table: which roles a user holds, always for the whole company."""

    def __init__(self) -> None:
        self.granted: dict[int, set[Role]] = {}

    def grant(self, user: User, *roles: Role) -> User:
        """Give roles to a user, who gets SELF as well."""
        self.granted[user.pk] = {Role.SELF, *roles}
        user.__dict__.pop("_scopes", None)
        return user

    def scope(self, user: User, permission: Permission, on: dt.date) -> Scope:
        """Return the whole company when a role holds the permission."""
        held = {r for r in self.granted.get(user.pk, ()) if permission in ROLE_PERMISSIONS[r]}
        if held == {Role.SELF}:
            return Scope(person_ids=frozenset({user.pk}), own_person_id=user.pk, roles=frozenset(held))
        return Scope(everything=bool(held), roles=frozenset(held))

    def permissions(self, user: User, on: dt.date) -> frozenset[Permission]:
        """Return what the roles add up to."""
        return frozenset().union(*(ROLE_PERMISSIONS[role] for role in self.granted.get(user.pk, ())))

    def roles(self, user: User, on: dt.date) -> frozenset[Role]:
        """Return what was granted."""
        return frozenset(self.granted.get(user.pk, ()))

    def person_id(self, user: User) -> int | None:
        """Let every user be the person of the same number."""
        return user.pk if user.pk in self.granted else None

    def explain(
        self, user: User, person_ids: Iterable[int], unit_ids: Iterable[int], on: dt.date
    ) -> list[str]:
        """Return one sentence per role."""
        return [f"You are {role.label}." for role in sorted(self.granted.get(user.pk, ()))]


@pytest.fixture(autouse=True)
def organisation(monkeypatch: pytest.MonkeyPatch) -> FakeOrganisation:
    """Install the stand-in for one test."""
    fake = FakeOrganisation()
    monkeypatch.setattr(scope.port, "_answer", fake)
    return fake
