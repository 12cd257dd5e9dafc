from decimal import Decimal as D
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.targets.enums import AlertKind
from apps.targets.rules.causes import Cause, Facts, causes, factors, rounded_parts, shapley
from apps.targets.rules.deviation import Rule, Run, Situation, deviates
from apps.targets.rules.pacing import Attainment

# 20 in play, half decided, half won, 100 each.
BASE = Facts(sold=D(500), won=D(5), decided=D(10), still_open=D(10))


def amounts(now, base=BASE, expected=500, places=2):
    found = causes(now, base, Fraction(expected), places=places)
    return found and {str(part.cause): part.amount for part in found}


@pytest.mark.parametrize(
    ("now", "expected", "parts"),
    [
        pytest.param(BASE, 500, {"volume": 0, "speed": 0, "win_rate": 0, "value": 0}, id="as the base"),
        pytest.param(
            Facts(D(250), D("2.5"), D(5), D(5)),
            500,
            {"volume": -250, "speed": 0, "win_rate": 0, "value": 0},
            id="half the deals",
        ),
        pytest.param(
            Facts(D(250), D("2.5"), D(5), D(15)),
            500,
            {"volume": 0, "speed": -250, "win_rate": 0, "value": 0},
            id="half as fast",
        ),
        pytest.param(
            Facts(D(250), D("2.5"), D(10), D(10)),
            500,
            {"volume": 0, "speed": 0, "win_rate": -250, "value": 0},
            id="half the win rate",
        ),
        pytest.param(
            Facts(D(250), D(5), D(10), D(10)),
            500,
            {"volume": 0, "speed": 0, "win_rate": 0, "value": -250},
            id="half the value",
        ),
        pytest.param(
            BASE, 600, {"volume": -100, "speed": 0, "win_rate": 0, "value": 0}, id="growth is asked of volume"
        ),
        pytest.param(
            Facts(D(0), D(0), D(0), D(0)),
            500,
            {"volume": -500, "speed": 0, "win_rate": 0, "value": 0},
            id="nothing in play",
        ),
        pytest.param(
            Facts(D(0), D(0), D(10), D(10)),
            500,
            {"volume": 0, "speed": 0, "win_rate": -500, "value": 0},
            id="nothing won",
        ),
        pytest.param(
            Facts(D(0), D(0), D(0), D(20)),
            500,
            {"volume": 0, "speed": -500, "win_rate": 0, "value": 0},
            id="nothing decided",
        ),
        pytest.param(
            Facts(D(-30), D(5), D(10), D(10)),
            500,
            {"volume": 0, "speed": 0, "win_rate": 0, "value": -530},
            id="more returned than sold",
        ),
        pytest.param(
            Facts(D(70), D(0), D(10), D(10)),
            500,
            {"volume": 0, "speed": 0, "win_rate": -500, "value": 70},
            id="sold without a deal counts as value",
        ),
        pytest.param(
            # Volume and win rate both halve: each is halved alone (−250) or after the other (−125).
            Facts(D(125), D("1.25"), D(5), D(5)),
            500,
            {"volume": D("-187.50"), "speed": 0, "win_rate": D("-187.50"), "value": 0},
            id="two causes share what they do together",
        ),
    ],
)
def test_the_gap_by_cause(now, expected, parts):
    found = amounts(now, expected=expected)

    assert found == parts
    assert sum(found.values()) == now.sold - expected


@pytest.mark.parametrize(
    "base",
    [Facts(D(0), D(0), D(0), D(0)), Facts(D(0), D(0), D(3), D(0)), Facts(D(-5), D(1), D(1), D(0))],
)
def test_without_a_base_that_sold_nothing_is_explained(base):
    assert amounts(BASE, base=base) is None


def test_factors_multiply_to_what_was_sold():
    volume, speed, win_rate, value = factors(BASE)

    assert volume * speed * win_rate * value == 500


counts = st.decimals(0, 10**4, places=2)
money = st.decimals(-(10**12), 10**12, places=2)
positive = st.decimals("0.01", 10**4, places=2)


@st.composite
def ranges(draw, sold=money, count=counts):
    won, lost = draw(count), draw(counts)
    return Facts(draw(sold), won, won + lost, draw(counts))


