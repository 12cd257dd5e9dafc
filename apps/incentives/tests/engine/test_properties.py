"""What holds for any plan and any figures: sums, order, batches, returns, draws, splits."""

import datetime as dt
import itertools
from decimal import Decimal as D
from decimal import localcontext
from fractions import Fraction

import pytest
from hypothesis import given as for_any
from hypothesis import settings
from hypothesis import strategies as st

from apps.incentives.rules.engine.numbers import EXACT
from apps.incentives.rules.engine.pools import share_pool
from apps.incentives.rules.engine.proration import Bucket, Counter, Range
from apps.incentives.rules.engine.settle import settle
from apps.incentives.rules.engine.shapes import Cell, CreditIn, Deal, PostedCredit, ReturnIn, Standing
from apps.incentives.rules.preview.answer import preview
from apps.incentives.rules.preview.reading import read_request
from apps.incentives.tests.engine.build import (
    FLAT,
    commission,
    credits,
    curve,
    given,
    pay,
    plan,
    posted_from,
)

cheap = settings(max_examples=40, deadline=None, derandomize=True)
cents = st.decimals(min_value="-20000", max_value="20000", places=2, allow_nan=False)
amounts = st.lists(cents, min_size=1, max_size=10)
positive = st.decimals(min_value="0.01", max_value="100000", places=2)
AXIS = {"kind": "attainment", "measure": "revenue", "of": "period"}
FIXED = [{"from": "0", "to": "1000", "fixed": "100"}, {"from": "1000", "fixed": "250"}]
PARTS = [{"from": "0", "to": "1000", "fixed": "100"}, {"from": "1000", "to": "3000", "fixed": "250"}]
QUOTA = {"unit": {"kind": "quota", "of": "period"}}
STEP = {"kind": "step", "axis": AXIS, "pays": "rate", "points": [{"at": "0.5", "pays": "0.07"}]}
PLANS = {
    "marginal": commission(),
    "lower edge": commission("retroactive", table={"edge": "lower"}),
    "retroactive": commission("retroactive"),
    "per transaction": commission("per_transaction", table={"inner": "retroactive"}),
    "fixed amounts": commission("marginal", FIXED),
    "reached amount": commission("retroactive", FIXED),
    "interpolated": commission("interpolated", PARTS),
    "quota": commission("marginal", table=QUOTA),
    "curve": {**commission(), "table": {**curve(("0.3", "0.05"), ("1.7", "0.2"), axis=AXIS), "pays": "rate"}},
    "step": {**commission(), "table": STEP},
}
UNEVEN = {("revenue", "period"): Standing(Fraction(97, 7), Fraction(100, 3))}
forfeit = st.builds(
    lambda amount: {"limit": {"kind": "amount", "amount": str(amount)}, "excess": {"kind": "forfeit"}},
    st.integers(1, 600),
)
slower = forfeit.map(lambda cap: {**cap, "excess": {"kind": "decelerate", "rate": "0.25"}})
modifiers = st.lists(
    st.sampled_from(
        [
            {"kind": "factor", "when": {**AXIS, "at_least": "0.1"}, "factor": "1.25"},
            {"kind": "extra_rate", "when": {**AXIS, "at_least": "0.1"}, "rate": "0.015"},
            {"kind": "amount", "when": {**AXIS, "at_least": "0.1"}, "amount": "33.33"},
            {"kind": "factor_table", "table": curve(("0", "0"), ("1", "1"), axis=AXIS)},
        ]
    ),
    max_size=2,
)


@st.composite
def any_plan(draw, *, to_date=False, plain=False):
    """A plan of any kind, with or without modifiers, floor and cap."""
    component = dict(PLANS[draw(st.sampled_from(sorted(PLANS)))])
    if to_date and component["basis"] == "period":
        component["basis"] = "year_to_date"
    if not plain:
        component["modifiers"] = draw(modifiers)
        component["cap"] = draw(st.none() | forfeit | slower)
        component["floor"] = draw(st.none() | st.just("12.34"))
    return plan({name: value for name, value in component.items() if value is not None})


