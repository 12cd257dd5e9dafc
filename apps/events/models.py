"""The audit trail, jobs that run once, the outbox, idempotency keys and long work."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.core.cache import cache
from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.core.errors import DomainError
from apps.core.money import bounded
from apps.core.written import WrittenJSONField
from apps.events.enums import AuditAction, EntryKind, LongState, RunState


class AuditEntry(models.Model):
    """One change of one row, written by a database trigger and never changed (ADR-0002).

    ``before`` and ``after`` hold the changed columns only; for a created row
    ``before`` is null, for a deleted one ``after``.
    """

    at = models.DateTimeField(_("at"), db_default=Now())
    action = models.CharField(_("what"), max_length=6, choices=AuditAction)
    table = models.CharField(_("table"), max_length=63)
    row_id = models.CharField(_("row"), max_length=64)
    before = WrittenJSONField(_("before"), null=True)
    after = WrittenJSONField(_("after"), null=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("who"),
    )
    on_behalf = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("on behalf of"),
    )
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    source = models.CharField(_("from where"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = [
            BrinIndex(fields=["at"], name="audit_entry_at"),
            models.Index(fields=["table", "row_id"], name="audit_entry_row"),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.row_id} {self.action} (#{self.pk})"


class AccessEntry(models.Model):
    """One look at protected data (pay, evaluations): who saw whose, when. Never changed."""

    at = models.DateTimeField(_("at"), db_default=Now())
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    what = models.CharField(_("what"), max_length=60)
    table = models.CharField(_("table"), max_length=63)
    row_id = models.CharField(_("row"), max_length=64)
    request_id = models.CharField(_("request"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("look at protected data")
        verbose_name_plural = _("looks at protected data")
        indexes = [BrinIndex(fields=["at"], name="access_entry_at")]

    def __str__(self) -> str:
        return f"{self.what} {self.row_id} (#{self.pk})"


class Leased(models.Model):
    """Work that one worker at a time holds by a lease; a stale holder's token no longer writes.

    ``token`` counts the holders. Leases end by the database's clock.
    """

    state = models.CharField(_("state"), max_length=8, choices=RunState, default=RunState.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    token = models.PositiveIntegerField(_("token"), default=0)
    lease_until = models.DateTimeField(_("held until"), null=True, blank=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        abstract = True


class JobRun(Leased):
    """One run of a job for one key: at most one row, at most one success."""

    job = models.CharField(_("job"), max_length=100)
    key = models.CharField(_("key"), max_length=100)
    as_of = models.DateField(_("as of"), null=True, blank=True)
    due_at = models.DateTimeField(_("due at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    class Meta:
        verbose_name = _("job run")
        verbose_name_plural = _("job runs")
        constraints = [models.UniqueConstraint(fields=["job", "key"], name="job_run_once")]
        indexes = [models.Index(fields=["job", "-due_at"], name="job_run_by_due")]

    def __str__(self) -> str:
        return f"{self.job} {self.key} (#{self.pk})"


class OutboxEntry(Leased):
    """Something to be done or announced after the transaction that wrote it, delivered until it is done."""

    kind = models.CharField(_("kind"), max_length=5, choices=EntryKind)
    name = models.CharField(_("name"), max_length=120)
    payload = models.JSONField(_("payload"), default=dict)
    dedupe_key = models.CharField(_("key"), max_length=200, null=True, blank=True)  # noqa: DJ001  (unique when given)
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    due_at = models.DateTimeField(_("next attempt"), db_default=Now())
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    actor_id = models.BigIntegerField(_("on whose behalf"), null=True, blank=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("outbox entry")
        verbose_name_plural = _("outbox entries")
        constraints = [
            models.UniqueConstraint(
                fields=["name", "dedupe_key"],
                condition=Q(dedupe_key__isnull=False),
                name="outbox_entry_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=~Q(state__in=["done", "dead"]), name="outbox_entry_open"
            ),
            models.Index(fields=["finished_at"], condition=Q(state="dead"), name="outbox_entry_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.state} (#{self.pk})"


class IdempotencyKey(models.Model):
    """The first answer to a client's key, given again to every replay for a day."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(_("key"), max_length=200)
    request_hash = models.CharField(_("request"), max_length=64)
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    response = models.JSONField(_("answer"), null=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_key_age")]

    def __str__(self) -> str:
        return f"{self.key} (#{self.pk})"


class Cancelled(DomainError):
    """Somebody cancelled the work; let it escape so that everything is undone."""


class LongTaskQuerySet(models.QuerySet["LongTask"]):
    """Long work."""

    def visible_to(self, user: object) -> "LongTaskQuerySet":
        """Keep the work the user started."""
        return self.filter(by=user)


class LongTask(models.Model):
    """Work that takes a while, started by somebody who can watch and cancel it."""

    kind = models.CharField(_("kind"), max_length=60)
    title = models.CharField(_("title"), max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=LongState, default=LongState.RUNNING)
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("total"), default=0)
    note = models.CharField(_("note"), max_length=300, blank=True)
    result = models.JSONField(_("result"), default=dict, blank=True)
    url = models.CharField(_("opens"), max_length=300, blank=True)
    cancel_requested_at = models.DateTimeField(_("cancel requested at"), null=True, blank=True)
    started_at = models.DateTimeField(_("started at"), db_default=Now())
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = LongTaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("long task")
        verbose_name_plural = _("long tasks")
        constraints = [bounded("long_task_done", "done", low=0, high=2_000_000_000)]
        indexes = [models.Index(fields=["by", "-started_at"], name="long_task_of_person")]

    def __str__(self) -> str:
        return f"{self.title} (#{self.pk})"

    @property
    def percent(self) -> int:
        """How far the work has come, from 0 to 100."""
        if self.state == LongState.DONE:
            return 100
        return min(100, self.done * 100 // self.total) if self.total else 0

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state != LongState.RUNNING

    def advance(self, done: int, total: int | None = None, note: str = "") -> None:
        """State how far the work has come. Raises Cancelled when somebody asked to stop.

        Inside a transaction the row itself is left alone, so that nobody waits
        for it; watchers then see the copy in the cache.
        """
        self.done, self.total, self.note = done, self.total if total is None else total, str(note)[:300]
        cache.set(self.cache_key, [self.done, self.total, self.note], 24 * 3600)
        if not connection.in_atomic_block:
            self.save(update_fields=["done", "total", "note"])
        if LongTask.objects.filter(pk=self.pk, cancel_requested_at__isnull=False).exists():
            raise Cancelled(self.title)

    def finish(self, result: dict[str, Any] | None = None, *, url: str = "") -> None:
        """End the work with its result."""
        self.done, self.result, self.url = self.total or self.done, result or {}, url or self.url
        self._end(LongState.DONE)

    def fail(self, message: str) -> None:
        """End the work with a sentence that says what happened and what to do."""
        self.note = str(message)[:300]
        self._end(LongState.FAILED)

    def stop(self) -> None:
        """End the work as cancelled, after its changes were undone."""
        self._end(LongState.CANCELLED)

    def _end(self, state: LongState) -> None:
        self.state, self.finished_at = state, Now()
        fields = ["state", "done", "total", "note", "result", "url", "finished_at"]
        self.save(update_fields=fields)
        self.refresh_from_db(fields=["finished_at"])

    @property
    def cache_key(self) -> str:
        """Where the progress of work inside an open transaction is kept."""
        return f"events.progress.{self.pk}"
