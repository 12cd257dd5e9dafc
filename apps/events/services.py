"""Give work that was given up another chance, and forget what nobody needs any more."""

import datetime as dt

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from apps.core.db import requires_transaction
from apps.core.errors import DomainError
from apps.events.enums import RunState
from apps.events.idempotency import forget_old
from apps.events.models import JobRun, OutboxEntry

KEPT = dt.timedelta(days=30)


class NotGivenUp(DomainError):
    """The work is not among those given up."""


@requires_transaction
def replay_delivery(*, entry_id: int) -> None:
    """Have a delivery that was given up sent again. Raises NotGivenUp."""
    dead = OutboxEntry.objects.filter(pk=entry_id, state=RunState.DEAD)
    if not dead.update(state=RunState.PENDING, attempts=0, sent_at=None, due_at=Now(), finished_at=None):
        raise NotGivenUp(_("This delivery is under way or done already."))


@requires_transaction
def replay_run(*, run_id: int) -> None:
    """Have a job run that was given up started again with the next tick. Raises NotGivenUp."""
    dead = JobRun.objects.filter(pk=run_id, state=RunState.DEAD)
    if not dead.update(state=RunState.FAILED, attempts=0, finished_at=None):
        raise NotGivenUp(_("This run is under way or done already."))


@requires_transaction
def tidy() -> None:
    """Delete answers kept over a day, and deliveries and interval runs done over a month ago.

    Runs of business periods stay: they are what keeps a period from running twice.
    """
    forget_old()
    old = {"state": RunState.DONE, "finished_at__lt": Now() - KEPT}
    OutboxEntry.objects.filter(**old).delete()
    JobRun.objects.filter(key__contains="T", **old).delete()
