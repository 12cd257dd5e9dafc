"""Pay runs: one calculation of plans for a period, and the way it went through its states."""

import datetime as dt
from decimal import Decimal
from typing import Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.calendars.models import FiscalPeriod
from apps.core import clock
from apps.core.money import MAX_AMOUNT, CurrencyField, MoneyField, bounded
from apps.events.models import LongTask
from apps.incentives.enums import RunState
from apps.incentives.models.plans import IncentivePlan

_USER = settings.AUTH_USER_MODEL
_WORTH = models.DecimalField(max_digits=40, decimal_places=10)


class PayRunQuerySet(models.QuerySet):
    """Pay runs."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the runs that pay somebody whose runs the user may see."""
        return self.permitting(user, Permission.RUN_VIEW, on)

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep the runs in reach of a permission; granted at the top, all of them."""
        scope = scope_of(user, permission, on or clock.today())
        if scope.everything:
            return self.all()
        if not scope:
            return self.none()
        statements = apps.get_model("incentives", "Statement")._default_manager
        paid = statements.filter(run=OuterRef("pk"))
        return self.filter(Exists(paid.filter(person__in=scope.person_ids)))

    def with_shown_total(self) -> Self:
        """Add what the statements joined pay together, in company currency, as ``shown_total``."""
        worth = Sum(F("statements__total") * F("statements__rate"), output_field=_WORTH)
        return self.annotate(shown_total=Round(worth, precision=2))

    def posted(self) -> Self:
        """Keep the runs whose lines stand for good; neither reversed ones nor their reversals."""
        return self.filter(state__in=[RunState.LOCKED, RunState.PAID], is_void=False)

    def open(self) -> Self:
        """Keep the runs that are not locked yet."""
        return self.exclude(state__in=[RunState.LOCKED, RunState.PAID])


def _pair(who: str, when: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=f"incentives_run_{who}_pair",
        condition=Q(**{f"{who}__isnull": True, f"{when}__isnull": True})
        | Q(**{f"{who}__isnull": False, f"{when}__isnull": False}),
    )


class PayRun(models.Model):
    """One calculation of one or more plans for a period.

    ``ledger_upto`` pins the ledger: later credits belong to the next run.
    ``rests_on`` says by fingerprints what else the lines rest on, so that a further
    calculation repeats only the payees whom a change concerns; ``recalculated``
    counts them. ``totals`` are what it pays by currency; ``total`` is all of it in the
    company's currency, at the rates of the period's last day. ``generation`` counts
    calculations, so that a worker left over from an earlier one cannot write into a newer one.
    A reversal ``reverses`` an earlier run line by line; once it is locked both are ``is_void``
    and count no more.
    """

    period = models.ForeignKey(FiscalPeriod, models.PROTECT, related_name="+", verbose_name=_("period"))
    plans = models.ManyToManyField(
        IncentivePlan, through="RunPlan", related_name="runs", verbose_name=_("plans")
    )
    state = models.CharField(_("state"), max_length=10, choices=RunState, default=RunState.DRAFT)
    reverses = models.OneToOneField(
        "self", models.PROTECT, related_name="reversal", null=True, blank=True, verbose_name=_("reverses")
    )
    is_void = models.BooleanField(_("reversed"), default=False)
    currency = CurrencyField(_("currency"))
    generation = models.PositiveIntegerField(_("calculation"), default=0)
    ledger_upto = models.BigIntegerField(_("ledger up to"), null=True)
    pinned_at = models.DateTimeField(_("inputs pinned at"), null=True)
    rests_on = models.JSONField(_("fingerprints of the inputs"), default=dict, editable=False)
    recalculated = models.PositiveIntegerField(_("payees of the last calculation"), null=True)
    task = models.ForeignKey(LongTask, models.SET_NULL, null=True, related_name="+")
    total = MoneyField(_("total"), default=Decimal(0))
    totals = models.JSONField(_("totals by currency"), default=dict, editable=False)
    payees = models.PositiveIntegerField(_("payees"), default=0)
    exceptions = models.PositiveIntegerField(_("exceptions"), default=0)
    digest = models.CharField(_("digest"), max_length=64, blank=True)
    created_by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("created at"))
    calculated_by = models.ForeignKey(_USER, models.PROTECT, related_name="+", null=True)
    calculated_at = models.DateTimeField(_("calculated at"), null=True)
    reviewed_by = models.ForeignKey(_USER, models.PROTECT, related_name="+", null=True)
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True)
    approved_by = models.ForeignKey(_USER, models.PROTECT, related_name="+", null=True)
    approved_at = models.DateTimeField(_("approved at"), null=True)
    locked_by = models.ForeignKey(_USER, models.PROTECT, related_name="+", null=True)
    locked_at = models.DateTimeField(_("locked at"), null=True)
    paid_by = models.ForeignKey(_USER, models.PROTECT, related_name="+", null=True)
    paid_at = models.DateTimeField(_("paid at"), null=True)

    objects = PayRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("pay run")
        verbose_name_plural = _("pay runs")
        constraints = [
            models.CheckConstraint(name="incentives_run_state_known", condition=Q(state__in=RunState.values)),
            bounded("incentives_run_total", "total", low=-MAX_AMOUNT),
            *[
                _pair(f"{step}_by", f"{step}_at")
                for step in ("calculated", "reviewed", "approved", "locked", "paid")
            ],
            models.CheckConstraint(
                name="incentives_run_two_people",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("calculated_by")),
            ),
            models.CheckConstraint(
                name="incentives_run_approved_before_locked",
                condition=~Q(state__in=["approved", "locked", "paid"]) | Q(approved_by__isnull=False),
            ),
        ]
        indexes = [models.Index(name="incentives_run_by_period", fields=["period", "state"])]

    def __str__(self) -> str:
        return f"pay run of period {self.period_id} (#{self.pk})"

    @property
    def by_currency(self) -> list[tuple[str, Decimal]]:
        """What the run pays in each currency; runs of a time with one currency kept only their total."""
        told = {code: Decimal(total) for code, total in self.totals.items()}
        return sorted((told or {self.currency: self.total}).items())

    @property
    def is_abroad(self) -> bool:
        """Whether the run pays in another currency than the company's."""
        return any(code != self.currency for code, _total in self.by_currency)

    @property
    def is_posted(self) -> bool:
        """Whether the lines stand for good."""
        return self.state in {RunState.LOCKED, RunState.PAID}


