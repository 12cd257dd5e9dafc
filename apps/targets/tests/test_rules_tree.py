from decimal import Decimal as D
from fractions import Fraction as F

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.core.errors import DomainError
from apps.targets.enums import Balance, Method
from apps.targets.rules.allocation import Claim, DoesNotFit, Recipe
from apps.targets.rules.editing import NodeFixedAbove, change_amount, change_months, release
from apps.targets.rules.proof import breaches, deviations
from apps.targets.rules.tree import Grid, Node, WrongTarget, below, cascade

MONEY = Grid(places=2)
SEASON = [F(weight) for weight in (8, 5, 10, 9, 9, 11, 8, 8, 10, 9, 9, 14)]


def company(amount="1000.00", over="0", method=Method.HISTORY):
    """A company of two teams with two seats each; history 10, 20, 30, 40."""
    recipe = Recipe(method)
    top = Node(1, D(amount), D(over), recipe, season=SEASON)
    for team_key, histories in ((2, (10, 20)), (3, (30, 40))):
        team = Node(team_key, over=D(over), recipe=recipe, season=SEASON)
        team.claim = Claim(team_key, history=D(sum(histories)))
        top.add(team)
        for index, history in enumerate(histories):
            key = team_key * 10 + index
            team.add(Node(key, claim=Claim(key, history=D(history)), season=SEASON))
    cascade(top, MONEY)
    return top


def node(top, key):
    return next(one for one in top.walk() if one.key == key)


def test_years_go_down_and_months_come_up():
    top = company()

    assert [one.amount for one in top.walk()] == [
        D("1000.00"), D("300.00"), D("100.00"), D("200.00"), D("700.00"), D("300.00"), D("400.00")
    ]  # fmt: skip
    assert node(top, 20).months[11] == D("12.73")
    assert [
        sum(column) for column in zip(node(top, 2).months, node(top, 3).months, strict=True)
    ] == top.months


def test_over_assignment_raises_the_children_only():
    top = company(over="0.10")

    assert (node(top, 2).amount, node(top, 20).amount) == (D("330.00"), D("121.00"))
    assert sum(top.months) == D("1000.00")
    assert breaches(top, MONEY) == []


def test_siblings_make_room_for_a_typed_year():
    top = company()

    change_amount(node(top, 20), D("150.00"), Balance.SIBLINGS, MONEY)

    assert (node(top, 20).amount, node(top, 21).amount, node(top, 2).amount) == (
        D("150.00"), D("150.00"), D("300.00")
    )  # fmt: skip
    assert breaches(top, MONEY) == []


def test_totals_above_follow_a_typed_year():
    top = company()

    change_amount(node(top, 20), D("150.00"), Balance.UP, MONEY)

    assert (node(top, 21).amount, node(top, 2).amount, top.amount) == (
        D("200.00"), D("350.00"), D("1050.00")
    )  # fmt: skip
    assert breaches(top, MONEY) == []


def test_a_typed_unit_cascades_to_its_seats():
    top = company()

    change_amount(node(top, 3), D("770.00"), Balance.UP, MONEY)

    assert (node(top, 30).amount, node(top, 31).amount) == (D("330.00"), D("440.00"))


def test_totals_do_not_move_past_one_set_by_hand():
    top = company()
    change_amount(node(top, 2), D("310.00"), Balance.SIBLINGS, MONEY)

    with pytest.raises(NodeFixedAbove):
        change_amount(node(top, 20), D("150.00"), Balance.UP, MONEY)


def test_siblings_cannot_make_more_room_than_there_is():
    with pytest.raises(DoesNotFit):
        change_amount(node(company(), 20), D("300.01"), Balance.SIBLINGS, MONEY)


def test_a_released_year_returns_to_the_method():
    top = company()
    change_amount(node(top, 20), D("150.00"), Balance.SIBLINGS, MONEY)

    release(node(top, 20), MONEY)

    assert node(top, 20).amount == D("100.00")
    assert breaches(top, MONEY) == []


