"""Permission checks for the pages of rooms below ``access``: ``access`` installs the answer at start-up."""

import functools
from collections.abc import Callable
from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse

from apps.core.registry import Port

View = Callable[..., HttpResponse]


class Gate(Protocol):
    """What the rooms below ``access`` ask of it."""

    def page(self, permission: Any) -> Callable[[View], View]:
        """Return the decorator of a page that reads."""
        ...

    def action(self, permission: Any) -> Callable[[View], View]:
        """Return the decorator of an action that writes."""
        ...

    def may(self, user: Any, permission: Any) -> bool:
        """Tell whether a user holds a permission."""
        ...


port: Port[Gate] = Port("gate")


def page(permission: str) -> Callable[[View], View]:
    """Make a view a page that needs a permission, named by its value (``"calendar.edit"``)."""
    return _guard("page", permission)


def action(permission: str) -> Callable[[View], View]:
    """Make a view an action that needs a permission, named by its value."""
    return _guard("action", permission)


def may(user: Any, permission: str) -> bool:
    """Tell whether a user holds a permission."""
    return port.answer.may(user, permission)


def _guard(kind: str, permission: str) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        guarded: list[View] = []

        @functools.wraps(view)
        def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not guarded:
                guarded.append(getattr(port.answer, kind)(permission)(view))
            return guarded[0](request, *args, **kwargs)

        gated.permission = permission  # type: ignore[attr-defined]  # read by the route inventory
        gated.kind = kind  # type: ignore[attr-defined]  # read by the route inventory
        return gated

    return decorate
