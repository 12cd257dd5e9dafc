"""Deals whose credits stay visible but unpaid until somebody releases them."""

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.core import clock
from apps.core.money import MAX_AMOUNT, bounded
from apps.incentives.enums import HoldKind
from apps.incentives.models.runs import OfRunQuerySet, PayRun
from apps.org.models import Person

_USER = settings.AUTH_USER_MODEL


class HoldQuerySet(models.QuerySet):
    """Holds."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep all holds for those who calculate or approve pay for the whole company."""
        return self.permitting(user, Permission.RUN_CALCULATE, on) | self.permitting(
            user, Permission.RUN_APPROVE, on
        )

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep all holds where the permission covers the whole company: any deal may pay anybody."""
        scope = scope_of(user, permission, on or clock.today())
        return self.all() if scope.everything else self.none()

    def in_force(self) -> Self:
        """Keep the holds nobody has released."""
        return self.filter(released_at__isnull=True)


class Hold(models.Model):
    """The credits of a deal are not paid, to anybody or to one payee, until a second person releases it.

    A windfall hold is placed by the rules of the company when a run is
    calculated; it delays pay for a review and never lowers it.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=HoldKind, default=HoldKind.MANUAL)
    source_type = models.CharField(_("kind of fact"), max_length=40)
    source_id = models.BigIntegerField(_("fact"))
    label = models.CharField(_("deal"), max_length=200)
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("payee")
    )
    reason = models.CharField(_("reason"), max_length=500)
    value = models.DecimalField(_("what set it off"), max_digits=20, decimal_places=6, null=True)
    threshold = models.DecimalField(_("threshold"), max_digits=20, decimal_places=6, null=True)
    placed_by = models.ForeignKey(
        _USER, models.PROTECT, related_name="+", null=True, verbose_name=_("put on hold by")
    )
    placed_at = models.DateTimeField(_("held at"))
    released_by = models.ForeignKey(
        _USER, models.PROTECT, related_name="+", null=True, verbose_name=_("released by")
    )
    released_at = models.DateTimeField(_("released at"), null=True)
    note = models.CharField(_("what the review found"), max_length=500, blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            models.UniqueConstraint(
                name="incentives_hold_once",
                fields=["source_type", "source_id", "person"],
                condition=Q(released_at__isnull=True),
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="incentives_hold_kind_known", condition=Q(kind__in=HoldKind.values)),
            models.CheckConstraint(name="incentives_hold_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="incentives_hold_released_pair",
                condition=Q(released_by__isnull=True, released_at__isnull=True)
                | Q(released_by__isnull=False, released_at__isnull=False),
            ),
            models.CheckConstraint(
                name="incentives_hold_two_people",
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("placed_by")),
            ),
            models.CheckConstraint(
                name="incentives_hold_placed_by_somebody",
                condition=Q(kind="windfall") | Q(placed_by__isnull=False),
            ),
            bounded("incentives_hold_value", "value", low=-MAX_AMOUNT),
            bounded("incentives_hold_threshold", "threshold", low=-MAX_AMOUNT),
        ]
        indexes = [models.Index(name="incentives_hold_of_source", fields=["source_type", "source_id"])]

    def __str__(self) -> str:
        return f"hold on {self.source_type} {self.source_id} (#{self.pk})"

    @property
    def key(self) -> str:
        """The way a calculation knows the hold: the fact, and the payee when it concerns one alone."""
        fact = f"{self.source_type}:{self.source_id}"
        return fact if self.person_id is None else f"{fact}@{self.person_id}"


class RunHold(models.Model):
    """A hold that a run was calculated under: part of the inputs the run pins."""

    run = models.ForeignKey(PayRun, models.PROTECT, related_name="run_holds", verbose_name=_("pay run"))
    hold = models.ForeignKey(Hold, models.PROTECT, related_name="run_holds", verbose_name=_("hold"))

    objects = OfRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("hold of a pay run")
        verbose_name_plural = _("holds of pay runs")
        constraints = [models.UniqueConstraint(name="incentives_run_hold_once", fields=["run", "hold"])]

    def __str__(self) -> str:
        return f"hold {self.hold_id} in run {self.run_id} (#{self.pk})"
