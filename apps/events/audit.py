"""The audit trail: which models are watched, who acts, and what was looked at."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from apps.core.registry import Registry
from apps.core.requests import request_id
from apps.events.context import Acting, acting, become, current, new_request_id
from apps.events.models import AccessEntry

__all__ = [
    "Acting",
    "Tracked",
    "acting",
    "become",
    "current",
    "new_request_id",
    "reading",
    "record_access",
    "track",
    "tracked",
]


_noted: ContextVar[bool] = ContextVar("access noted", default=False)


@dataclass(frozen=True)
class Tracked:
    """A model whose every change is written down; secret fields are masked.

    Of ``protected`` models (pay, evaluations) the audit page shows which fields
    changed, not the values.
    """

    model: str
    secret_fields: tuple[str, ...] = ()
    protected: bool = False


tracked: Registry[Tracked] = Registry("audited model")


def track(*models: str, secret_fields: tuple[str, ...] = (), protected: bool = False) -> None:
    """Watch models (``"app.Model"``); call from ``AppConfig.ready``.

    The triggers are put in place after ``migrate``. ``secret_fields`` are
    field names whose values are never stored (they read "•••"); the values of
    ``protected`` models are stored but not shown on the audit page.
    """
    for model in models:
        tracked.register(model, Tracked(model, secret_fields, protected))


def record_access(*, user_id: int, what: str, table: str, row_id: object) -> AccessEntry:
    """Write down that a user looked at protected data (``what="statement"``). Pages may call this."""
    _noted.set(True)
    return AccessEntry.objects.create(
        user_id=user_id, what=what, table=table, row_id=str(row_id), request_id=request_id()
    )


@contextmanager
def reading() -> Iterator[Callable[[], bool]]:
    """Give a function that tells whether the block has written down what was looked at."""
    token = _noted.set(False)
    try:
        yield _noted.get
    finally:
        _noted.reset(token)
