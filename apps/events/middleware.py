"""Attribute what a request changes to the person who sent it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from apps.core.requests import request_id
from apps.events.context import acting

_SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
_SOURCES = (("/api/", "api"), ("/admin/", "admin"))


class ActingMiddleware:
    """Name the author of an unsafe request to the database for the audit trail."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle the request; reading ones change nothing and cost nothing here."""
        if request.method in _SAFE:
            return self.get_response(request)
        source = next((name for prefix, name in _SOURCES if request.path.startswith(prefix)), "web")
        with acting(request.user.pk, request_id=request_id(), source=source):
            return self.get_response(request)
