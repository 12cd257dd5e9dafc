import datetime as dt
from decimal import Decimal as D
from fractions import Fraction as F

import pytest

from apps.strategy import rules
from apps.strategy.enums import Stage


def d(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("rhythm", "every", "first", "until", "expected"),
    [
        pytest.param(
            "monthly",
            1,
            "2026-01-31",
            "2026-04-30",
            ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"],
            id="the 31st comes back after a short month",
        ),
        pytest.param(
            "monthly", 1, "2025-12-15", "2026-01-15", ["2025-12-15", "2026-01-15"], id="over the year's end"
        ),
        pytest.param(
            "quarterly",
            1,
            "2026-01-10",
            "2026-12-31",
            ["2026-01-10", "2026-04-10", "2026-07-10", "2026-10-10"],
            id="quarters",
        ),
        pytest.param("quarterly", 1, "2027-11-30", "2028-03-01", ["2027-11-30", "2028-02-29"], id="leap day"),
        pytest.param(
            "weeks",
            2,
            "2026-03-02",
            "2026-03-31",
            ["2026-03-02", "2026-03-16", "2026-03-30"],
            id="every two weeks",
        ),
        pytest.param("weeks", 6, "2026-03-02", "2026-03-01", [], id="first date not reached"),
    ],
)
def test_a_cadence_names_its_dates(rhythm, every, first, until, expected):
    found = rules.nominal_dates(rhythm, every, d(first), d(until))

    assert [day.isoformat() for day in found] == expected


# Saturday and Sunday off, 1–7 October a holiday, Saturday 10 October a make-up day.
HOLIDAY = {d("2026-10-01") + dt.timedelta(days=n) for n in range(7)}


def is_working(day: dt.date) -> bool:
    return day == d("2026-10-10") or (day.weekday() < 5 and day not in HOLIDAY)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param("2026-10-14", "2026-10-14", id="a working day stays"),
        pytest.param("2026-10-17", "2026-10-19", id="Saturday moves to Monday"),
        pytest.param("2026-10-10", "2026-10-10", id="a make-up Saturday is a working day"),
        pytest.param("2026-10-02", "2026-10-08", id="a holiday moves behind it"),
        pytest.param("2026-10-31", "2026-10-30", id="the end of a month stays in the month"),
    ],
)
def test_a_review_takes_place_on_a_working_day(day, expected):
    assert rules.meeting_day(d(day), is_working) == d(expected)


def test_without_any_working_day_the_date_stays():
    assert rules.meeting_day(d("2026-10-14"), lambda day: False) == d("2026-10-14")


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (8, None), (7, Stage.WEEK), (2, Stage.WEEK), (1, Stage.DAY), (0, Stage.TODAY), (-2, Stage.TODAY),
        (-3, Stage.LATE), (-6, Stage.LATE), (-7, Stage.VERY_LATE), (-90, Stage.VERY_LATE),
    ],
)  # fmt: skip
def test_the_stage_of_a_reminder_follows_from_the_days_left(left, expected):
    assert rules.stage(d("2026-03-02"), d("2026-03-02") - dt.timedelta(days=left)) == expected


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        (Stage.WEEK, {1: False, 2: False, 3: False}),
        (Stage.TODAY, {1: False, 2: False, 3: False}),
        (Stage.LATE, {1: False, 10: True}),
        (Stage.VERY_LATE, {1: False, 10: True, 20: True}),
    ],
)
def test_who_is_told_widens_upwards(stage, expected):
    assert rules.recipients(stage, owner=1, participants=[2, 3], chain=[10, 20, 30]) == expected


@pytest.mark.parametrize(
    ("pace", "elapsed", "expected"),
    [
        pytest.param(F(89, 100), F(1, 2), True, id="below"),
        pytest.param(F(9, 10), F(1, 2), False, id="exactly at the threshold"),
        pytest.param(F(1, 10), F(1, 20), False, id="too early to tell"),
        pytest.param(F(1, 10), None, True, id="a rate has no elapsed share"),
        pytest.param(None, F(1, 2), False, id="unknown"),
    ],
)
def test_a_deviation_is_a_pace_below_the_threshold(pace, elapsed, expected):
    assert rules.deviates(pace, elapsed, D("0.90")) is expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([], None),
        ([(10, None)], None),
        ([(30, F(1, 2)), (10, F(1)), (60, None)], F(5, 8)),
        ([(1, F(3)), (1, F(0))], F(1, 2)),
    ],
)
def test_attainment_is_weighted_over_what_is_known_and_capped(parts, expected):
    assert rules.weighted(parts) == expected


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        pytest.param(Stage.WEEK, {}, id="a week before nobody"),
        pytest.param(Stage.DAY, {2: False}, id="the day before who does it"),
        pytest.param(Stage.TODAY, {2: False}, id="on the day who does it"),
        pytest.param(Stage.LATE, {2: False, 1: True}, id="late: who answers for the strategy too"),
        pytest.param(Stage.VERY_LATE, {2: False, 1: True, 10: True}, id="very late: the manager too"),
    ],
)
def test_who_is_told_of_a_decision(stage, expected):
    assert rules.decision_recipients(stage, owner=2, steward=1, chain=[10, 20]) == expected


def test_who_answers_for_the_strategy_and_decides_for_themselves_is_not_escalated_to():
    assert rules.decision_recipients(Stage.LATE, owner=1, steward=1, chain=[10]) == {1: False}
