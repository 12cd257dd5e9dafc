"""Reads of fiscal periods, working days and exchange rates."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from apps.calendars.enums import PeriodKind, ReopenState
from apps.calendars.models import (
    CalendarDay,
    ExchangeRate,
    FiscalCalendar,
    FiscalPeriod,
    PeriodQuerySet,
    ReopenRequest,
    WorkingCalendar,
)
from apps.calendars.rules import Workdays, weekdays_between
from apps.core.errors import DomainError
from apps.core.money import CURRENCIES
from apps.core.periods import EndedPeriod

_WEEKEND = (5, 6)


class MissingPeriod(DomainError):
    """The fiscal calendar has no such period."""


class MissingRate(DomainError):
    """There is no exchange rate for the currency on the day."""


def company_calendar() -> FiscalCalendar | None:
    """Return the company's fiscal calendar, if there is one yet."""
    return FiscalCalendar.objects.filter(is_default=True).first()


def period(code: str, kind: str | None = None) -> FiscalPeriod:
    """Return a period of the company's calendar by code (``2017``, ``2017-H1``, ``2017-Q4``, ``2017-M12``).

    Raises MissingPeriod.
    """
    found = _periods().filter(code=code, **({"kind": kind} if kind else {})).first()
    if found is None:
        raise MissingPeriod(_("The fiscal calendar has no period %(code)s.") % {"code": code})
    return found


def period_of(day: dt.date, kind: str) -> FiscalPeriod:
    """Return the period of a kind that holds a day. Raises MissingPeriod."""
    found = _periods().filter(kind=kind).on(day).first()
    if found is None:
        raise MissingPeriod(
            _("The fiscal calendar has no period for %(day)s. Add the fiscal year first.")
            % {"day": day.isoformat()}
        )
    return found


def periods_between(start: dt.date, end: dt.date, kind: str) -> list[FiscalPeriod]:
    """Return the periods of a kind that share a day with ``[start, end)``, oldest first."""
    return list(_periods().filter(kind=kind, starts_on__lt=end, ends_before__gt=start).order_by("starts_on"))


def children(period: FiscalPeriod, kind: str) -> list[FiscalPeriod]:
    """Return the periods of a kind inside a period, oldest first; a period is its own child of its kind."""
    inside = FiscalPeriod.objects.filter(calendar_id=period.calendar_id, kind=kind)
    return list(
        inside.filter(starts_on__gte=period.starts_on, ends_before__lte=period.ends_before).order_by(
            "starts_on", "pk"
        )
    )


def months_of(period: FiscalPeriod) -> list[FiscalPeriod]:
    """Return the fiscal months of a period, oldest first."""
    return children(period, PeriodKind.MONTH)


def year_tree(year: int) -> list[FiscalPeriod]:
    """Return every period of one fiscal year, in the order a page lists them: parents before children."""
    order = {kind: rank for rank, kind in enumerate(PeriodKind.values)}
    rows = _periods().filter(year=year).select_related("closed_by")
    return sorted(rows, key=lambda row: (row.starts_on, order[row.kind]))


def fiscal_years() -> list[int]:
    """Return the fiscal years that exist, newest first."""
    return list(_periods().filter(kind=PeriodKind.YEAR).order_by("-year").values_list("year", flat=True))


def is_closed(day: dt.date) -> bool:
    """Tell whether the fiscal month that holds a day is closed. A day without a period is open."""
    return _periods().filter(kind=PeriodKind.MONTH, closed_at__isnull=False).on(day).exists()


def closed_months() -> list[tuple[dt.date, dt.date]]:
    """Return the first day and the day after the last of every closed fiscal month, oldest first."""
    rows = _periods().filter(kind=PeriodKind.MONTH, closed_at__isnull=False).order_by("starts_on")
    return list(rows.values_list("starts_on", "ends_before"))


def pending_reopenings(year: int) -> list[ReopenRequest]:
    """Return the requests to reopen periods of a year that wait for a second person."""
    waiting = ReopenRequest.objects.filter(state=ReopenState.PENDING, period__year=year)
    return list(waiting.select_related("period", "requested_by").order_by("requested_at", "pk"))


def workdays(calendar: WorkingCalendar | None = None) -> Workdays:
    """Return the working days of a calendar (by default the company's), loaded once, for many questions."""
    found = calendar or _working_calendar()
    if found is None:
        return Workdays(_WEEKEND, {})
    return Workdays(found.weekend, dict(found.days.values_list("day", "is_working")))


