"""How long a signed-in session lives, and whether its owner proved themselves recently."""

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.contrib import auth
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from apps.access.lockout import remember_device
from apps.access.models import User
from apps.core import clock

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
Respond = Callable[[HttpRequest], HttpResponse]

STARTED, SEEN, NOTICE = "signed_in_at", "seen_at", "sign_in_notice"
_NOTE_SEEN_EVERY = 30


@receiver(user_logged_in, dispatch_uid="access.sessions")
def start_session(request: HttpRequest, user: User, **_more: Any) -> None:
    """Start the clocks of a session and remember to mark the device."""
    now = clock.now().timestamp()
    request.session[STARTED] = request.session[SEEN] = now
    request._signed_in_now = user  # type: ignore[attr-defined]  # read by SessionLifeMiddleware


class SessionLifeMiddleware:
    """End sessions that were idle too long or have lasted long enough."""

    def __init__(self, respond: Respond) -> None:
        self._respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        now = clock.now().timestamp()
        if request.user.is_authenticated and _is_over(request, now):
            auth.logout(request)
            request.session[NOTICE] = "ended"
        response = self._respond(request)
        if STARTED in request.session:  # a token proves its owner without a session, and gets none
            _note_activity(request, now)
        if signed_in := getattr(request, "_signed_in_now", None):
            remember_device(response, signed_in)
        return response


def _is_over(request: HttpRequest, now: float) -> bool:
    started = request.session.setdefault(STARTED, now)
    seen = request.session.setdefault(SEEN, now)
    idle = settings.SESSION_IDLE_MINUTES * 60
    return now - seen > idle or now - started > settings.SESSION_HOURS * 3600


def _note_activity(request: HttpRequest, now: float) -> None:
    route = request.resolver_match.view_name if request.resolver_match else ""
    if route in settings.BACKGROUND_ROUTES:
        return
    if now - request.session.get(SEEN, 0) >= _NOTE_SEEN_EVERY:
        request.session[SEEN] = now


def signed_in_recently(request: HttpRequest) -> bool:
    """Tell whether the person gave password or code within the last minutes that money acts ask for."""
    proofs = [request.session.get(STARTED, 0)]
    proofs += [record.get("at", 0) for record in get_authentication_records(request, request.user)]  # type: ignore[arg-type]  # signed in
    return clock.now().timestamp() - max(proofs) <= settings.RECENT_SIGN_IN_MINUTES * 60


def recent_sign_in(view: View[P]) -> View[P]:
    """Ask for the password again when the last proof is older than ten minutes.

    Goes below ``@page`` or ``@action``. The person comes back to the page they
    were on and presses the button again; nothing is done unseen.
    """

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if signed_in_recently(request):
            return view(request, *args, **kwargs)
        address = f"{reverse('account_reauthenticate')}?{urlencode({'next': _came_from(request)})}"
        if request.headers.get("HX-Request"):
            response = HttpResponse(status=204)
            response["HX-Redirect"] = address
            return response
        return redirect(address)

    return guarded


def _came_from(request: HttpRequest) -> str:
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    page = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "/"
    return page if url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()) else "/"
