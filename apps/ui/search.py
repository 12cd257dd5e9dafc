"""Search over everything: each room adds what it can find, in what the reader may see."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import may
from apps.core.registry import Registry

PER_GROUP = 6
SHORTEST = 1


@dataclass(frozen=True)
class Hit:
    """One thing found."""

    title: str
    url: str
    subtitle: str = ""
    icon: str = "point"


Find = Callable[[User, str], Sequence[Hit]]


@dataclass(frozen=True)
class Source:
    """Something that can be searched. ``find(user, text)`` starts from ``visible_to(user)``."""

    name: str
    label: Promise | str
    find: Find
    permission: Permission
    order: int = 100


@dataclass(frozen=True)
class Found:
    """The hits of one source."""

    label: str
    hits: list[Hit]


_sources: Registry[Source] = Registry("search source")


def register(
    name: str,
    find: Find,
    *,
    label: Promise | str = "",
    permission: Permission = Permission.HOME,
    order: int = 100,
) -> None:
    """Add something that can be searched. Raises ValueError when the name is taken."""
    _sources.register(name, Source(name, label or name, find, permission, order))


def search(user: User, text: str, limit: int = PER_GROUP) -> list[Found]:
    """Return what each source finds, sources without a hit left out."""
    wanted = " ".join(text.replace("\x00", "").split())[:80]
    if len(wanted) < SHORTEST:
        return []
    found = []
    for source in sorted(_sources.values(), key=lambda one: (one.order, one.name)):
        if may(user, source.permission) and (hits := list(source.find(user, wanted))[:limit]):
            found.append(Found(str(source.label), hits))
    return found
