"""Stored codes of jobs, deliveries and long work."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RunState(models.TextChoices):
    """Where one piece of work that happens exactly once stands."""

    PENDING = "pending", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed, will be tried again")
    DEAD = "dead", _("Given up")


class EntryKind(models.TextChoices):
    """What an outbox entry is for."""

    TASK = "task", _("Task")
    TOPIC = "topic", _("Announcement")


class AuditAction(models.TextChoices):
    """What happened to a row."""

    INSERT = "insert", _("Created")
    UPDATE = "update", _("Changed")
    DELETE = "delete", _("Deleted")


class LongState(models.TextChoices):
    """Where long work stands."""

    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class CatchUp(models.TextChoices):
    """What a periodic job does with keys it missed."""

    EACH = "each", _("Every missed period, oldest first")
    LATEST = "latest", _("Only the latest period")
