"""Lock-out after wrong passwords: per person over all addresses, without locking out their own device."""

from typing import Any

from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.core.signing import BadSignature
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.access.models import User

_SALT = "access.known-device"


def username_of(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str | None:
    """Return one name per person whichever they typed, so that user name and e-mail share one count."""
    given = credentials or {}
    typed = given.get("username") or given.get("email") or request.POST.get("login")
    if not typed:
        return None
    typed = str(typed).strip()[:254].replace("\x00", "")
    known = User.objects.filter(Q(username__iexact=typed) | Q(email__iexact=typed)).order_by("pk").first()
    return known.username if known else typed.lower()


def address_of(request: HttpRequest) -> str:
    """Return the address of the client, behind as many proxies as the settings trust."""
    return get_client_ip(request) or "0.0.0.0"  # noqa: S104  # a placeholder, nothing listens there


def is_known_device(request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
    """Tell whether this browser has signed in as this person before; strangers' failures do not lock it."""
    try:
        device = request.get_signed_cookie(
            settings.KNOWN_DEVICE_COOKIE, salt=_SALT, max_age=settings.KNOWN_DEVICE_DAYS * 86_400
        )
    except (KeyError, BadSignature):
        return False
    if device is None:
        return False
    return User.objects.filter(pk=int(device), username=username_of(request, credentials) or "").exists()


def remember_device(response: HttpResponse, user: User) -> None:
    """Mark the browser as one this person signs in from."""
    response.set_signed_cookie(
        settings.KNOWN_DEVICE_COOKIE,
        str(user.pk),
        salt=_SALT,
        max_age=settings.KNOWN_DEVICE_DAYS * 86_400,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def locked_out(
    request: HttpRequest, original: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """Answer too many attempts: 429, when to come back, and not a word about whether the account exists."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    response = render(request, "access/too_many.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(minutes * 60)
    return response


def handler429(request: HttpRequest) -> HttpResponse:
    """Answer allauth's own limits like the lock-out."""
    return locked_out(request)
