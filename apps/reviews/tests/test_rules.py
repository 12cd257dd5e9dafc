"""Scores, ratings, stages: tables of examples and properties."""

from decimal import Decimal as D
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.reviews import rules
from apps.reviews.enums import Flag, Rating, Stage, TargetSource
from apps.reviews.rules import Scale


@pytest.mark.parametrize(
    ("actual", "target", "direction", "scale", "expected", "uncapped"),
    [
        pytest.param(D(100), D(100), "up", Scale(), F(1), F(1), id="target reached"),
        pytest.param(D(50), D(100), "up", Scale(), F(1, 2), F(1, 2), id="half way"),
        pytest.param(D(150), D(100), "up", Scale(), F(6, 5), F(3, 2), id="capped, shown uncapped"),
        pytest.param(D(-20), D(100), "up", Scale(), F(0), F(-1, 5), id="never below the lowest"),
        pytest.param(D(75), D(100), "up", Scale(floor=D("0.5")), F(1, 2), F(1, 2), id="above a floor"),
        pytest.param(D(50), D(100), "up", Scale(floor=D("0.5")), F(0), F(0), id="at the floor"),
        pytest.param(D(40), D(40), "down", Scale(), F(1), F(1), id="lower is better: at target"),
        pytest.param(
            D(60), D(40), "down", Scale(), F(1, 2), F(1, 2), id="lower is better: half way to worst"
        ),
        pytest.param(D(80), D(40), "down", Scale(), F(0), F(0), id="lower is better: at worst"),
        pytest.param(D(20), D(40), "down", Scale(), F(6, 5), F(3, 2), id="lower is better: capped"),
        pytest.param(D(99), D(100), "up", Scale(curve="binary"), F(0), F(0), id="binary missed"),
        pytest.param(D(100), D(100), "up", Scale(curve="binary"), F(1), F(1), id="binary reached"),
        pytest.param(D(40), D(40), "down", Scale(curve="binary"), F(1), F(1), id="binary, lower is better"),
    ],
)
def test_a_figure_scores_against_its_target(actual, target, direction, scale, expected, uncapped):
    scored = rules.score(actual, target, direction=direction, scale=scale)

    assert (scored.score, scored.uncapped, scored.flag) == (expected, uncapped, Flag.COUNTED)


@pytest.mark.parametrize(
    ("actual", "target", "flag"),
    [
        pytest.param(None, D(100), Flag.NO_DATA, id="nothing measured"),
        pytest.param(D(5), None, Flag.NO_TARGET, id="nothing to compare"),
        pytest.param(D(5), D(0), Flag.NO_TARGET, id="target of zero"),
    ],
)
def test_without_a_figure_to_compare_there_is_no_score(actual, target, flag):
    scored = rules.score(actual, target, direction="up")

    assert (scored.score, scored.flag) == (None, flag)


def test_missing_kpis_share_their_weight_among_the_others():
    parts = [(D(50), F(1)), (D(30), None), (D(20), F(1, 2))]

    assert rules.final(parts) == F(60, 70)


def test_without_any_kpi_there_is_no_final_score():
    assert rules.final([(D(50), None), (D(50), None)]) is None
    assert rules.final([]) is None


SCORES = st.integers(0, 1200).map(lambda n: F(n, 1000))
WEIGHTS = st.integers(1, 10000).map(lambda n: D(n).scaleb(-2))


@given(st.lists(st.tuples(WEIGHTS, SCORES), min_size=1, max_size=8))
def test_a_final_score_lies_between_the_lowest_and_the_highest(parts):
    final = rules.final(parts)

    assert min(score for _w, score in parts) <= final <= max(score for _w, score in parts)


@given(st.lists(st.tuples(WEIGHTS, SCORES), min_size=1, max_size=6), st.permutations(range(6)))
def test_a_final_score_is_independent_of_order(parts, order):
    shuffled = [parts[i] for i in order if i < len(parts)]

    assert rules.final(shuffled) == rules.final(parts)


