import datetime as dt
from decimal import Decimal as D
from fractions import Fraction

import pytest

from apps.targets.rules.rounds import (
    Gap,
    Stage,
    WrongDues,
    WrongMonths,
    check_dues,
    gap,
    progress,
    stage,
    year_of,
)

DUE = dt.date(2026, 3, 10)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param(6, None, id="in time"),
        pytest.param(7, Stage.SOON, id="three days before"),
        pytest.param(9, Stage.SOON, id="the day before"),
        pytest.param(10, Stage.TODAY, id="on the day"),
        pytest.param(11, Stage.LATE, id="the day after"),
        pytest.param(12, Stage.LATE, id="two days late"),
        pytest.param(13, Stage.VERY_LATE, id="three days late"),
    ],
)
def test_when_somebody_is_reminded(day, expected):
    assert stage(DUE, dt.date(2026, 3, day)) == expected


@pytest.mark.parametrize(
    "dues",
    [
        pytest.param({0: DUE}, id="a level without a day"),
        pytest.param({0: DUE, 1: DUE + dt.timedelta(days=1)}, id="below after above"),
        pytest.param({0: DUE, 1: dt.date(2026, 2, 1)}, id="in the past"),
    ],
)
def test_due_dates_that_cannot_be_kept_are_refused(dues):
    with pytest.raises(WrongDues):
        check_dues(dues, {0, 1}, dt.date(2026, 3, 1))


def test_levels_may_be_due_on_the_same_day():
    check_dues({0: DUE, 1: DUE}, {0, 1}, DUE)


def test_the_year_is_the_sum_of_its_months():
    assert year_of([D("1.10")] * 12, 12) == D("13.20")


def test_some_months_alone_make_no_year():
    with pytest.raises(WrongMonths):
        year_of([D(1)] * 11, 12)


@pytest.mark.parametrize(
    ("proposal", "own", "expected"),
    [
        (D(100), D(90), Gap(D(-10), Fraction(-1, 10))),
        (D(100), D(100), Gap(D(0), Fraction(0))),
        (D(0), D(5), Gap(D(5), None)),
        (D(100), None, None),
    ],
)
def test_the_gap_is_the_own_figure_minus_the_plan(proposal, own, expected):
    assert gap(proposal, own) == expected


def test_progress_counts_what_left_its_owner():
    far = progress(["waiting", "entered", "submitted", "accepted", "returned"])

    assert (far.total, far.handed_in, far.share, far.handed_in_share) == (
        5, 2, Fraction(1, 5), Fraction(2, 5)
    )  # fmt: skip
    assert progress([]).share == 0
