"""Statements, their lines, the source rows of each line, adjustments and payroll files."""

import datetime as dt
from collections.abc import Collection
from decimal import Decimal
from fractions import Fraction
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.core import clock
from apps.core.money import MAX_AMOUNT, CurrencyField, MoneyField, bounded, round_money
from apps.core.names import NameField
from apps.incentives.enums import AdjustmentStatus, LineKind, RunState
from apps.incentives.models.plans import PlanAssignment, PlanVersion
from apps.incentives.models.runs import PayRun
from apps.measures.models import Credit
from apps.org.models import OrgUnit, Person

_USER = settings.AUTH_USER_MODEL
RAW_LIMIT = Decimal("99999999999999999999")
PUBLISHED = (RunState.APPROVED, RunState.LOCKED, RunState.PAID)


_MANY = 200


def _listed(ids: Collection[int]) -> Collection[int] | RawSQL:
    """Return ids for an ``__in``; thousands travel as one array, which costs the database one constant."""
    if len(ids) < _MANY:
        return ids
    return RawSQL("SELECT unnest(%s::bigint[])", ["{" + ",".join(map(str, ids)) + "}"])


def _pay_in_reach(user: User, permission: Permission, on: dt.date | None, prefix: str) -> Q:
    """Return the condition that a row of pay is in reach; one's own only once it is approved."""
    scope = scope_of(user, permission, on or clock.today())
    if scope.everything:
        return Q()
    own = scope.own_person_id
    others = Q(**{f"{prefix}person__in": _listed(scope.person_ids - {own})})
    if own is None:
        return others
    return others | Q(**{f"{prefix}person": own, f"{prefix}run__state__in": PUBLISHED})


class StatementQuerySet(models.QuerySet):
    """Statements."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the user's own approved statements and those of people in reach."""
        return self.permitting(user, Permission.STATEMENT_VIEW, on)

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep the statements in reach of a permission."""
        return self.filter(_pay_in_reach(user, permission, on, ""))

    def in_company_currency(self) -> Decimal:
        """Return what all of them pay together, each at the rate of its run's last day."""
        worth = F("total") * F("rate")
        wide = models.DecimalField(max_digits=40, decimal_places=10)
        found = self.order_by().aggregate(total=Sum(models.ExpressionWrapper(worth, output_field=wide)))
        return round_money(found["total"] or Decimal(0), settings.COMPANY_CURRENCY)


