"""Unpaid leave in the rules: days missed on four bases, parts that add up, what shrinks and what does not."""

import datetime as dt
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.incentives.rules.engine.proration import Away, Counter, Range
from apps.incentives.rules.preview.answer import preview
from apps.incentives.rules.preview.reading import RequestInvalid, read_request

Q1 = Range(dt.date(2026, 1, 1), dt.date(2026, 4, 1))
BASES = ["days", "working_days", "months", "30/360"]
# February 16 to March 1: 14 of 90 days; 10 of 64 weekdays; 13 of February's 28 days and one of March's 31;
# 15 + 1 of 90 days in months of 30.
MISSED = Range(dt.date(2026, 2, 16), dt.date(2026, 3, 2))
BY_HAND = {
    "days": F(14, 90),
    "working_days": F(10, 64),
    "months": (F(13, 28) + F(1, 31)) / 3,
    "30/360": F(16, 90),
}
SALARY = {"kind": "base_salary", "code": "salary", "name": "Salary", "annual": "48000"}
BONUS = {
    "kind": "kpi_bonus", "code": "bonus", "name": "Bonus", "annual": "24000",
    "measures": [{"measure": "revenue", "weight": "100"}],
    "curve": {
        "kind": "curve", "pays": "share", "below": "zero", "above": "hold",
        "points": [{"at": "0.5", "pays": "0.5"}, {"at": "1", "pays": "1"}],
    },
}  # fmt: skip
ABSENCE = {"from": "2026-02-16", "before": "2026-03-02"}
TAKEN_OFF = {"days": "working_days", "unpaid_leave": "taken_off"}


def request(*components, proration=TAKEN_OFF, absences=(ABSENCE,), sold="54000", **more):
    """A quarter with 64 weekdays, a quota of 64,000 and some sales."""
    quota = {"measure": "revenue", "from": "2026-01-01", "before": "2026-04-01", "amount": "64000"}
    whole = {
        "schema": "salesorg.plan/2", "currency": "USD", "period": "quarter",
        "components": list(components), "proration": proration, **more,
    }  # fmt: skip
    return {
        "plan": whole,
        "period": {"code": "2026-Q1", "from": "2026-01-01", "before": "2026-04-01"},
        "run_date": "2026-04-03",
        "payees": [{"id": "ann", "absences": list(absences), "quotas": [quota], "target": "24000"}],
        "credits": [
            {"id": "1", "transaction": "d", "payee": "ann", "measure": "revenue", "amount": sold,
             "date": "2026-01-20"}
        ],
    }  # fmt: skip


def lines(*components, **more):
    answer = preview(read_request(request(*components, **more)))
    assert not answer.exceptions
    return {line.component: line for line in answer.lines}


def paid(*components, **more):
    return {code: line.amount for code, line in lines(*components, **more).items()}


@pytest.mark.parametrize("basis", BASES)
@pytest.mark.parametrize("share", [F(1), F(1, 2), F(1, 100)])
def test_missed_days_are_taken_off_on_every_basis(basis, share):
    there = Counter(basis).presence([Q1], [Away(MISSED, share)], Q1)

    assert there.share == 1 - share * BY_HAND[basis]


@pytest.mark.parametrize("basis", BASES)
@given(cut=st.integers(1, 89), first=st.integers(0, 80), length=st.integers(1, 60), share=st.integers(1, 100))
def test_the_segments_of_a_period_add_up_to_it_whatever_is_missed(basis, cut, first, length, share):
    middle = Q1.start + dt.timedelta(days=cut)
    start = Q1.start + dt.timedelta(days=first)
    away = [Away(Range(start, start + dt.timedelta(days=length)), F(share, 100))]
    counter = Counter(basis)

    parts = [counter.presence([own], away, Q1) for own in (Range(Q1.start, middle), Range(middle, Q1.end))]
    whole = counter.presence([Q1], away, Q1)

    assert sum(part.share for part in parts) == whole.share
    assert sum(part.away for part in parts) == whole.away
    assert 0 <= whole.share <= 1


@pytest.mark.parametrize("basis", BASES)
def test_a_fixed_salary_shrinks_by_the_days_missed(basis):
    """48,000 ÷ 4 × what is left."""
    [line] = lines(SALARY, proration={"days": basis, "unpaid_leave": "taken_off"}).values()

    assert F(line.raw) == 12_000 * (1 - BY_HAND[basis])


def test_quota_and_target_bonus_shrink_together():
    """54 of 64 weekdays are left: target 6,000 × 54/64 = 5,062.50; quota 54,000, and 54,000 are sold."""
    assert paid(BONUS) == {"bonus": "5062.50"}


def test_a_plan_that_says_nothing_pays_leave_in_full_against_the_lower_quota():
    assert paid(BONUS, SALARY, proration={"days": "working_days"}) == {
        "bonus": "6000.00",
        "salary": "12000.00",
    }


@pytest.mark.parametrize(
    ("absence", "expected"),
    [
        pytest.param({"paid": True}, {"bonus": "5062.50", "salary": "12000.00"}, id="paid-whole-quota"),
        pytest.param(
            {"paid": True, "relieves_quota": True}, {"bonus": "6000.00", "salary": "12000.00"}, id="paid"
        ),
        pytest.param({"share": "0.5"}, {"bonus": "5062.50", "salary": "11062.50"}, id="half-time"),
    ],
)
def test_paid_days_count_and_half_days_count_half(absence, expected):
    """Paid: 54/64 of the quota are reached. Half-time: 59 of 64 days; 54,000 ÷ 59,000 × 6,000 × 59/64."""
    assert paid(BONUS, SALARY, absences=[{**ABSENCE, **absence}]) == expected


def test_whoever_is_away_all_the_time_is_paid_nothing_and_is_no_exception():
    whole = {"from": "2026-01-01", "before": "2026-04-01"}
    answer = preview(read_request(request(BONUS, SALARY, absences=[whole]) | {"credits": []}))

    assert (list(answer.exceptions), answer.payments[0].amount) == ([], "0.00")


def test_draw_and_guarantee_follow_the_days_that_are_left():
    """A draw of 3,200 a quarter is 2,700 for 54 of 64 weekdays."""
    draw = {"kind": "non_recoverable", "amount": "3200", "periods": 4, "at_end": "forgive"}
    rate = {"kind": "marginal", "tiers": [{"from": "0", "rate": "0.01"}]}
    commission = {
        "kind": "commission", "code": "c", "name": "C", "measure": "revenue", "basis": "period",
        "table": rate,
    }  # fmt: skip

    assert paid(commission, draw=draw) == {"c": "540.00", "draw": "2160.00"}


def test_absences_that_overlap_or_end_before_they_begin_are_refused():
    wrong = request(BONUS, absences=[ABSENCE, {"from": "2026-03-01", "before": "2026-03-05"}])
    with pytest.raises(RequestInvalid) as refused:
        read_request(wrong)
    assert "payees[0].absences[1].from" in refused.value.fields

    with pytest.raises(RequestInvalid):
        read_request(request(BONUS, absences=[{"from": "2026-03-02", "before": "2026-03-02"}]))


def test_a_step_says_how_many_days_were_missed():
    [line] = lines(SALARY).values()

    step = line.steps[0]
    assert (step["days"], step["of"], step["away"], step["unit"]) == ("54", "64", "10", "working_days")
