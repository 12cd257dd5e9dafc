"""A return strikes what the cap of a component carried of its sale, whether it was paid since or not."""

from decimal import Decimal as D
from fractions import Fraction as F

import pytest
from hypothesis import given as each
from hypothesis import strategies as st

from apps.incentives.rules.engine.settle import settle
from apps.incentives.rules.engine.shapes import Cell, PostedCredit, ReturnIn
from apps.incentives.tests.engine.build import balance, commission, credits, given, pay, plan, posted_from

CARRY = {"limit": {"kind": "amount", "amount": "50"}, "excess": {"kind": "carry"}}
KINDS = ["marginal", "retroactive", "per_transaction"]
TENTH = [{"from": "0", "rate": "0.1"}]


def capped(kind="marginal", **more):
    table = {"inner": "marginal"} if kind == "per_transaction" else {}
    return plan(commission(kind, tiers=TENTH, cap=CARRY, table=table), **more)


def known(outcome):
    """The posted credits of a run's line, each with what it was paid."""
    [line] = [one for one in outcome.lines if one.kind == "earned"]
    paid = [(row.credit_id, row.amount, F(row.value)) for row in line.traces if row.credit_id]
    return posted_from(
        line, known=[PostedCredit(key, amount, f"t{key}", value) for key, amount, value in paid]
    )


def back(posted, *ids):
    rows = {one.id: one for one in posted.credits}
    return [ReturnIn(100 + key, -rows[key].amount, rows[key].paid, key) for key in ids]


def after(document, outcome, cells, **more):
    """The next period: it opens with what the one before left."""
    opening = {one.name: one.closing for one in outcome.balances}
    return settle(document, given(document, {"c": cells}, opening=opening, **more))


# Sold 600 and 400 at a tenth under a cap of 50: the first is paid 50 and 10 are carried, the second is
# paid nothing and 40 are carried. Returned at once: the ids that come back, what the next period pays
# (with nothing else sold it would pay the 50 carried), and what is left of the carried part.
RETURNED = [
    pytest.param((1, 2), "-50.00", "0.00", id="both: paid 50, then 50 carried and paid are taken back"),
    pytest.param((1,), "-10.00", "0.00", id="the first: 50 carried are paid, 50 and 10 of it come back"),
    pytest.param((2,), "10.00", "0.00", id="the second: 50 carried are paid, 40 of it come back"),
]


@pytest.mark.parametrize(("ids", "pays", "left"), RETURNED)
def test_what_comes_back_takes_its_carried_part_along(ids, pays, left):
    document = capped()
    first = pay(document, ["600", "400"])
    posted = known(first)

    second = after(
        document,
        first,
        [Cell("next"), Cell("w", returns=back(posted, *ids), posted=posted, is_current=False)],
    )

    assert (first.payment.amount, balance(first, "cap:c")) == (D("50.00"), D("50.00"))
    assert (second.payment.amount, balance(second, "cap:c")) == (D(pays), D(left))


def test_what_still_waits_is_struck_and_never_paid():
    document = capped()
    first = pay(document, ["600", "400"])
    posted = known(first)
    full = Cell("next", credits("500", start=9))  # this period fills the cap itself: nothing is released

    second = after(
        document, first, [full, Cell("w", returns=back(posted, 1, 2), posted=posted, is_current=False)]
    )

    assert (second.payment.amount, balance(second, "cap:c")) == (D("0.00"), D("0.00"))


@pytest.mark.parametrize("kind", KINDS)
@each(sold=st.lists(st.integers(1, 9_000), min_size=1, max_size=5), waits=st.booleans())
def test_sales_and_their_full_return_net_to_nothing_under_a_cap_that_carries(kind, sold, waits):
    document = capped(kind)
    first = pay(document, [D(one) for one in sold])
    posted = known(first)
    returns = back(posted, *(one.id for one in posted.credits))
    total, last = first.payment.amount, first
    if waits:  # a period in between pays some of what was carried
        last = after(document, last, [Cell("next")])
        total += last.payment.amount

    end = after(document, last, [Cell("end"), Cell("w", returns=returns, posted=posted, is_current=False)])

    assert total + end.payment.amount == D("0.00")
    assert balance(end, "cap:c") == D("0.00")
