"""Rounding and splitting: one function, one mode, in Python, in SQL and on paper."""

import random
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.core.money import round_money, split
from apps.ui.formatting import money

CENT = Decimal("0.01")
amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=2)
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any)


@settings(max_examples=300, deadline=None)
@given(total=amounts, shares=weights, seed=st.randoms(use_true_random=False))
def test_parts_sum_to_the_whole_lie_within_a_cent_and_depend_on_no_order(total, shares, seed):
    parts = split(total, shares, currency="USD")

    assert sum(parts) == total
    for part, weight in zip(parts, shares, strict=True):
        assert abs(Fraction(part) - Fraction(total) * weight / sum(shares)) < CENT
    assert split(-total, shares, currency="USD") == [-part for part in parts]
    order = list(range(len(shares)))
    seed.shuffle(order)
    mixed = split(total, [shares[i] for i in order], currency="USD", keys=order)
    assert dict(zip(order, mixed, strict=True)) == dict(enumerate(parts))


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [("0.145", "0.15"), ("-0.145", "-0.15"), ("2.675", "2.68"), ("0.005", "0.01"), ("0.00499", "0.00")],
)
def test_half_a_cent_goes_away_from_zero_in_decimals_and_fractions(amount, rounded):
    assert round_money(Decimal(amount), "USD") == Decimal(rounded)
    assert round_money(Fraction(amount), "USD") == Decimal(rounded)


def test_python_the_database_and_an_export_round_alike(db):
    chance = random.Random(33)  # noqa: S311  # to be drawn again
    drawn = [Decimal(chance.randrange(-(10**9), 10**9)) / 10 ** chance.randrange(2, 6) for _ in range(2000)]
    drawn += [Decimal(n) / 1000 + Decimal("0.005") for n in range(-500, 500, 7)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT round(x, 2) FROM unnest(%s::numeric[]) WITH ORDINALITY AS t(x, n) ORDER BY n", [drawn]
        )
        there = [row[0] for row in cursor.fetchall()]

    here = [round_money(amount, "USD") for amount in drawn]

    assert here == there
    assert [money(amount, "USD") for amount in drawn] == [money(amount, "USD") for amount in here]
