"""How a program signs in: ``Authorization: Bearer <token>``."""

import datetime as dt

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from apps.access.models import ApiToken, User
from apps.access.permissions import Permission
from apps.access.rules import digest_of
from apps.access.scope import limit_permissions
from apps.core import clock

KEYWORD = "Bearer"
_IN_QUERY = ("token", "access_token", "api_token", "api_key", "authorization")
_NOTE_USE_EVERY = dt.timedelta(minutes=5)


class TokenAuthentication(BaseAuthentication):
    """Accept an API token from the Authorization header, never from the address.

    The user it returns is held to the token's scopes, so that every predicate
    behind the call (``may``, ``visible_to``) answers for scope ∩ owner.
    """

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the owner and the token, None when no token is offered. Raises AuthenticationFailed."""
        if any(name in request.query_params for name in _IN_QUERY):
            raise AuthenticationFailed(_("Send the token in the Authorization header, not in the address."))
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != KEYWORD.lower().encode():
            return None
        if len(parts) != 2:
            raise AuthenticationFailed(_("The Authorization header must be “Bearer” and one token."))
        return self._owner_of(parts[1].decode("latin-1"))

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401 answer."""
        return KEYWORD

    def _owner_of(self, secret: str) -> tuple[User, ApiToken]:
        now = clock.now()
        token = ApiToken.objects.usable(now).select_related("owner").filter(digest=digest_of(secret)).first()
        if token is None:
            raise AuthenticationFailed(_("This token is unknown, expired or revoked."))
        if token.last_used_at is None or now - token.last_used_at >= _NOTE_USE_EVERY:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        limit_permissions(token.owner, token.permissions)
        return token.owner, token


def token_allows(request: Request, permission: Permission) -> bool:
    """Tell whether the call's token carries a permission; true for calls without a token.

    The owner must hold the permission as well, which ``may`` answers.
    """
    token = getattr(request, "auth", None)
    return not isinstance(token, ApiToken) or permission in token.permissions
