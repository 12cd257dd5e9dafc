"""What happens after the commit: tasks and announcements written in the same transaction, sent until done."""

import datetime as dt
import functools
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from celery import current_app, current_task, shared_task
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.db.models.functions import Now

from apps.core.db import requires_transaction
from apps.core.registry import Registry
from apps.events import leases
from apps.events.context import acting, current
from apps.events.enums import EntryKind, RunState
from apps.events.models import OutboxEntry
from apps.events.rules import back_off
from apps.events.signals import work_given_up

logger = logging.getLogger(__name__)

RESEND_AFTER = dt.timedelta(minutes=5)
FAN_OUT = "events.fan_out"
# A message whose database is away is tried again for as long as the relay lets it be.
_AWAY_SECONDS = 3
_AWAY_TIMES = int(RESEND_AFTER.total_seconds()) // _AWAY_SECONDS
_IDS = (int, str, bool, type(None))


class UnknownTask(LookupError):
    """No task of that name is known to Celery."""


@dataclass(frozen=True)
class Policy:
    """How often and how long a task is tried."""

    max_attempts: int = 3
    lease_seconds: int = 360
    first_delay: int = 60
    longest_delay: int = 3600
    atomic: bool = True


@dataclass(frozen=True)
class Subscription:
    """A task that wants to hear a topic."""

    topic: str
    task_name: str


subscriptions: Registry[Subscription] = Registry("subscription")


def subscribe(topic: str, task_name: str) -> None:
    """Have a task called for every announcement of a topic (``"*"``: of all); call from ``AppConfig.ready``.

    The task receives ``entry_id``, the outbox entry that holds topic and payload.
    """
    subscriptions.register(f"{topic} {task_name}", Subscription(topic, task_name))


@requires_transaction
def enqueue(
    task_name: str, *, dedupe_key: str | None = None, delay: dt.timedelta | None = None, **ids: Any
) -> OutboxEntry:
    """Have a task called with ids once this transaction commits, exactly once if it is a ``job_task``.

    A second entry with the same ``dedupe_key`` is the first one. Raises
    UnknownTask, and TypeError for arguments other than ids, codes and lists of them.
    """
    if task_name not in _known_tasks():
        raise UnknownTask(task_name)
    for name, value in ids.items():
        if not all(isinstance(item, _IDS) for item in (value if isinstance(value, list) else [value])):
            raise TypeError(f"{task_name}: {name} must be an id, a code or a list of them.")
    return _write(EntryKind.TASK, task_name, ids, dedupe_key=dedupe_key, delay=delay)


@requires_transaction
def publish(topic: str, payload: dict[str, Any], *, dedupe_key: str | None = None) -> OutboxEntry:
    """Announce a fact to whoever subscribed, once this transaction commits."""
    return _write(EntryKind.TOPIC, topic, payload, dedupe_key=dedupe_key, delay=None)


def _write(
    kind: EntryKind,
    name: str,
    payload: dict[str, Any],
    *,
    dedupe_key: str | None,
    delay: dt.timedelta | None,
) -> OutboxEntry:
    who = current()
    entry = OutboxEntry(
        kind=kind,
        name=name,
        payload=payload,
        dedupe_key=dedupe_key,
        actor_id=who.user_id,
        request_id=who.request_id[:64],
        due_at=Now() + (delay or dt.timedelta()),
    )
    if dedupe_key is not None:
        OutboxEntry.objects.bulk_create([entry], ignore_conflicts=True)
        entry = OutboxEntry.objects.get(name=name, dedupe_key=dedupe_key)
    else:
        entry.save(force_insert=True)
    if delay is None:
        transaction.on_commit(functools.partial(poke, entry.pk), robust=True)
    return entry


def poke(entry_id: int) -> None:
    """Send one entry to the broker now; when that fails the relay will."""
    fresh = OutboxEntry.objects.filter(pk=entry_id, state=RunState.PENDING, sent_at=None)
    if fresh.update(sent_at=Now()):
        _send([entry_id])


def relay(limit: int = 500) -> int:
    """Send entries that are due, and again those whose worker or message was lost; return how many.

    Lost is what was sent over five minutes ago and never taken up, or taken up and not
    finished within its lease.
    """
    with transaction.atomic():
        waiting = OutboxEntry.objects.exclude(state__in=leases.SETTLED).filter(due_at__lte=Now())
        waiting = waiting.exclude(state=RunState.RUNNING, lease_until__gt=Now())
        waiting = waiting.filter(
            Q(sent_at=None) | Q(sent_at__lt=Now() - RESEND_AFTER) | Q(state=RunState.RUNNING)
        )
        locked = waiting.order_by("due_at", "pk").select_for_update(skip_locked=True)
        entry_ids = list(locked.values_list("pk", flat=True)[:limit])
        OutboxEntry.objects.filter(pk__in=entry_ids).update(sent_at=Now())
    return _send(entry_ids)


def _send(entry_ids: list[int]) -> int:
    tasks = _known_tasks()
    entries = OutboxEntry.objects.in_bulk(entry_ids)
    for index, entry_id in enumerate(entry_ids):
        entry = entries[entry_id]
        name, ids = entry.name, dict(entry.payload)
        if entry.kind == EntryKind.TOPIC:
            name, ids = FAN_OUT, {"entry_id": entry.pk}
        if name not in tasks:
            _give_up(entry, f"No task is called {name}.")
            continue
        try:
            tasks[name].apply_async(kwargs={**ids, "outbox_id": entry.pk}, retry=False)
        except Exception:
            logger.warning("broker unreachable, the relay will try again", extra={"entry_id": entry_id})
            OutboxEntry.objects.filter(pk__in=entry_ids[index:], state=RunState.PENDING).update(sent_at=None)
            return index
    return len(entry_ids)


