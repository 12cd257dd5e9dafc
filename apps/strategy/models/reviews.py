"""Reviews, what they decide, and who was told."""

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import person_id_of
from apps.calendars.models import FiscalPeriod
from apps.core.names import NameField, WordsField
from apps.org.models import Person
from apps.strategy.enums import Adjusts, ReviewState, Rhythm, Stage
from apps.strategy.models.plans import Objective, OfStrategyQuerySet, Strategy
from apps.strategy.rules import MAX_WEEKS


class ReviewCadence(models.Model):
    """How often a strategy is reviewed, counted from ``first_on``."""

    strategy = models.OneToOneField(Strategy, models.CASCADE, related_name="cadence")
    rhythm = models.CharField(_("how often"), max_length=9, choices=Rhythm, default=Rhythm.MONTHLY)
    every = models.PositiveSmallIntegerField(_("weeks between reviews"), default=1)
    first_on = models.DateField(_("first review on"))

    objects = OfStrategyQuerySet.as_manager()

    class Meta:
        verbose_name = _("review cadence")
        verbose_name_plural = _("review cadences")
        constraints = [
            models.CheckConstraint(name="strategy_cadence_known", condition=Q(rhythm__in=Rhythm.values)),
            models.CheckConstraint(
                name="strategy_cadence_weeks", condition=Q(every__gte=1, every__lte=MAX_WEEKS)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rhythm} from {self.first_on} (#{self.pk})"


class ReviewQuerySet(OfStrategyQuerySet):
    """Reviews."""

    def waiting(self) -> Self:
        """Keep the reviews that have yet to be held."""
        return self.filter(state__in=[ReviewState.SCHEDULED, ReviewState.DUE, ReviewState.OVERDUE])


class StrategyReview(models.Model):
    """One review on its date.

    ``nominal_on`` is the date by the cadence, ``due_on`` the working day it was
    moved to. ``pack`` holds the figures of every objective as they were at
    ``pack_as_of``, and never changes after ``frozen_at``.
    """

    strategy = models.ForeignKey(Strategy, models.CASCADE, related_name="reviews")
    nominal_on = models.DateField(_("date by the cadence"))
    due_on = models.DateField(_("due on"))
    state = models.CharField(_("state"), max_length=9, choices=ReviewState, default=ReviewState.SCHEDULED)
    pack = models.JSONField(_("data pack"), default=list, blank=True)
    pack_as_of = models.DateField(_("figures as of"), null=True, blank=True)
    frozen_at = models.DateTimeField(_("frozen at"), null=True, blank=True)
    minutes = WordsField(_("minutes"), max_length=8000, blank=True)
    held_on = models.DateField(_("held on"), null=True, blank=True)
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("strategy review")
        verbose_name_plural = _("strategy reviews")
        constraints = [
            models.UniqueConstraint(name="strategy_review_once", fields=["strategy", "nominal_on"]),
            models.CheckConstraint(
                name="strategy_review_held",
                condition=(
                    Q(
                        state=ReviewState.HELD,
                        held_on__isnull=False,
                        held_by__isnull=False,
                        frozen_at__isnull=False,
                    )
                    & ~Q(minutes="")
                )
                | (~Q(state=ReviewState.HELD) & Q(held_on__isnull=True, held_by__isnull=True)),
            ),
            models.CheckConstraint(
                name="strategy_review_frozen",
                condition=Q(frozen_at__isnull=True, pack_as_of__isnull=True)
                | Q(frozen_at__isnull=False, pack_as_of__isnull=False),
            ),
        ]
        indexes = [models.Index(name="strategy_review_due", fields=["state", "due_on"])]

    def __str__(self) -> str:
        return f"review of strategy {self.strategy_id} on {self.due_on} (#{self.pk})"


class DecisionQuerySet(OfStrategyQuerySet):
    """Decisions."""

    def open(self) -> Self:
        """Keep what has yet to be done."""
        return self.filter(done_on__isnull=True)

    def completable_by(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the decisions a user may report as done: their own and those of strategies they may change."""
        steered = self.permitting(user, Permission.STRATEGY_EDIT, on).values("pk")
        own = self.visible_to(user, on).filter(owner=person_id_of(user) or 0).values("pk")
        return self.filter(Q(pk__in=steered) | Q(pk__in=own))


class Decision(models.Model):
    """What was decided, in a review or between two, who does it until when, and what it changes."""

    strategy = models.ForeignKey(Strategy, models.CASCADE, related_name="decisions")
    review = models.ForeignKey(
        StrategyReview, models.PROTECT, related_name="decisions", null=True, blank=True
    )
    text = NameField(_("decision"), max_length=500)
    owner = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("who does it"))
    due_on = models.DateField(_("due on"))
    adjusts = models.CharField(_("changes"), max_length=8, choices=Adjusts, default=Adjusts.NOTHING)
    objective = models.ForeignKey(
        Objective,
        models.SET_NULL,
        related_name="decisions",
        null=True,
        blank=True,
        verbose_name=_("objective"),
    )
    decided_on = models.DateField(_("decided on"))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    done_on = models.DateField(_("done on"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.CheckConstraint(name="strategy_decision_says", condition=~Q(text="")),
            models.CheckConstraint(
                name="strategy_decision_done_by",
                condition=Q(done_on__isnull=True, done_by__isnull=True)
                | Q(done_on__isnull=False, done_by__isnull=False),
            ),
        ]
        indexes = [models.Index(name="strategy_decision_due", fields=["owner", "due_on"])]

    def __str__(self) -> str:
        return f"decision #{self.pk} of strategy {self.strategy_id}"


class ReminderQuerySet(models.QuerySet):
    """Reminders of reviews and decisions."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the reminders of reviews and decisions the user may see."""
        reviews = StrategyReview.objects.visible_to(user, on).values("pk")
        decisions = Decision.objects.visible_to(user, on).values("pk")
        return self.filter(Q(review__in=reviews) | Q(decision__in=decisions))


class Reminder(models.Model):
    """That a person is to hear of a review or a decision at a stage; told once, in the next digest."""

    review = models.ForeignKey(
        StrategyReview, models.CASCADE, related_name="reminders", null=True, blank=True
    )
    decision = models.ForeignKey(Decision, models.CASCADE, related_name="reminders", null=True, blank=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    stage = models.CharField(_("stage"), max_length=9, choices=Stage)
    is_escalation = models.BooleanField(_("escalation"), default=False)
    raised_on = models.DateField(_("raised on"))
    told_at = models.DateTimeField(_("told at"), null=True, blank=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(name="strategy_reminder_once", fields=["review", "person", "stage"]),
            models.UniqueConstraint(
                name="strategy_reminder_decision_once", fields=["decision", "person", "stage"]
            ),
            models.CheckConstraint(
                name="strategy_reminder_of_one",
                condition=Q(review__isnull=False, decision__isnull=True)
                | Q(review__isnull=True, decision__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                name="strategy_reminder_untold", fields=["person"], condition=Q(told_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        about = f"review {self.review_id}" if self.review_id else f"decision {self.decision_id}"
        return f"{self.stage} reminder of {about} (#{self.pk})"


class OfObjectiveQuerySet(models.QuerySet):
    """Parts of an objective."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the parts of objectives the user may see."""
        return self.filter(objective__in=Objective.objects.visible_to(user, on).values("pk"))


class Deviation(models.Model):
    """That an objective fell behind its pace in a month; its owner hears of it once per month."""

    objective = models.ForeignKey(Objective, models.CASCADE, related_name="deviations")
    month = models.ForeignKey(FiscalPeriod, models.PROTECT, related_name="+", verbose_name=_("month"))
    pace = models.DecimalField(_("pace"), max_digits=9, decimal_places=4)
    seen_on = models.DateField(_("seen on"))
    told_at = models.DateTimeField(_("told at"), null=True, blank=True)

    objects = OfObjectiveQuerySet.as_manager()

    class Meta:
        verbose_name = _("deviation")
        verbose_name_plural = _("deviations")
        constraints = [models.UniqueConstraint(name="strategy_deviation_once", fields=["objective", "month"])]

    def __str__(self) -> str:
        return f"objective {self.objective_id} behind in {self.month_id} (#{self.pk})"
