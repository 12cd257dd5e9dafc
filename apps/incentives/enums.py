"""Codes of this room. Labels are translated, codes are stored."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class VersionStatus(models.TextChoices):
    """Where a plan version stands."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waiting for approval")
    APPROVED = "approved", _("Approved")


class VersionAct(models.TextChoices):
    """What somebody did with a plan version."""

    WRITTEN = "written", _("Draft written")
    SUBMITTED = "submitted", _("Submitted for approval")
    RETURNED = "returned", _("Returned to draft")
    SENT_BACK = "sent_back", _("Sent back")
    APPROVED = "approved", _("Approved")


class PayFrequency(models.TextChoices):
    """How often a plan pays."""

    MONTH = "month", _("Monthly")
    QUARTER = "quarter", _("Quarterly")
    HALF = "half", _("Half-yearly")
    YEAR = "year", _("Yearly")


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
    EXCHANGE = "exchange", _("Exchange")
    ADJUSTMENT = "adjustment", _("Adjustment")
    REVERSAL = "reversal", _("Reversal")


class AdjustmentStatus(models.TextChoices):
    """Where an adjustment stands."""

    REQUESTED = "requested", _("Waiting for a second person")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")


class DisputeState(models.TextChoices):
    """Where a dispute stands."""

    OPEN = "open", _("Waiting for compensation")
    ANSWERED = "answered", _("Answered")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Taken back")


class DisputeStep(models.TextChoices):
    """What an entry of a dispute stands for."""

    ASKED = "asked", _("asked")
    COMMENT = "comment", _("wrote")
    ANSWER = "answer", _("answered")
    ACCEPT = "accept", _("accepted")
    REFUSE = "refuse", _("refused")
    WITHDRAW = "withdraw", _("took it back")
    TAKE = "take", _("took over")
    REMIND = "remind", _("reminded")
    ESCALATE = "escalate", _("passed it up")
    REOPEN = "reopen", _("opened it again")
    PAID = "paid", _("paid")


class Cause(models.TextChoices):
    """What was behind a dispute: the root cause its report counts."""

    MISSING_DEAL = "missing_deal", _("A deal was missing")
    WRONG_SPLIT = "wrong_split", _("Credited to the wrong person or share")
    WRONG_QUOTA = "wrong_quota", _("The target was wrong")
    WRONG_PLAN = "wrong_plan", _("The wrong plan, version or rate")
    WRONG_DATES = "wrong_dates", _("Dates of joining, moving or leaving")
    LATE_DATA = "late_data", _("Data arrived late")
    RETURNED = "returned", _("A return or clawback")
    UNCLEAR = "unclear", _("Paid rightly, not explained well")
    OTHER = "other", _("Something else")


class HoldKind(models.TextChoices):
    """Why a deal is held."""

    MANUAL = "manual", _("Held by a person")
    WINDFALL = "windfall", _("Windfall review")


class FactKind(models.TextChoices):
    """What a fact of pay is about."""

    GRADE = "grade", _("Grade of an objective")
    WEIGHT = "weight", _("Weight in a pool")
    MILESTONE = "milestone", _("Milestone of a deal")
    SOLD = "sold", _("First sold")
    ENDED = "ended", _("Contract ended")
    EVENT = "event", _("Event that releases pay")


class FactStatus(models.TextChoices):
    """Where a fact of pay stands."""

    WAITING = "waiting", _("Waiting for a second person")
    CONFIRMED = "confirmed", _("Confirmed")
    REFUSED = "refused", _("Refused")
    REPLACED = "replaced", _("Replaced")
