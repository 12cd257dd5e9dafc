"""Strategies and what they want to reach."""

import datetime as dt
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import may, person_id_of, scope_of
from apps.calendars.models import FiscalPeriod
from apps.core import clock
from apps.core.money import bounded
from apps.core.names import NameField, WordsField
from apps.org.models import Assignment, OrgUnit, Person, PositionUnit, UnitClosure
from apps.strategy.enums import InitiativeStatus, Outlook, StrategyState
from apps.targets.models import Target
from apps.targets.models.plans import LIMIT, amount_field


class StrategyQuerySet(models.QuerySet):
    """Strategies."""

    def active(self) -> Self:
        """Keep those that are being followed."""
        return self.filter(state=StrategyState.ACTIVE)

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep what concerns the user.

        Everybody sees the strategies in force, and the closed ones, of the units
        above and below their own and those they take part in; drafts only their
        owner, participants and editors.
        """
        day = on or clock.today()
        if not may(user, Permission.STRATEGY_VIEW, day):
            return self.none()
        person = person_id_of(user)
        mine = Q(pk__in=[])
        if person is not None:
            takes_part = Participant.objects.filter(strategy=OuterRef("pk"), person=person)
            mine = Q(owner=person) | Exists(takes_part) | (~Q(state=StrategyState.DRAFT) & _near(person, day))
        return self.filter(mine | _units_of(user, Permission.STRATEGY_EDIT, day))

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep the strategies of units in reach of a permission, and to change, one's own as owner."""
        if permission == Permission.STRATEGY_VIEW:
            return self.visible_to(user, on)
        reach = _units_of(user, permission, on)
        person = person_id_of(user)
        if permission == Permission.STRATEGY_EDIT and person is not None:
            reach |= self._own(user, person, on)
        return self.filter(reach)

    def joined_by(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the strategies the user may report on: those they may change or take part in."""
        person = person_id_of(user)
        steered = self.permitting(user, Permission.STRATEGY_EDIT, on).values("pk")
        mine = Participant.objects.filter(strategy=OuterRef("pk"), person=person or 0)
        allowed = Q(pk__in=steered)
        if may(user, Permission.STRATEGY_VIEW, on):
            allowed |= Q(Exists(mine))
        return self.filter(allowed)

    def _own(self, user: User, person: int, on: dt.date | None) -> Q:
        return Q(owner=person) if may(user, Permission.STRATEGY_VIEW, on) else Q(pk__in=[])


def _units_of(user: User, permission: Permission, on: dt.date | None) -> Q:
    """The unit is in reach; said so that it can be joined by "or", which an empty condition cannot."""
    scope = scope_of(user, permission, on)
    return Q(pk__isnull=False) if scope.everything else scope.units("unit")


def _near(person: int, day: dt.date) -> Q:
    """The unit lies above or below a seat of the person."""
    seats = Assignment.objects.on(day).filter(person=person).values("position")
    own = PositionUnit.objects.on(day).filter(position__in=seats).values("unit")
    closure = UnitClosure.objects.on(day)
    above = closure.filter(descendant__in=own).values("ancestor")
    below = closure.filter(ancestor__in=own).values("descendant")
    return Q(unit__in=above) | Q(unit__in=below)


class Strategy(models.Model):
    """Where a unit wants to go, why, until when, and who answers for it."""

    title = NameField(_("title"), max_length=160)
    purpose = WordsField(_("purpose"), max_length=2000)
    situation = WordsField(_("situation"), max_length=4000, blank=True)
    owner = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("owner"))
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    valid = DateRangeField(_("valid"))
    state = models.CharField(_("state"), max_length=8, choices=StrategyState, default=StrategyState.DRAFT)
    watch_below = models.DecimalField(
        _("warn below this pace"), max_digits=4, decimal_places=2, default="0.90"
    )
    outcome = models.TextField(_("outcome"), max_length=4000, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("created at"))
    activated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    activated_at = models.DateTimeField(_("activated at"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    objects = StrategyQuerySet.as_manager()

    class Meta:
        verbose_name = _("strategy")
        verbose_name_plural = _("strategies")
        constraints = [
            models.CheckConstraint(name="strategy_strategy_named", condition=~Q(title="") & ~Q(purpose="")),
            models.CheckConstraint(
                name="strategy_strategy_bounded",
                condition=Q(
                    valid__startswith__isnull=False, valid__endswith__isnull=False, valid__isempty=False
                ),
            ),
            models.CheckConstraint(
                name="strategy_strategy_activated",
                condition=Q(activated_at__isnull=True, activated_by__isnull=True, state=StrategyState.DRAFT)
                | (Q(activated_at__isnull=False, activated_by__isnull=False) & ~Q(state=StrategyState.DRAFT)),
            ),
            models.CheckConstraint(
                name="strategy_strategy_closed",
                condition=(Q(closed_at__isnull=True, closed_by__isnull=True) & ~Q(state=StrategyState.CLOSED))
                | Q(closed_at__isnull=False, closed_by__isnull=False, state=StrategyState.CLOSED),
            ),
            bounded("strategy_strategy_watch", "watch_below", low=0, high=2),
        ]
        indexes = [models.Index(name="strategy_strategy_unit", fields=["unit", "state"])]

    def __str__(self) -> str:
        return f"{self.title} (#{self.pk})"

    @property
    def last_day(self) -> dt.date:
        """The last day the strategy is meant to hold."""
        return self.valid.upper - dt.timedelta(days=1)


class OfStrategyQuerySet(models.QuerySet):
    """Parts of a strategy."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the parts of the strategies the user may see."""
        return self.filter(strategy__in=Strategy.objects.visible_to(user, on).values("pk"))

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep the parts of the strategies in reach of a permission."""
        return self.filter(strategy__in=Strategy.objects.permitting(user, permission, on).values("pk"))


class Participant(models.Model):
    """Somebody who takes part in a strategy and its reviews beside the owner."""

    strategy = models.ForeignKey(Strategy, models.CASCADE, related_name="participants")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("person"))

    objects = OfStrategyQuerySet.as_manager()

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        constraints = [
            models.UniqueConstraint(name="strategy_participant_once", fields=["strategy", "person"])
        ]

    def __str__(self) -> str:
        return f"participant {self.person_id} of strategy {self.strategy_id} (#{self.pk})"


class Objective(models.Model):
    """What a strategy wants to reach: a target that is cascaded elsewhere, or a goal on a measure.

    A goal is a value of ``measure`` in ``period`` for ``unit`` (the strategy's
    unit when empty). An objective with neither is a wish, and shown as one.
    """

    strategy = models.ForeignKey(Strategy, models.CASCADE, related_name="objectives")
    title = NameField(_("objective"), max_length=200)
    owner = models.ForeignKey(
        Person, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("owner")
    )
    weight = models.PositiveSmallIntegerField(_("weight"), default=10)
    target = models.ForeignKey(
        Target, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("target")
    )
    measure = models.CharField(_("measure"), max_length=40, blank=True)
    goal_value = amount_field(_("goal"), null=True, blank=True)
    period = models.ForeignKey(
        FiscalPeriod, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("period")
    )
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("unit")
    )
    place = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = OfStrategyQuerySet.as_manager()

    class Meta:
        verbose_name = _("objective")
        verbose_name_plural = _("objectives")
        constraints = [
            models.CheckConstraint(name="strategy_objective_named", condition=~Q(title="")),
            models.CheckConstraint(
                name="strategy_objective_target_or_goal",
                condition=Q(measure="", goal_value__isnull=True, period__isnull=True)
                | (Q(target__isnull=True, goal_value__isnull=False, period__isnull=False) & ~Q(measure="")),
            ),
            models.CheckConstraint(
                name="strategy_objective_weight", condition=Q(weight__gte=1, weight__lte=100)
            ),
            bounded("strategy_objective_goal", "goal_value", high=LIMIT),
        ]

    def __str__(self) -> str:
        return f"{self.title} (#{self.pk})"


class Initiative(models.Model):
    """A piece of work that moves an objective."""

    strategy = models.ForeignKey(Strategy, models.CASCADE, related_name="initiatives")
    objective = models.ForeignKey(
        Objective, models.CASCADE, related_name="initiatives", verbose_name=_("objective")
    )
    title = NameField(_("initiative"), max_length=200)
    owner = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("owner"))
    due_on = models.DateField(_("due on"))
    status = models.CharField(
        _("status"), max_length=8, choices=InitiativeStatus, default=InitiativeStatus.PLANNED
    )
    done_on = models.DateField(_("done on"), null=True, blank=True)

    objects = OfStrategyQuerySet.as_manager()

    class Meta:
        verbose_name = _("initiative")
        verbose_name_plural = _("initiatives")
        constraints = [
            models.CheckConstraint(name="strategy_initiative_named", condition=~Q(title="")),
            models.CheckConstraint(
                name="strategy_initiative_done",
                condition=Q(status=InitiativeStatus.DONE, done_on__isnull=False)
                | (~Q(status=InitiativeStatus.DONE) & Q(done_on__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} (#{self.pk})"


class ProgressNote(models.Model):
    """One entry of the progress log: what happened and how the author sees the way ahead."""

    strategy = models.ForeignKey(Strategy, models.CASCADE, related_name="notes")
    objective = models.ForeignKey(
        Objective,
        models.CASCADE,
        related_name="notes",
        null=True,
        blank=True,
        verbose_name=_("objective"),
    )
    outlook = models.CharField(_("outlook"), max_length=9, choices=Outlook, default=Outlook.ON_TRACK)
    text = WordsField(_("what happened"), max_length=2000)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(_("written at"))

    objects = OfStrategyQuerySet.as_manager()

    class Meta:
        verbose_name = _("progress note")
        verbose_name_plural = _("progress notes")
        constraints = [models.CheckConstraint(name="strategy_note_says", condition=~Q(text=""))]
        indexes = [models.Index(name="strategy_note_newest", fields=["strategy", "-written_at"])]

    def __str__(self) -> str:
        return f"note on strategy {self.strategy_id} (#{self.pk})"
