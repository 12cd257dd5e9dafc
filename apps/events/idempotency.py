"""The same request twice gets the same answer and has one effect."""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from apps.core.db import advisory_lock, requires_transaction, try_advisory_lock
from apps.core.errors import DomainError
from apps.events.models import IdempotencyKey

KEPT = dt.timedelta(hours=24)


class KeyReused(DomainError):
    """The key came with another request before (HTTP 422)."""


class KeyInFlight(DomainError):
    """The first request with this key is still being handled (HTTP 409)."""


@dataclass(frozen=True)
class Answer:
    """What the first request was answered."""

    status: int
    response: Any
    replayed: bool


def hash_of(method: str, path: str, body: bytes) -> str:
    """Return what tells two requests apart."""
    return hashlib.sha256(b"\n".join([method.upper().encode(), path.encode(), body])).hexdigest()


@requires_transaction
def replay_or_run(
    user: Any, key: str, request_hash: str, function: Callable[[], tuple[int, Any]], *, wait: bool = False
) -> Answer:
    """Answer a request once per (user, key): run ``function() -> (status, JSON)`` or give its first answer.

    The answer is stored in the caller's transaction, so it exists exactly when
    the effect does. Exceptions and 5xx answers are not stored. Raises KeyReused
    for another request under the same key and KeyInFlight while the first one runs,
    unless it is to ``wait`` for it.
    """
    lock = f"idempotency:{user.pk}:{key}"
    if wait:
        advisory_lock(lock)
    elif not try_advisory_lock(lock):
        raise KeyInFlight(_("The first request with this key is still being handled. Try again shortly."))
    kept = IdempotencyKey.objects.filter(user=user, key=key)
    kept.filter(created_at__lt=Now() - KEPT).delete()
    first = kept.first()
    if first is not None:
        if first.request_hash != request_hash:
            raise KeyReused(_("This key was used for another request. Send a new key."))
        return Answer(first.status or 200, first.response, replayed=True)
    status, response = function()
    if status < 500:
        IdempotencyKey.objects.create(
            user=user, key=key, request_hash=request_hash, status=status, response=response
        )
    return Answer(status, response, replayed=False)


def forget_old() -> int:
    """Delete the answers kept longer than a day; return how many."""
    deleted, _by_model = IdempotencyKey.objects.filter(created_at__lt=Now() - KEPT).delete()
    return deleted