@given(
    st.decimals(min_value=-1000, max_value=1000, places=2),
    st.decimals(min_value=D("0.01"), max_value=1000, places=2),
    st.decimals(min_value=D("0.01"), max_value=100, places=2),
    st.sampled_from(["up", "down"]),
)
def test_a_better_figure_never_scores_worse_and_stays_in_bounds(actual, target, more, direction):
    here = rules.score(actual, target, direction=direction).score
    better = rules.score(actual + (more if direction == "up" else -more), target, direction=direction).score

    assert 0 <= here <= better <= F(6, 5)


@pytest.mark.parametrize(
    ("score", "rating"),
    [
        pytest.param(F(6, 5), Rating.OUTSTANDING, id="cap"),
        pytest.param(F(11, 10), Rating.OUTSTANDING, id="band begins"),
        pytest.param(F(11, 10) - F(1, 10**12), Rating.STRONG, id="rounded up it would be a band higher"),
        pytest.param(F(1), Rating.STRONG, id="exactly on target"),
        pytest.param(F(999999, 1000000), Rating.SOLID, id="a hair below target"),
        pytest.param(F(4, 5), Rating.SOLID, id="solid begins"),
        pytest.param(F(1, 2), Rating.DEVELOPING, id="developing begins"),
        pytest.param(F(0), Rating.UNSATISFACTORY, id="nothing"),
        pytest.param(None, None, id="not scored"),
    ],
)
def test_rating_bands_are_half_open_on_the_unrounded_score(score, rating):
    assert rules.rating_of(score) == rating


@pytest.mark.parametrize(
    ("quota", "peers", "history", "expected"),
    [
        pytest.param(D(10), D(9), D(8), (D(10), TargetSource.QUOTA), id="quota first"),
        pytest.param(None, D(9), D(8), (D(9), TargetSource.PEERS), id="then the role's median"),
        pytest.param(D(0), D(9), None, (D(9), TargetSource.PEERS), id="a quota of zero is none"),
        pytest.param(None, None, D(8), (D(8), TargetSource.HISTORY), id="then own history"),
        pytest.param(None, None, None, (None, TargetSource.NONE), id="else nothing, and it says so"),
    ],
)
def test_the_target_says_where_it_comes_from(quota, peers, history, expected):
    assert rules.choose_target(quota, peers, history) == expected


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        pytest.param([F(1), F(2), F(3)], None, id="three are too few"),
        pytest.param([F(1), F(2), F(4), F(9)], F(30), id="middle of four, ten days"),
        pytest.param([F(0), F(0), F(0), F(9)], None, id="a median of nothing is no target"),
    ],
)
def test_a_role_median_needs_four_people(rates, expected):
    assert rules.peer_target(rates, 10) == expected


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        pytest.param([], Stage.DRAFT, id="nobody"),
        pytest.param([Stage.SHARED, Stage.MANAGER, Stage.CLOSED], Stage.MANAGER, id="the slowest"),
        pytest.param([Stage.ACKNOWLEDGED, Stage.SHARED], Stage.SHARED, id="one has not confirmed"),
        pytest.param([Stage.CLOSED, Stage.CLOSED], Stage.CLOSED, id="all"),
    ],
)
def test_a_cycle_stands_where_its_slowest_evaluation_stands(stages, expected):
    assert rules.slowest(stages) == expected


def test_leniency_counts_standard_deviations_above_everybody():
    assert rules.leniency([5, 5, 5], [5, 5, 5, 3, 3, 3]) == 1
    assert rules.leniency([3, 3, 3], [5, 5, 5, 3, 3, 3]) == -1
    assert rules.leniency([3, 3, 3], [3, 3, 3]) is None
    assert rules.leniency([], [3, 4]) is None


def test_too_few_ratings_say_nothing_about_leniency():
    assert rules.leniency([5, 5], [5, 5, 3, 3, 3, 3]) is None


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [(F(5, 1000), 2, D("0.01")), (F(-5, 1000), 2, D("-0.01")), (F(1, 3), 4, D("0.3333")), (None, 2, None)],
)
def test_rounding_is_half_away_from_zero(value, places, expected):
    assert rules.rounded(value, places) == expected
