"""What the shell of every page needs."""

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch
from django.utils.translation import get_language

from apps.access.permissions import Permission
from apps.access.scope import may
from apps.core import clock
from apps.ui import asof, htmx
from apps.ui.addresses import page_url
from apps.ui.menu import Entry, Group, menu_for

PRODUCT_NAME = "Salesorg"
_OPTIONAL = {
    "bell_url": "notifications:badge",
    "inbox_url": "notifications:inbox",
    "profile_url": "access:profile",
    "log_url": "pipeline:visit",
    "waiting_url": "pipeline:waiting",
    "book_url": "pipeline:phone_book",
    "more_url": "ui:more",
}


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the menu, dates and preferences of the page frame; lists are built when first read."""
    return {
        "product_name": PRODUCT_NAME,
        "company_currency": settings.COMPANY_CURRENCY,
        "theme": theme_of(request),
        "page_base": "ui/sheet.html" if _in_sheet(request) else "base.html",
        "language": get_language(),
        "as_of": asof.as_of(request),
        "as_of_chosen": asof.asked_for(request),
        "today": clock.today(),
        "shell": Shell(request),
    }


class Shell:
    """The frame's lists; each is computed once, and only on pages that show the frame."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def menu(self) -> tuple[Group, ...]:
        """The groups and entries this person may open."""
        signed_in = getattr(self._request, "user", None) and self._request.user.is_authenticated
        return menu_for(self._request) if signed_in else ()

    @cached_property
    def _tabs(self) -> list[Entry]:
        """The entries of the phone's bottom bar besides home, log and more."""
        entries = [entry for group in self.menu for entry in group.entries if entry.tab]
        return sorted(entries, key=lambda entry: entry.tab or 0)[:2]

    @property
    def first_tab(self) -> Entry | None:
        """The entry left of the button to log."""
        return next(iter(self._tabs), None)

    @property
    def second_tab(self) -> Entry | None:
        """The entry right of it."""
        return next(iter(self._tabs[1:]), None)

    @property
    def open_tab(self) -> str:
        """Which of the tabs that everybody has is open: home, log, more, or none of them."""
        places = {"/": "home", self.links["log_url"]: "log", self.links["more_url"]: "more"}
        return places.get(self._request.path, "")

    @property
    def search_text(self) -> str:
        """What the page of the search was asked for; empty on every other page."""
        route = self._request.resolver_match
        searching = route is not None and route.view_name == "ui:search"
        return str(self._request.GET.get("q", "")) if searching else ""

    @cached_property
    def links(self) -> dict[str, str]:
        """Addresses of pages that rooms above offer; empty when nobody offers one."""
        return {name: _reverse(url_name) for name, url_name in _OPTIONAL.items()}

    @cached_property
    def may_log(self) -> bool:
        """Tell whether this person logs visits."""
        return may(self._request.user, Permission.ACTIVITY_LOG)  # type: ignore[arg-type]  # signed in


def theme_of(request: HttpRequest) -> str:
    """Return light, dark or system: from the account, or the cookie of someone not signed in."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return str(user.theme)
    cookie = request.COOKIES.get("theme", "")
    return cookie if cookie in {"light", "dark"} else "system"


def _reverse(url_name: str) -> str:
    try:
        return page_url(url_name)
    except NoReverseMatch:
        return ""


def _in_sheet(request: HttpRequest) -> bool:
    return htmx.is_htmx(request) and htmx.target(request) == "sheet"
