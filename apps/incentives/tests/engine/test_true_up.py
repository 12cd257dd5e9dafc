"""Bonuses to date, true-ups at the end of a year, payments in whole units. Worked out by hand:

A bonus of 12,000 a year, quarters of 100: 50 → 1,500; 150 → 3,000 (no more than the target); 100 → 3,000
twice. To date 50, 100, 100, 100 % of 3,000, 6,000, 9,000, 12,000: 1,500 + 4,500 + 3,000 + 3,000.
A true-up pays at the end what the quarters, 10,500 together, left open of the year's 12,000: 1,500.
100, 100, 100, 0 pay 9,000; the year is at 75 %: worth 9,000 on the line (0 left), nothing on a step at 100 %
(9,000 too much: theirs, or taken back). An own target of 24,000 doubles each of these.
"""

import datetime as dt
import itertools
from decimal import Decimal as D
from fractions import Fraction as F
from typing import Any

import pytest
from hypothesis import given as each
from hypothesis import strategies as st

from apps.incentives.rules.engine.settle import settle
from apps.incentives.rules.engine.shapes import Cell, PayeeGiven, Segment
from apps.incentives.rules.plan.parsing import parse_plan
from apps.incentives.rules.plan.problems import PlanInvalid
from apps.incentives.rules.preview.answer import preview
from apps.incentives.rules.preview.reading import read_request
from apps.incentives.tests.engine.build import RUN, balance, bonus, credits, curve, document, given, pay, plan
from apps.incentives.tests.engine.test_late_and_blended import handed_on

LINE = curve(("0", "0"), ("1", "1"))
STEP = {"kind": "step", "pays": "share", "points": [{"at": "1", "pays": "1"}]}
FLAT = {
    "kind": "commission", "code": "c", "name": "C", "measure": "revenue", "basis": "period",
    "table": {"kind": "marginal", "tiers": [{"from": "0", "rate": "0.1"}]},
}  # fmt: skip


def to_date(**more: Any) -> dict[str, Any]:
    reached = [{"measure": "revenue", "weight": "100", "of": "cumulative"}]
    return bonus(**{"basis": "year_to_date", "measures": reached, "curve": LINE, **more})


def trued_up(shortfall: str = "forgiven", **more: Any) -> list[dict[str, Any]]:
    true_up = {"of": ["k"], "shortfall": shortfall}
    return [bonus(curve=LINE), to_date(code="t", true_up=true_up, **more)]


def quarters(components: list[dict[str, Any]], actuals: Any, **payee: Any) -> list[D]:
    """Pay four quarters one after the other, each handing on to the next."""
    posted: list[Any] = []
    paid = []
    starts = [dt.date(2026, month, 1) for month in (1, 4, 7, 10)] + [dt.date(2027, 1, 1)]
    sold = [
        {"measure": "revenue", "value": str(value), "on": start.isoformat()}
        for value, start in zip(actuals, starts, strict=False)
    ]
    quotas = [
        {"measure": "revenue", "from": a.isoformat(), "before": b.isoformat(), "amount": "100"}
        for a, b in itertools.pairwise(starts)
    ]
    for number in range(4):
        answer = preview(
            read_request(
                {
                    "plan": document(*components),
                    "period": {
                        "code": f"2026-Q{number + 1}",
                        "from": starts[number].isoformat(),
                        "before": starts[number + 1].isoformat(),
                    },
                    "run_date": "2027-01-05",
                    "payees": [
                        {
                            "id": "ann",
                            "quotas": quotas,
                            "measures": sold[: number + 1],
                            "posted": posted,
                            **payee,
                        }
                    ],
                    "credits": [],
                }
            )
        )
        assert not answer.exceptions
        paid.append(sum((D(row.amount) for row in answer.lines), D(0)))
        posted = handed_on(answer)
    return paid


@pytest.mark.parametrize(
    ("components", "actuals", "pays"),
    [
        pytest.param([bonus(curve=LINE)], (50, 150, 100, 100), (1500, 3000, 3000, 3000), id="quarters"),
        pytest.param([to_date()], (50, 150, 100, 100), (1500, 4500, 3000, 3000), id="to-date"),
        pytest.param(trued_up(), (50, 150, 100, 100), (1500, 3000, 3000, 4500), id="trued-up"),
        pytest.param(trued_up(), (100, 100, 100, 0), (3000, 3000, 3000, 0), id="nothing-open"),
        pytest.param(trued_up(curve=STEP), (100, 100, 100, 0), (3000, 3000, 3000, 0), id="too-much"),
        pytest.param(
            trued_up("taken_back", curve=STEP),
            (100, 100, 100, 0),
            (3000, 3000, 3000, -9000),
            id="too-much-is-taken-back",
        ),
    ],
)
def test_a_year_of_a_bonus(components, actuals, pays):
    assert quarters(components, actuals) == [D(one) for one in pays]


