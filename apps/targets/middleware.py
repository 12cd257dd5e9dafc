"""Nobody sees a plan between an edit and its rows: what was answered is written before most pages look."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from apps.targets.services.settling import settle_all, settle_unknown

_OWN = "apps.targets."


class SettlingMiddleware:
    """Settle what waits before a view of this room runs; drafts are read nowhere else (ADR-0010)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle the request."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Settle first. One query when nothing waits, none for the pages of other rooms.

        Views that read what was answered (``reads_answers``) wait only for what cannot be read.
        """
        if getattr(view, "reads_answers", False):
            settle_unknown()
        elif getattr(view, "cls", view).__module__.startswith(_OWN):
            settle_all()
