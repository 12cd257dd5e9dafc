"""API tokens: create, revoke."""

import datetime as dt
import logging
import secrets
from collections.abc import Sequence

from django.utils.translation import gettext as _

from apps.access.models import ApiToken, User
from apps.access.rules import MAX_DAYS, digest_of, known_scopes
from apps.core.db import lock_rows, requires_transaction
from apps.core.errors import DomainError

logger = logging.getLogger(__name__)

_PREFIX = "so_"
_SHOWN = 9


class UnknownScope(DomainError):
    """A scope is not one that tokens can carry."""


class BadLifetime(DomainError):
    """A token must live between a day and a year."""


class TokenRevoked(DomainError):
    """The token was revoked before."""


@requires_transaction
def create_token(
    *, owner: User, label: str, scopes: Sequence[str], days: int, at: dt.datetime
) -> tuple[ApiToken, str]:
    """Create a token and return it with its secret, which is not kept and cannot be shown again.

    Raises UnknownScope, BadLifetime.
    """
    wanted = list(dict.fromkeys(scopes))
    unknown = [scope for scope in wanted if scope not in known_scopes()]
    if unknown or not wanted:
        text = _("Unknown scope: %(scopes)s.") % {"scopes": ", ".join(unknown)} if unknown else ""
        raise UnknownScope(text or _("Choose at least one scope."), fields={"scopes": text})
    if not 1 <= days <= MAX_DAYS:
        raise BadLifetime(_("A token lives between 1 and %(days)d days.") % {"days": MAX_DAYS})
    secret = _PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        owner=owner,
        label=label,
        prefix=secret[:_SHOWN],
        digest=digest_of(secret),
        scopes=wanted,
        created_at=at,
        expires_at=at + dt.timedelta(days=days),
    )
    logger.info("api token created", extra={"token_id": token.pk, "owner_id": owner.pk})
    return token, secret


@requires_transaction
def revoke_token(*, token_id: int, at: dt.datetime) -> ApiToken:
    """Close a token for good; the next call with it is refused. Raises TokenRevoked."""
    [token] = lock_rows(ApiToken.objects.filter(pk=token_id))
    if token.revoked_at is not None:
        raise TokenRevoked(_("This token is revoked already."))
    token.revoked_at = at
    token.save(update_fields=["revoked_at"])
    logger.info("api token revoked", extra={"token_id": token.pk})
    return token
