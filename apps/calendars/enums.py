"""Stored codes of the calendars."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PeriodKind(models.TextChoices):
    """How long a fiscal period is."""

    YEAR = "year", _("Year")
    HALF = "half", _("Half-year")
    QUARTER = "quarter", _("Quarter")
    MONTH = "month", _("Month")


class Scheme(models.TextChoices):
    """How a fiscal year is cut into months."""

    MONTHS = "months", _("Calendar months")
    WEEKS_445 = "weeks_445", _("4-4-5 weeks")


class YearName(models.TextChoices):
    """After which calendar year a fiscal year is called."""

    END = "end", _("The calendar year it ends in")
    START = "start", _("The calendar year it starts in")


class DaySource(models.TextChoices):
    """Where an exception day comes from."""

    SEEDED = "seeded", _("Public calendar")
    EDITED = "edited", _("Entered by hand")


class ReopenState(models.TextChoices):
    """Where a request to reopen a period stands."""

    PENDING = "pending", _("Waiting for a second person")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
