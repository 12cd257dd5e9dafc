"""Choices that load while one types: a named source with a permission, one address for all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from apps.access.models import User
from apps.access.permissions import Permission
from apps.core.registry import Registry

LIMIT = 20


@dataclass(frozen=True)
class Suggestion:
    """One choice."""

    value: str | int
    text: str
    note: str = ""


@dataclass(frozen=True)
class Source:
    """Where choices come from. ``find(user, text)`` starts from ``visible_to(user)``."""

    name: str
    permission: Permission
    find: Callable[[User, str], Sequence[Suggestion]]


sources: Registry[Source] = Registry("autocomplete source")


def register(name: str, permission: Permission, find: Callable[[User, str], Sequence[Suggestion]]) -> Source:
    """Add a source. Raises ValueError when the name is taken."""
    return sources.register(name, Source(name, permission, find))
