"""Evaluation cycles and how KPIs are scored."""

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import may, scope_of
from apps.core.money import bounded
from apps.reviews.enums import Curve, CycleKind, Stage
from apps.reviews.rules import STANDARD, Scale


class EvaluationCycleQuerySet(models.QuerySet):
    """Cycles."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep all cycles for whoever sees evaluations of others, none for people who see only their own."""
        scope = scope_of(user, Permission.REVIEW_VIEW, on)
        others = scope.everything or bool(scope.person_ids - {scope.own_person_id})
        return self.all() if others else self.none()

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep all cycles for whoever holds the permission for the whole company."""
        return self.all() if scope_of(user, permission, on).everything else self.none()


class EvaluationCycle(models.Model):
    """One round of evaluations over a fiscal period; its stage is that of its slowest evaluation."""

    period_code = models.CharField(_("period"), max_length=16, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=CycleKind, default=CycleKind.QUARTER)
    starts_on = models.DateField(_("from"))
    ends_before = models.DateField(_("ends before"))
    stage = models.CharField(_("stage"), max_length=12, choices=Stage, default=Stage.DRAFT)
    evaluated_on = models.DateField(_("evaluated on"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    objects = EvaluationCycleQuerySet.as_manager()

    class Meta:
        verbose_name = _("evaluation cycle")
        verbose_name_plural = _("evaluation cycles")
        constraints = [
            models.CheckConstraint(name="reviews_cycle_dates", condition=Q(ends_before__gt=F("starts_on"))),
            models.CheckConstraint(name="reviews_cycle_stage_known", condition=Q(stage__in=Stage.values)),
            models.CheckConstraint(name="reviews_cycle_kind_known", condition=Q(kind__in=CycleKind.values)),
            models.CheckConstraint(
                name="reviews_cycle_closed_at",
                condition=Q(stage=Stage.CLOSED, closed_at__isnull=False)
                | (~Q(stage=Stage.CLOSED) & Q(closed_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period_code} (#{self.pk})"

    @property
    def last_day(self) -> dt.date:
        """The last day of the period."""
        return self.ends_before - dt.timedelta(days=1)


class KpiScaleQuerySet(models.QuerySet):
    """Scales."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep all for whoever may see evaluations: everybody may know how they are scored."""
        return self.all() if may(user, Permission.REVIEW_VIEW, on) else self.none()


class KpiScale(models.Model):
    """How a measure is scored when it is a KPI; a measure without a row uses the standard scale.

    Floor and worst are shares of the target: with floor 0.5 half the target scores 0.
    """

    measure = models.CharField(_("measure"), max_length=40, unique=True)
    curve = models.CharField(_("curve"), max_length=8, choices=Curve, default=Curve.LINEAR)
    floor = models.DecimalField(_("floor"), max_digits=5, decimal_places=4, default=STANDARD.floor)
    worst = models.DecimalField(_("worst acceptable"), max_digits=6, decimal_places=4, default=STANDARD.worst)
    lowest = models.DecimalField(_("lowest score"), max_digits=5, decimal_places=4, default=STANDARD.lowest)
    cap = models.DecimalField(_("highest score"), max_digits=5, decimal_places=4, default=STANDARD.cap)

    objects = KpiScaleQuerySet.as_manager()

    class Meta:
        verbose_name = _("KPI scale")
        verbose_name_plural = _("KPI scales")
        constraints = [
            models.CheckConstraint(name="reviews_scale_curve_known", condition=Q(curve__in=Curve.values)),
            models.CheckConstraint(name="reviews_scale_floor", condition=Q(floor__gte=0, floor__lt=1)),
            models.CheckConstraint(name="reviews_scale_worst", condition=Q(worst__gt=1, worst__lte=10)),
            bounded("reviews_scale_lowest", "lowest", low=0, high=1),
            models.CheckConstraint(name="reviews_scale_cap", condition=Q(cap__gte=1, cap__lte=5)),
        ]

    def __str__(self) -> str:
        return f"{self.measure} (#{self.pk})"

    @property
    def scale(self) -> Scale:
        """The rule this row describes."""
        return Scale(self.curve, self.floor, self.worst, self.lowest, self.cap)
