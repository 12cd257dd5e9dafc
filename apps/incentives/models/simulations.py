"""Simulations: past credits through another plan. The result is kept for a while, never paid."""

import datetime as dt
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
from apps.core.money import MAX_AMOUNT, CurrencyField, MoneyField, bounded
from apps.events.models import LongTask
from apps.incentives.models.plans import IncentivePlan, PlanVersion
from apps.org.models import OrgUnit, Person
from apps.roles.models import SalesRole

_USER = settings.AUTH_USER_MODEL
NEEDED = (Permission.PLAN_EDIT, Permission.STATEMENT_VIEW)


class SimulationQuerySet(models.QuerySet):
    """Simulations, and what they say of payees."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep everything for those who write plans and see pay for the whole company."""
        day = on or clock.today()
        whole = all(scope_of(user, permission, day).everything for permission in NEEDED)
        return self.all() if whole else self.none()

    def played(self) -> Self:
        """Keep the payees that have been played."""
        return self.filter(is_waiting=False)


class Simulation(models.Model):
    """What a plan version would have paid on the credits of past periods, beside what plans in force pay.

    ``document`` is a copy: changing the draft later changes no result. ``result`` holds the figures of the
    page. Payees are those of a plan, a unit with all below it, or a role. ``stage`` is the fingerprint of the
    inputs that are played: whoever plays others leaves it alone.
    """

    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="+", verbose_name=_("plan version"))
    document = models.JSONField(_("document"))
    plan = models.ForeignKey(
        IncentivePlan, models.PROTECT, related_name="+", null=True, verbose_name=_("payees of plan")
    )
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, related_name="+", null=True, verbose_name=_("payees of unit")
    )
    role = models.ForeignKey(
        SalesRole, models.PROTECT, related_name="+", null=True, verbose_name=_("payees of role")
    )
    first = models.ForeignKey(FiscalPeriod, models.PROTECT, related_name="+", verbose_name=_("from period"))
    last = models.ForeignKey(FiscalPeriod, models.PROTECT, related_name="+", verbose_name=_("to period"))
    budget = MoneyField(_("budget"), null=True, blank=True)
    seed = models.PositiveIntegerField(_("seed"), default=1)
    draws = models.PositiveIntegerField(_("draws"), default=500)
    currency = CurrencyField(_("currency"))
    ledger_upto = models.BigIntegerField(_("ledger up to"))
    result = models.JSONField(_("result"), default=dict, blank=True)
    stage = models.CharField(_("inputs"), max_length=64, blank=True)
    task = models.ForeignKey(
        LongTask, models.SET_NULL, related_name="+", null=True, verbose_name=_("long task")
    )
    created_by = models.ForeignKey(_USER, models.PROTECT, related_name="+", verbose_name=_("created by"))
    created_at = models.DateTimeField(_("created at"))
    done_at = models.DateTimeField(_("done at"), null=True)
    expires_on = models.DateField(_("kept until"))

    objects = SimulationQuerySet.as_manager()

    class Meta:
        verbose_name = _("simulation")
        verbose_name_plural = _("simulations")
        constraints = [
            models.CheckConstraint(
                name="incentives_simulation_one_group",
                condition=Q(plan__isnull=False, unit__isnull=True, role__isnull=True)
                | Q(plan__isnull=True, unit__isnull=False, role__isnull=True)
                | Q(plan__isnull=True, unit__isnull=True, role__isnull=False),
            ),
            models.CheckConstraint(
                name="incentives_simulation_draws", condition=Q(draws__gte=100, draws__lte=5000)
            ),
            bounded("incentives_simulation_budget", "budget"),
        ]

    def __str__(self) -> str:
        return f"simulation of version {self.version_id} (#{self.pk})"


class SimulatedPayee(models.Model):
    """What both plans pay one person over the periods of a simulation, with every line.

    Rows are made waiting, in the order of people, and filled by whichever worker takes them.
    """

    simulation = models.ForeignKey(
        Simulation, models.CASCADE, related_name="payees", verbose_name=_("simulation")
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("payee"))
    unit_name = models.CharField(_("unit"), max_length=200, blank=True)
    paid_now = MoneyField(_("plan today"))
    paid_then = MoneyField(_("simulated plan"))
    difference = models.GeneratedField(
        expression=F("paid_then") - F("paid_now"),
        output_field=models.DecimalField(_("difference"), max_digits=18, decimal_places=2),
        db_persist=True,
    )
    credited = MoneyField(_("credited"), default=0)
    attainment = models.DecimalField(_("attainment"), max_digits=12, decimal_places=6, null=True)
    is_waiting = models.BooleanField(_("not played yet"), default=False)
    problem = models.CharField(_("problem"), max_length=60, blank=True)
    problem_details = models.JSONField(_("what about it"), default=dict, blank=True)
    periods = models.JSONField(_("pay by period"), default=list)
    lines = models.JSONField(_("lines"), default=list)

    objects = SimulationQuerySet.as_manager()

    class Meta:
        verbose_name = _("simulated payee")
        verbose_name_plural = _("simulated payees")
        constraints = [
            models.UniqueConstraint(name="incentives_simulated_once", fields=["simulation", "person"]),
            bounded("incentives_simulated_now", "paid_now", low=-MAX_AMOUNT),
            bounded("incentives_simulated_then", "paid_then", low=-MAX_AMOUNT),
            bounded("incentives_simulated_credited", "credited", low=-MAX_AMOUNT),
        ]

    def __str__(self) -> str:
        return f"person {self.person_id} in simulation {self.simulation_id} (#{self.pk})"
