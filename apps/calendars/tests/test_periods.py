import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from apps.calendars import selectors, services
from apps.calendars.models import FiscalCalendar, FiscalPeriod, ReopenRequest

AT = dt.datetime(2026, 5, 2, 9, tzinfo=dt.UTC)
TABLE = """
CREATE TABLE booking (id serial PRIMARY KEY, booked_on date NOT NULL);
CREATE TRIGGER refuse_closed {timing} INSERT ON booking {level}
EXECUTE FUNCTION calendars_refuse_closed();
"""
LEVELS = [
    pytest.param("BEFORE", "FOR EACH ROW", id="row"),
    pytest.param("AFTER", "REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT", id="statement"),
]


@pytest.fixture
def years(db):
    services.ensure_years(2025, 2026)


@pytest.fixture
def closed(years, user):
    return services.close_period(selectors.period("2026-Q1").pk, by=user.pk, at=AT)


def test_years_are_created_once(years):
    assert services.ensure_years(2025, 2026) == 0
    assert services.ensure_years(2026, 2027) == 19


@pytest.mark.parametrize(("first", "last"), [(2027, 2026), (1900, 1901), (2099, 9999)])
def test_absurd_years_are_refused(db, first, last):
    with pytest.raises(services.InvalidYears):
        services.ensure_years(first, last)

    assert not FiscalPeriod.objects.exists()


def test_periods_are_found_by_code_and_by_day(years):
    quarter = selectors.period("2026-Q1")

    assert selectors.period_of(dt.date(2026, 3, 31), "quarter") == quarter
    assert selectors.period_of(dt.date(2026, 4, 1), "quarter").code == "2026-Q2"
    assert [month.code for month in selectors.months_of(quarter)] == ["2026-M01", "2026-M02", "2026-M03"]
    assert quarter.parent.code == "2026-H1"
    between = selectors.periods_between(dt.date(2025, 12, 31), dt.date(2026, 1, 2), "month")
    assert [month.code for month in between] == ["2025-M12", "2026-M01"]


@pytest.mark.parametrize("code", ["2024", "2026-Q5", "", "nonsense"])
def test_a_period_that_is_not_there_is_named(years, code):
    with pytest.raises(selectors.MissingPeriod):
        selectors.period(code)


def test_one_lookup_is_one_query(years, django_assert_num_queries):
    with django_assert_num_queries(1):
        selectors.period_of(dt.date(2026, 3, 31), "month")


def test_overlapping_periods_are_refused_by_the_database(years):
    row = selectors.period("2026-M03")
    row.pk, row.code = None, "2026-M99"

    with pytest.raises(IntegrityError, match="fiscal_period_month_apart"), transaction.atomic():
        row.save(force_insert=True)


def test_a_calendar_with_years_keeps_its_settings(years):
    calendar = FiscalCalendar.objects.get()

    with pytest.raises(services.CalendarInUse):
        services.configure_calendar(
            calendar_id=calendar.pk, scheme="weeks_445", first_month=2, week_starts_on=0, year_name="end"
        )


def test_closing_a_quarter_closes_its_months_only(closed):
    assert selectors.is_closed(dt.date(2026, 3, 31))
    assert not selectors.is_closed(dt.date(2026, 4, 1))
    assert set(FiscalPeriod.objects.filter(closed_at=AT).values_list("code", flat=True)) == {
        "2026-Q1", "2026-M01", "2026-M02", "2026-M03",
    }  # fmt: skip


def test_closing_twice_or_too_early_is_refused(closed, user):
    with pytest.raises(services.PeriodAlreadyClosed):
        services.close_period(closed.pk, by=user.pk, at=AT)
    with pytest.raises(services.PeriodNotOver):
        services.close_period(selectors.period("2026-Q2").pk, by=user.pk, at=AT)

    assert not selectors.is_closed(dt.date(2026, 4, 1))


def test_reopening_takes_a_reason_and_two_people(closed, user, other):
    with pytest.raises(services.SecondPersonNeeded), transaction.atomic():
        services.reopen_period(closed.pk, user.pk, user.pk, "late invoice", AT)
    with pytest.raises(services.ReasonNeeded), transaction.atomic():
        services.reopen_period(closed.pk, user.pk, other.pk, " ", AT)
    assert selectors.is_closed(dt.date(2026, 2, 1))

    services.reopen_period(closed.pk, user.pk, other.pk, "late invoice", AT)

    assert not selectors.is_closed(dt.date(2026, 2, 1))
    request = ReopenRequest.objects.get()
    assert (request.requested_by, request.decided_by, request.reason) == (user, other, "late invoice")


def test_reopening_a_month_opens_what_holds_it_and_leaves_its_neighbours(closed, user, other):
    services.reopen_period(selectors.period("2026-M02").pk, user.pk, other.pk, "late invoice", AT)

    assert not selectors.period("2026-Q1").is_closed
    assert selectors.is_closed(dt.date(2026, 1, 31))
    assert not selectors.is_closed(dt.date(2026, 2, 1))


def test_a_declined_request_leaves_the_period_closed(closed, user, other):
    request = services.request_reopening(period_id=closed.pk, by=user.pk, reason="please", at=AT)
    with pytest.raises(services.AlreadyRequested):
        services.request_reopening(period_id=closed.pk, by=other.pk, reason="please", at=AT)

    services.decline_reopening(request_id=request.pk, by=other.pk, at=AT)

    assert selectors.is_closed(dt.date(2026, 2, 1))
    with pytest.raises(services.RequestDecided):
        services.approve_reopening(request_id=request.pk, by=other.pk, at=AT)


@pytest.mark.parametrize(("timing", "level"), LEVELS)
def test_the_database_refuses_bookings_in_a_closed_month(closed, timing, level):
    cursor = connection.cursor()
    cursor.execute(TABLE.format(timing=timing, level=level))
    cursor.execute("INSERT INTO booking (booked_on) VALUES ('2026-04-01'), ('2031-01-01')")

    with pytest.raises(IntegrityError, match="closed_period"), transaction.atomic():
        cursor.execute("INSERT INTO booking (booked_on) VALUES ('2026-04-01'), ('2026-03-31')")

    cursor.execute("SELECT count(*) FROM booking")
    assert cursor.fetchone() == (2,)


@pytest.mark.parametrize(("timing", "level"), LEVELS)
def test_a_reopened_month_takes_bookings_again(closed, user, other, timing, level):
    cursor = connection.cursor()
    cursor.execute(TABLE.format(timing=timing, level=level))
    services.reopen_period(closed.pk, user.pk, other.pk, "late invoice", AT)

    cursor.execute("INSERT INTO booking (booked_on) VALUES ('2026-03-31')")

    assert cursor.rowcount == 1
