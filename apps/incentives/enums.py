"""Codes of this room. Labels are translated, codes are stored."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class VersionStatus(models.TextChoices):
    """Where a plan version stands."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waiting for approval")
    APPROVED = "approved", _("Approved")


class PayFrequency(models.TextChoices):
    """How often a plan pays."""

    MONTH = "month", _("Monthly")
    QUARTER = "quarter", _("Quarterly")


class RunState(models.TextChoices):
    """Where a pay run stands."""

    DRAFT = "draft", _("Draft")
    CALCULATED = "calculated", _("Calculated")
    REVIEWED = "reviewed", _("Reviewed")
    APPROVED = "approved", _("Approved")
    LOCKED = "locked", _("Locked")
    PAID = "paid", _("Paid")


class LineKind(models.TextChoices):
    """Why a pay line exists."""

    EARNED = "earned", _("Earned")
    DELTA = "delta", _("Late change")
    RETURN = "return", _("Return")
    CAP = "cap", _("Cap")
    MODIFIER = "modifier", _("Plan factor")
    GUARANTEE = "guarantee", _("Guarantee")
    DRAW = "draw", _("Draw")
    RECOVERY = "recovery", _("Recovery")
    CARRY = "carry", _("Carried")
    HOLDBACK = "holdback", _("Held back")
    INSTALMENT = "instalment", _("Instalment to come")
    RELEASE = "release", _("Released")
    ADJUSTMENT = "adjustment", _("Adjustment")


class AdjustmentStatus(models.TextChoices):
    """Where an adjustment stands."""

    REQUESTED = "requested", _("Waiting for a second person")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