class OfRunQuerySet(models.QuerySet):
    """Parts of runs."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the parts of visible runs."""
        return self.filter(run__in=PayRun.objects.visible_to(user, on).values("pk"))


class RunPlanQuerySet(OfRunQuerySet):
    """Plans in runs."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the visible plans of visible runs."""
        plans = IncentivePlan.objects.visible_to(user, on).values("pk")
        return super().visible_to(user, on).filter(plan__in=plans)


class RunPlan(models.Model):
    """A plan in a run. A plan is run once per period, unless the run was reversed."""

    run = models.ForeignKey(PayRun, models.CASCADE, related_name="run_plans")
    plan = models.ForeignKey(IncentivePlan, models.PROTECT, related_name="run_plans")
    period = models.ForeignKey(FiscalPeriod, models.PROTECT, related_name="+")
    is_void = models.BooleanField(_("reversed"), default=False)

    objects = RunPlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan of a pay run")
        verbose_name_plural = _("plans of pay runs")
        constraints = [
            models.UniqueConstraint(
                name="incentives_plan_once_a_period", fields=["plan", "period"], condition=Q(is_void=False)
            )
        ]

    def __str__(self) -> str:
        return f"plan {self.plan_id} in run {self.run_id} (#{self.pk})"


class RunStep(models.Model):
    """One step a run took: into which state, by whom, when, and with which total."""

    run = models.ForeignKey(PayRun, models.CASCADE, related_name="steps")
    state = models.CharField(_("state"), max_length=10, choices=RunState)
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = OfRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("step of a pay run")
        verbose_name_plural = _("steps of pay runs")
        indexes = [models.Index(name="incentives_step_of_run", fields=["run", "at"])]

    def __str__(self) -> str:
        return f"run {self.run_id} {self.state} (#{self.pk})"