@cheap
@for_any(document=any_plan(), figures=amounts)
def test_source_rows_add_up_to_the_line_and_lines_to_the_payment(document, figures):
    outcome = pay(document, figures, standings=UNEVEN)

    [line] = outcome.lines
    assert sum((Fraction(trace.value) for trace in line.traces), Fraction(0)) == line.raw
    assert sum(trace.amount for trace in line.traces) == line.basis == sum(figures)
    assert outcome.payment.amount == line.rounded


@cheap
@for_any(document=any_plan(to_date=True), figures=amounts, data=st.data())
def test_what_is_paid_depends_neither_on_batches_nor_on_order(document, figures, data):
    whole = pay(document, figures, standings=UNEVEN).lines[0]
    shuffled = data.draw(st.permutations(credits(*figures)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(figures)), max_size=3)))
    lines, known = [], {}

    for start, end in itertools.pairwise([0, *cuts, len(shuffled)]):
        before = posted_from(*lines, known=[known[key] for key in sorted(known)])
        cell = Cell("w", shuffled[start:end], posted=before)
        [line] = settle(document, given(document, {"c": [cell]}, standings=UNEVEN)).lines
        lines.append(line)
        for trace in line.traces:
            had = known.get(trace.credit_id, PostedCredit(trace.credit_id, D(0), f"t{trace.credit_id}", D(0)))
            if trace.credit_id:
                paid = Fraction(had.paid) + Fraction(trace.value)
                known[trace.credit_id] = had._replace(amount=had.amount + trace.amount, paid=paid)

    assert sum(line.raw for line in lines) == whole.raw
    assert sum(line.rounded for line in lines) == whole.rounded
    assert sum(line.basis for line in lines) == whole.basis


@pytest.mark.parametrize("name", PLANS)
@cheap
@for_any(amount=positive)
def test_a_sale_and_its_full_return_net_to_nothing(name, amount):
    document = plan(PLANS[name], holdback={"share": "0.1", "release": {"kind": "periods", "periods": 1}})
    sold = pay(document, [amount], standings=UNEVEN, tenure=1)
    [line] = [one for one in sold.lines if one.component == "c"]
    earned = sum((Fraction(trace.value) for trace in line.traces), Fraction(0))
    back = ReturnIn(2, -amount, earned, 1)
    cell = Cell("w", returns=[back], posted=posted_from(line), is_current=False)
    now = {"c": [Cell("next"), cell]}

    following = given(document, now, standings=UNEVEN, pending=sold.pending, tenure=2)
    returned = settle(document, following)

    assert sold.payment.amount + returned.payment.amount == D("0.00")
    assert returned.pending == ()


@cheap
@for_any(document=any_plan(plain=True), amount=positive)
def test_a_sale_returned_in_the_same_window_was_never_there(document, amount):
    rows = [CreditIn(1, amount, "deal"), CreditIn(2, -amount, "deal")]

    assert pay(document, rows, standings=UNEVEN).payment.amount == D("0.00")


@cheap
@for_any(
    amount=positive,
    share=st.decimals(min_value=0, max_value=1, places=4),
    inner=st.sampled_from(["marginal", "retroactive"]),
)
def test_splitting_a_deal_between_two_credits_changes_nothing(amount, share, inner):
    document = plan(commission("per_transaction", table={"inner": inner}))
    part = amount * share
    halves = [CreditIn(1, part, "deal"), CreditIn(2, amount - part, "deal")]

    assert pay(document, halves).lines[0].raw == pay(document, [CreditIn(1, amount, "deal")]).lines[0].raw


@cheap
@for_any(
    earned=st.lists(st.integers(0, 300_000), min_size=1, max_size=10),
    level=st.integers(0, 200_000),
    share=st.sampled_from(["0", "0.25", "0.5", "1"]),
    after=st.integers(0, 3),
    ceiling=st.none() | st.integers(0, 200_000),
)
def test_the_identities_of_a_recoverable_draw(earned, level, share, after, ceiling):
    draw = {
        "kind": "recoverable", "amount": str(D(level) / 100), "periods": 50, "at_end": "carry",
        "recovery_share": share, "recovery_after": after,
    }  # fmt: skip
    if ceiling is not None:
        draw["balance_cap"] = str(D(ceiling) / 100)
    document = plan(commission("marginal", [{"from": "0", "rate": "1"}]), draw=draw)
    balances, total = {}, D(0)

    for tenure, amount in enumerate(earned, start=1):
        figure = D(amount) / 100
        outcome = pay(document, [figure], tenure=tenure, opening=balances)
        balances = {one.name: one.closing for one in outcome.balances}
        total += outcome.payment.amount
        balance = balances.get("draw", D(0))
        assert balance >= 0
        assert outcome.payment.amount >= min(figure, D(level) / 100)
        assert ceiling is not None or outcome.payment.amount >= D(level) / 100

    assert total == sum(D(amount) for amount in earned) / 100 + balances.get("draw", D(0))


