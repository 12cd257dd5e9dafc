"""Amounts, shares, gates and revenue: pure."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.pipeline import rules
from apps.pipeline.rules import LineAmount, Share, Step

STEPS = [
    Step(1, 10, "open", ("amount",)),
    Step(2, 20, "open", ("next_step", "amount")),
    Step(3, 30, "open", ("contact",)),
    Step(8, 90, "won"),
    Step(9, 91, "lost"),
]


@pytest.mark.parametrize(
    ("current", "target", "expected"),
    [
        pytest.param(0, 1, ("amount",), id="one step"),
        pytest.param(0, 2, ("amount", "next_step"), id="a skip passes the gates between"),
        pytest.param(1, 0, (), id="back asks for nothing"),
        pytest.param(1, 3, ("next_step", "amount", "contact"), id="winning passes all that is left"),
        pytest.param(0, 4, (), id="losing asks for nothing"),
    ],
)
def test_gates_on_the_way(current: int, target: int, expected: tuple[str, ...]) -> None:
    assert rules.gates_on_the_way(STEPS[current], STEPS[target], STEPS) == expected


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-0.01", "1E12", "0.001", "abc", None, "1,000"])
def test_amounts_that_are_refused(value: object) -> None:
    with pytest.raises(rules.InvalidAmount):
        rules.checked_amount(value, "USD")


def test_yen_have_no_decimals() -> None:
    assert rules.checked_amount("100", "JPY") == Decimal(100)
    with pytest.raises(rules.InvalidAmount):
        rules.checked_amount("100.5", "JPY")


@pytest.mark.parametrize(
    "percents", [["99.99"], ["50", "50.01"], ["100", "0"], ["-10", "110"], ["33.333", "66.667"]]
)
def test_shares_that_are_refused(percents: list[str]) -> None:
    with pytest.raises(rules.InvalidShares):
        rules.checked_shares([Share(n, Decimal(text)) for n, text in enumerate(percents)])


def test_a_person_has_one_share() -> None:
    with pytest.raises(rules.InvalidShares):
        rules.checked_shares([Share(1, Decimal(50)), Share(1, Decimal(50))])


@given(
    base=st.integers(0, 10**14).map(lambda cents: Decimal(cents).scaleb(-2)),
    amounts=st.lists(st.integers(0, 10**9), max_size=5),
    weights=st.lists(st.integers(1, 9999), min_size=1, max_size=5),
)
def test_revenue_shares_always_add_up(base: Decimal, amounts: list[int], weights: list[int]) -> None:
    lines = [LineAmount(n + 1, n + 1, Decimal(amount)) for n, amount in enumerate(amounts)]
    shares = [Share(n + 1, Decimal(weight)) for n, weight in enumerate(weights)]

    parts = rules.revenue_shares(base, lines, shares, "USD")

    assert sum((part.amount for part in parts), Decimal(0)) == base
    assert rules.revenue_shares(base, lines[::-1], shares[::-1], "USD") is not None


@given(st.lists(st.integers(1, 9999), min_size=1, max_size=7))
def test_one_deal_stays_one_deal(weights: list[int]) -> None:
    shares = [Share(n, Decimal(weight)) for n, weight in enumerate(weights)]

    assert sum(part for _person, part in rules.count_shares(1, shares)) == 1
