"""Bottom-up rounds: what the people who have to reach a target think they can."""

import datetime as dt
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import person_id_of
from apps.core import clock
from apps.core.money import bounded
from apps.core.names import WordsField
from apps.org.models import Person
from apps.targets.enums import FigureState, NoteKind
from apps.targets.models.nodes import Target
from apps.targets.models.plans import LIMIT, TargetPlan, amount_field


class BottomUpRoundQuerySet(models.QuerySet):
    """Rounds."""

    def open(self) -> Self:
        """Keep the rounds in which people still enter their figures."""
        return self.filter(closed_at__isnull=True)

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the rounds in which the user sees at least one figure."""
        seen = OwnFigure.objects.visible_to(user, on).values("round")
        return self.filter(pk__in=seen)


class BottomUpRound(models.Model):
    """One asking round of a draft: every seat and unit gives its own figure beside the plan's."""

    plan = models.ForeignKey(TargetPlan, models.CASCADE, related_name="rounds", verbose_name=_("target"))
    note = WordsField(_("what to keep in mind"), max_length=1000, blank=True)
    shows_proposal = models.BooleanField(_("people see the top-down figure"), default=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(_("opened at"))
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    objects = BottomUpRoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("bottom-up round")
        verbose_name_plural = _("bottom-up rounds")
        constraints = [
            models.UniqueConstraint(
                name="targets_round_one_open", fields=["plan"], condition=Q(closed_at__isnull=True)
            ),
            models.CheckConstraint(
                name="targets_round_closed_pair",
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"round of plan {self.plan_id} (#{self.pk})"

    @property
    def is_open(self) -> bool:
        """Whether figures may still be entered."""
        return self.closed_at is None


class OfRoundQuerySet(models.QuerySet):
    """Parts of a round."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the parts of the rounds the user takes part in or plans."""
        return self.filter(round__in=BottomUpRound.objects.visible_to(user, on).values("pk"))


class RoundDue(models.Model):
    """Until when one level hands its figures up."""

    round = models.ForeignKey(BottomUpRound, models.CASCADE, related_name="dues")
    depth = models.PositiveSmallIntegerField(pgettext_lazy("depth", "level"))
    due_on = models.DateField(_("due on"))

    objects = OfRoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("due date of a level")
        verbose_name_plural = _("due dates of levels")
        constraints = [models.UniqueConstraint(name="targets_rounddue_once", fields=["round", "depth"])]

    def __str__(self) -> str:
        return f"level {self.depth} of round {self.round_id} (#{self.pk})"


class OwnFigureQuerySet(models.QuerySet):
    """Own figures."""

    def of(self, user: User) -> Self:
        """Keep the figures the user is asked for."""
        person_id = person_id_of(user)
        return self.none() if person_id is None else self.filter(person=person_id)

    def waiting_for_decision(self) -> Self:
        """Keep the figures that somebody above accepts or returns next."""
        return self.filter(state=FigureState.SUBMITTED)

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep one's own figures and those of targets one plans or approves."""
        day = on or clock.today()
        reach = Target.objects.permitting(user, Permission.TARGET_EDIT, day)
        approves = Target.objects.permitting(user, Permission.TARGET_APPROVE, day)
        return self.filter(
            Q(pk__in=OwnFigure.objects.of(user).values("pk"))
            | Q(target__in=reach.values("pk"))
            | Q(target__in=approves.values("pk"))
        )

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep the figures somebody may decide about: of targets in reach that are not their own."""
        return self.filter(target__in=Target.objects.permitting(user, permission, on).values("pk"))


class OwnFigure(models.Model):
    """What the holder of a seat or the lead of a unit offers for a node, and where it stands.

    ``person`` is asked: the holder, the lead, for a vacancy whoever leads above.
    ``months`` is empty or has one figure for each month, which sum to ``amount``.
    """

    round = models.ForeignKey(BottomUpRound, models.CASCADE, related_name="figures")
    target = models.ForeignKey(Target, models.CASCADE, related_name="own_figures")
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("who is asked")
    )
    state = models.CharField(_("status"), max_length=10, choices=FigureState, default=FigureState.WAITING)
    amount = amount_field(_("own figure"), null=True, blank=True)
    months = ArrayField(
        models.DecimalField(max_digits=18, decimal_places=4),
        verbose_name=_("months"),
        default=list,
        blank=True,
    )
    comment = WordsField(_("comment"), max_length=1000, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    objects = OwnFigureQuerySet.as_manager()

    class Meta:
        verbose_name = _("own figure")
        verbose_name_plural = _("own figures")
        constraints = [
            models.UniqueConstraint(name="targets_ownfigure_once", fields=["round", "target"]),
            models.CheckConstraint(
                name="targets_ownfigure_state_known", condition=Q(state__in=FigureState.values)
            ),
            models.CheckConstraint(
                name="targets_ownfigure_submitted_with_figure",
                condition=~Q(state__in=["submitted", "accepted"])
                | Q(amount__isnull=False, submitted_by__isnull=False, submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="targets_ownfigure_decided_pair",
                condition=Q(decided_by__isnull=True, decided_at__isnull=True)
                | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="targets_ownfigure_accepted_by_somebody_else",
                condition=~Q(state="accepted")
                | Q(decided_by__isnull=False) & ~Q(decided_by=F("submitted_by")),
            ),
            bounded("targets_ownfigure_amount", "amount", high=LIMIT),
        ]

    def __str__(self) -> str:
        return f"own figure for target {self.target_id} (#{self.pk})"

    @property
    def is_with_its_owner(self) -> bool:
        """Whether the person asked may still change it."""
        return self.state in {FigureState.WAITING, FigureState.ENTERED, FigureState.RETURNED}


class OfFigureQuerySet(models.QuerySet):
    """Parts of an own figure."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the parts of the figures the user may see."""
        return self.filter(figure__in=OwnFigure.objects.visible_to(user, on).values("pk"))


class OwnFigureNote(models.Model):
    """What was said and done about an own figure, with the figure of that moment."""

    figure = models.ForeignKey(OwnFigure, models.CASCADE, related_name="notes")
    kind = models.CharField(_("kind"), max_length=10, choices=NoteKind)
    text = WordsField(_("text"), max_length=1000, blank=True)
    amount = amount_field(_("own figure"), null=True, blank=True)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(_("written at"))

    objects = OfFigureQuerySet.as_manager()

    class Meta:
        verbose_name = _("note on an own figure")
        verbose_name_plural = _("notes on own figures")
        constraints = [
            models.CheckConstraint(
                name="targets_note_return_says_why", condition=~Q(kind="returned") | ~Q(text="")
            ),
            models.CheckConstraint(name="targets_note_kind_known", condition=Q(kind__in=NoteKind.values)),
            bounded("targets_note_amount", "amount", high=LIMIT),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on own figure {self.figure_id} (#{self.pk})"