@cheap
@for_any(
    taken=st.lists(st.integers(0, 100_000), min_size=1, max_size=6),
    earned=st.integers(0, 50_000),
    share=st.sampled_from(["0", "0.3", "1"]),
)
def test_what_is_not_recovered_now_is_still_owed(taken, earned, share):
    returns = {"schedule": {"kind": "full"}, "at_most": share}
    document = plan(commission("marginal", [{"from": "0", "rate": "1"}]), returns=returns)
    balances, paid = {}, D(0)

    for index, amount in enumerate(taken):
        cells = [
            Cell("w", credits(D(earned) / 100)),
            Cell("v", returns=[ReturnIn(index, D(-1), D(amount) / 100)], is_current=False),
        ]
        outcome = settle(document, given(document, {"c": cells}, opening=balances))
        balances = {one.name: one.closing for one in outcome.balances}
        paid += outcome.payment.amount
        assert outcome.payment.amount >= 0

    owed = balances.get("recovery", D(0))
    assert paid == D(earned) / 100 * len(taken) - D(sum(taken)) / 100 + owed


@cheap
@for_any(
    figures=st.lists(positive, min_size=1, max_size=6),
    shares=st.sampled_from([("0.5", "0.3", "0.2"), ("0.333", "0.333", "0.334"), ("1", "0", "0")]),
    held=st.sampled_from(["0", "0.1", "0.35"]),
)
def test_instalments_and_holdback_pay_exactly_what_was_earned(figures, shares, held):
    names = ("signing", "invoice", "cash")
    parts = [{"kind": "milestone", "share": s, "milestone": n} for s, n in zip(shares, names, strict=True)]
    holdback = {"share": held, "release": {"kind": "periods", "periods": 1}}
    document = plan(commission("marginal", FLAT, instalments=parts), holdback=holdback)
    day = dt.date(2026, 5, 1)
    rows = [CreditIn(i, f, f"t{i}", day, Deal(milestones={"signing": day})) for i, f in enumerate(figures, 1)]
    reached = {f"t{i}": {"invoice": day, "cash": day} for i in range(1, len(figures) + 1)}

    first = pay(document, rows, tenure=1)
    second = pay(document, [0], tenure=2, pending=first.pending, milestones=reached)
    third = pay(document, [0], tenure=3, pending=second.pending, milestones=reached)

    assert third.pending == ()
    total = first.payment.amount + second.payment.amount + third.payment.amount
    assert total == first.lines[0].rounded


@cheap
@for_any(
    fund=st.integers(0, 10_000_000),
    weights=st.dictionaries(
        st.text("abcdef", min_size=1, max_size=4), st.integers(0, 1000), min_size=1, max_size=9
    ),
)
def test_the_shares_of_a_pool_are_the_fund_whatever_the_order(fund, weights):
    pool = {
        "kind": "pool", "code": "p", "name": "P", "share_by": "weights",
        "fund": {"kind": "fixed", "amount": str(D(fund) / 100)},
    }  # fmt: skip
    document = plan(pool)
    weights = {**weights, "zz": 1}
    told = {name: D(weight) for name, weight in weights.items()}
    backwards = dict(reversed(told.items()))

    shares = share_pool(document, document.components[0], {}, told)

    assert sum(one.amount for one in shares.values()) == D(fund) / 100
    assert share_pool(document, document.components[0], {}, backwards) == shares


days = st.dates(dt.date(2025, 11, 1), dt.date(2027, 3, 31))