def test_a_typed_month_is_made_up_by_the_others():
    top = company()

    change_months(node(top, 20), {0: D("30.00")}, MONEY)

    assert node(top, 20).months[0] == D("30.00")
    assert sum(node(top, 20).months) == D("100.00")
    assert breaches(top, MONEY) == []


def test_the_year_can_follow_a_typed_month():
    top = company()
    others = node(top, 20).months[1:]

    change_months(node(top, 20), {0: D("27.28")}, MONEY, balance=Balance.UP)

    assert node(top, 20).months[1:] == others
    assert node(top, 20).amount == D("120.00")
    assert breaches(top, MONEY) == []


def test_a_month_of_a_total_goes_down_to_its_seats():
    top = company()

    change_months(node(top, 2), {0: D("60.00")}, MONEY)

    assert node(top, 2).months[0] == D("60.00")
    assert [node(top, key).months[0] for key in (20, 21)] == [D("20.01"), D("39.99")]
    assert node(top, 2).amount == D("300.00")
    assert breaches(top, MONEY) == []
    assert deviations(top, MONEY) == []


@pytest.mark.parametrize("amount", ["-0.01", "NaN", "Infinity", "0.001"])
def test_a_figure_that_cannot_be_a_target_is_refused(amount):
    with pytest.raises(WrongTarget):
        change_amount(node(company(), 20), D(amount), Balance.UP, MONEY)


def test_a_rate_is_the_same_everywhere_and_all_year():
    rates = Grid(places=4, is_additive=False)
    top = company("0.3500")
    cascade(top, rates)

    assert {one.amount for one in top.walk()} == {D("0.3500")}
    assert set(node(top, 20).months) == {D("0.3500")}
    assert breaches(top, rates) == []


@given(st.integers(0, 10**10), st.integers(0, 5000))
def test_the_parent_of_a_sum_is_at_most_one_unit_short(units, over):
    from_below = below(D(units).scaleb(-2), D(over).scaleb(-4), places=2)

    assert 0 <= D(units).scaleb(-2) - _total(from_below, over) < D("0.02")


def _total(parent, over):
    exact = F(parent) * (1 + F(over, 10000)) * 100
    return D((2 * exact.numerator + exact.denominator) // (2 * exact.denominator)).scaleb(-2)


trees = st.builds(
    company,
    amount=st.integers(0, 10**9).map(lambda units: str(D(units).scaleb(-2))),
    over=st.integers(0, 3000).map(lambda value: str(D(value).scaleb(-4))),
    method=st.sampled_from([Method.EQUAL, Method.HISTORY, Method.SAME_INCREMENT, Method.CAPACITY]),
)
edits = st.lists(
    st.tuples(
        st.sampled_from([2, 3, 20, 21, 30, 31]),
        st.sampled_from(["amount", "month", "month and year", "release"]),
        st.integers(0, 10**8).map(lambda units: D(units).scaleb(-2)),
        st.integers(0, 11),
        st.sampled_from(list(Balance)),
    ),
    max_size=6,
)


def _apply(top, key, kind, value, index, balance):
    if kind == "amount":
        change_amount(node(top, key), value, balance, MONEY)
    elif kind == "month":
        change_months(node(top, key), {index: value}, MONEY)
    elif kind == "month and year":
        change_months(node(top, key), {index: value}, MONEY, balance=balance)
    else:
        release(node(top, key), MONEY)


@settings(deadline=None, max_examples=200)
@given(trees, edits)
def test_both_invariants_hold_after_any_accepted_edits(top, steps):
    for step in steps:
        try:
            _apply(top, *step)
        except DomainError:
            return  # the service throws the refused copy away
        assert breaches(top, MONEY) == []


@settings(deadline=None)
@given(trees)
def test_cascading_twice_changes_nothing(top):
    before = [(one.amount, one.months) for one in top.walk()]

    cascade(top, MONEY)

    assert [(one.amount, one.months) for one in top.walk()] == before
