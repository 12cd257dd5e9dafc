"""Rounding and splitting: one function, one mode, in Python, in SQL and on paper."""

import csv
import random
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.core.money import round_money, split
from apps.ui.formatting import money
from apps.ui.tables.export import csv_lines

CENT = Decimal("0.01")
DRAWN = 100_000
amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=2)
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any)

# Largest remainder in hand-written SQL: what is left over goes, cent by cent, to the largest remainders.
SPLIT_IN_SQL = """
    WITH given AS (
        SELECT n, key, abs(total) * weight %% whole AS rest, div(abs(total) * weight, whole) AS part,
               sign(total) AS sign,
               abs(total) - sum(div(abs(total) * weight, whole)) OVER (PARTITION BY n) AS left_over
          FROM unnest(%s::int[], %s::int[], %s::numeric[], %s::numeric[], %s::numeric[])
               AS t(n, key, total, weight, whole)
    )
    SELECT array_agg((sign * (part + (rank <= left_over)::int))::bigint ORDER BY n, key)
      FROM (SELECT *, row_number() OVER (PARTITION BY n ORDER BY rest DESC, key) AS rank FROM given) AS ranked
"""


@settings(max_examples=100, deadline=None)
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


def test_a_hundred_thousand_splits_add_up_within_a_cent_in_any_order_and_as_in_sql(db):
    chance = random.Random(33)  # noqa: S311  # to be drawn again
    drawn = []
    for number in range(DRAWN):
        cents = chance.randrange(-(10**12), 10**12) if number % 2 else chance.randrange(-300, 300)
        shares = [chance.choice((0, 1, 1, 3, chance.randrange(10**6))) for _ in range(chance.randrange(1, 5))]
        drawn.append((cents, [*shares, chance.randrange(1, 7)]))

    parts = []
    for number, (cents, shares) in enumerate(drawn):
        total, whole = Decimal(cents).scaleb(-2), sum(shares)
        found = [int(part.scaleb(2)) for part in split(total, shares, currency="USD")]
        assert sum(found) == cents
        assert all(
            abs(part * whole - cents * share) < whole for part, share in zip(found, shares, strict=True)
        )
        if number % 10 == 0:
            order = chance.sample(range(len(shares)), len(shares))
            mixed = split(total, [shares[i] for i in order], currency="USD", keys=order)
            assert [int(part.scaleb(2)) for _i, part in sorted(zip(order, mixed, strict=True))] == found
        parts.append(found)

    checked = DRAWN // 10
    cells = [
        (number, key, cents, share, sum(shares))
        for number, (cents, shares) in enumerate(drawn[:checked])
        for key, share in enumerate(shares)
    ]
    with connection.cursor() as cursor:
        cursor.execute(SPLIT_IN_SQL, [list(column) for column in zip(*cells, strict=True)])
        [[there]] = cursor.fetchall()
    assert there == [part for found in parts[:checked] for part in found]


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [("0.145", "0.15"), ("-0.145", "-0.15"), ("2.675", "2.68"), ("0.005", "0.01"), ("0.00499", "0.00")],
)
def test_half_a_cent_goes_away_from_zero_in_decimals_and_fractions(amount, rounded):
    assert round_money(Decimal(amount), "USD") == Decimal(rounded)
    assert round_money(Fraction(amount), "USD") == Decimal(rounded)


def test_python_the_database_a_page_and_a_file_round_a_hundred_thousand_amounts_alike(db):
    chance = random.Random(33)  # noqa: S311  # to be drawn again
    ties = [Decimal(10 * n + 5).scaleb(-3) for n in range(-500, 500, 7)]
    drawn = [Decimal(chance.randrange(-(10**9), 10**9)).scaleb(-chance.randrange(2, 7)) for _ in range(DRAWN)]
    drawn += ties
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(round(x, 2) ORDER BY n) FROM unnest(%s::numeric[]) WITH ORDINALITY AS t(x, n)",
            [drawn],
        )
        [[there]] = cursor.fetchall()

    here = [round_money(amount, "USD") for amount in drawn]

    assert here == there
    assert [round_money(Fraction(amount), "USD") for amount in drawn[:5000] + ties] == here[:5000] + here[
        DRAWN:
    ]
    shown = [money(amount, "USD") for amount in drawn]
    assert [Decimal(text.replace("$", "").replace(",", "")) for text in shown] == here
    read = [
        Decimal(cell)
        for (cell,) in csv.reader("".join(csv_lines(["Pay"], ([row] for row in here))).splitlines()[1:])
    ]
    assert read == here
