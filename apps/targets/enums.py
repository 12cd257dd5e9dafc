"""The stored codes of this room."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PlanStatus(models.TextChoices):
    """Where a version of a target stands; only an approved one is in force."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waiting for approval")
    APPROVED = "approved", _("In force")
    SUPERSEDED = "superseded", _("Replaced")


class Method(models.TextChoices):
    """How a parent's target is split over its children."""

    HISTORY = "history", _("By last year's share")
    EQUAL = "equal", _("Equal parts")
    SAME_GROWTH = "same_growth", _("Same growth for everybody")
    SAME_INCREMENT = "same_increment", _("Same increment for everybody")
    CAPACITY = "capacity", _("By headcount and capacity")
    POTENTIAL = "potential", _("By potential")
    WEIGHTED = "weighted", _("Weighted index")
    HYBRID = "hybrid", _("Between top-down and bottom-up")
    SAME_VALUE = "same_value", _("Same value for everybody")


class Basis(models.TextChoices):
    """What a weighted index is made of."""

    EQUAL = "equal", _("Equal parts")
    HISTORY = "history", _("Last year's share")
    CAPACITY = "capacity", _("Capacity")
    POTENTIAL = "potential", _("Potential")


class Season(models.TextChoices):
    """How a year is spread over its months."""

    LEARNED = "learned", _("Learned from history, by working days")
    LEARNED_PLAIN = "learned_plain", _("Learned from history")
    WORKING_DAYS = "working_days", _("By working days")
    EVEN = "even", _("Equal months")
    CUSTOM = "custom", _("Own weights")


class Balance(models.TextChoices):
    """Who gives way when one figure of a plan is typed over."""

    SIBLINGS = "siblings", _("The others make room, the total stays")
    UP = "up", _("The totals above follow")


class Origin(models.TextChoices):
    """How a figure that nobody typed came about."""

    METHOD = "method", _("By the method")
    BELOW = "below", _("Follows the figures below")
    KEPT = "kept", _("Stayed while the total moved")


class RampUse(models.TextChoices):
    """Who carries what a newcomer cannot sell yet."""

    RELIEF = "relief", _("Nobody: the newcomer's effective quota is lower")
    CAPACITY = "capacity", _("The colleagues: the newcomer counts with less capacity")


class ChangeKind(models.TextChoices):
    """What a change of a draft was."""

    CELLS = "cells", _("Figures typed")
    PASTE = "paste", _("Figures pasted")
    LOCK = "lock", _("Locked")
    RELEASE = "release", _("Given back to the method")
    INPUTS = "inputs", _("Limits and inputs")
    METHOD = "method", _("Another method")
    CASCADE = "cascade", _("Cascaded again")
    SEASON = "season", _("Months weighted by hand")
    SEAT_ADDED = "seat_added", _("Added to the plan")
    SEAT_REMOVED = "seat_removed", _("Taken out of the plan")
    SLICES = "slices", _("Sliced")


class Letter(models.TextChoices):
    """The five questions of the SMART check."""

    SPECIFIC = "S", _("Specific")
    MEASURABLE = "M", _("Measurable")
    ACHIEVABLE = "A", _("Achievable")
    RELEVANT = "R", _("Relevant")
    TIMELY = "T", _("Time-bound")


class Grade(models.TextChoices):
    """The verdict on one letter or one piece of evidence."""

    GOOD = "good", _("Good")
    CAUTION = "caution", _("Look twice")
    FAILED = "failed", _("Not met")
    UNKNOWN = "unknown", _("Not known")