class Statement(models.Model):
    """What one person earns in one run in one currency.

    ``inputs`` are pinned when the calculation starts; ``closing`` holds by plan what the next run
    starts from. ``rate`` is what one unit of the currency is worth in the company's on the last day of
    the run's period, for sums over several people.
    """

    run = models.ForeignKey(PayRun, models.PROTECT, related_name="statements", verbose_name=_("pay run"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("payee"))
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", null=True, verbose_name=_("unit"))
    currency = CurrencyField(_("currency"))
    rate = models.DecimalField(
        pgettext_lazy("currency", "rate"), max_digits=18, decimal_places=8, default=Decimal(1)
    )
    total = MoneyField(_("total"), default=Decimal(0))
    variable = MoneyField(_("variable pay"), default=Decimal(0))
    inputs = models.JSONField(_("inputs"), default=dict)
    closing = models.JSONField(_("balances carried forward"), default=dict)
    exception = models.CharField(_("exception"), max_length=40, blank=True)
    exception_details = models.JSONField(_("details"), default=dict)
    head_hash = models.CharField(_("hash of the last line"), max_length=64, blank=True)
    computed_at = models.DateTimeField(_("calculated at"), null=True)

    objects = StatementQuerySet.as_manager()

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        constraints = [
            models.UniqueConstraint(name="incentives_statement_once", fields=["run", "person", "currency"]),
            bounded("incentives_statement_rate", "rate"),
            bounded("incentives_statement_total", "total", low=-MAX_AMOUNT),
            bounded("incentives_statement_variable", "variable", low=-MAX_AMOUNT),
        ]
        indexes = [models.Index(name="incentives_statement_person", fields=["person", "run"])]

    def __str__(self) -> str:
        return f"statement of person {self.person_id} in run {self.run_id} (#{self.pk})"


class AdjustmentQuerySet(models.QuerySet):
    """Adjustments."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the adjustments of people whose statements the user may see."""
        return self.permitting(user, Permission.STATEMENT_VIEW, on)

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep the adjustments of people in reach of a permission."""
        return self.filter(scope_of(user, permission, on or clock.today()).people("person"))


class Adjustment(models.Model):
    """A correction one person asks for and another approves; the next open run turns it into a line."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("payee"))
    amount = MoneyField(_("amount"))
    currency = CurrencyField(_("currency"))
    reason = models.CharField(_("reason"), max_length=500)
    reverses = models.ForeignKey(
        "PayLine", models.PROTECT, related_name="reversals", null=True, blank=True, verbose_name=_("reverses")
    )
    repeats = models.OneToOneField(
        "self", models.PROTECT, related_name="repeated", null=True, blank=True, verbose_name=_("pays again")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=AdjustmentStatus, default=AdjustmentStatus.REQUESTED
    )
    requested_by = models.ForeignKey(_USER, models.PROTECT, related_name="+", verbose_name=_("requested by"))
    requested_at = models.DateTimeField(_("requested at"))
    decided_by = models.ForeignKey(
        _USER, models.PROTECT, related_name="+", null=True, verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    refusal = models.CharField(_("why it was refused"), max_length=500, blank=True)

    objects = AdjustmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("adjustment")
        verbose_name_plural = _("adjustments")
        constraints = [
            bounded("incentives_adjustment_amount", "amount", low=-MAX_AMOUNT),
            models.CheckConstraint(name="incentives_adjustment_reason", condition=~Q(reason="")),
            models.CheckConstraint(name="incentives_adjustment_not_zero", condition=~Q(amount=0)),
            models.CheckConstraint(
                name="incentives_adjustment_two_people",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
            ),
            models.CheckConstraint(
                name="incentives_adjustment_decided_pair",
                condition=Q(status="requested", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(status="requested") & Q(decided_by__isnull=False, decided_at__isnull=False)),
            ),
            models.UniqueConstraint(
                name="incentives_line_reversed_once",
                fields=["reverses"],
                condition=Q(reverses__isnull=False) & ~Q(status="refused"),
            ),
        ]

    def __str__(self) -> str:
        return f"adjustment for person {self.person_id} (#{self.pk})"


class PayLineQuerySet(models.QuerySet):
    """Pay lines."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the lines of visible statements."""
        return self.filter(_pay_in_reach(user, Permission.STATEMENT_VIEW, on, "statement__"))

    def posted(self) -> Self:
        """Keep the lines of locked runs that nobody reversed."""
        return self.filter(run__state__in=[RunState.LOCKED, RunState.PAID], run__is_void=False)


class PayLine(models.Model):
    """One line of a statement: raw and rounded value, how it came about, chained by hash to the line before.

    The database refuses any change once the run has been reviewed.
    """

    statement = models.ForeignKey(
        Statement, models.PROTECT, related_name="lines", verbose_name=_("statement")
    )
    run = models.ForeignKey(PayRun, models.PROTECT, related_name="+", verbose_name=_("pay run"))
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="+", verbose_name=_("payee"), db_index=False
    )
    sequence = models.PositiveSmallIntegerField(_("number"))
    version = models.ForeignKey(
        PlanVersion, models.PROTECT, related_name="+", null=True, verbose_name=_("plan version")
    )
    assignment = models.ForeignKey(
        PlanAssignment, models.PROTECT, related_name="+", null=True, verbose_name=_("plan assignment")
    )
    component = models.CharField(_("component"), max_length=30)
    label = NameField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=LineKind)
    window = models.CharField(_("window"), max_length=12)
    basis = models.DecimalField(_("basis"), max_digits=24, decimal_places=6)
    credits = models.PositiveIntegerField(pgettext_lazy("count", "credits"), default=0)
    raw = models.DecimalField(_("exact amount"), max_digits=38, decimal_places=18)
    exact = models.CharField(_("exact fraction"), max_length=200, blank=True)
    amount = MoneyField(_("amount"))
    currency = CurrencyField(_("currency"))
    steps = models.JSONField(_("calculation"), default=list)
    trace_digest = models.CharField(_("digest of the source rows"), max_length=64)
    previous_hash = models.CharField(_("hash of the line before"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64)
    adjustment = models.ForeignKey(
        Adjustment, models.PROTECT, related_name="lines", null=True, verbose_name=_("adjustment")
    )

    objects = PayLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("pay line")
        verbose_name_plural = _("pay lines")
        constraints = [
            models.UniqueConstraint(name="incentives_line_number", fields=["statement", "sequence"]),
            models.UniqueConstraint(name="incentives_line_adjustment_once", fields=["adjustment"]),
            bounded("incentives_line_amount", "amount", low=-MAX_AMOUNT),
            bounded("incentives_line_basis", "basis", low=-RAW_LIMIT, high=RAW_LIMIT),
            bounded("incentives_line_raw", "raw", low=-RAW_LIMIT, high=RAW_LIMIT),
            models.CheckConstraint(name="incentives_line_kind_known", condition=Q(kind__in=LineKind.values)),
        ]
        indexes = [models.Index(name="incentives_line_posted", fields=["person", "component", "window"])]

    def __str__(self) -> str:
        return f"line {self.sequence} of statement {self.statement_id} (#{self.pk})"

    @property
    def exact_raw(self) -> Fraction:
        """The raw value before any rounding."""
        return Fraction(self.exact) if self.exact else Fraction(self.raw)


class PayTraceQuerySet(models.QuerySet):
    """Source rows of pay lines."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the source rows of visible lines."""
        return self.filter(line__in=PayLine.objects.visible_to(user, on).values("pk"))


class PayTrace(models.Model):
    """What one ledger credit contributed to a line. Rows without a credit are steps of the rule itself.

    Its line is checked per statement, see ``core.references``.
    """

    pk = models.CompositePrimaryKey("line_id", "sequence")
    line = models.ForeignKey(
        PayLine, models.CASCADE, related_name="traces", db_index=False, db_constraint=False
    )
    sequence = models.PositiveIntegerField(_("number"))
    credit = models.ForeignKey(Credit, models.DO_NOTHING, related_name="+", null=True, db_constraint=False)
    amount = models.DecimalField(_("credited"), max_digits=20, decimal_places=6)
    rate = models.DecimalField(_("rate"), max_digits=12, decimal_places=8, null=True)
    value = models.DecimalField(_("pays"), max_digits=38, decimal_places=18)

    objects = PayTraceQuerySet.as_manager()

    class Meta:
        verbose_name = _("source row of a pay line")
        verbose_name_plural = _("source rows of pay lines")

    def __str__(self) -> str:
        return f"source {self.sequence} of line {self.line_id} (#{self.pk})"


class PayrollExportQuerySet(models.QuerySet):
    """Payroll files."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep all files for those who export payroll for the whole company."""
        scope = scope_of(user, Permission.PAYROLL_EXPORT, on or clock.today())
        return self.all() if scope.everything else self.none()


class PayrollExport(models.Model):
    """A payroll file as it left, with its control totals."""

    run = models.ForeignKey(PayRun, models.PROTECT, related_name="exports", verbose_name=_("pay run"))
    content = models.TextField(_("file"))
    sha256 = models.CharField(_("checksum"), max_length=64)
    rows = models.PositiveIntegerField(_("rows"))
    totals = models.JSONField(_("control totals"), default=dict)
    total = MoneyField(_("control total"))
    currency = CurrencyField(_("currency"))
    exported_by = models.ForeignKey(_USER, models.PROTECT, related_name="+", verbose_name=_("exported by"))
    exported_at = models.DateTimeField(_("exported at"))

    objects = PayrollExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("payroll file")
        verbose_name_plural = _("payroll files")
        constraints = [bounded("incentives_export_total", "total", low=-MAX_AMOUNT)]

    def __str__(self) -> str:
        return f"payroll file of run {self.run_id} (#{self.pk})"

    @property
    def by_currency(self) -> list[tuple[str, Decimal]]:
        """The control total of each currency."""
        told = {code: Decimal(row["total"]) for code, row in self.totals.items()}
        return sorted((told or {self.currency: self.total}).items())

    @property
    def is_abroad(self) -> bool:
        """Whether the file pays in another currency than the company's."""
        return any(code != self.currency for code, _total in self.by_currency)
