"""Hold a piece of work for a while: one holder at a time, stale holders cannot finish (fencing token)."""

import datetime as dt
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError, connection, models, transaction
from django.db.models import F
from django.db.models.functions import Now

from apps.events.enums import RunState
from apps.events.models import Leased

logger = logging.getLogger(__name__)

SETTLED = (RunState.DONE, RunState.DEAD)
# How long the database may take to notice that a process is gone; it first ends the statement it is at.
PATIENCE = dt.timedelta(seconds=10)


class LeaseLost(Exception):
    """Another worker took the work over; nothing this one did may be kept."""


@dataclass(frozen=True)
class Lease:
    """Work held by this process."""

    model: type[Leased]
    pk: int
    token: int
    attempt: int

    def renew(self, seconds: int) -> None:
        """Hold the work longer. Raises LeaseLost."""
        self._own(lease_until=Now() + dt.timedelta(seconds=seconds))

    def finish(self) -> None:
        """Mark the work done in the caller's transaction. Raises LeaseLost, which must undo the work."""
        self._own(state=RunState.DONE, finished_at=Now(), lease_until=None, error="")

    def give_back(self, error: str, *, dead: bool) -> bool:
        """Record a failure; tell whether this holder was still in charge."""
        if connection.errors_occurred and not connection.in_atomic_block and not connection.is_usable():
            connection.close()  # it was the connection that failed; the next statement opens another one
        state = RunState.DEAD if dead else RunState.FAILED
        return bool(self._mine().update(state=state, finished_at=Now(), lease_until=None, error=error[:4000]))

    def _mine(self) -> "models.QuerySet[Leased]":
        return self.model._default_manager.filter(pk=self.pk, token=self.token, state=RunState.RUNNING)

    def _own(self, **values: object) -> None:
        if self._mine().update(**values) != 1:
            raise LeaseLost(f"{self.model.__name__} {self.pk}")


@contextmanager
def present(name: str, *, patience: dt.timedelta) -> Iterator[bool]:
    """Show for the block that somebody is at a piece of work; give whether nobody else is.

    The sign goes with the connection to the database, so a killed process leaves none behind.
    ``patience`` is how long to wait for somebody else's sign to go.
    """
    give_up = time.monotonic() + patience.total_seconds()
    while not (alone := _signal("pg_try_advisory_lock", name)) and time.monotonic() < give_up:
        time.sleep(0.2)
    try:
        yield alone
    finally:
        if alone:
            _withdraw(name)


def _signal(function: str, name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [name])
        return bool(cursor.fetchone()[0])


def _withdraw(name: str) -> None:
    try:
        _signal("pg_advisory_unlock", name)
    except (DatabaseError, InterfaceError):  # the connection is gone, and with it the sign
        logger.info("connection lost at the end of the work", extra={"work": name})


def take(
    model: type[Leased], pk: int, *, seconds: int, max_attempts: int, holder_is_gone: bool = False
) -> tuple[Lease | None, bool]:
    """Take work over unless it is settled or held by somebody else.

    With ``holder_is_gone`` a lease that still runs is no obstacle: the caller knows
    that its holder died, and if not, the holder's token no longer finishes anything.

    Returns the lease, or ``None``, and whether the work was given up just now
    because its earlier holders vanished too often.
    """
    with transaction.atomic():
        free = model._default_manager.filter(pk=pk).exclude(state__in=SETTLED)
        if not holder_is_gone:
            free = free.exclude(state=RunState.RUNNING, lease_until__gt=Now())
        vanished = free.filter(state=RunState.RUNNING, attempts__gte=max_attempts)
        text = "The worker stopped during every attempt."
        if vanished.update(state=RunState.DEAD, finished_at=Now(), lease_until=None, error=text):
            return None, True
        taken = free.update(
            state=RunState.RUNNING,
            token=F("token") + 1,
            attempts=F("attempts") + 1,
            started_at=Now(),
            lease_until=Now() + dt.timedelta(seconds=seconds),
        )
        if not taken:
            return None, False
        token, attempt = model._default_manager.values_list("token", "attempts").get(pk=pk)
    return Lease(model, pk, token, attempt), False