def _give_up(entry: OutboxEntry, error: str) -> None:
    open_entry = OutboxEntry.objects.filter(pk=entry.pk).exclude(state__in=leases.SETTLED)
    if open_entry.update(state=RunState.DEAD, error=error, finished_at=Now(), lease_until=None):
        work_given_up.send(
            sender=OutboxEntry, what="delivery", name=entry.name, key=str(entry.pk), id=entry.pk
        )


def _known_tasks() -> Any:
    _import_tasks()
    return current_app.tasks


@functools.cache
def _import_tasks() -> None:
    """Import the rooms' tasks, once: Celery has Django check all its models each time it is asked to."""
    current_app.loader.import_default_modules()


def job_task(
    *,
    name: str,
    max_attempts: int = 3,
    lease_seconds: int = 360,
    first_delay: int = 60,
    longest_delay: int = 3600,
    atomic: bool = True,
    **options: Any,
) -> Callable[[Callable[..., Any]], Any]:
    """Make a function a Celery task that takes effect exactly once per outbox entry.

    The function is called with the ids given to ``enqueue``, in one transaction
    with the mark that the entry is done; delivered twice it does nothing the
    second time. A failure is tried again with growing waits; after
    ``max_attempts`` the entry is given up and listed for replay. With
    ``atomic=False`` the function runs outside a transaction and must itself be
    safe to repeat (long work in batches).
    """
    policy = Policy(max_attempts, lease_seconds, first_delay, longest_delay, atomic)

    def decorate(function: Callable[..., Any]) -> Any:
        @functools.wraps(function)
        def run(*, outbox_id: int | None = None, **ids: Any) -> str:
            if outbox_id is None:
                _call(function, ids, atomic=policy.atomic)
                return RunState.DONE.value
            again = _comes_again()
            patience = leases.PATIENCE if again else dt.timedelta()
            try:
                with leases.present(f"outbox {outbox_id}", patience=patience) as alone:
                    return deliver(outbox_id, function, policy, holder_is_gone=again and alone)
            except (OperationalError, InterfaceError) as error:
                _come_again(error)
                raise

        return shared_task(name=name, acks_late=True, reject_on_worker_lost=True, **options)(run)

    return decorate


def _comes_again() -> bool:
    """Tell whether a message came before: its worker was lost, the work takes long, or it met no database."""
    if not current_task:
        return False
    request = current_task.request
    return bool(request.retries or (request.delivery_info or {}).get("redelivered"))


def _come_again(error: Exception) -> None:
    """Have a message delivered again in seconds when the database went away: nothing could be written down.

    Should the broker be away as well, the relay sends it again in minutes.
    """
    if current_task and not current_task.request.called_directly and not current_task.request.is_eager:
        raise current_task.retry(exc=error, countdown=_AWAY_SECONDS, max_retries=_AWAY_TIMES)


def deliver(
    entry_id: int, function: Callable[..., Any], policy: Policy, *, holder_is_gone: bool = False
) -> str:
    """Run the function of an outbox entry unless it is done, given up or held by another worker."""
    lease, given_up = leases.take(
        OutboxEntry,
        entry_id,
        seconds=policy.lease_seconds,
        max_attempts=policy.max_attempts,
        holder_is_gone=holder_is_gone,
    )
    if lease is None:
        if given_up:
            _announce(entry_id)
        return "skipped"
    entry = OutboxEntry.objects.get(pk=entry_id)
    ids = {"entry_id": entry.pk} if entry.kind == EntryKind.TOPIC else entry.payload
    try:
        with acting(entry.actor_id, request_id=entry.request_id, source="job"):
            _call(function, ids, atomic=policy.atomic, before_commit=lease.finish)
    except leases.LeaseLost:
        return "skipped"
    except Exception as error:
        return _failed(lease, error, policy)
    return RunState.DONE.value


def _call(
    function: Callable[..., Any],
    ids: dict[str, Any],
    *,
    atomic: bool,
    before_commit: Callable[[], None] = lambda: None,
) -> None:
    if atomic:
        with transaction.atomic():
            function(**ids)
            before_commit()
    else:
        function(**ids)
        before_commit()


def _failed(lease: leases.Lease, error: Exception, policy: Policy) -> str:
    dead = lease.attempt >= policy.max_attempts
    logger.warning("delivery failed", extra={"entry_id": lease.pk, "error": type(error).__name__})
    if lease.give_back(f"{type(error).__name__}: {error}", dead=dead):
        if dead:
            _announce(lease.pk)
        else:
            luck = random.random()  # noqa: S311  (spreads retries, guards nothing)
            wait = back_off(lease.attempt, first=policy.first_delay, longest=policy.longest_delay, luck=luck)
            OutboxEntry.objects.filter(pk=lease.pk).update(due_at=Now() + wait, sent_at=None)
    return RunState.DEAD.value if dead else RunState.FAILED.value


def _announce(entry_id: int) -> None:
    entry = OutboxEntry.objects.get(pk=entry_id)
    work_given_up.send(sender=OutboxEntry, what="delivery", name=entry.name, key=str(entry_id), id=entry_id)


def fan_out(entry_id: int) -> None:
    """Enqueue the tasks that subscribed to an announcement, each once."""
    entry = OutboxEntry.objects.get(pk=entry_id)
    for subscription in subscriptions.values():
        if subscription.topic in ("*", entry.name):
            enqueue(subscription.task_name, dedupe_key=f"topic:{entry.pk}", entry_id=entry.pk)
