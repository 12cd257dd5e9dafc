import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils import translation
from psycopg2.extras import DateRange

from apps.ui import formatting
from apps.ui.templatetags.ui import last_day


@pytest.mark.parametrize(
    ("value", "currency", "english", "chinese"),
    [
        pytest.param(Decimal("1234567.5"), "USD", "$1,234,567.50", "US$1,234,567.50", id="dollars"),
        pytest.param(Decimal("-12.345"), "CNY", "-CN¥12.35", "-¥12.35", id="negative-rounds-half-up"),
        pytest.param(Decimal("1999.6"), "JPY", "¥2,000", "JP¥2,000", id="yen-has-no-cents"),
        pytest.param(Decimal("5"), "", "5.00", "5.00", id="bare"),
        pytest.param(None, "USD", "–", "–", id="nothing"),
        pytest.param(Decimal("NaN"), "USD", "–", "–", id="not-a-number"),
        pytest.param(Decimal("-0.001"), "USD", "$0.00", "US$0.00", id="no-negative-zero"),
    ],
)
def test_money_reads_in_both_languages(value, currency, english, chinese):
    with translation.override("en"):
        assert formatting.money(value, currency) == english
    with translation.override("zh-hans"):
        assert formatting.money(value, currency) == chinese


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        pytest.param(Decimal("950"), "950", "950", id="small"),
        pytest.param(Decimal("12345"), "12.3K", "1.23万", id="thousands"),
        pytest.param(Decimal("1200000"), "1.2M", "120万", id="millions"),
        pytest.param(Decimal("350000000"), "350M", "3.5亿", id="hundreds-of-millions"),
        pytest.param(Decimal("-20000"), "-20K", "-2万", id="negative"),
    ],
)
def test_short_figures_use_the_units_of_the_language(value, english, chinese):
    with translation.override("en"):
        assert formatting.compact(value) == english
    with translation.override("zh-hans"):
        assert formatting.compact(value) == chinese


def test_percent_of_nothing_is_a_dash():
    assert formatting.percent(None) == "–"
    assert formatting.percent(Decimal("0.63153")) == "63.2%"


@pytest.mark.parametrize(
    ("value", "places", "english", "chinese"),
    [
        pytest.param(Decimal("61.74"), 1, "61.7 days", "61.7 天", id="many"),
        pytest.param(Decimal("1.0"), 0, "1 day", "1 天", id="one"),
        pytest.param(None, 1, "–", "–", id="nothing"),
    ],
)
def test_days_carry_their_unit(value, places, english, chinese):
    with translation.override("en"):
        assert formatting.days(value, places) == english
    with translation.override("zh-hans"):
        assert formatting.days(value, places) == chinese


def test_months_are_named_as_people_write_them():
    with translation.override("en"):
        assert formatting.month_name(dt.date(2026, 3, 1)) == "Mar"
    with translation.override("zh-hans"):
        assert formatting.month_name(dt.date(2026, 3, 1)) == "3月"


def test_dates_read_in_both_languages():
    with translation.override("en"):
        assert formatting.day(dt.date(2026, 3, 5)) == "5 Mar 2026"
    with translation.override("zh-hans"):
        assert formatting.day(dt.date(2026, 3, 5)) == "2026年3月5日"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Grace Lindqvist", "GL"), ("王芳", "王芳"), ("陈思远", "思远"), ("Cher", "C"), ("", "?")],
)
def test_initials_fit_the_script_of_the_name(name, expected):
    assert formatting.initials(name) == expected


def test_an_exact_fraction_reads_like_the_figure_it_is():
    assert formatting.percent(Fraction(1, 3), 1) == "33.3%"
    assert formatting.number(Fraction(-5, 2), 1) == "-2.5"
    assert formatting.exact(Fraction(1, 4)) == Decimal("0.25")


def test_a_stretch_ends_on_its_last_day():
    with translation.override("en"):
        assert last_day(DateRange(dt.date(2026, 1, 1), dt.date(2026, 7, 1))) == "30 Jun 2026"
        assert last_day(DateRange(dt.date(2026, 1, 1), None)) == "–"
