"""Writes of fiscal calendars, working calendars and exchange rates."""

import datetime as dt
import logging
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

import holidays
from django.conf import settings
from django.utils.translation import gettext as _

from apps.calendars.enums import DaySource, PeriodKind, ReopenState
from apps.calendars.models import (
    RATE_HIGH,
    RATE_LOW,
    CalendarDay,
    ExchangeRate,
    FiscalCalendar,
    FiscalPeriod,
    PeriodQuerySet,
    ReopenRequest,
    WorkingCalendar,
)
from apps.calendars.rules import FIRST_YEAR, LAST_YEAR, Layout, PeriodSpec, periods_of_year
from apps.core import clock
from apps.core.db import advisory_lock, lock_rows, requires_transaction
from apps.core.errors import DomainError
from apps.core.money import CURRENCIES

logger = logging.getLogger(__name__)

CLOSING_LOCK = "calendars.closing"


class InvalidYears(DomainError):
    """The fiscal years are reversed or out of range."""


class CalendarInUse(DomainError):
    """The calendar has periods that its new settings would move."""


class PeriodAlreadyClosed(DomainError):
    """The period takes no more bookings already."""


class PeriodNotClosed(DomainError):
    """The period is open."""


class PeriodNotOver(DomainError):
    """The period has not ended."""


class SecondPersonNeeded(DomainError):
    """Reopening takes two different people."""


class ReasonNeeded(DomainError):
    """Reopening takes a reason."""


class AlreadyRequested(DomainError):
    """A request to reopen this period waits already."""


class RequestDecided(DomainError):
    """The request was decided by somebody else."""


class InvalidRate(DomainError):
    """The exchange rate cannot be taken."""


class UnknownCountry(DomainError):
    """No public holidays are known for the country."""


@requires_transaction
def ensure_company_calendar() -> FiscalCalendar:
    """Return the company's fiscal calendar, creating one of calendar months when there is none."""
    advisory_lock("calendars.company")
    found = FiscalCalendar.objects.filter(is_default=True).first()
    return found or FiscalCalendar.objects.create(code="company", name="Company", is_default=True)


@requires_transaction
def configure_calendar(
    *, calendar_id: int, scheme: str, first_month: int, week_starts_on: int, year_name: str
) -> FiscalCalendar:
    """Change how a calendar cuts the year. Raises CalendarInUse once it has periods."""
    [calendar] = lock_rows(FiscalCalendar.objects.filter(pk=calendar_id))
    if calendar.periods.exists():
        raise CalendarInUse(_("This calendar has fiscal years already; its settings can no longer change."))
    calendar.scheme, calendar.first_month = scheme, first_month
    calendar.week_starts_on, calendar.year_name = week_starts_on, year_name
    calendar.save(update_fields=["scheme", "first_month", "week_starts_on", "year_name"])
    return calendar


@requires_transaction
def ensure_years(first: int, last: int, calendar: FiscalCalendar | None = None) -> int:
    """Create the missing fiscal years from ``first`` to ``last``; return how many periods were added.

    Without a calendar the company's is used. Raises InvalidYears.
    """
    if not FIRST_YEAR <= first <= last <= LAST_YEAR:
        raise InvalidYears(
            _("Fiscal years must lie between %(first)d and %(last)d, the earlier one first.")
            % {"first": FIRST_YEAR, "last": LAST_YEAR}
        )
    calendar = calendar or ensure_company_calendar()
    lock_rows(FiscalCalendar.objects.filter(pk=calendar.pk))
    have = set(calendar.periods.filter(kind=PeriodKind.YEAR).values_list("year", flat=True))
    layout = Layout(calendar.scheme, calendar.first_month, calendar.week_starts_on, calendar.year_name)
    missing = [year for year in range(first, last + 1) if year not in have]
    return sum(_create_year(calendar, periods_of_year(layout, year)) for year in missing)


def _create_year(calendar: FiscalCalendar, specs: list[PeriodSpec]) -> int:
    created: dict[str, FiscalPeriod] = {}
    for kind in PeriodKind:
        rows = [
            FiscalPeriod(
                calendar=calendar,
                kind=spec.kind,
                code=spec.code,
                year=spec.year,
                number=spec.number,
                starts_on=spec.starts_on,
                ends_before=spec.ends_before,
                parent=created.get(spec.parent_code),
            )
            for spec in specs
            if spec.kind == kind
        ]
        created |= {row.code: row for row in FiscalPeriod.objects.bulk_create(rows)}
    return len(created)


