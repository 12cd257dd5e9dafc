"""The closed lists of evaluations."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Stage(models.TextChoices):
    """How far an evaluation has come; a cycle is as far as its slowest evaluation."""

    DRAFT = "draft", _("Draft")
    SELF = "self", _("Self-assessment")
    MANAGER = "manager", _("Manager's assessment")
    CALIBRATION = "calibration", _("Calibration")
    APPROVED = "approved", _("Approved")
    SHARED = "shared", _("Shared")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    CLOSED = "closed", _("Closed")


class CycleKind(models.TextChoices):
    """How long a period an evaluation looks back on."""

    QUARTER = "quarter", _("Quarterly")
    HALF = "half", _("Half-yearly")
    YEAR = "year", _("Yearly")


class Rating(models.TextChoices):
    """What a score is called."""

    OUTSTANDING = "outstanding", _("Outstanding")
    STRONG = "strong", _("Strong")
    SOLID = "solid", _("Solid")
    DEVELOPING = "developing", _("Developing")
    UNSATISFACTORY = "unsatisfactory", _("Unsatisfactory")


class Curve(models.TextChoices):
    """How a figure becomes a score."""

    LINEAR = "linear", _("Linear between floor and target")
    BINARY = "binary", _("Reached or not")


class TargetSource(models.TextChoices):
    """Where the figure to reach comes from."""

    QUOTA = "quota", _("Quota")
    PEERS = "peers", _("Median of the role")
    HISTORY = "history", _("Own last four quarters")
    NONE = "none", _("No target")


class Flag(models.TextChoices):
    """Why a KPI counts as it does."""

    COUNTED = "counted", _("Counted")
    NO_DATA = "no_data", _("No data: its weight is shared among the others")
    NO_TARGET = "no_target", _("Nothing to compare with: its weight is shared among the others")
    UNKNOWN = "unknown", _("No longer measured: its weight is shared among the others")


class ChangeKind(models.TextChoices):
    """What was changed about an evaluation after the manager signed."""

    CALIBRATED = "calibrated", _("Rating calibrated")
    RETURNED = "returned", _("Returned to the manager")
