"""The fiscal calendar, working days and exchange rates."""

import datetime as dt

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from apps.calendars import selectors, services
from apps.calendars.forms import DayForm, MonthForm, RateForm, ReasonForm, YearForm
from apps.calendars.models import FiscalPeriod, ReopenRequest, WorkingCalendar
from apps.core import clock, gate


@gate.page("calendar.edit")
def periods(request: HttpRequest) -> HttpResponse:
    """Show the periods of one fiscal year with their closed state."""
    years = selectors.fiscal_years()
    asked = YearForm({"year": request.GET.get("year", "")})
    now = clock.today().year
    year = (
        asked.cleaned_data["year"] if asked.is_valid() else (now if now in years or not years else years[0])
    )
    context = {
        "years": years,
        "year": year,
        "next_year": (years[0] + 1) if years else now,
        "calendar": selectors.company_calendar(),
        "periods": selectors.year_tree(year),
        "requests": selectors.pending_reopenings(year),
        "today": clock.today(),
    }
    return render(request, "calendars/periods.html", context)


@gate.action("calendar.edit")
def add_year(request: HttpRequest) -> HttpResponse:
    """Add a fiscal year."""
    year = YearForm(request.POST).checked()["year"]
    services.ensure_years(year, year)
    messages.success(request, _("The fiscal year %(year)d is there.") % {"year": year})
    return redirect(f"{reverse('calendars:periods')}?year={year}")


@gate.action("calendar.edit")
def close(request: HttpRequest, period_id: int) -> HttpResponse:
    """Close a period."""
    found = get_object_or_404(FiscalPeriod.objects.of_company(), pk=period_id)
    period = services.close_period(found.pk, by=request.user.pk, at=clock.now())
    messages.success(request, _("%(code)s is closed.") % {"code": period.code})
    return _to_year(period.year)


@gate.action("calendar.edit")
def request_reopening(request: HttpRequest, period_id: int) -> HttpResponse:
    """Ask a second person to reopen a period."""
    found = get_object_or_404(FiscalPeriod.objects.of_company(), pk=period_id)
    reason = ReasonForm(request.POST).checked()["reason"]
    services.request_reopening(period_id=found.pk, by=request.user.pk, reason=reason, at=clock.now())
    messages.success(request, _("Asked. Somebody else must approve before the period opens."))
    return _to_year(found.year)


@gate.action("calendar.edit")
def approve_reopening(request: HttpRequest, request_id: int) -> HttpResponse:
    """Reopen a period as the second person."""
    found = get_object_or_404(ReopenRequest, pk=request_id)
    period = services.approve_reopening(request_id=found.pk, by=request.user.pk, at=clock.now())
    messages.success(request, _("%(code)s is open again.") % {"code": period.code})
    return _to_year(period.year)


@gate.action("calendar.edit")
def decline_reopening(request: HttpRequest, request_id: int) -> HttpResponse:
    """Keep a period closed as the second person."""
    found = get_object_or_404(ReopenRequest.objects.select_related("period"), pk=request_id)
    services.decline_reopening(request_id=found.pk, by=request.user.pk, at=clock.now())
    messages.success(request, _("The period stays closed."))
    return _to_year(found.period.year)


@gate.page("calendar.edit")
def days(request: HttpRequest) -> HttpResponse:
    """Show a month of a working calendar."""
    form = MonthForm(request.GET)
    calendars = selectors.working_calendars()
    calendar = next((row for row in calendars if row.code == form.code()), next(iter(calendars), None))
    first = form.first_day(clock.today())
    following = (first + dt.timedelta(days=32)).replace(day=1)
    context = {
        "calendars": calendars,
        "calendar": calendar,
        "first": first,
        "previous": first - dt.timedelta(days=1),
        "following": following,
        "weeks": selectors.month_weeks(calendar, first) if calendar else [],
        "count": selectors.working_days(first, following, calendar) if calendar else 0,
        "today": clock.today(),
    }
    return render(request, "calendars/days.html", context)


@gate.action("calendar.edit")
def set_day(request: HttpRequest, calendar_id: int) -> HttpResponse:
    """State whether a day is worked."""
    calendar = get_object_or_404(WorkingCalendar, pk=calendar_id)
    data = DayForm(request.POST).checked()
    if data["kind"] == "usual":
        services.clear_day(calendar_id=calendar.pk, day=data["day"])
    else:
        services.set_day(
            calendar_id=calendar.pk, day=data["day"], is_working=data["kind"] == "work", name=data["name"]
        )
    messages.success(request, _("The day is saved."))
    return _to_month(calendar, data["day"])


@gate.action("calendar.edit")
def seed(request: HttpRequest, calendar_id: int) -> HttpResponse:
    """Fill in the public holidays of a year."""
    calendar = get_object_or_404(WorkingCalendar, pk=calendar_id)
    year = YearForm(request.POST).checked()["year"]
    count = services.seed_holidays(calendar_id=calendar.pk, years=[year])
    messages.success(
        request, _("%(count)d days of %(year)d were filled in.") % {"count": count, "year": year}
    )
    return _to_month(calendar, dt.date(year, 1, 1))


@gate.page("calendar.edit")
def rates(request: HttpRequest) -> HttpResponse:
    """Show the exchange rates."""
    currencies = selectors.foreign_currencies()
    currency = request.GET.get("currency", "")
    currency = currency if currency in currencies else ""
    context = {
        "currencies": currencies,
        "currency": currency,
        "rates": selectors.exchange_rates(currency),
        "company_currency": settings.COMPANY_CURRENCY,
        "today": clock.today(),
    }
    return render(request, "calendars/rates.html", context)


@gate.action("calendar.edit")
def set_rate(request: HttpRequest) -> HttpResponse:
    """Enter or correct an exchange rate."""
    data = RateForm(request.POST).checked()
    row = services.set_rate(currency=data["currency"].upper(), on=data["on"], rate=data["rate"])
    messages.success(request, _("The rate of %(currency)s is saved.") % {"currency": row.currency})
    return redirect(f"{reverse('calendars:rates')}?currency={row.currency}")


def _to_year(year: int) -> HttpResponse:
    return redirect(f"{reverse('calendars:periods')}?year={year}")


def _to_month(calendar: WorkingCalendar, day: dt.date) -> HttpResponse:
    query = urlencode({"calendar": calendar.code, "month": f"{day:%Y-%m}"})
    return redirect(f"{reverse('calendars:days')}?{query}")
