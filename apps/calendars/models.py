"""Fiscal calendars, working calendars and exchange rates."""

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.calendars.enums import DaySource, PeriodKind, ReopenState, Scheme, YearName
from apps.core.effective import KeyRange
from apps.core.money import CurrencyField, bounded

RATE_LOW = Decimal("0.00000001")
RATE_HIGH = Decimal("1000000")


class FiscalCalendar(models.Model):
    """How the company cuts time into fiscal years, halves, quarters and months."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    scheme = models.CharField(_("scheme"), max_length=12, choices=Scheme, default=Scheme.MONTHS)
    first_month = models.PositiveSmallIntegerField(_("first month"), default=1)
    week_starts_on = models.PositiveSmallIntegerField(_("first weekday (0 = Monday)"), default=0)
    year_name = models.CharField(
        _("a year is called after"), max_length=5, choices=YearName, default=YearName.END
    )
    is_default = models.BooleanField(_("company calendar"), default=False)

    class Meta:
        verbose_name = _("fiscal calendar")
        verbose_name_plural = _("fiscal calendars")
        constraints = [
            bounded("fiscal_calendar_first_month", "first_month", low=1, high=12),
            bounded("fiscal_calendar_weekday", "week_starts_on", low=0, high=6),
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="fiscal_calendar_one_default"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} (#{self.pk})"


class PeriodQuerySet(models.QuerySet["FiscalPeriod"]):
    """Periods."""

    def of_company(self) -> "PeriodQuerySet":
        """Keep the periods of the company's own calendar."""
        return self.filter(calendar__is_default=True)

    def on(self, day: object) -> "PeriodQuerySet":
        """Keep the periods that hold a day."""
        return self.filter(starts_on__lte=day, ends_before__gt=day)


def _apart(kind: PeriodKind) -> ExclusionConstraint:
    days = Func(F("starts_on"), F("ends_before"), function="daterange", output_field=DateRangeField())
    return ExclusionConstraint(
        name=f"fiscal_period_{kind.value}_apart",
        index_type="GIST",
        expressions=[(KeyRange("calendar"), RangeOperators.OVERLAPS), (days, RangeOperators.OVERLAPS)],
        condition=Q(kind=kind.value),
    )


class FiscalPeriod(models.Model):
    """A fiscal year, half, quarter or month: the half-open days ``[starts_on, ends_before)``.

    A closed period takes no bookings. Months decide: closing a longer period
    closes its months, reopening a month reopens what holds it.
    """

    calendar = models.ForeignKey(FiscalCalendar, on_delete=models.PROTECT, related_name="periods")
    kind = models.CharField(_("kind"), max_length=8, choices=PeriodKind)
    code = models.CharField(_("code"), max_length=12)
    year = models.PositiveSmallIntegerField(_("fiscal year"))
    number = models.PositiveSmallIntegerField(_("number within the year"))
    starts_on = models.DateField(_("starts on"))
    ends_before = models.DateField(_("ends before"))
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = _("fiscal period")
        verbose_name_plural = _("fiscal periods")
        constraints = [
            models.UniqueConstraint(fields=["calendar", "code"], name="fiscal_period_code"),
            models.CheckConstraint(name="fiscal_period_days", condition=Q(ends_before__gt=F("starts_on"))),
            models.CheckConstraint(
                name="fiscal_period_closed_pair",
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="fiscal_period_parent_kind",
                condition=Q(kind="year", parent__isnull=True) | (~Q(kind="year") & Q(parent__isnull=False)),
            ),
            *[_apart(kind) for kind in PeriodKind],
        ]
        indexes = [models.Index(fields=["calendar", "kind", "starts_on"], name="fiscal_period_by_day")]

    def __str__(self) -> str:
        return f"{self.code} (#{self.pk})"

    @property
    def is_closed(self) -> bool:
        """Whether the period takes no more bookings."""
        return self.closed_at is not None


class ReopenRequest(models.Model):
    """One person asks to reopen a closed period; another one decides."""

    period = models.ForeignKey(FiscalPeriod, on_delete=models.PROTECT, related_name="reopen_requests")
    reason = models.TextField(_("reason"), max_length=1000)
    state = models.CharField(_("state"), max_length=10, choices=ReopenState, default=ReopenState.PENDING)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(_("requested at"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("request to reopen")
        verbose_name_plural = _("requests to reopen")
        constraints = [
            models.CheckConstraint(name="reopen_reason_given", condition=~Q(reason="")),
            models.CheckConstraint(
                name="reopen_two_people",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
            ),
            models.CheckConstraint(
                name="reopen_decided_pair",
                condition=Q(state="pending", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(state="pending") & Q(decided_by__isnull=False, decided_at__isnull=False)),
            ),
            models.UniqueConstraint(
                fields=["period"], condition=Q(state="pending"), name="reopen_one_pending"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period_id} {self.state} (#{self.pk})"


def _weekend() -> list[int]:
    return [5, 6]


class WorkingCalendar(models.Model):
    """Which days count as working days in one country or site."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    country = models.CharField(_("country"), max_length=2, blank=True)
    weekend = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("weekend (0 = Monday)"), default=_weekend
    )
    is_default = models.BooleanField(_("company calendar"), default=False)

    class Meta:
        verbose_name = _("working calendar")
        verbose_name_plural = _("working calendars")
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="working_calendar_one_default"
            ),
            models.CheckConstraint(
                name="working_calendar_weekend", condition=Q(weekend__contained_by=list(range(7)))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} (#{self.pk})"


class CalendarDay(models.Model):
    """A day that differs from the week's pattern: a holiday, or a make-up working day (调休)."""

    calendar = models.ForeignKey(WorkingCalendar, on_delete=models.PROTECT, related_name="days")
    day = models.DateField(_("day"))
    is_working = models.BooleanField(_("working day"))
    name = models.CharField(_("name"), max_length=120, blank=True)
    source = models.CharField(_("source"), max_length=8, choices=DaySource, default=DaySource.EDITED)

    class Meta:
        verbose_name = _("exception day")
        verbose_name_plural = _("exception days")
        constraints = [models.UniqueConstraint(fields=["calendar", "day"], name="calendar_day_once")]

    def __str__(self) -> str:
        return f"{self.day} (#{self.pk})"


class ExchangeRate(models.Model):
    """What one unit of a currency is worth in company currency, from a day until the next entry."""

    currency = CurrencyField(_("currency"))
    on = models.DateField(_("from"))
    rate = models.DecimalField(pgettext_lazy("currency", "rate"), max_digits=18, decimal_places=8)

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints = [
            models.UniqueConstraint(fields=["currency", "on"], name="exchange_rate_once"),
            bounded("exchange_rate_bounds", "rate", low=RATE_LOW, high=RATE_HIGH),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.on} (#{self.pk})"
