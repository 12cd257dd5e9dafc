"""Why a person may see a record: upper rooms say whom it concerns, ``access`` through which role."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import models

from apps.access.matrix import ROLE_PERMISSIONS
from apps.access.models import User
from apps.access.permissions import Permission, Role
from apps.access.scope import port
from apps.core.registry import Registry


@dataclass(frozen=True)
class Concerned:
    """The people and units a record belongs to."""

    person_ids: frozenset[int] = frozenset()
    unit_ids: frozenset[int] = frozenset()


@dataclass(frozen=True)
class RecordKind:
    """A model whose rows can be explained, the permission that shows it and whom a row concerns."""

    model: type[models.Model]
    permission: Permission
    concerns: Callable[[models.Model], Concerned]


@dataclass(frozen=True)
class Explanation:
    """The answer to "why do I see this?"."""

    visible: bool
    permission: Permission
    roles: list[Role] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)


kinds: Registry[RecordKind] = Registry("kind of record")


def register(
    code: str,
    model: type[models.Model],
    permission: Permission,
    concerns: Callable[[models.Model], Concerned],
) -> None:
    """Let rows of a model be explained under a code (``"deal"``); call from ``AppConfig.ready``."""
    kinds.register(code, RecordKind(model, permission, concerns))


def of_people(*fields: str) -> Callable[[models.Model], Concerned]:
    """Return whom a row concerns: the people its columns name (``"owner"``, ``"statement.person"``)."""

    def concerned(row: models.Model) -> Concerned:
        found = {_follow(row, f"{name}_id") for name in fields}
        return Concerned(person_ids=frozenset(key for key in found if key is not None))

    return concerned


def _follow(row: object, path: str) -> int | None:
    for name in path.split("."):
        row = getattr(row, name, None)
        if row is None:
            return None
    return row  # type: ignore[return-value]  # ends at a foreign key


def explain_access(user: User, code: str, record: models.Model, on: dt.date) -> Explanation:
    """Return through which roles and seats a person sees a record on a day, or that they do not."""
    kind = kinds.get(code)
    rows = kind.model._default_manager.visible_to(user, on)  # type: ignore[attr-defined]  # every business model has it
    if not rows.filter(pk=record.pk).exists():
        return Explanation(visible=False, permission=kind.permission)
    concerned = kind.concerns(record)
    held = port.answer.roles(user, on)
    roles = [role for role in Role if role in held and kind.permission in ROLE_PERMISSIONS[role]]
    sentences = port.answer.explain(user, concerned.person_ids, concerned.unit_ids, on)
    return Explanation(True, kind.permission, roles, list(sentences))
