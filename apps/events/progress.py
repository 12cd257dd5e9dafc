"""Progress of long work: seen while it runs, cancellable.

task = progress.start("import", by=user, title=_("Import of deals"))   # commit this
task.advance(done=500, total=8800, note=_("Deals"))                   # raises Cancelled
task.finish({"rows": 8800}, url="...")                                # or .fail(sentence), .stop()
"""

from typing import Any

from django.core.cache import cache
from django.db.models.functions import Now
from django.urls import reverse

from apps.events.enums import LongState
from apps.events.models import Cancelled, LongTask

__all__ = ["Cancelled", "bar_url", "latest", "request_cancel", "start"]

SEEN = "seen"


def start(kind: str, by: Any, title: str, *, total: int = 0, url: str = "") -> LongTask:
    """Start long work for a user. Commit before the work begins, so that it can be watched."""
    return LongTask.objects.create(kind=kind, by=by, title=str(title)[:200], total=total, url=url)


def request_cancel(*, task_id: int) -> bool:
    """Ask running work to stop; tell whether it was still running."""
    running = LongTask.objects.filter(pk=task_id, state=LongState.RUNNING, cancel_requested_at=None)
    return running.update(cancel_requested_at=Now()) == 1


def latest(task: LongTask) -> LongTask:
    """Return the task with the newest progress, also of work inside an open transaction."""
    if task.state == LongState.RUNNING:
        newest = cache.get(task.cache_key)
        if newest:
            task.done, task.total, task.note = newest
    return task


def bar_url(task: LongTask | None, user: Any) -> str:
    """Return where a page that still lacks the result of some work gets its bar; "" where none belongs.

    The bar is for whoever started the work. Work that runs while the page is made may
    be done before the bar is asked for, so the address says that the page saw it
    running: the page is then shown again. Work done before that has no bar.
    """
    if task is None or task.by_id != user.pk or task.state == LongState.DONE:
        return ""
    address = reverse("events:task", args=[task.pk])
    return address if task.is_over else f"{address}?{SEEN}=running"
