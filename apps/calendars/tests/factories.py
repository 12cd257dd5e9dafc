"""Minimal valid rows of calendars; those of the company come from the services."""

import datetime as dt
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from apps.calendars import models
from apps.calendars.enums import PeriodKind


class FiscalCalendarFactory(DjangoModelFactory):
    """A calendar that is not the company's."""

    class Meta:
        model = models.FiscalCalendar

    code = factory.Sequence(lambda n: f"calendar-{n}")
    name = factory.Sequence(lambda n: f"Calendar {n}")


class FiscalPeriodFactory(DjangoModelFactory):
    """A year."""

    class Meta:
        model = models.FiscalPeriod

    calendar = factory.SubFactory(FiscalCalendarFactory)
    kind = PeriodKind.YEAR
    year = 2026
    code = factory.LazyAttribute(lambda period: str(period.year))
    number = 1
    starts_on = factory.LazyAttribute(lambda period: dt.date(period.year, 1, 1))
    ends_before = factory.LazyAttribute(lambda period: dt.date(period.year + 1, 1, 1))


class ReopenRequestFactory(DjangoModelFactory):
    """Somebody asks to reopen a period."""

    class Meta:
        model = models.ReopenRequest

    period = factory.SubFactory(FiscalPeriodFactory)
    reason = "An invoice was late."
    requested_by = factory.SubFactory("apps.access.tests.factories.UserFactory")
    requested_at = dt.datetime(2026, 2, 3, 9, tzinfo=dt.UTC)


class WorkingCalendarFactory(DjangoModelFactory):
    """Monday to Friday."""

    class Meta:
        model = models.WorkingCalendar

    code = factory.Sequence(lambda n: f"working-{n}")
    name = factory.Sequence(lambda n: f"Working days {n}")


class CalendarDayFactory(DjangoModelFactory):
    """A holiday."""

    class Meta:
        model = models.CalendarDay

    calendar = factory.SubFactory(WorkingCalendarFactory)
    day = dt.date(2026, 10, 1)
    is_working = False
    name = "National Day"


class ExchangeRateFactory(DjangoModelFactory):
    """What a euro is worth."""

    class Meta:
        model = models.ExchangeRate

    currency = "EUR"
    on = dt.date(2026, 1, 1)
    rate = Decimal("1.1")
