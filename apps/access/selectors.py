"""What the pages of accounts show."""

import datetime as dt
from collections.abc import Sequence

from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Q, Sum
from django.utils.functional import Promise

from apps.access.matrix import ROLE_PERMISSIONS
from apps.access.models import ApiToken, User
from apps.access.permissions import Permission, Role
from apps.access.scope import port

ROLES = tuple(Role)
_PER_PAGE = 50


def user_page(*, text: str, state: str, number: str) -> Page:
    """Return a page of accounts, by name, whose name, user name or address contains the text."""
    users = User.objects.order_by("display_name", "username", "pk")
    if wanted := text.strip().replace("\x00", "")[:100]:
        users = users.filter(
            Q(display_name__icontains=wanted) | Q(username__icontains=wanted) | Q(email__icontains=wanted)
        )
    if state in {"open", "closed"}:
        users = users.filter(is_active=state == "open")
    return Paginator(users, _PER_PAGE).get_page(number)


def locked_names(usernames: Sequence[str], now: dt.datetime) -> set[str]:
    """Return those user names that too many wrong passwords have locked."""
    since = now - settings.AXES_COOLOFF_TIME
    failures = AccessAttempt.objects.filter(username__in=usernames, attempt_time__gte=since)
    counts = failures.values("username").annotate(n=Sum("failures_since_start")).order_by("username")
    return {row["username"] for row in counts if row["n"] >= settings.AXES_FAILURE_LIMIT}


def recent_sign_ins(*, username: str, limit: int = 5) -> list[AccessLog]:
    """Return the latest sign-ins of an account."""
    return list(AccessLog.objects.filter(username=username).order_by("-attempt_time", "-pk")[:limit])


def roles_held(user: User, on: dt.date) -> list[Role]:
    """Return the roles a user has that day, in the order of the matrix."""
    held = port.answer.roles(user, on)
    return [role for role in Role if role in held]


def has_second_factor(user_id: int) -> bool:
    """Tell whether an account asks for a code as well."""
    return Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.TOTP).exists()


def tokens_of(user: User, now: dt.datetime) -> list[ApiToken]:
    """Return a user's tokens, newest first, each with ``state``: open, expired or revoked."""
    tokens = list(ApiToken.objects.visible_to(user).order_by("-created_at", "-pk"))
    for token in tokens:
        revoked, expired = token.revoked_at is not None, token.expires_at <= now
        token.state = "revoked" if revoked else "expired" if expired else "open"  # type: ignore[attr-defined]  # for the page
    return tokens


def matrix_rows() -> list[tuple[Promise | str, Permission, list[tuple[Role, bool]]]]:
    """Return every permission with whether each role holds it."""
    return [
        (permission.label, permission, [(role, permission in ROLE_PERMISSIONS[role]) for role in ROLES])
        for permission in Permission
    ]
