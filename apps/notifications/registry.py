"""The kinds of notices there are; each room registers its own at start-up."""

from dataclasses import dataclass

from django.utils.functional import Promise

from apps.core.registry import Registry


@dataclass(frozen=True)
class Kind:
    """A kind of notice a person can switch on and off."""

    code: str
    label: str | Promise
    by_email: bool = True


kinds: Registry[Kind] = Registry("kind of notification")


def register_kind(code: str, label: str | Promise, *, by_email: bool = True) -> Kind:
    """Add a kind; ``by_email`` is what applies until a person decides. Call from ``AppConfig.ready``."""
    return kinds.register(code, Kind(code, label, by_email))
