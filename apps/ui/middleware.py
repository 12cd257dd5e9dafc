"""Per request: language and zone of the reader, days nobody can mean, messages and sign-ins for htmx."""

import datetime as dt
import re
import zoneinfo
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode

from apps.core import days
from apps.ui import htmx, offline

_LEVELS = {messages.SUCCESS: "success", messages.WARNING: "info", messages.ERROR: "error"}
_LEVEL_OF = {level: number for number, level in _LEVELS.items()}

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SEARCH = "q"  # what people look for may be anything

Respond = Callable[[HttpRequest], HttpResponse]


class PreferencesMiddleware:
    """Speak the signed-in person's language and show instants in their zone."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        language = user.language if user.is_authenticated else translation.get_language()
        with translation.override(language), timezone.override(_zone(getattr(user, "time_zone", ""))):
            request.LANGUAGE_CODE = language
            response = self.respond(request)
        if user.is_authenticated:
            response.headers["Content-Language"] = language
            response.headers[offline.READER_HEADER] = str(user.pk)
        return response


class DaysMiddleware:
    """Refuse the address of a page that names a day nobody can mean; the API refuses its own."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_view(self, request: HttpRequest, *_called: Any) -> HttpResponse | None:
        """Answer for the view with 400; None leaves the request to it."""
        if not request.GET or request.path.startswith("/api/"):
            return None
        given = [text for name, texts in request.GET.lists() if name != _SEARCH for text in texts]
        if any(_DAY.fullmatch(text) and not _is_meant(text) for text in given):
            return render(request, "400.html", status=400)
        return None


class HtmxMiddleware:
    """Carry messages to htmx as toasts, toasts over a redirect, and expired sign-ins to the whole page."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.respond(request)
        patch_vary_headers(response, ["HX-Request"])
        if "HX-Redirect" in response.headers or 300 <= response.status_code < 400:
            for text, level in htmx.take_toasts(response):
                messages.add_message(request, _LEVEL_OF[level], text)
        if request.headers.get("HX-Request") != "true":
            return response
        if response.status_code == 302 and _is_sign_in(response.headers.get("Location", "")):
            return _sign_in_again(request)
        if response.status_code < 300 and "HX-Redirect" not in response.headers:
            for message in get_messages(request):
                htmx.toast(response, message, _LEVELS.get(message.level, "info"))
        return response


def _is_meant(text: str) -> bool:
    try:
        return days.is_plausible(dt.date.fromisoformat(text))
    except ValueError:
        return False


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name or settings.COMPANY_TIME_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo(settings.COMPANY_TIME_ZONE)


def _is_sign_in(location: str) -> bool:
    return location.partition("?")[0] == resolve_url(settings.LOGIN_URL)


def _sign_in_again(request: HttpRequest) -> HttpResponse:
    current = request.headers.get("HX-Current-URL", "")
    path = "/" + current.partition("://")[2].partition("/")[2] if "://" in current else "/"
    response = HttpResponse(status=204)
    response["HX-Redirect"] = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': path})}"
    return response
