"""What a simulation says of two plans: tables, and what holds for any money."""

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.incentives.rules.simulation import (
    Cliff,
    bootstrap,
    cliffs,
    counts,
    effective_rate,
    even_edges,
    outcome,
    quantile,
)

MONEY = st.decimals(min_value=-10_000, max_value=10_000, places=2)


def test_winners_and_losers():
    found = outcome([D("5"), D("0"), D("-2"), D("-1.50")])

    assert (found.winners, found.losers, found.unchanged) == (1, 2, 1)
    assert (found.gained, found.lost) == (D("5"), D("-3.50"))


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        pytest.param([1, 2, 3], 50, D(2), id="middle"),
        pytest.param([4, 1], 50, D("2.5"), id="between two"),
        pytest.param([10, 20, 30, 40, 50], 10, D(14), id="tenth"),
        pytest.param([7], 90, D(7), id="one value"),
    ],
)
def test_percentiles(values, percent, expected):
    assert quantile(values, percent) == expected


def test_values_on_an_edge_belong_above_it():
    assert counts([D("0.49"), D("0.5"), D("0.99"), D("1")], [D("0.5"), D("1")]) == [1, 2, 1]


@pytest.mark.parametrize(
    ("values", "edges"),
    [
        pytest.param([], ["0"], id="nobody"),
        pytest.param(["3", "-4"], ["-4", "-3", "-2", "-1", "0", "1", "2", "3", "4"], id="small"),
        pytest.param(["105000"], [str(n * 20000) for n in range(-6, 7)], id="large"),
    ],
)
def test_edges_are_round_and_meet_at_zero(values, edges):
    assert even_edges([D(one) for one in values]) == [D(one) for one in edges]


@given(st.lists(MONEY.filter(bool), min_size=1, max_size=20))
def test_every_change_falls_between_the_outer_edges(values):
    edges = even_edges(values)

    assert edges[0] <= min(values)
    assert max(values) <= edges[-1]
    assert 0 in edges
    assert sum(counts(values, edges)) == len(values)


@given(st.lists(st.lists(MONEY, min_size=1, max_size=4), min_size=1, max_size=5), st.integers(1, 99))
def test_a_plan_beside_itself_never_differs_and_a_seed_draws_the_same(payees, seed):
    twice = [[(one, one) for one in periods] for periods in payees]

    first, second = bootstrap(twice, 20, seed), bootstrap(twice, 20, seed)

    assert first == second
    assert first is not None
    assert set(first.difference.values()) == {D("0.00")}
    assert first.now == first.then
    low = sum(min(periods) * len(periods) for periods in payees)
    high = sum(max(periods) * len(periods) for periods in payees)
    assert low <= first.now[10] <= first.now[50] <= first.now[90] <= high


def test_nobody_has_no_chances():
    assert bootstrap([[]], 10, 1) is None


@pytest.mark.parametrize(("pay", "revenue", "rate"), [("5", "50", D("0.1")), ("5", "0", None)])
def test_the_effective_rate(pay, revenue, rate):
    assert effective_rate(D(pay), D(revenue)) == rate


def test_a_cliff_is_where_pay_moves_by_more_than_a_unit():
    points = [(D(1000), D("29.99"), D("50")), (D(5000), D("250"), D("250.01"))]

    assert cliffs(points) == [Cliff(D(1000), D("29.99"), D("50"))]
