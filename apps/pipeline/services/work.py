"""Logging what was done and keeping tasks."""

import datetime as dt
import uuid
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core import clock
from apps.core.db import lock_rows, requires_transaction
from apps.core.errors import DomainError, StaleVersion
from apps.measures import services as ledger
from apps.pipeline.enums import ActivityKind
from apps.pipeline.models import Activity, Opportunity, Task

SOURCE = "pipeline.activity"
CLOCK_SKEW = dt.timedelta(minutes=10)


class InvalidActivity(DomainError):
    """The kind, the time or the place does not fit."""


class InvalidTask(DomainError):
    """A task needs a title."""


class TaskDone(DomainError):
    """The task is done already."""


@requires_transaction
def log_activity(
    *,
    kind: str,
    person_id: int,
    subject: str,
    happened_at: dt.datetime,
    at: dt.datetime,
    client_uuid: uuid.UUID | None = None,
    account_id: int | None = None,
    contact_id: int | None = None,
    opportunity_id: int | None = None,
    note: str = "",
    minutes: int | None = None,
    latitude: Decimal | None = None,
    longitude: Decimal | None = None,
    accuracy_m: int | None = None,
    external_id: str = "",
) -> Activity:
    """Log an activity once and credit it to the person as of its day.

    ``at`` is the present instant. A second call with the same ``client_uuid`` and person returns
    the first activity, so an offline queue may replay. Raises InvalidActivity, ClosedPeriod.
    """
    key = client_uuid or uuid.uuid4()
    known = Activity.objects.filter(client_uuid=key).first()
    if known is None:
        _check_activity(kind, subject, happened_at, at, minutes)
        values = {
            "kind": kind,
            "person_id": person_id,
            "subject": subject.strip()[:200],
            "happened_at": happened_at,
            "happened_on": clock.date_of(happened_at),
            "account_id": account_id or _account_of(opportunity_id),
            "contact_id": contact_id,
            "opportunity_id": opportunity_id,
            "note": note.strip(),
            "minutes": minutes,
            "latitude": latitude,
            "longitude": longitude,
            "accuracy_m": accuracy_m,
            "external_id": external_id,
        }
        try:
            with transaction.atomic():
                activity = Activity.objects.create(client_uuid=key, **values)
        except IntegrityError:
            known = Activity.objects.filter(client_uuid=key).first()
            if known is None:
                raise
        else:
            ledger.post([_entry(activity)])
            return activity
    if known.person_id != person_id:
        raise InvalidActivity(_("This entry was already sent by somebody else."))
    return known


@requires_transaction
def create_task(
    *,
    title: str,
    assignee_id: int,
    by: User | None = None,
    due_on: dt.date | None = None,
    account_id: int | None = None,
    opportunity_id: int | None = None,
    note: str = "",
    client_uuid: uuid.UUID | None = None,
) -> Task:
    """Create a task; the same ``client_uuid`` returns the first one. Raises InvalidTask."""
    if not title.strip():
        raise InvalidTask(_("Say what is to be done."), fields={"title": _("Enter a title.")})
    task, _created = Task.objects.get_or_create(
        client_uuid=client_uuid or uuid.uuid4(),
        defaults={
            "title": title.strip()[:200],
            "assignee_id": assignee_id,
            "created_by": by,
            "due_on": due_on,
            "account_id": account_id or _account_of(opportunity_id),
            "opportunity_id": opportunity_id,
            "note": note.strip(),
        },
    )
    return task


@requires_transaction
def complete_task(*, task_id: int, at: dt.datetime) -> Task:
    """Mark a task as done. Raises TaskDone when it is already."""
    [task] = lock_rows(Task.objects.filter(pk=task_id))
    if task.done_at is not None:
        raise TaskDone(_("This task is done already."))
    task.done_at = at
    return _saved(task, "done_at")


@requires_transaction
def reopen_task(*, task_id: int) -> Task:
    """Mark a task as not done; one that is open stays as it is."""
    [task] = lock_rows(Task.objects.filter(pk=task_id))
    task.done_at = None
    return _saved(task, "done_at")


@requires_transaction
def update_task(
    *, task_id: int, version: int, title: str, due_on: dt.date | None, assignee_id: int, note: str = ""
) -> Task:
    """Change a task. Raises StaleVersion, InvalidTask."""
    [task] = lock_rows(Task.objects.filter(pk=task_id))
    if task.version != version:
        raise StaleVersion(_("Somebody changed this task in the meantime. Look at it and try again."))
    if not title.strip():
        raise InvalidTask(_("Say what is to be done."), fields={"title": _("Enter a title.")})
    task.title, task.due_on, task.assignee_id, task.note = title.strip()[:200], due_on, assignee_id, note
    return _saved(task, "title", "due_on", "assignee", "note")


def _saved(task: Task, *fields: str) -> Task:
    task.version += 1
    task.save(update_fields=[*fields, "version"])
    return task


def _account_of(opportunity_id: int | None) -> int | None:
    if opportunity_id is None:
        return None
    return Opportunity.objects.values_list("account_id", flat=True).get(pk=opportunity_id)


def _check_activity(
    kind: str, subject: str, happened_at: dt.datetime, at: dt.datetime, minutes: int | None
) -> None:
    if kind not in ActivityKind.values:
        text = _("Choose call, meeting, visit, e-mail or note.")
        raise InvalidActivity(text, fields={"kind": text})
    if not subject.strip():
        text = _("Say in a few words what happened.")
        raise InvalidActivity(text, fields={"subject": text})
    if happened_at > at + CLOCK_SKEW:
        text = _("An activity cannot lie in the future. Create a task instead.")
        raise InvalidActivity(text, fields={"happened_at": text})
    if minutes is not None and not 0 <= minutes <= 1440:
        text = _("Minutes must lie between 0 and 1440.")
        raise InvalidActivity(text, fields={"minutes": text})


def _entry(activity: Activity) -> ledger.Entry:
    return ledger.Entry(
        measure="activities",
        key=f"activity:{activity.pk}",
        credited_on=activity.happened_on,
        value=Decimal(1),
        person_id=activity.person_id,
        account_id=activity.account_id,
        source_type=SOURCE,
        source_id=activity.pk,
    )
