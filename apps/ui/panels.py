"""Panels that upper rooms add to a page of a lower one (a person, an account, a unit)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise

from apps.access.permissions import Permission
from apps.access.scope import may
from apps.core.registry import Registry

PAGES = ("person", "seat", "unit", "account", "deal", "home", "role", "target", "evaluation")


@dataclass(frozen=True)
class Panel:
    """One panel. ``context(request, subject)`` returns what ``template`` shows, or None to stay away."""

    page: str
    code: str
    label: Promise | str
    template: str
    context: Callable[[HttpRequest, Any], dict[str, Any] | None]
    permission: Permission
    order: int = 100
    icon: str = "layout-grid"


@dataclass(frozen=True)
class Shown:
    """A panel with what it shows."""

    panel: Panel
    context: dict[str, Any]


_panels: Registry[Panel] = Registry("panel")


def register(panel: Panel) -> Panel:
    """Add a panel. Raises ValueError for an unknown page or a code used twice there."""
    if panel.page not in PAGES:
        raise ValueError(f"Unknown page {panel.page!r}; known: {', '.join(PAGES)}")
    return _panels.register(f"{panel.page}:{panel.code}", panel)


def panels_for(request: HttpRequest, page: str, subject: Any) -> list[Shown]:
    """Return the panels of a page that this person may see, in order."""
    shown = []
    for panel in sorted(_panels.values(), key=lambda one: (one.order, one.code)):
        if panel.page != page or not may(request.user, panel.permission):  # type: ignore[arg-type]  # signed in
            continue
        context = panel.context(request, subject)
        if context is not None:
            shown.append(Shown(panel, context))
    return shown
