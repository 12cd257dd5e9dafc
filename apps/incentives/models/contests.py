"""Contests with prizes in money or in honour, and who prefers not to be listed."""

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import person_id_of, scope_of
from apps.core import clock
from apps.core.money import MAX_AMOUNT, CurrencyField, MoneyField, bounded
from apps.core.names import NameField, WordsField
from apps.incentives.models.lines import Adjustment
from apps.org.models import OrgUnit, Person

_USER = settings.AUTH_USER_MODEL


class ContestQuerySet(models.QuerySet):
    """Contests."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep contests somebody takes part in or has in reach; company-wide ones for everybody who plays."""
        scope = scope_of(user, Permission.CONTEST_VIEW, on or clock.today())
        if scope.everything:
            return self.all()
        own = scope.own_person_id
        condition = Q(unit__in=scope.unit_ids)
        if own is not None:
            condition |= Q(players__person=own)
        return self.filter(pk__in=self.model._default_manager.filter(condition).values("pk"))

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep the contests whose unit is in reach of a permission."""
        return self.filter(scope_of(user, permission, on or clock.today()).units("unit"))


class Contest(models.Model):
    """Who brings most on a measure within a window: for whom, and what the first places win."""

    name = NameField(_("name"), max_length=120)
    purpose = WordsField(_("what it is for"), max_length=1000, blank=True)
    measure = models.CharField(_("measure"), max_length=40)
    starts_on = models.DateField(_("first day"))
    ends_before = models.DateField(_("ends before"))
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    minimum = models.DecimalField(_("at least"), max_digits=20, decimal_places=6, null=True, blank=True)
    created_by = models.ForeignKey(_USER, models.PROTECT, related_name="+", verbose_name=_("created by"))
    created_at = models.DateTimeField(_("created at"))
    closed_by = models.ForeignKey(
        _USER, models.PROTECT, related_name="+", null=True, verbose_name=_("closed by")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True)

    objects = ContestQuerySet.as_manager()

    class Meta:
        verbose_name = _("contest")
        verbose_name_plural = _("contests")
        constraints = [
            models.CheckConstraint(name="incentives_contest_named", condition=~Q(name="")),
            models.CheckConstraint(
                name="incentives_contest_dated", condition=Q(ends_before__gt=models.F("starts_on"))
            ),
            models.CheckConstraint(
                name="incentives_contest_closed_pair",
                condition=Q(closed_by__isnull=True, closed_at__isnull=True)
                | Q(closed_by__isnull=False, closed_at__isnull=False),
            ),
            bounded("incentives_contest_minimum", "minimum", low=-MAX_AMOUNT),
        ]

    def __str__(self) -> str:
        return f"contest {self.name} (#{self.pk})"


class OfContestQuerySet(models.QuerySet):
    """Parts of contests."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the parts of visible contests."""
        return self.filter(contest__in=Contest.objects.visible_to(user, on).values("pk"))


class ContestPlayer(models.Model):
    """Somebody who takes part, chosen when the contest is set up."""

    contest = models.ForeignKey(Contest, models.CASCADE, related_name="players")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("person"))

    objects = OfContestQuerySet.as_manager()

    class Meta:
        verbose_name = _("participant of a contest")
        verbose_name_plural = _("participants of contests")
        constraints = [models.UniqueConstraint(name="incentives_player_once", fields=["contest", "person"])]

    def __str__(self) -> str:
        return f"person {self.person_id} in contest {self.contest_id} (#{self.pk})"


class ContestPrize(models.Model):
    """What a place wins: words of recognition, money, or both."""

    contest = models.ForeignKey(Contest, models.CASCADE, related_name="prizes")
    place = models.PositiveSmallIntegerField(_("rank"))
    name = NameField(_("prize"), max_length=120)
    amount = MoneyField(_("amount"), null=True, blank=True)
    currency = CurrencyField(_("currency"))

    objects = OfContestQuerySet.as_manager()

    class Meta:
        verbose_name = _("prize")
        verbose_name_plural = _("prizes")
        constraints = [
            models.UniqueConstraint(name="incentives_prize_once", fields=["contest", "place"]),
            models.CheckConstraint(name="incentives_prize_place", condition=Q(place__gte=1, place__lte=100)),
            bounded("incentives_prize_amount", "amount"),
        ]

    def __str__(self) -> str:
        return f"prize for place {self.place} of contest {self.contest_id} (#{self.pk})"


class ContestAward(models.Model):
    """Who won what when the contest was closed. Never changed."""

    contest = models.ForeignKey(Contest, models.PROTECT, related_name="awards")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("person"))
    place = models.PositiveSmallIntegerField(_("rank"))
    value = models.DecimalField(_("reached"), max_digits=20, decimal_places=6)
    prize = NameField(_("prize"), max_length=120)
    adjustment = models.OneToOneField(
        Adjustment, models.PROTECT, related_name="award", null=True, verbose_name=_("adjustment")
    )

    objects = OfContestQuerySet.as_manager()

    class Meta:
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        constraints = [
            models.UniqueConstraint(name="incentives_award_once", fields=["contest", "person"]),
            bounded("incentives_award_value", "value", low=-MAX_AMOUNT),
        ]

    def __str__(self) -> str:
        return f"place {self.place} of contest {self.contest_id} (#{self.pk})"


class UnlistedQuerySet(models.QuerySet):
    """People who prefer not to be listed."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep one's own wish: it is nobody else's business."""
        return self.filter(person=person_id_of(user))


class Unlisted(models.Model):
    """Somebody who prefers not to appear on leaderboards. No row: they do."""

    person = models.OneToOneField(Person, models.PROTECT, related_name="+", verbose_name=_("person"))
    since = models.DateTimeField(_("since"))

    objects = UnlistedQuerySet.as_manager()

    class Meta:
        verbose_name = _("person not on leaderboards")
        verbose_name_plural = _("people not on leaderboards")

    def __str__(self) -> str:
        return f"person {self.person_id} is not listed (#{self.pk})"