def test_an_own_target_of_a_year_holds_for_its_true_up():
    assert quarters(trued_up(), (50, 150, 100, 100), annual={"k": "24000", "t": "24000"}) == [
        D(3000), D(6000), D(6000), D(9000),
    ]  # fmt: skip


@each(st.lists(st.integers(0, 250), min_size=4, max_size=4))
def test_what_is_paid_to_date_or_trued_up_is_the_year_to_the_cent(actuals):
    worth = round(F(12000) * min(F(1), F(sum(actuals), 400)), 2)

    assert sum(quarters([to_date()], actuals)) == worth
    assert sum(quarters(trued_up("taken_back"), actuals)) == worth


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"basis": "period", "true_up": {"of": ["c"], "shortfall": "forgiven"}}, "components[0].basis"),
        ({"measures": [{"measure": "revenue", "weight": "100"}]}, "components[0].measures[0].of"),
        ({"true_up": {"of": ["c"], "shortfall": "forgiven"}}, "components[0].true_up.of[0]"),
        ({"true_up": {"of": ["nobody"], "shortfall": "forgiven"}}, "components[0].true_up.of[0]"),
        ({"true_up": {"of": ["k"], "shortfall": "forgiven"}}, "components"),
        ({"basis": "quarter_to_date"}, "components[0].basis"),
    ],
)
def test_a_bonus_to_date_that_does_not_hold_together_is_refused(change, place):
    with pytest.raises(PlanInvalid) as refused:
        parse_plan(document(to_date(**change), FLAT))

    assert place in {problem.place for problem in refused.value.problems}


WHOLE = {"payment": {"round_to": "1"}}


@pytest.mark.parametrize(
    ("sold", "more", "opening", "pays", "carried"),
    [
        ("1234", {}, "0", "123", "0.40"),
        ("1236", {}, "0.40", "124", "0.00"),
        ("1235", {}, "0", "124", "-0.50"),
        ("1245", {"rounding": "half_even"}, "0", "124", "0.50"),
        ("-1235", {}, "0", "-124", "0.50"),
        ("1234", {"payment": {"round_to": "10"}}, "0", "120", "3.40"),
        ("1234", {"payment": {"round_to": "0.05"}}, "0", "123.40", "0.00"),
        ("1234", {"payment": None}, "0.40", "123.80", "0.00"),  # a version without it pays what is left
    ],
)
def test_a_payment_is_a_multiple_of_the_unit_and_the_rest_is_carried(sold, more, opening, pays, carried):
    outcome = pay(plan(FLAT, **{**WHOLE, **more}), [sold], opening={"rounding": D(opening)})

    assert (outcome.payment.amount, balance(outcome, "rounding")) == (D(pays), D(carried))


def test_who_has_left_is_paid_the_rest():
    told = plan(FLAT, **WHOLE)

    outcome = settle(
        told, PayeeGiven("p", "w", [Segment(told, has_ended=True)], RUN, opening={"rounding": D("0.40")})
    )

    assert (outcome.payment.amount, balance(outcome, "rounding")) == (D("0.40"), D(0))


@each(st.lists(st.integers(-90_000, 900_000), min_size=1, max_size=8), st.sampled_from(["1", "0.05", "100"]))
def test_payments_and_what_is_carried_add_up_to_the_lines(cents, unit):
    told = plan(FLAT, payment={"round_to": unit})
    opening: dict[str, D] = {}
    paid = earned = D(0)
    for sold in [*cents, -sum(cents)]:
        cell = Cell("w", credits(D(sold) / 10))
        outcome = settle(told, given(told, {"c": [cell]}, opening=opening))
        opening = {one.name: one.closing for one in outcome.balances}
        paid += outcome.payment.amount
        earned += sum(line.rounded for line in outcome.lines if line.kind == "earned")
        assert outcome.payment.amount % D(unit) == 0
        assert paid + opening.get("rounding", D(0)) == earned
        assert abs(opening.get("rounding", D(0))) <= D(unit) / 2


@pytest.mark.parametrize(
    "more",
    [
        {"payment": {"round_to": "0.015"}},
        {"exchange": {"transactions": "plan_year", "payout": "JPY"}, **WHOLE},
    ],
)
def test_a_unit_that_cannot_be_paid_is_refused(more):
    with pytest.raises(PlanInvalid) as refused:
        parse_plan(document(FLAT, **more))

    assert {problem.place for problem in refused.value.problems} == {"payment.round_to"}