@requires_transaction
def close_period(period_id: int, by: int, at: dt.datetime) -> FiscalPeriod:
    """Close a period and every period inside it: from now on the database refuses bookings there.

    ``by`` is a user id. Waits for bookings under way. Raises PeriodAlreadyClosed
    or PeriodNotOver.
    """
    advisory_lock(CLOSING_LOCK)
    period = _locked_period(period_id)
    if period.is_closed:
        raise PeriodAlreadyClosed(_("%(code)s is closed already.") % {"code": period.code})
    if clock.date_of(at) < period.ends_before:
        raise PeriodNotOver(
            _("%(code)s runs until %(day)s and can be closed after that day.")
            % {"code": period.code, "day": (period.ends_before - dt.timedelta(days=1)).isoformat()}
        )
    inside = _inside(period).filter(closed_at__isnull=True)
    inside.update(closed_at=at, closed_by_id=by)
    period.refresh_from_db()
    logger.info("period closed", extra={"period_id": period.pk, "by": by})
    return period


@requires_transaction
def reopen_period(period_id: int, by: int, second_person: int, reason: str, at: dt.datetime) -> FiscalPeriod:
    """Reopen a closed period, everything inside it and what holds it, with two people and a reason.

    Raises PeriodNotClosed, SecondPersonNeeded or ReasonNeeded.
    """
    request = request_reopening(period_id=period_id, by=by, reason=reason, at=at)
    return approve_reopening(request_id=request.pk, by=second_person, at=at)


@requires_transaction
def request_reopening(*, period_id: int, by: int, reason: str, at: dt.datetime) -> ReopenRequest:
    """Ask to reopen a closed period. Raises PeriodNotClosed, ReasonNeeded or AlreadyRequested."""
    period = _locked_period(period_id)
    if not period.is_closed:
        raise PeriodNotClosed(_("%(code)s is open.") % {"code": period.code})
    if not reason.strip():
        raise ReasonNeeded(
            _("Say why the period must be reopened."), fields={"reason": _("A reason is needed.")}
        )
    if period.reopen_requests.filter(state=ReopenState.PENDING).exists():
        raise AlreadyRequested(_("A request to reopen %(code)s waits already.") % {"code": period.code})
    return ReopenRequest.objects.create(
        period=period, reason=reason.strip(), requested_by_id=by, requested_at=at
    )


@requires_transaction
def approve_reopening(*, request_id: int, by: int, at: dt.datetime) -> FiscalPeriod:
    """Approve a request as the second person and reopen. Raises SecondPersonNeeded or RequestDecided."""
    advisory_lock(CLOSING_LOCK)
    request = _pending(request_id)
    if request.requested_by_id == by:
        raise SecondPersonNeeded(_("Somebody other than the one who asked must approve."))
    _decide(request, ReopenState.APPROVED, by, at)
    period = _locked_period(request.period_id)
    above = FiscalPeriod.objects.filter(
        calendar_id=period.calendar_id,
        starts_on__lte=period.starts_on,
        ends_before__gte=period.ends_before,
    )
    (_inside(period) | above).update(closed_at=None, closed_by=None)
    period.refresh_from_db()
    logger.info("period reopened", extra={"period_id": period.pk, "by": by})
    return period


@requires_transaction
def decline_reopening(*, request_id: int, by: int, at: dt.datetime) -> ReopenRequest:
    """Decline a request as the second person. Raises SecondPersonNeeded or RequestDecided."""
    request = _pending(request_id)
    if request.requested_by_id == by:
        raise SecondPersonNeeded(_("Somebody other than the one who asked must decide."))
    return _decide(request, ReopenState.DECLINED, by, at)


def _pending(request_id: int) -> ReopenRequest:
    [request] = lock_rows(ReopenRequest.objects.filter(pk=request_id))
    if request.state != ReopenState.PENDING:
        raise RequestDecided(_("This request was decided already."))
    return request


def _decide(request: ReopenRequest, state: ReopenState, by: int, at: dt.datetime) -> ReopenRequest:
    request.state, request.decided_by_id, request.decided_at = state, by, at
    request.save(update_fields=["state", "decided_by", "decided_at"])
    return request


