"""Who acts, on whose behalf, from where: carried to the audit triggers through the database session."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Acting:
    """The author of the changes under way."""

    user_id: int | None = None
    on_behalf: int | None = None
    request_id: str = ""
    source: str = ""


NOBODY = Acting()
_current: ContextVar[Acting] = ContextVar("acting", default=NOBODY)
_SQL = (
    "SELECT set_config('salesorg.actor', %s, %s), set_config('salesorg.on_behalf', %s, %s),"
    " set_config('salesorg.request_id', %s, %s), set_config('salesorg.source', %s, %s)"
)


def current() -> Acting:
    """Return who acts now."""
    return _current.get()


def new_request_id() -> str:
    """Return a fresh id for a request or a run."""
    return uuid.uuid4().hex


@contextmanager
def acting(
    user_id: int | None,
    on_behalf: int | None = None,
    request_id: str = "",
    source: str = "",
) -> Iterator[Acting]:
    """Attribute every change made within the block to a user.

    Inside a transaction the attribution lasts at most as long as the
    transaction; outside it holds for the connection until the block ends.
    ``source`` says from where: ``web``, ``api``, ``job``, ``import``, ``command``.
    """
    before = current()
    now = Acting(user_id, on_behalf, request_id or before.request_id, source or before.source)
    token = _current.set(now)
    local = connection.in_atomic_block
    _tell(now, local=local)
    try:
        yield now
    finally:
        _current.reset(token)
        if not connection.needs_rollback:
            _tell(before, local=local and connection.in_atomic_block)


def _tell(who: Acting, *, local: bool) -> None:
    values = (str(who.user_id or ""), str(who.on_behalf or ""), who.request_id[:64], who.source[:40])
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [part for value in values for part in (value, local)])


def become(user_id: int, on_behalf: int | None = None) -> None:
    """Attribute the rest of the running request to a user who signed in after it began (an API token)."""
    before = current()
    now = Acting(user_id, on_behalf, before.request_id, before.source)
    if now == before:  # the database was told when the request began
        return
    _current.set(now)
    _tell(now, local=False)
