"""Ten thousand small plans of five levels: their sums, the same again, what a change touches, lean trees."""

from dataclasses import replace
from decimal import Decimal as D
from fractions import Fraction as F
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.core.errors import DomainError
from apps.core.money import split_units
from apps.targets.enums import Balance, Basis, Method
from apps.targets.rules.allocation import Claim, Recipe, ideal, plain
from apps.targets.rules.editing import Cell, change_cells
from apps.targets.rules.proof import breaches
from apps.targets.rules.tree import Grid, Node, NotLoaded, cascade, months_of

TREES, LEVELS = 10_000, 5
MONEY = Grid(places=2, months=3)
SEASONS = [(1, 1, 1), (1, 1, 0), (3, 7, 11), (333333333333, 333333333334, 10**12)]
MIXED = Recipe(Method.WEIGHTED, weights={Basis.CAPACITY: F(1, 3), Basis.HISTORY: F(2, 3)})
RECIPES = [Recipe(method) for method in (Method.HISTORY, Method.CAPACITY, Method.EQUAL)] * 6
RECIPES += [MIXED, Recipe(Method.SAME_GROWTH, growth=F(1, 10)), Recipe(Method.HYBRID, top_down=F(1, 3))]
HISTORIES = [D(0), D(0), D(1), D(1), D(1), D("0.01"), D("333333.33")]  # joiners, thirds, very unlike
OVERS = [D(0), D(0), D("0.03"), D("0.3333")]


def tree(random, season):
    """Return a plan of five levels with one to three nodes on each below the first."""
    key, above = 1, [_node(1, random, season)]
    above[0].amount = D(random.randrange(10**9)).scaleb(-2)
    top = above[0]
    for _level in range(LEVELS - 1):
        made = []
        for _child in range(random.choice((1, 1, 2) if key > 1 else (2, 3))):
            key += 1
            made.append(_node(key, random, season))
            random.choice(above).add(made[-1])
        above = made
    return top


def _node(key, random, season):
    claim = Claim(key, history=random.choice(HISTORIES), capacity=D(random.choice((0, 1, 1, 3))) / 2)
    return Node(key, over=random.choice(OVERS), recipe=random.choice(RECIPES), claim=claim, season=season)


def states(top, grid=MONEY):
    return {one.key: (one.amount, months_of(one, grid), one.is_fixed, one.origin) for one in top.walk()}


def change(top, key, amount, balance, grid):
    nodes = {one.key: one for one in top.walk()}
    try:
        change_cells(nodes, [Cell(key, (), amount)], balance, grid)
    except DomainError:
        return False
    return True


def lean(top):
    for one in top.walk():
        if not one.children:
            one.months = None
    return top


def test_ten_thousand_plans_sum_repeat_and_change_no_more_than_they_must():
    random = Random(64)  # noqa: S311  # the same trees each time
    refused = 0
    for number in range(TREES):
        season = SEASONS[number % len(SEASONS)]
        seed = random.random()
        top = tree(Random(seed), season)  # noqa: S311  # to be made again
        cascade(top, MONEY)
        first = states(top)

        assert breaches(top, MONEY) == []
        cascade(top, MONEY)
        assert states(top) == first

        if number % 2:
            continue
        node = random.choice([one for one in top.walk() if one.parent is not None])
        near = {one.key for one in node.parent.walk()}
        above = {one.key for one in node.ancestors()}
        typed = min(node.amount + random.choice((D("0.01"), D(7), node.amount)), node.parent.amount)
        if not change(top, node.key, typed, Balance.SIBLINGS, MONEY):
            refused += 1
            continue
        second = states(top)
        delta = {key: state for key, state in second.items() if state != first[key]}
        assert breaches(top, MONEY) == []
        assert delta.keys() <= near | above
        assert all(second[key][0] == first[key][0] for key in above)
        assert {**first, **delta} == second
        if number % 8 == 4:
            other = tree(Random(seed), season)  # noqa: S311  # the same plan
            grid = replace(MONEY, is_lean=True)
            cascade(lean(other), grid)
            change(other, node.key, typed, Balance.SIBLINGS, grid)
            assert states(other, grid) == second
    assert refused < TREES / 8


claims = st.lists(
    st.builds(
        Claim,
        key=st.integers(0, 10**6),
        history=st.decimals(-100, 10**6, places=4),
        capacity=st.decimals(0, 10, places=4),
        potential=st.sampled_from([D(0), D("0.0001"), D(1), D(7)]),
    ),
    min_size=1, max_size=8, unique_by=lambda claim: claim.key,
)  # fmt: skip
recipes = st.sampled_from(
    [Recipe(one) for one in (Method.EQUAL, Method.HISTORY, Method.CAPACITY, Method.POTENTIAL)]
    + [MIXED, Recipe(Method.WEIGHTED, weights={Basis.EQUAL: F(1, 7), Basis.POTENTIAL: F(6, 7)})]
)


@settings(deadline=None, max_examples=200)
@given(total=st.integers(1, 10**12).map(lambda units: D(units).scaleb(-2)), claims=claims, recipe=recipes)
def test_whole_weights_split_as_exact_shares_do(total, claims, recipe):
    keys = [claim.key for claim in claims]

    found = split_units(total, plain(claims, recipe), places=2, keys=keys)

    assert found == split_units(total, ideal(total, claims, recipe), places=2, keys=keys)


def test_a_month_of_a_total_read_without_its_branch_asks_for_it():
    top = tree(Random(1), SEASONS[0])  # noqa: S311  # any tree
    cascade(top, MONEY)
    for child in top.children:
        child.children, child.is_stub = [], True

    with pytest.raises(NotLoaded):
        change_cells({1: top}, [Cell(1, (0,), top.months[0] - D("0.01"))], Balance.SIBLINGS, MONEY)
