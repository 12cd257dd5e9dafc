"""Per request: the reader's language and zone; messages and expired sign-ins for htmx."""

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode

from apps.ui import htmx, offline

_LEVELS = {messages.SUCCESS: "success", messages.WARNING: "info", messages.ERROR: "error"}
_LEVEL_OF = {level: number for number, level in _LEVELS.items()}

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
