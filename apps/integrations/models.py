"""Imports: what somebody brought in, what came of it, and how to take it back."""

import secrets
from pathlib import Path
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import may
from apps.events.models import LongTask


def new_folder() -> str:
    """Return a name for an upload folder that nobody can guess."""
    return secrets.token_hex(16)


class ImportState(models.TextChoices):
    """How far an import has come."""

    UPLOADED = "uploaded", _("Files uploaded")
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked")
    RUNNING = "running", _("Being imported")
    DONE = "done", _("Imported")
    FAILED = "failed", _("Failed")
    UNDOING = "undoing", _("Being taken back")
    UNDONE = "undone", _("Taken back")


class ImportRunQuerySet(models.QuerySet):
    """Imports."""

    def visible_to(self, user: User) -> Self:
        """Keep the user's own imports, while they may import."""
        return self.filter(by=user) if may(user, Permission.IMPORT_RUN) else self.none()


class ImportRun(models.Model):
    """One import: its files, its mapping, what reading them brought to light, and what it wrote.

    ``mapping`` is the mapping file as data; ``report`` holds the problems and
    notes of the last check; ``outcome`` the counts of what was written.
    """

    name = models.CharField(_("name"), max_length=120)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    state = models.CharField(_("state"), max_length=10, choices=ImportState, default=ImportState.UPLOADED)
    folder = models.CharField(_("folder"), max_length=32, default=new_folder, editable=False)
    files = models.JSONField(_("files"), default=list)
    mapping = models.JSONField(_("mapping"), default=dict)
    report = models.JSONField(_("report"), default=dict)
    outcome = models.JSONField(_("outcome"), default=dict)
    leave_out_bad_rows = models.BooleanField(_("leave out rows with problems"), default=False)
    task = models.ForeignKey(
        LongTask, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("progress")
    )
    version = models.PositiveIntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("started at"), db_default=Now())
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.CheckConstraint(
                name="integrations_import_state_known", condition=models.Q(state__in=ImportState.values)
            ),
            models.UniqueConstraint(fields=["folder"], name="integrations_import_folder_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} (#{self.pk})"

    @property
    def path(self) -> Path:
        """Where its files are kept."""
        return Path(settings.MEDIA_ROOT) / "imports" / self.folder

    @property
    def is_busy(self) -> bool:
        """Whether a worker has it in hand."""
        return self.state in {ImportState.CHECKING, ImportState.RUNNING, ImportState.UNDOING}

    @property
    def can_edit(self) -> bool:
        """Whether its mapping may still change."""
        return self.state in {ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED}

    @property
    def can_run(self) -> bool:
        """Whether a check has passed and nothing was written yet."""
        good = not self.report.get("errors") or self.leave_out_bad_rows
        return self.state == ImportState.CHECKED and good and bool(self.outcome.get("changed"))

    @property
    def can_undo(self) -> bool:
        """Whether what it wrote can be taken back."""
        return self.state == ImportState.DONE


class ImportedRecordQuerySet(models.QuerySet):
    """What imports created."""

    def visible_to(self, user: User) -> Self:
        """Keep what the user's own imports created."""
        return self.filter(run__in=ImportRun.objects.visible_to(user).values("pk"))


class ImportedRecord(models.Model):
    """A record that an import created, so that it can be taken back."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="records")
    kind = models.CharField(_("kind"), max_length=20)
    record_id = models.BigIntegerField(_("record"))

    objects = ImportedRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("imported record")
        verbose_name_plural = _("imported records")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "kind", "record_id"], name="integrations_imported_record_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id} (#{self.pk})"