@cheap
@for_any(cuts=st.lists(days, max_size=4), basis=st.sampled_from(["days", "working_days", "months", "30/360"]))
def test_prorated_segments_add_up_to_the_whole(cuts, basis):
    whole = Range(dt.date(2026, 1, 1), dt.date(2027, 1, 1))
    edges = sorted({whole.start, whole.end, *(cut for cut in cuts if whole.start < cut < whole.end)})
    parts = [Range(start, end) for start, end in itertools.pairwise(edges)]
    counter = Counter(basis)
    seasons = [
        Bucket(Range(dt.date(2026, m, 1), dt.date(2026 + m // 12, m % 12 + 1, 1)), Fraction(m))
        for m in range(1, 13)
    ]

    assert sum(counter.share([part], whole) for part in parts) == 1
    assert sum(counter.quota(seasons, [part], whole) for part in parts) == 78
    assert sum(counter.quota(seasons, [whole], part) or 0 for part in parts) == 78


@cheap
@for_any(figures=amounts)
def test_no_step_of_the_hot_path_rounds(figures):
    with localcontext(EXACT):
        exact = sum((D(f) * D("0.0725") for f in figures), D(0))

    document = plan(commission("marginal", [{"from": "0", "rate": "0.0725"}]))
    assert pay(document, figures).lines[0].raw == Fraction(exact)


TRAIL = {
    "kind": "trail", "code": "c", "name": "C", "measure": "revenue",
    "schedule": [{"from_month": 0, "rate": "0.0333"}],
}  # fmt: skip
PUSH = {
    "kind": "spiff", "code": "c", "name": "C", "measure": "revenue",
    "from": "2026-01-01", "before": "2027-01-01",
}  # fmt: skip
OVERRIDE = {**commission("marginal", FLAT), "kind": "override"}
CASH = [
    {"kind": "months", "share": "0.4", "months": 0},
    {"kind": "milestone", "share": "0.6", "milestone": "cash"},
]
ON_CREDITS = {
    "trail": (TRAIL, {}),
    "award of a deal": ({**PUSH, "award": {"kind": "deal", "amount": "77.77"}}, {}),
    "award by rate": ({**PUSH, "award": {"kind": "rate", "rate": "0.0333"}}, {}),
    "override": (OVERRIDE, {}),
    "instalments": (commission("marginal", FLAT, instalments=CASH), {}),
    "holdback until an event": (
        commission("marginal", FLAT),
        {"holdback": {"share": "0.15", "release": {"kind": "event", "event": "audit"}}},
    ),
}


def _asked(document, code, first, before, credits, **payee):
    lead = {"payee": "seller", "lead": "ann"}
    return preview(
        read_request(
            {
                "plan": document,
                "period": {"code": code, "from": first, "before": before},
                "run_date": before,
                "payees": [{"id": "ann", **payee}],
                "credits": credits,
                "reporting": [lead],
            }
        )
    )


@pytest.mark.parametrize("name", ON_CREDITS)
@pytest.mark.parametrize("amount", ["0.37", "333.33", "98765.43"])
def test_a_sale_and_its_return_a_quarter_later_net_to_nothing_for_every_kind(name, amount):
    component, whole = ON_CREDITS[name]
    document = {
        "schema": "salesorg.plan/2", "currency": "USD", "period": "quarter",
        "components": [component], **whole,
    }  # fmt: skip
    sale = {
        "id": "1", "transaction": "t1", "measure": "revenue", "amount": amount, "date": "2026-05-04",
        "payee": "seller" if name == "override" else "ann",
    }  # fmt: skip
    first = _asked(document, "2026-Q2", "2026-04-01", "2026-07-01", [sale])
    drop = {"payee"}
    handed = {
        "balances": {row.name: row.closing for row in first.balances},
        "pending": [row.model_dump(mode="json", exclude=drop) for row in first.pending],
        "posted": [row.model_dump(mode="json", by_alias=True, exclude=drop) for row in first.posted],
    }
    back = {**sale, "id": "2", "amount": f"-{amount}", "date": "2026-08-04", "reverses": "1"}

    second = _asked(
        document,
        "2026-Q3",
        "2026-07-01",
        "2026-10-01",
        [sale, back],
        events={"audit": "2026-08-01"},
        **handed,
    )

    paid = D(first.payments[0].amount), D(second.payments[0].amount)
    assert sum(paid) == D("0.00"), paid
    assert second.pending == []
