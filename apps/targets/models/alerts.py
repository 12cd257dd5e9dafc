"""Deviations: when a target counts as off its course, and which do."""

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import may, scope_of
from apps.core.money import bounded
from apps.targets.enums import AlertKind
from apps.targets.models.nodes import OfTargetQuerySet, Target


class AlertRuleQuerySet(models.QuerySet):
    """Rules of deviation."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the rules for whoever sees targets."""
        return self if may(user, Permission.TARGET_VIEW, on) else self.none()

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep the rules for whoever holds a permission for the whole company."""
        return self if scope_of(user, permission, on).everything else self.none()


class AlertRule(models.Model):
    """When one kind of deviation is reported. Without a row the product's own thresholds hold.

    ``below`` is a share (0.9 of the expected pace, of the quota, of the usual
    working day); ``after`` the share of the year's weight that must lie behind;
    ``window`` the working days a drop is looked for in.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=AlertKind, unique=True)
    is_on = models.BooleanField(_("reported"), default=True)
    below = models.DecimalField(_("below"), max_digits=5, decimal_places=4)
    after = models.DecimalField(_("after"), max_digits=5, decimal_places=4)
    window = models.PositiveSmallIntegerField(_("working days"), default=20)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(_("set at"))

    objects = AlertRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("rule of deviation")
        verbose_name_plural = _("rules of deviation")
        constraints = [
            models.CheckConstraint(name="targets_rule_kind_known", condition=Q(kind__in=AlertKind.values)),
            bounded("targets_rule_below", "below", low=0, high=2),
            bounded("targets_rule_after", "after", low=0, high=1),
            bounded("targets_rule_window", "window", low=5, high=120),
        ]

    def __str__(self) -> str:
        return f"rule of {self.kind} (#{self.pk})"


class TargetAlertQuerySet(OfTargetQuerySet):
    """Alerts."""

    def open(self) -> Self:
        """Keep the deviations that still last."""
        return self.filter(closed_on__isnull=True)


class TargetAlert(models.Model):
    """A target off its course since a day; it closes by itself once the rule no longer holds.

    ``figures`` are those of the day last seen, ``parts`` the gap by cause, both
    as stored numbers in text so that no cent is lost.
    """

    target = models.ForeignKey(Target, models.CASCADE, related_name="alerts", verbose_name=_("target"))
    kind = models.CharField(_("kind"), max_length=10, choices=AlertKind)
    opened_on = models.DateField(_("since"))
    seen_on = models.DateField(_("last seen"))
    closed_on = models.DateField(_("over since"), null=True, blank=True)
    figures = models.JSONField(_("figures"), default=dict)
    parts = models.JSONField(_("causes"), default=dict, blank=True)

    objects = TargetAlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("deviation")
        verbose_name_plural = _("deviations")
        constraints = [
            models.UniqueConstraint(
                name="targets_alert_one_open", fields=["target", "kind"], condition=Q(closed_on__isnull=True)
            ),
            models.CheckConstraint(name="targets_alert_kind_known", condition=Q(kind__in=AlertKind.values)),
            models.CheckConstraint(
                name="targets_alert_days_in_order",
                condition=Q(seen_on__gte=models.F("opened_on"))
                & (Q(closed_on__isnull=True) | Q(closed_on__gte=models.F("seen_on"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of target {self.target_id} since {self.opened_on} (#{self.pk})"
