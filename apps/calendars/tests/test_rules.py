import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.calendars.enums import PeriodKind, Scheme, YearName
from apps.calendars.rules import Layout, Workdays, periods_of_year, weekdays_between, year_start

APRIL = Layout(first_month=4)
APRIL_BY_START = Layout(first_month=4, year_name=YearName.START)
WEEKS = Layout(scheme=Scheme.WEEKS_445, first_month=1)


@pytest.mark.parametrize(
    ("layout", "year", "start"),
    [
        pytest.param(Layout(), 2026, dt.date(2026, 1, 1), id="calendar year"),
        pytest.param(APRIL, 2026, dt.date(2025, 4, 1), id="named by its end"),
        pytest.param(APRIL_BY_START, 2026, dt.date(2026, 4, 1), id="named by its start"),
        pytest.param(WEEKS, 2026, dt.date(2025, 12, 29), id="Monday three days before"),
        pytest.param(WEEKS, 2027, dt.date(2027, 1, 4), id="Monday three days after"),
    ],
)
def test_a_fiscal_year_starts(layout, year, start):
    assert year_start(layout, year) == start


def test_a_year_of_months_has_its_codes():
    codes = [spec.code for spec in periods_of_year(Layout(), 2017)]

    assert codes[:7] == ["2017", "2017-H1", "2017-H2", "2017-Q1", "2017-Q2", "2017-Q3", "2017-Q4"]
    assert codes[-1] == "2017-M12"
    assert len(codes) == 19


def test_weeks_follow_4_4_5_and_the_53rd_belongs_to_the_last_month():
    months = [spec for spec in periods_of_year(WEEKS, 2026) if spec.kind == PeriodKind.MONTH]

    weeks = [(spec.ends_before - spec.starts_on).days // 7 for spec in months]

    assert weeks == [4, 4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 6]


@given(
    year=st.integers(1975, 2095),
    month=st.integers(1, 12),
    weekday=st.integers(0, 6),
    scheme=st.sampled_from(list(Scheme)),
)
def test_every_kind_covers_the_year_without_gap(year, month, weekday, scheme):
    specs = periods_of_year(Layout(scheme, month, weekday), year)

    for kind in PeriodKind:
        rows = [spec for spec in specs if spec.kind == kind]
        assert rows[0].starts_on == specs[0].starts_on
        assert rows[-1].ends_before == specs[0].ends_before
        assert all(a.ends_before == b.starts_on for a, b in itertools.pairwise(rows))


@given(start=st.dates(dt.date(2000, 1, 1), dt.date(2030, 1, 1)), days=st.integers(0, 400))
def test_weekdays_are_counted_as_one_by_one(start, days):
    end = start + dt.timedelta(days=days)
    one_by_one = sum((start + dt.timedelta(days=n)).weekday() < 5 for n in range(days))

    assert weekdays_between(start, end, [5, 6]) == one_by_one


def test_a_reversed_range_has_no_working_days():
    assert weekdays_between(dt.date(2026, 1, 9), dt.date(2026, 1, 5), [5, 6]) == 0


def test_make_up_days_count_and_holidays_do_not():
    saturday, monday = dt.date(2026, 1, 10), dt.date(2026, 1, 12)
    days = Workdays([5, 6], {saturday: True, monday: False})

    assert days.is_working(saturday)
    assert days.between(dt.date(2026, 1, 5), dt.date(2026, 1, 19)) == 10
    assert days.counts([(saturday, monday), (monday, dt.date(2026, 1, 13))]) == [1, 0]
    assert days.add(dt.date(2026, 1, 9), 2) == dt.date(2026, 1, 13)
    assert days.add(dt.date(2026, 1, 13), -1) == saturday
