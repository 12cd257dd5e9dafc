"""What pay depends on and no measure knows: grades, weights, milestones and other days, told by people."""

import datetime as dt
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.calendars.models import FiscalPeriod
from apps.core import clock
from apps.core.money import bounded
from apps.incentives.enums import FactKind, FactStatus
from apps.incentives.models.plans import IncentivePlan
from apps.org.models import Person

_USER = settings.AUTH_USER_MODEL
MOST = Decimal(1000)
KEY = ["kind", "plan", "name", "period", "person", "source_type", "source_id"]


class PayFactQuerySet(models.QuerySet):
    """Facts of pay."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the grades of people in reach; everything for those who pay the whole company."""
        return self.permitting(user, Permission.PAY_FACT, on) | self.permitting(
            user, Permission.RUN_APPROVE, on
        )

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep the facts in reach of a permission: all of them, or the grades of other people in reach."""
        scope = scope_of(user, permission, on or clock.today())
        if scope.everything:
            return self.all()
        return self.filter(kind=FactKind.GRADE, person__in=scope.person_ids - {scope.own_person_id})

    def in_force(self, at: dt.datetime | None = None) -> Self:
        """Keep the facts that counted at a moment, by default those that count now."""
        if at is None:
            return self.filter(status=FactStatus.CONFIRMED)
        kept = self.filter(status__in=[FactStatus.CONFIRMED, FactStatus.REPLACED], decided_at__lte=at)
        return kept.filter(Q(replaced_at__isnull=True) | Q(replaced_at__gt=at))


class PayFact(models.Model):
    """One fact that pay depends on: told by one person, confirmed by another.

    A grade and a weight are of a person, a plan and a pay period; a milestone and the first and last
    day of a contract are of a deal; an event is of a plan, for one payee or for everybody. ``name``
    is the plan's own word: the objective, the pool, the milestone, the event. A fact is never
    changed: a newer one replaces it, and one without a value or day takes it back.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=FactKind)
    plan = models.ForeignKey(
        IncentivePlan, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("plan")
    )
    name = models.CharField(_("what the plan calls it"), max_length=80, blank=True)
    period = models.ForeignKey(
        FiscalPeriod, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("period")
    )
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("payee")
    )
    source_type = models.CharField(_("kind of fact"), max_length=40, blank=True)
    source_id = models.BigIntegerField(_("fact"), null=True, blank=True)
    label = models.CharField(_("deal"), max_length=200, blank=True)
    value = models.DecimalField(_("value"), max_digits=12, decimal_places=6, null=True, blank=True)
    on = models.DateField(_("day"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=FactStatus, default=FactStatus.WAITING)
    told_by = models.ForeignKey(_USER, models.PROTECT, related_name="+", verbose_name=_("told by"))
    told_at = models.DateTimeField(_("told at"))
    decided_by = models.ForeignKey(
        _USER, models.PROTECT, related_name="+", null=True, verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    refusal = models.CharField(_("why it was refused"), max_length=500, blank=True)
    replaced_at = models.DateTimeField(_("replaced at"), null=True)

    objects = PayFactQuerySet.as_manager()

    class Meta:
        verbose_name = _("fact of pay")
        verbose_name_plural = _("facts of pay")
        constraints = [
            models.CheckConstraint(name="incentives_fact_kind_known", condition=Q(kind__in=FactKind.values)),
            models.CheckConstraint(
                name="incentives_fact_shape",
                condition=Q(
                    kind__in=["grade", "weight"],
                    plan__isnull=False,
                    period__isnull=False,
                    person__isnull=False,
                    source_id__isnull=True,
                    on__isnull=True,
                )
                & ~Q(name="")
                | Q(kind="milestone", plan__isnull=True, period__isnull=True, person__isnull=True)
                & Q(source_id__isnull=False, value__isnull=True)
                & ~Q(name="")
                | Q(kind__in=["sold", "ended"], plan__isnull=True, period__isnull=True, person__isnull=True)
                & Q(source_id__isnull=False, value__isnull=True, name="")
                | Q(kind="event", plan__isnull=False, period__isnull=True)
                & Q(source_id__isnull=True, value__isnull=True)
                & ~Q(name=""),
            ),
            models.UniqueConstraint(
                name="incentives_fact_one_in_force",
                fields=KEY,
                condition=Q(status="confirmed"),
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                name="incentives_fact_one_waiting",
                fields=KEY,
                condition=Q(status="waiting"),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="incentives_fact_decided",
                condition=Q(status="waiting", decided_by__isnull=True, decided_at__isnull=True)
                | Q(
                    status__in=["confirmed", "refused", "replaced"],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="incentives_fact_replaced",
                condition=Q(status="replaced", replaced_at__isnull=False)
                | (~Q(status="replaced") & Q(replaced_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="incentives_fact_two_people",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("told_by")),
            ),
            bounded("incentives_fact_value", "value", low=Decimal(0), high=MOST),
        ]
        indexes = [models.Index(name="incentives_fact_of_source", fields=["source_type", "source_id"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} (#{self.pk})"

    @property
    def is_day(self) -> bool:
        """Whether it says when something happened, rather than how much."""
        return self.kind not in {FactKind.GRADE, FactKind.WEIGHT}
