from decimal import Decimal as D
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.targets.enums import Grade, Letter
from apps.targets.rules.pacing import MonthPlan, attain, crowd
from apps.targets.rules.seasonality import Observed, for_days, learn, normalised
from apps.targets.rules.smart import Evidence, chance_to_reach, judge


def years(*shapes):
    return [Observed(position, D(value)) for shape in shapes for position, value in enumerate(shape)]


FLAT = [100] * 12
PEAK = [100] * 11 + [220]


def test_a_season_is_the_median_of_month_over_its_twelve_month_mean():
    indices = learn(years(PEAK, [2 * value for value in PEAK]))

    assert indices == [F(10, 11)] * 11 + [F(2)]


def test_fewer_than_24_months_teach_nothing():
    assert learn(years(FLAT, FLAT)[1:]) is None


def test_one_freak_year_does_not_bend_the_season():
    freak = [1200] + [1] * 11

    indices = learn(years(FLAT, FLAT, FLAT, FLAT, FLAT, freak))

    assert indices == [F(1)] * 12


def test_months_without_any_sales_teach_nothing():
    assert learn(years([0] * 12, [0] * 12)) is None


def test_a_moving_new_year_follows_the_working_days():
    days_then = [22, 16] + [21] * 10
    history = [
        Observed(position, D(10 * days), days)
        for _year in range(2)
        for position, days in enumerate(days_then)
    ]

    season = for_days(learn(history, by_working_days=True), [16, 22] + [21] * 10)

    assert season == normalised([16, 22] + [21] * 10)


@given(st.lists(st.integers(0, 10**6), min_size=24, max_size=60))
def test_indices_always_have_mean_one(values):
    indices = learn([Observed(index % 12, D(value)) for index, value in enumerate(values)])

    assert indices is None or sum(indices) == 12


QUARTER = [MonthPlan(D(100), 20, 20), MonthPlan(D(100), 20, 10), MonthPlan(D(200), 20, 0)]


def test_pace_compares_with_what_is_expected_to_date():
    standing = attain(D(180), D(400), QUARTER)

    assert standing.ratio == F(45, 100)
    assert standing.expected == 150
    assert standing.pace == F(12, 10)
    assert standing.projection == 480
    assert standing.required_per_day == F(22, 3)
    assert standing.gap == 220


def test_the_projection_waits_for_a_fifth_of_the_weight():
    early = [MonthPlan(D(100), 20, 15), MonthPlan(D(300), 20, 0)]

    assert attain(D(90), D(400), early).projection is None


def test_nothing_more_is_required_of_who_has_made_it():
    assert attain(D(500), D(400), QUARTER).required_per_day == 0


def test_no_rate_is_required_once_the_days_are_over():
    assert attain(D(100), D(400), [MonthPlan(D(400), 20, 20)]).required_per_day is None


@pytest.mark.parametrize(("actual", "quota"), [(None, D(1)), (D(1), None), (D(1), D(0))])
def test_without_both_figures_there_is_no_attainment(actual, quota):
    assert attain(actual, quota, []).ratio is None


def test_a_rate_is_compared_with_the_whole_quota_at_any_time():
    standing = attain(D("0.30"), D("0.40"), QUARTER, is_additive=False)

    assert (standing.ratio, standing.expected, standing.pace) == (F(3, 4), F(2, 5), F(3, 4))


def test_where_less_is_better_attainment_turns_round():
    assert attain(D(50), D(40), [], is_additive=False, lower_is_better=True).ratio == F(4, 5)


def test_a_team_shows_its_median_and_how_many_made_it():
    team = crowd([F(1, 2), F(6, 5), None, F(1), F(9, 10)])

    assert (team.members, team.median, team.made_it) == (4, F(19, 20), F(1, 2))


SOUND = Evidence(
    has_owner=True, has_scope=True, has_measure=True, has_unit=True, has_baseline=True, is_linked=True,
    is_in_period=True, growth=F(1, 10), own_trend=F(8, 100), peer_growth=F(9, 100), load=F(9, 10),
    coverage=F(4), coverage_needed=F(3), chance=0.6,
)  # fmt: skip


def grades(**changes):
    verdict = judge(Evidence(**{**SOUND.__dict__, **changes}))
    return {one.letter: one.grade for one in verdict.letters}


def test_a_sound_target_is_good_in_every_letter():
    assert set(grades().values()) == {Grade.GOOD}


@pytest.mark.parametrize(
    ("changes", "letter", "grade"),
    [
        ({"has_owner": False}, Letter.SPECIFIC, Grade.FAILED),
        ({"has_unit": False}, Letter.MEASURABLE, Grade.FAILED),
        ({"has_baseline": False}, Letter.MEASURABLE, Grade.CAUTION),
        ({"is_linked": False}, Letter.RELEVANT, Grade.FAILED),
        ({"is_in_period": False}, Letter.TIMELY, Grade.FAILED),
        ({"growth": F(3, 10)}, Letter.ACHIEVABLE, Grade.CAUTION),
        ({"chance": 0.05}, Letter.ACHIEVABLE, Grade.CAUTION),
        ({"chance": 0.05, "load": F(3, 2)}, Letter.ACHIEVABLE, Grade.FAILED),
        ({"coverage": F(1)}, Letter.ACHIEVABLE, Grade.CAUTION),
        (
            {"growth": None, "own_trend": None, "load": None, "coverage": None, "chance": None},
            Letter.ACHIEVABLE,
            Grade.CAUTION,
        ),
    ],
)
def test_each_letter_has_its_own_reasons(changes, letter, grade):
    assert grades(**changes)[letter] == grade


def test_failed_letters_are_named():
    verdict = judge(Evidence(**{**SOUND.__dict__, "has_owner": False, "is_linked": False}))

    assert verdict.failed == (Letter.SPECIFIC, Letter.RELEVANT)


def test_the_chance_is_reproducible_and_falls_with_the_target():
    history, season = [90, 100, 110, 95, 105, 100, 120, 80, 100, 100, 90, 110], [1.0] * 12

    chances = [chance_to_reach(total, history, season, season, seed=7) for total in (1000, 1200, 1500)]

    assert chances == [
        chance_to_reach(total, history, season, season, seed=7) for total in (1000, 1200, 1500)
    ]
    assert chances[0] == 1.0
    assert 0.3 < chances[1] < 0.7
    assert chances[2] == 0.0


def test_a_short_history_gives_no_chance():
    assert chance_to_reach(100, [10] * 5, [1.0] * 5, [1.0] * 12, seed=1) is None