def working_days(start: dt.date, end: dt.date, calendar: WorkingCalendar | None = None) -> int:
    """Count the working days of ``[start, end)``."""
    found = calendar or _working_calendar()
    if found is None:
        return weekdays_between(start, end, _WEEKEND)
    days = found.days.filter(day__gte=start, day__lt=end).values_list("day", "is_working")
    return Workdays(found.weekend, dict(days)).between(start, end)


def is_working_day(day: dt.date, calendar: WorkingCalendar | None = None) -> bool:
    """Tell whether a day is a working day."""
    return working_days(day, day + dt.timedelta(days=1), calendar) == 1


def working_calendars() -> list[WorkingCalendar]:
    """Return the working calendars, the company's first."""
    return list(WorkingCalendar.objects.order_by("-is_default", "name", "pk"))


def exception_days(calendar: WorkingCalendar, start: dt.date, end: dt.date) -> dict[dt.date, CalendarDay]:
    """Return the exception days of ``[start, end)`` by day."""
    return {row.day: row for row in calendar.days.filter(day__gte=start, day__lt=end)}


@dataclass(frozen=True)
class DayCell:
    """One day of a month view."""

    day: dt.date
    in_month: bool
    is_working: bool
    exception: CalendarDay | None


def month_weeks(calendar: WorkingCalendar, first: dt.date) -> list[list[DayCell]]:
    """Return the weeks, Monday first, that show the month beginning on ``first``."""
    start = first - dt.timedelta(days=first.weekday())
    following = (first + dt.timedelta(days=32)).replace(day=1)
    days = [start + dt.timedelta(days=offset) for offset in range(-(-(following - start).days // 7) * 7)]
    exceptions = exception_days(calendar, days[0], days[-1] + dt.timedelta(days=1))
    known = Workdays(calendar.weekend, {day: row.is_working for day, row in exceptions.items()})
    cells = [
        DayCell(day, first <= day < following, known.is_working(day), exceptions.get(day)) for day in days
    ]
    return [cells[index : index + 7] for index in range(0, len(cells), 7)]


def rate(currency: str, on: dt.date) -> Decimal:
    """Return what one unit of a currency is worth in company currency on a day.

    The newest entry of that day or earlier counts. Raises MissingRate.
    """
    if currency == settings.COMPANY_CURRENCY:
        return Decimal(1)
    newest = ExchangeRate.objects.filter(currency=currency, on__lte=on).order_by("-on")
    found = newest.values_list("rate", flat=True).first()
    if found is None:
        raise _missing_rate(currency, on)
    return found


class Rates:
    """All exchange rates of some currencies, loaded once, for many conversions."""

    def __init__(self) -> None:
        self._by_currency: dict[str, list[tuple[dt.date, Decimal]]] = {}
        for currency, on, value in ExchangeRate.objects.order_by("-on").values_list("currency", "on", "rate"):
            self._by_currency.setdefault(currency, []).append((on, value))

    def rate(self, currency: str, on: dt.date) -> Decimal:
        """Return the rate of a day; see :func:`rate`. Raises MissingRate."""
        if currency == settings.COMPANY_CURRENCY:
            return Decimal(1)
        for start, value in self._by_currency.get(currency, []):
            if start <= on:
                return value
        raise _missing_rate(currency, on)

    def days(self, currency: str) -> list[dt.date]:
        """Return the days on which a rate of a currency was entered, oldest first."""
        return [start for start, _value in reversed(self._by_currency.get(currency, []))]


def exchange_rates(currency: str = "") -> "list[ExchangeRate]":
    """Return the exchange rates, newest first, of one currency or of all."""
    rows = ExchangeRate.objects.filter(currency=currency) if currency else ExchangeRate.objects.all()
    return list(rows.order_by("-on", "currency"))


def foreign_currencies() -> list[str]:
    """Return the currencies that need a rate."""
    return [code for code in CURRENCIES if code != settings.COMPANY_CURRENCY]


def ended(kind: str, after: dt.date, until: dt.date) -> list[EndedPeriod]:
    """Return the periods of a kind with ``after <= ends_before <= until``, oldest first."""
    rows = _periods().filter(kind=kind, ends_before__gte=after, ends_before__lte=until)
    return [
        EndedPeriod(*row)
        for row in rows.order_by("starts_on").values_list("code", "starts_on", "ends_before")
    ]


def _missing_rate(currency: str, on: dt.date) -> MissingRate:
    text = _("There is no exchange rate for %(currency)s on %(day)s. Enter one under exchange rates.")
    return MissingRate(text % {"currency": currency, "day": on.isoformat()})


def _periods() -> PeriodQuerySet:
    return FiscalPeriod.objects.of_company()


def _working_calendar() -> WorkingCalendar | None:
    return WorkingCalendar.objects.filter(is_default=True).first()
