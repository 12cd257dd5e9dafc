"""The stored codes of this room."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class StrategyState(models.TextChoices):
    """Where a strategy stands."""

    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Active")
    CLOSED = "closed", _("Closed")


class Rhythm(models.TextChoices):
    """How often a strategy is reviewed."""

    MONTHLY = "monthly", _("Every month")
    QUARTERLY = "quarterly", _("Every quarter")
    WEEKS = "weeks", _("Every few weeks")


class ReviewState(models.TextChoices):
    """Where one review stands."""

    SCHEDULED = "scheduled", _("Scheduled")
    DUE = "due", _("Due today")
    OVERDUE = "overdue", _("Overdue")
    HELD = "held", _("Held")
    DROPPED = "dropped", _("Dropped")


class InitiativeStatus(models.TextChoices):
    """Where an initiative stands."""

    PLANNED = "planned", _("Planned")
    RUNNING = "running", pgettext_lazy("initiative", "Running")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Dropped")


class Adjusts(models.TextChoices):
    """What a decision changes."""

    TARGET = "target", _("Targets")
    SEGMENT = "segment", _("Customer segments")
    COVERAGE = "coverage", _("Coverage and people")
    BUDGET = "budget", _("Budget")
    APPROACH = "approach", _("Approach")
    NOTHING = "nothing", _("Nothing, a task only")


class Outlook(models.TextChoices):
    """How somebody sees the way ahead."""

    ON_TRACK = "on_track", _("On track")
    AT_RISK = "at_risk", _("At risk")
    OFF_TRACK = "off_track", _("Off track")


class Stage(models.TextChoices):
    """How near a review is, or how late."""

    WEEK = "week", _("A week before")
    DAY = "day", _("The day before")
    TODAY = "today", _("On the day")
    LATE = "late", _("Three days late")
    VERY_LATE = "very_late", _("Seven days late")
