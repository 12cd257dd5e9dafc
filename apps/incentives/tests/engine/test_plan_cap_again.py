"""Late changes and returns of an earlier period under the plan's factor and cap of that period."""

from decimal import Decimal as D
from fractions import Fraction as F

from hypothesis import given as each
from hypothesis import strategies as st

from apps.core.money import round_money
from apps.incentives.rules.engine.settle import settle
from apps.incentives.rules.engine.shapes import Cell, PaidBefore, Posted, PostedCredit, ReturnIn
from apps.incentives.tests.engine.build import commission, credits, given, plan

FLAT = commission(tiers=[{"from": "0", "rate": "0.1"}])
CENTS = st.integers(0, 50_000).map(lambda cents: D(cents) / 10)  # sold for whole cents of pay


def worth(sold: D, factor: D, limit: D) -> D:
    """What a period pays for sales: a tenth, times the factor, at most the cap."""
    return min(limit, round_money(F(sold) / 10 * F(factor), "USD"))


@each(
    CENTS,
    CENTS,
    st.booleans(),
    st.sampled_from([D("1"), D("1.15"), D("0.7")]),
    st.sampled_from([D(9), D(9999)]),
)
def test_a_period_ends_at_what_it_is_worth_with_all_that_came_late_and_back(
    sold, late, is_back, factor, limit
):
    document = plan(
        FLAT, cap={"limit": {"kind": "amount", "amount": str(limit)}, "excess": {"kind": "forfeit"}}
    )
    earned = sold / 10
    whole = round_money(F(earned) * F(factor), "USD")
    paid = worth(sold, factor, limit)
    before = PaidBefore(whole, paid - whole, whole - earned, F(factor))
    posted = Posted(sold, F(earned), earned, (PostedCredit(1, sold, "t1", earned),), exists=True)
    returns = [ReturnIn(9, -sold, earned, 1)] if is_back else []
    cell = Cell("v", credits(late, start=5) if late else [], returns, posted, is_current=False)

    outcome = settle(document, given(document, {"c": [cell]}, posted_variable={"v": before}))

    left = late if is_back else sold + late
    assert paid + outcome.payment.amount == worth(left, factor, limit)
