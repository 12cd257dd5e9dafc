"""Stored codes of the pipeline and their labels."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class DealState(models.TextChoices):
    """Where a deal stands; a stage's kind and a deal's state use the same codes."""

    OPEN = "open", pgettext_lazy("deal", "Open")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")


class GateField(models.TextChoices):
    """What a stage can ask for before a deal leaves it."""

    AMOUNT = "amount", _("Amount")
    EXPECTED_CLOSE = "expected_close_on", _("Expected close date")
    NEXT_STEP = "next_step", _("Next step with a date")
    ACCOUNT = "account", _("Account")
    CONTACT = "contact", _("Contact")
    LINES = "lines", _("At least one product line")
    ACTIVITY = "activity", _("At least one activity")


class ForecastCategory(models.TextChoices):
    """What the seller calls the deal in a forecast, apart from its stage."""

    NONE = "", _("As the stage says")
    OMITTED = "omitted", _("Omitted")
    PIPELINE = "pipeline", _("Pipeline")
    BEST_CASE = "best_case", _("Best case")
    LIKELY = "likely", _("Most likely")
    COMMIT = "commit", _("Commit")


class ActivityKind(models.TextChoices):
    """What somebody did with a customer."""

    CALL = "call", _("Call")
    MEETING = "meeting", _("Meeting")
    VISIT = "visit", _("Visit")
    EMAIL = "email", _("E-mail sent")
    NOTE = "note", _("Note")