@given(
    now=ranges(),
    base=ranges(sold=st.decimals("0.01", 10**12, places=2), count=positive),
    expected=st.fractions(0, 10**12, max_denominator=10**6),
)
def test_the_parts_always_sum_to_the_gap_to_the_cent(now, base, expected):
    found = causes(now, base, expected, places=2)

    gap = Fraction(now.sold) - expected
    total = sum(part.amount for part in found)
    assert abs(Fraction(total) - gap) <= Fraction(1, 200)
    if expected == expected.limit_denominator(1):
        assert total == now.sold - D(expected.numerator)


@given(
    st.lists(st.fractions(0, 100), min_size=4, max_size=4),
    st.lists(st.fractions(0, 100), min_size=4, max_size=4),
)
def test_shapley_leaves_nothing_over_and_ignores_what_did_not_change(before, after):
    after[2] = before[2]
    parts = shapley(before, after)

    product = lambda values: values[0] * values[1] * values[2] * values[3]  # noqa: E731  # for two lines
    assert sum(parts) == product(after) - product(before)
    assert parts[2] == 0


def test_rounding_gives_leftovers_to_the_largest_remainders():
    assert rounded_parts([Fraction(1, 3)] * 3, 2) == [D("0.34"), D("0.33"), D("0.33")]
    assert rounded_parts([Fraction(-1, 3), Fraction(-2, 3)], 0) == [D(0), D(-1)]


def test_every_cause_is_named_once():
    assert [cause.value for cause in Cause] == ["volume", "speed", "win_rate", "value"]


# Rules of deviation


def standing(actual, expected, quota=1000, elapsed=None):
    elapsed = Fraction(expected, quota) if elapsed is None else elapsed
    return Attainment(
        actual=D(actual),
        quota=D(quota),
        ratio=Fraction(actual, quota),
        expected=Fraction(expected),
        pace=Fraction(actual, expected),
        projection=Fraction(actual) / elapsed,
        elapsed=elapsed,
    )


PACE = Rule(AlertKind.PACE, D("0.9"), D("0.2"))
MISS = Rule(AlertKind.PROJECTION, D("0.95"), D("0.4"))
DROP = Rule(AlertKind.DROP, D("0.5"), D("0.15"))


@pytest.mark.parametrize(
    ("rule", "situation", "share"),
    [
        pytest.param(PACE, Situation(standing(400, 500)), Fraction(4, 5), id="behind"),
        pytest.param(PACE, Situation(standing(450, 500)), None, id="exactly at the edge"),
        pytest.param(PACE, Situation(standing(100, 190)), None, id="too early"),
        pytest.param(PACE, Situation(standing(160, 200)), Fraction(4, 5), id="from the edge of the share on"),
        pytest.param(
            Rule(AlertKind.PACE, D("0.9"), D(0), is_on=False), Situation(standing(1, 500)), None, id="off"
        ),
        pytest.param(MISS, Situation(standing(400, 500)), Fraction(4, 5), id="will miss"),
        pytest.param(MISS, Situation(standing(480, 500)), None, id="will just make it"),
        pytest.param(MISS, Situation(standing(1000, 500)), None, id="made it"),
        pytest.param(PACE, Situation(Attainment(D(5), None)), None, id="no target"),
        pytest.param(
            DROP,
            Situation(standing(500, 500), Run(D(20), Fraction(100)), Run(D(100), Fraction(100))),
            Fraction(1, 5),
            id="dropped",
        ),
        pytest.param(
            DROP,
            Situation(standing(500, 500), Run(D(100), Fraction(100)), Run(D(900), Fraction(100))),
            None,
            id="calm after a big deal",
        ),
        pytest.param(
            DROP,
            Situation(standing(500, 500), Run(D(20), Fraction(20)), Run(D(100), Fraction(100))),
            None,
            id="the season, not a drop",
        ),
        pytest.param(DROP, Situation(standing(500, 500)), None, id="too short a time"),
    ],
)
def test_when_a_target_is_off_its_course(rule, situation, share):
    assert deviates(rule, situation) == share
