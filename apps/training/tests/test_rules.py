"""Levels, gaps and choices: tables of examples and properties."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.training import rules
from apps.training.enums import EnrolmentState
from apps.training.rules import Offer, Proof

DAY = dt.date(2026, 6, 1)


def days(n: int) -> dt.date:
    return DAY + dt.timedelta(days=n)


@pytest.mark.parametrize(
    ("proofs", "level"),
    [
        pytest.param([], 0, id="no proof"),
        pytest.param([Proof(3, days(-9), False)], 3, id="a course"),
        pytest.param([Proof(3, days(-9), False, days(0))], 0, id="expired that day"),
        pytest.param([Proof(3, days(-9), False, days(1))], 3, id="expires tomorrow"),
        pytest.param([Proof(3, days(-9), False), Proof(2, days(-5), True)], 2, id="a later judgement wins"),
        pytest.param([Proof(3, days(-2), False), Proof(2, days(-5), True)], 3, id="a later course raises"),
        pytest.param(
            [Proof(1, days(-2), False), Proof(2, days(-5), True)], 2, id="a later course never lowers"
        ),
        pytest.param([Proof(2, days(-9), True), Proof(4, days(-1), True)], 4, id="the latest judgement"),
        pytest.param([Proof(5, days(1), True)], 0, id="tomorrow does not count yet"),
    ],
)
def test_the_level_held_on_a_day(proofs, level):
    assert rules.held_level(proofs, DAY) == level


@pytest.mark.parametrize(("required", "held", "gap"), [(3, 1, 2), (3, 3, 0), (3, 5, 0), (0, 0, 0)])
def test_more_than_required_is_no_gap(required, held, gap):
    assert rules.gap(required, held) == gap


@pytest.mark.parametrize(
    ("offers", "held", "required", "course"),
    [
        pytest.param([Offer(1, 2), Offer(2, 3), Offer(3, 5)], 1, 3, 2, id="the lowest that closes the gap"),
        pytest.param([Offer(1, 2), Offer(2, 3)], 1, 5, 2, id="else the highest step"),
        pytest.param([Offer(1, 2)], 2, 3, None, id="nothing above what is held"),
        pytest.param([], 0, 3, None, id="no course"),
        pytest.param([Offer(1, 3), Offer(2, 3, days(9))], 1, 3, 2, id="one with a session first"),
        pytest.param([Offer(1, 3, days(9)), Offer(2, 3, days(3))], 1, 3, 2, id="the soonest session"),
        pytest.param([Offer(2, 3), Offer(1, 3)], 1, 3, 1, id="else the older course"),
    ],
)
def test_the_course_to_take_next(offers, held, required, course):
    found = rules.next_course(offers, held=held, required=required)

    assert (found.course_id if found else None) == course


OFFERS = st.lists(st.builds(Offer, st.integers(1, 99), st.integers(1, 5)), max_size=6)


@given(OFFERS, st.integers(0, 5), st.integers(1, 5))
def test_a_suggested_course_always_raises_the_level(offers, held, required):
    found = rules.next_course(offers, held=held, required=required)

    assert found is None or found.level > held


@given(OFFERS, st.integers(0, 5), st.integers(1, 5), st.randoms())
def test_a_suggestion_does_not_depend_on_the_order_of_courses(offers, held, required, random):
    shuffled = list(offers)
    random.shuffle(shuffled)

    assert rules.next_course(shuffled, held=held, required=required) == rules.next_course(
        offers, held=held, required=required
    )


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        pytest.param(dt.date(2026, 1, 31), 1, dt.date(2026, 2, 28), id="end of a short month"),
        pytest.param(dt.date(2028, 2, 29), 12, dt.date(2029, 2, 28), id="leap day"),
        pytest.param(dt.date(2026, 6, 15), 24, dt.date(2028, 6, 15), id="two years"),
        pytest.param(dt.date(2026, 12, 5), 1, dt.date(2027, 1, 5), id="over new year"),
        pytest.param(dt.date(2026, 6, 15), None, None, id="for good"),
    ],
)
def test_a_certificate_ends_some_months_later(day, months, expected):
    assert rules.expiry(day, months) == expected


def test_the_last_seat_is_a_seat_and_the_next_one_waits():
    assert rules.place_for(1, 2) == EnrolmentState.ENROLLED
    assert rules.place_for(2, 2) == EnrolmentState.WAITING