def _locked_period(period_id: int) -> FiscalPeriod:
    [period] = lock_rows(FiscalPeriod.objects.filter(pk=period_id))
    return period


def _inside(period: FiscalPeriod) -> PeriodQuerySet:
    return FiscalPeriod.objects.filter(
        calendar_id=period.calendar_id,
        starts_on__gte=period.starts_on,
        ends_before__lte=period.ends_before,
    )


@requires_transaction
def ensure_working_calendar(
    *, code: str, name: str, country: str, years: Iterable[int], is_default: bool = False
) -> WorkingCalendar:
    """Create a country's working calendar if missing and fill in holidays. Raises UnknownCountry."""
    advisory_lock("calendars.working")
    calendar, _created = WorkingCalendar.objects.get_or_create(
        code=code, defaults={"name": name, "country": country, "is_default": is_default}
    )
    seed_holidays(calendar_id=calendar.pk, years=years)
    return calendar


@requires_transaction
def seed_holidays(*, calendar_id: int, years: Iterable[int]) -> int:
    """Fill in the public holidays and make-up days of a calendar's country; days edited by hand stay.

    Returns how many days were written. Raises UnknownCountry.
    """
    [calendar] = lock_rows(WorkingCalendar.objects.filter(pk=calendar_id))
    rows = _public_days(calendar, sorted(set(years)))
    edited = set(calendar.days.filter(source=DaySource.EDITED).values_list("day", flat=True))
    wanted = [row for row in rows if row.day not in edited]
    CalendarDay.objects.bulk_create(
        wanted,
        update_conflicts=True,
        unique_fields=["calendar", "day"],
        update_fields=["is_working", "name", "source"],
    )
    return len(wanted)


def _public_days(calendar: WorkingCalendar, years: list[int]) -> list[CalendarDay]:
    try:
        public = holidays.country_holidays(calendar.country, years=years)
    except NotImplementedError as error:
        text = _("No public holidays are known for the country %(country)s.")
        raise UnknownCountry(text % {"country": calendar.country}) from error
    off = {day: name for day, name in public.items() if day.year in years}
    days = [
        CalendarDay(calendar=calendar, day=day, is_working=False, name=name[:120], source=DaySource.SEEDED)
        for day, name in off.items()
    ]
    make_up = [day for day in public.weekend_workdays if day.year in years and day not in off]
    days += [
        CalendarDay(calendar=calendar, day=day, is_working=True, name="", source=DaySource.SEEDED)
        for day in make_up
    ]
    return days


@requires_transaction
def set_day(*, calendar_id: int, day: dt.date, is_working: bool, name: str = "") -> CalendarDay:
    """State by hand whether a day is worked; this wins over the public calendar."""
    [calendar] = lock_rows(WorkingCalendar.objects.filter(pk=calendar_id))
    row, _created = CalendarDay.objects.update_or_create(
        calendar=calendar,
        day=day,
        defaults={"is_working": is_working, "name": name.strip()[:120], "source": DaySource.EDITED},
    )
    return row


@requires_transaction
def clear_day(*, calendar_id: int, day: dt.date) -> None:
    """Let a day follow the week's pattern again."""
    [calendar] = lock_rows(WorkingCalendar.objects.filter(pk=calendar_id))
    calendar.days.filter(day=day).delete()


@requires_transaction
def set_rate(*, currency: str, on: dt.date, rate: Decimal) -> ExchangeRate:
    """Enter or correct the exchange rate of a currency from a day. Raises InvalidRate.

    Facts already booked keep the rate they were booked with.
    """
    if currency not in CURRENCIES or currency == settings.COMPANY_CURRENCY:
        text = _("%(currency)s is not a foreign currency we know.") % {"currency": currency}
        raise InvalidRate(text, fields={"currency": text})
    try:
        inside = rate.is_finite() and RATE_LOW <= rate <= RATE_HIGH
    except InvalidOperation:
        inside = False
    if not inside:
        text = _("The rate must be greater than zero and at most 1,000,000.")
        raise InvalidRate(text, fields={"rate": text})
    row, _created = ExchangeRate.objects.update_or_create(currency=currency, on=on, defaults={"rate": rate})
    return row
