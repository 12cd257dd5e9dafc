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
    TOTAL = "total", _("Total changed")


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


class FigureState(models.TextChoices):
    """Where somebody's own figure stands in a bottom-up round."""

    WAITING = "waiting", _("Not entered yet")
    ENTERED = "entered", _("Entered, not submitted")
    SUBMITTED = "submitted", _("Submitted")
    RETURNED = "returned", _("Returned")
    ACCEPTED = "accepted", _("Accepted")


class NoteKind(models.TextChoices):
    """What happened to an own figure."""

    ENTERED = "entered", _("Entered")
    SUBMITTED = "submitted", _("Submitted")
    RETURNED = "returned", _("Returned")
    ACCEPTED = "accepted", _("Accepted")


class Approver(models.TextChoices):
    """Who takes an approval step."""

    LEADS = "leads", _("The leads of the units")
    ROLE = "role", _("One holder of a role")


class Decision(models.TextChoices):
    """What became of one agreement."""

    WAITING = "waiting", _("Waiting")
    APPROVED = "approved", _("Approved")
    RETURNED = "returned", _("Returned")
    DROPPED = "dropped", _("Not asked any more")


class Below(models.TextChoices):
    """What happens to the figures below a total that is changed."""

    KEEP = "keep", _("Keep them; the difference stays at this level")
    PRORATE = "prorate", _("Raise or lower all of them in proportion")
    ASK = "ask", _("Ask whoever leads the unit")


class AlertKind(models.TextChoices):
    """The ways in which a target can be off its course."""

    PACE = "pace", _("Behind the pace")
    PROJECTION = "projection", _("Projected to miss")
    DROP = "drop", _("Sudden drop")
