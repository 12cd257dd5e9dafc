import datetime as dt
import json
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from apps.calendars import demo, selectors, services
from apps.calendars.models import CalendarDay, ExchangeRate
from apps.core.demo import DemoContext

DAY = dt.date(2026, 1, 5)


@pytest.fixture
def china(db):
    return services.ensure_working_calendar(
        code="cn", name="China", country="CN", years=range(2018, 2025), is_default=True
    )


@pytest.fixture
def expected(reference_data):
    path = reference_data / "expected" / "holiday_cn.json"
    if not path.exists():
        pytest.skip("expected/holiday_cn.json is not part of this reference data set.")
    return json.loads(path.read_text())


@pytest.mark.reference
def test_chinese_working_days_agree_with_the_notices(china, expected):
    by_year = {
        year: selectors.working_days(dt.date(int(year), 1, 1), dt.date(int(year) + 1, 1, 1))
        for year in expected["working_days_by_year"]
    }
    days = selectors.workdays()
    by_month = {
        month: days.between(first := dt.date.fromisoformat(f"{month}-01"), _next_month(first))
        for month in expected["working_days_by_month"]
    }

    assert by_year == expected["working_days_by_year"]
    assert by_month == expected["working_days_by_month"]


@pytest.mark.reference
def test_adding_chinese_working_days_agrees(china, expected):
    days = selectors.workdays()

    for case in expected["add_working_days"]:
        assert days.add(dt.date.fromisoformat(case["start"]), case["n"]).isoformat() == case["result"]


def _next_month(first):
    return (first + dt.timedelta(days=32)).replace(day=1)


def test_make_up_days_are_known(china):
    assert selectors.is_working_day(dt.date(2024, 2, 4))
    assert not selectors.is_working_day(dt.date(2024, 2, 12))


def test_a_count_is_two_queries(china, django_assert_num_queries):
    with django_assert_num_queries(2):
        selectors.working_days(dt.date(2020, 1, 1), dt.date(2024, 1, 1))


def test_days_edited_by_hand_survive_the_public_calendar(china):
    services.set_day(calendar_id=china.pk, day=dt.date(2024, 2, 12), is_working=True, name="Launch")

    services.seed_holidays(calendar_id=china.pk, years=[2024])

    assert selectors.is_working_day(dt.date(2024, 2, 12))
    services.clear_day(calendar_id=china.pk, day=dt.date(2024, 2, 12))
    assert CalendarDay.objects.filter(day=dt.date(2024, 2, 12)).count() == 0


def test_an_unknown_country_is_refused(db):
    with pytest.raises(services.UnknownCountry), transaction.atomic():
        services.ensure_working_calendar(code="xx", name="X", country="XX", years=[2026])


def test_without_a_calendar_monday_to_friday_count(db):
    assert selectors.working_days(DAY, DAY + dt.timedelta(days=14)) == 10


def test_the_newest_rate_up_to_the_day_counts(db, settings):
    services.set_rate(currency="CNY", on=DAY, rate=Decimal("0.14"))
    services.set_rate(currency="CNY", on=DAY + dt.timedelta(days=10), rate=Decimal("0.15"))

    assert selectors.rate("CNY", DAY + dt.timedelta(days=9)) == Decimal("0.14")
    assert selectors.rate("CNY", DAY + dt.timedelta(days=10)) == Decimal("0.15")
    assert selectors.Rates().rate("CNY", DAY) == Decimal("0.14")
    assert selectors.rate(settings.COMPANY_CURRENCY, DAY) == 1


def test_a_missing_rate_is_an_error(db):
    services.set_rate(currency="CNY", on=DAY, rate=Decimal("0.14"))

    for currency, on in (("CNY", DAY - dt.timedelta(days=1)), ("EUR", DAY)):
        with pytest.raises(selectors.MissingRate):
            selectors.rate(currency, on)
        with pytest.raises(selectors.MissingRate):
            selectors.Rates().rate(currency, on)


@pytest.mark.parametrize("rate", ["0", "-1", "NaN", "Infinity", "1000001", "0.000000001"])
def test_absurd_rates_are_refused(db, rate):
    with pytest.raises(services.InvalidRate):
        services.set_rate(currency="CNY", on=DAY, rate=Decimal(rate))

    assert not ExchangeRate.objects.exists()


@pytest.mark.parametrize("currency", ["XXX", "", "USD"])
def test_unknown_and_own_currencies_are_refused(db, settings, currency):
    settings.COMPANY_CURRENCY = "USD"

    with pytest.raises(services.InvalidRate):
        services.set_rate(currency=currency, on=DAY, rate=Decimal(1))


@pytest.mark.parametrize("rate", ["'NaN'", "0", "1000001"])
def test_the_database_refuses_absurd_rates_too(db, rate):
    sql = f"INSERT INTO calendars_exchangerate (currency, \"on\", rate) VALUES ('CNY', '2026-01-05', {rate})"

    with pytest.raises(IntegrityError, match="exchange_rate_bounds"), transaction.atomic():
        connection.cursor().execute(sql)


def test_the_demo_loads_twice_to_the_same(db):
    for _ in range(2):
        demo.load(DemoContext(today=dt.date(2026, 11, 20), password="x"))

    assert selectors.fiscal_years() == [2027, 2026, 2025, 2024]
    assert [row.code for row in selectors.working_calendars()] == ["cn", "us"]
    assert ExchangeRate.objects.count() == 24
