"""What is signed or filed: confirmations of plan documents, accruals; and the company's rules of pay."""

import datetime as dt
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import may, scope_of
from apps.calendars.models import FiscalPeriod
from apps.core import clock
from apps.core.money import MAX_AMOUNT, CurrencyField, MoneyField, bounded
from apps.incentives.models.plans import PlanVersion
from apps.org.models import Person

_USER = settings.AUTH_USER_MODEL


class AcknowledgementQuerySet(models.QuerySet):
    """Confirmations of plan documents."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the confirmations of people whose plans the user may see; their own among them."""
        return self.filter(scope_of(user, Permission.PLAN_VIEW, on or clock.today()).people("person"))


class Acknowledgement(models.Model):
    """A payee has read a version of their plan and says so, with the fingerprint of what they read."""

    version = models.ForeignKey(
        PlanVersion, models.PROTECT, related_name="acknowledgements", verbose_name=_("plan version")
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("payee"))
    document_hash = models.CharField(_("fingerprint of the document"), max_length=64)
    language = models.CharField(_("language"), max_length=10)
    confirmed_by = models.ForeignKey(_USER, models.PROTECT, related_name="+", verbose_name=_("confirmed by"))
    confirmed_at = models.DateTimeField(_("confirmed at"))

    objects = AcknowledgementQuerySet.as_manager()

    class Meta:
        verbose_name = _("confirmation of a plan")
        verbose_name_plural = _("confirmations of plans")
        constraints = [
            models.UniqueConstraint(name="incentives_confirmed_once", fields=["version", "person"])
        ]

    def __str__(self) -> str:
        return f"version {self.version_id} confirmed by person {self.person_id} (#{self.pk})"


class OfWholeCompanyQuerySet(models.QuerySet):
    """Files about everybody's pay."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep all files for those who export payroll for the whole company."""
        scope = scope_of(user, Permission.PAYROLL_EXPORT, on or clock.today())
        return self.all() if scope.everything else self.none()


class Accrual(models.Model):
    """What the company owes on a day for periods that no locked run has paid, as a file for the ledger."""

    as_of = models.DateField(_("as of"))
    period = models.ForeignKey(FiscalPeriod, models.PROTECT, related_name="+", verbose_name=_("period"))
    content = models.TextField(_("file"))
    sha256 = models.CharField(_("checksum"), max_length=64)
    rows = models.PositiveIntegerField(_("rows"))
    total = MoneyField(_("total"))
    totals = models.JSONField(_("totals by currency"), default=dict, editable=False)
    currency = CurrencyField(_("currency"))
    made_by = models.ForeignKey(_USER, models.PROTECT, related_name="+", null=True, verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made at"))

    objects = OfWholeCompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("accrual")
        verbose_name_plural = _("accruals")
        constraints = [bounded("incentives_accrual_total", "total", low=-MAX_AMOUNT)]

    def __str__(self) -> str:
        return f"accrual of {self.as_of} for period {self.period_id} (#{self.pk})"


class PayPolicyQuerySet(models.QuerySet):
    """The one row of company rules."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep it for those who see pay runs."""
        return self.all() if may(user, Permission.RUN_VIEW, on) else self.none()


class PayPolicy(models.Model):
    """The company's rules around pay: one row, with defaults until somebody changes them."""

    dispute_days = models.PositiveSmallIntegerField(_("working days to answer a dispute"), default=5)
    windfall_deal_factor = models.DecimalField(
        _("times the median deal"), max_digits=8, decimal_places=2, null=True, blank=True
    )
    windfall_quota_share = models.DecimalField(
        _("share of the target"), max_digits=8, decimal_places=4, null=True, blank=True
    )
    windfall_line_factor = models.DecimalField(
        _("times the median line"), max_digits=8, decimal_places=2, null=True, blank=True
    )
    shows_leaderboards = models.BooleanField(_("show leaderboards"), default=False)
    changed_by = models.ForeignKey(
        _USER, models.PROTECT, related_name="+", null=True, verbose_name=_("changed by")
    )
    changed_at = models.DateTimeField(_("changed at"), null=True)

    objects = PayPolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("rules of pay")
        verbose_name_plural = _("rules of pay")
        constraints = [
            models.CheckConstraint(name="incentives_policy_one_row", condition=Q(pk=1)),
            models.CheckConstraint(
                name="incentives_policy_dispute_days",
                condition=Q(dispute_days__gte=1, dispute_days__lte=60),
            ),
            bounded("incentives_policy_deal", "windfall_deal_factor", low=Decimal(1)),
            bounded("incentives_policy_quota", "windfall_quota_share", low=Decimal("0.01")),
            bounded("incentives_policy_line", "windfall_line_factor", low=Decimal(1)),
        ]

    def __str__(self) -> str:
        return f"rules of pay (#{self.pk})"
