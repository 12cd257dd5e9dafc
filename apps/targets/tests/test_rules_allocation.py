from decimal import Decimal as D
from fractions import Fraction as F

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.targets.enums import Basis, Method
from apps.targets.rules.allocation import (
    Claim,
    DoesNotFit,
    Recipe,
    WrongWeights,
    allocate,
    clamp,
    compounded,
    with_over_assignment,
)

THREE = [
    Claim(1, history=D(100), capacity=D(1), potential=D(50), bottom_up=D(130)),
    Claim(2, history=D(200), capacity=D(1), potential=D(50), bottom_up=D(170)),
    Claim(3, history=D(300), capacity=D("0.5"), potential=D(100)),
]
MIX = {Basis.HISTORY: F(1, 2), Basis.POTENTIAL: F(1, 2)}


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        pytest.param(Recipe(Method.EQUAL), ["240.00", "240.00", "240.00"], id="equal"),
        pytest.param(Recipe(Method.HISTORY), ["120.00", "240.00", "360.00"], id="history"),
        pytest.param(Recipe(Method.SAME_GROWTH), ["120.00", "240.00", "360.00"], id="growth implied"),
        pytest.param(Recipe(Method.SAME_INCREMENT), ["140.00", "240.00", "340.00"], id="increment"),
        pytest.param(Recipe(Method.CAPACITY), ["288.00", "288.00", "144.00"], id="capacity"),
        pytest.param(Recipe(Method.POTENTIAL), ["180.00", "180.00", "360.00"], id="potential"),
        pytest.param(Recipe(Method.WEIGHTED, weights=MIX), ["150.00", "210.00", "360.00"], id="weighted"),
        pytest.param(Recipe(Method.HYBRID, top_down=F(1, 2)), ["130.44", "213.91", "375.65"], id="hybrid"),
    ],
)
def test_each_method_splits_720_its_own_way(recipe, expected):
    parts = allocate(D("720.00"), THREE, recipe, places=2)

    assert parts == [D(part) for part in expected]


def test_same_growth_gives_newcomers_what_is_left():
    claims = [Claim(1, history=D(100)), Claim(2, history=D(200)), Claim(3), Claim(4, capacity=D("0.5"))]

    parts = allocate(D(420), claims, Recipe(Method.SAME_GROWTH, growth=F(1, 10)), places=2)

    assert parts == [D("110.00"), D("220.00"), D("60.00"), D("30.00")]


def test_nobody_with_history_is_split_equally():
    parts = allocate(D(100), [Claim(1), Claim(2), Claim(3)], Recipe(Method.HISTORY), places=2)

    assert parts == [D("33.34"), D("33.33"), D("33.33")]


def test_ties_go_to_the_smaller_key_whatever_the_order():
    parts = allocate(D("0.01"), [Claim(9), Claim(4)], Recipe(Method.EQUAL), places=2)

    assert parts == [D("0.00"), D("0.01")]


def test_bounds_hold_and_the_rest_keeps_its_proportions():
    claims = [
        Claim(1, history=D(100), low=D(200)),
        Claim(2, history=D(200)),
        Claim(3, history=D(300)),
        Claim(4, history=D(400), high=D(250)),
    ]

    parts = allocate(D(1000), claims, Recipe(Method.HISTORY), places=2)

    assert parts == [D("200.00"), D("220.00"), D("330.00"), D("250.00")]


def test_fixed_amounts_stay():
    claims = [Claim(1, history=D(1), fixed=D("10.50")), Claim(2, history=D(1)), Claim(3, history=D(3))]

    parts = allocate(D("50.50"), claims, Recipe(Method.HISTORY), places=2)

    assert parts == [D("10.50"), D("10.00"), D("30.00")]


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param([Claim(1, low=D(60)), Claim(2, low=D(60))], id="lower limits too high"),
        pytest.param([Claim(1, high=D(40)), Claim(2, high=D(40))], id="upper limits too low"),
        pytest.param([Claim(1, fixed=D(120)), Claim(2)], id="fixed above the total"),
        pytest.param([Claim(1, fixed=D(20)), Claim(2, fixed=D(20))], id="all fixed below the total"),
    ],
)
def test_no_room_is_refused(claims):
    with pytest.raises(DoesNotFit):
        allocate(D(100), claims, Recipe(Method.EQUAL), places=2)


@pytest.mark.parametrize("weights", [{Basis.EQUAL: F(1, 2)}, {Basis.EQUAL: F(2), Basis.HISTORY: F(-1)}, {}])
def test_weights_that_do_not_sum_to_one_are_refused(weights):
    with pytest.raises(WrongWeights):
        allocate(D(100), THREE, Recipe(Method.WEIGHTED, weights=weights), places=2)


@pytest.mark.parametrize(
    ("amount", "over", "expected"),
    [
        ("100.00", "0", "100.00"),
        ("100.01", "0.05", "105.01"),
        ("100.10", "0.05", "105.11"),
        ("0.00", "0.2", "0.00"),
    ],
)
def test_over_assignment_rounds_half_up(amount, over, expected):
    assert with_over_assignment(D(amount), D(over), places=2) == D(expected)


def test_over_assignment_compounds_down_the_levels():
    assert compounded([D("0.05"), D("0.10"), D(0)]) == F(155, 1000)


money = st.integers(0, 10**9).map(lambda units: D(units).scaleb(-2))
claims_lists = st.lists(st.tuples(money, st.integers(0, 300), money), min_size=1, max_size=12).map(
    lambda rows: [
        Claim(key, history=history, capacity=D(capacity) / 100, potential=potential)
        for key, (history, capacity, potential) in enumerate(rows)
    ]
)
methods = st.sampled_from([method for method in Method if method not in {Method.SAME_VALUE, Method.WEIGHTED}])


@settings(deadline=None)
@given(money, claims_lists, methods, st.none() | st.fractions(-1, 2))
def test_parts_always_sum_to_the_total_and_are_never_negative(total, claims, method, growth):
    parts = allocate(total, claims, Recipe(method, growth=growth), places=2)

    assert sum(parts) == total
    assert min(parts) >= 0


@settings(deadline=None)
@given(money, claims_lists, methods, st.randoms(use_true_random=False))
def test_the_order_of_children_does_not_matter(total, claims, method, random):
    shuffled = list(claims)
    random.shuffle(shuffled)

    parts = dict(zip(claims, allocate(total, claims, Recipe(method), places=2), strict=True))
    again = dict(zip(shuffled, allocate(total, shuffled, Recipe(method), places=2), strict=True))

    assert parts == again


@settings(deadline=None)
@given(st.lists(st.tuples(money, money, money), min_size=1, max_size=10), st.integers(0, 100))
def test_clamped_parts_stay_within_bounds_and_sum(rows, percent):
    bounds = [(F(min(low, high)), F(max(low, high))) for _want, low, high in rows]
    lows, highs = sum(low for low, _high in bounds), sum(high for _low, high in bounds)
    total = lows + (highs - lows) * F(percent, 100)

    parts = clamp(total, [F(want) for want, _low, _high in rows], bounds)

    assert sum(parts) == total
    assert all(low <= part <= high for part, (low, high) in zip(parts, bounds, strict=True))
