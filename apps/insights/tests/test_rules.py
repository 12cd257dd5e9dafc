import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest

from apps.insights import rules

TODAY = dt.date(2026, 6, 30)


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        pytest.param(Decimal(120), Decimal(100), Decimal("0.2"), id="grew"),
        pytest.param(Decimal(50), Decimal(100), Decimal("-0.5"), id="shrank"),
        pytest.param(Decimal(50), Decimal(0), None, id="nothing before"),
        pytest.param(None, Decimal(10), None, id="unknown"),
    ],
)
def test_growth(now, before, expected):
    assert rules.growth(now, before) == expected


def test_equals_share_a_place_and_the_next_one_is_left_out():
    values = [Decimal("0.8"), Decimal(1), Decimal(1), None, Decimal("0.5")]

    assert rules.ranks(values) == [3, 1, 1, None, 4]


@pytest.mark.parametrize(
    ("quota", "won", "ratio", "met", "near"),
    [
        pytest.param(Decimal(100), Decimal(40), Decimal(2), False, False, id="open over what is missing"),
        pytest.param(Decimal(100), Decimal(100), None, True, False, id="met"),
        pytest.param(Decimal(100), Decimal(98), Decimal(60), False, False, id="a fiftieth missing"),
        pytest.param(Decimal(100), Decimal("98.01"), None, False, True, id="less than a fiftieth missing"),
        pytest.param(None, Decimal(40), None, False, False, id="no quota"),
    ],
)
def test_coverage(quota, won, ratio, met, near):
    found = rules.coverage(Decimal(120), quota, won)

    assert (found.ratio, found.is_met, found.is_near) == (ratio, met, near)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, [], id="fine"),
        pytest.param({"expected_close_on": dt.date(2026, 6, 29)}, ["overdue"], id="close date passed"),
        pytest.param({"expected_close_on": TODAY}, [], id="closes today"),
        pytest.param({"next_step_on": dt.date(2026, 6, 29)}, ["step_late"], id="step late"),
        pytest.param({"next_step": "", "next_step_on": None}, ["no_step"], id="no step"),
        pytest.param({"stage_since": dt.date(2026, 5, 31)}, [], id="thirty days"),
        pytest.param({"stage_since": dt.date(2026, 5, 30)}, ["stalled"], id="thirty-one days"),
        pytest.param({"push_count": 2}, ["pushed"], id="pushed twice"),
    ],
)
def test_what_makes_a_deal_need_attention(changes, expected):
    fine = {
        "expected_close_on": dt.date(2026, 7, 30),
        "next_step": "Call",
        "next_step_on": dt.date(2026, 7, 1),
        "stage_since": dt.date(2026, 6, 20),
        "push_count": 0,
    }

    assert rules.concerns(rules.DealFacts(**(fine | changes)), TODAY) == expected


def test_who_needs_attention():
    slow = rules.person_concerns(pace=Fraction(6, 10), is_active=False, has_open_deals=True)
    fine = rules.person_concerns(pace=Fraction(7, 10), is_active=True, has_open_deals=True)
    idle = rules.person_concerns(pace=None, is_active=False, has_open_deals=False)

    assert (slow, fine, idle) == (["behind", "quiet"], [], [])
