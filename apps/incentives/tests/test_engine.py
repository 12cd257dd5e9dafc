import itertools
from decimal import Decimal as D
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.incentives.rules.engine import (
    CreditIn,
    NotPayable,
    Posted,
    Standing,
    WindowIn,
    pay_component,
    plan_cap_line,
)
from apps.incentives.rules.parsing import parse_plan

TIERS = [
    {"from": "0", "to": "1000", "rate": "0.03"},
    {"from": "1000", "to": "5000", "rate": "0.05"},
    {"from": "5000", "to": None, "rate": "0.0725"},
]


def plan(kind="marginal", basis="year_to_date", edge="upper", **extra):
    table = {"kind": kind, "edge": edge, "tiers": TIERS, **extra.pop("table", {})}
    component = {
        "kind": "commission", "code": "c", "name": "Commission", "measure": "revenue",
        "basis": basis, "table": table, **extra,
    }  # fmt: skip
    return parse_plan({"currency": "USD", "period": "quarter", "components": [component]})


def credits(*amounts, start=1):
    return [CreditIn(start + i, D(a), f"t{start + i}") for i, a in enumerate(amounts)]


def posted(*lines, known=()):
    return Posted(
        basis=sum((line.basis for line in lines), D(0)),
        raw=sum((line.raw for line in lines), Fraction(0)),
        rounded=sum((line.rounded for line in lines), D(0)),
        credits=tuple(known),
        exists=bool(lines),
    )


@pytest.mark.parametrize(
    ("kind", "edge", "amount", "pays"),
    [
        pytest.param("marginal", "upper", "1000", "30.00", id="marginal on the edge"),
        pytest.param("marginal", "upper", "1000.01", "30.00", id="marginal just above"),
        pytest.param("marginal", "upper", "6000", "302.50", id="marginal through all tiers"),
        pytest.param("retroactive", "upper", "999.99", "30.00", id="retroactive just below"),
        pytest.param("retroactive", "upper", "1000", "50.00", id="an exact edge reaches the upper tier"),
        pytest.param("retroactive", "lower", "1000", "30.00", id="an exact edge stays in the lower tier"),
        pytest.param("retroactive", "lower", "1000.01", "50.00", id="above a lower edge"),
        pytest.param("retroactive", "upper", "6000", "435.00", id="retroactive on the whole"),
        pytest.param("marginal", "upper", "-100", "-3.00", id="below zero the first rate holds"),
        pytest.param("marginal", "upper", "0", "0.00", id="nothing"),
    ],
)
def test_a_table_pays_what_it_says(kind, edge, amount, pays):
    [line] = pay_component(plan(kind, "period", edge), "c", WindowIn("w", credits(amount)))

    assert line.rounded == D(pays)


def test_each_transaction_is_tiered_by_itself():
    given_ = WindowIn("w", [CreditIn(1, D(900), "a"), CreditIn(2, D(900), "b"), CreditIn(3, D(300), "a")])

    [line] = pay_component(plan("retroactive", "transaction"), "c", given_)

    assert line.rounded == D("87.00")
    assert {t.credit_id: t.value for t in line.traces} == {1: D(45), 3: D(15), 2: D(27)}


def test_a_higher_tier_later_in_the_year_pays_the_difference_on_what_came_before():
    document = plan("retroactive", "year_to_date")
    first_credits = credits("900")
    [first] = pay_component(document, "c", WindowIn("y", first_credits))
    known = [CreditIn(t.credit_id, t.amount, "", t.value) for t in first.traces]

    [second] = pay_component(
        document, "c", WindowIn("y", credits("200", start=2), posted=posted(first, known=known))
    )

    assert (first.rounded, second.rounded) == (D("27.00"), D("28.00"))
    assert [(t.credit_id, t.amount, t.value) for t in second.traces] == [
        (1, D(0), D("18.00")),
        (2, D(200), D("10.00")),
    ]


def test_edges_in_shares_of_the_quota_scale_with_it():
    tiers = [{"from": "0", "to": "1", "rate": "0.05"}, {"from": "1", "to": None, "rate": "0.08"}]
    document = plan("marginal", "period", table={"unit": "quota", "tiers": tiers})
    standings = {"revenue": Standing(D(3000), D(2000))}

    [line] = pay_component(document, "c", WindowIn("w", credits("3000"), standings=standings))

    assert line.rounded == D("180.00")


@pytest.mark.parametrize("quota", [None, D(0)])
def test_a_missing_quota_is_an_exception_and_never_zero_pay(quota):
    tiers = [{"from": "0", "to": None, "rate": "0.05"}]
    document = plan("marginal", "period", table={"unit": "quota", "tiers": tiers})

    with pytest.raises(NotPayable):
        pay_component(
            document, "c", WindowIn("w", credits("1"), standings={"revenue": Standing(D(1), quota)})
        )


def test_a_cap_forfeits_and_the_last_credit_takes_the_rest():
    document = plan("marginal", "period", cap={"amount": "40"})

    [line] = pay_component(document, "c", WindowIn("w", credits("1000", "500", "100")))

    assert line.rounded == D("40.00")
    assert [t.value for t in line.traces] == [D("30.00"), D("10.00"), D(0)]


def test_a_closed_gate_pays_nothing_at_69_999_percent():
    gates = [{"measure": "revenue", "test": "attainment", "at_least": "0.7"}]
    document = plan("marginal", "period", gates=gates)
    below = {"revenue": Standing(D("69.999"), D(100))}
    reached = {"revenue": Standing(D("70"), D(100))}

    [closed] = pay_component(document, "c", WindowIn("w", credits("1000"), standings=below))
    [opened] = pay_component(document, "c", WindowIn("w", credits("1000"), standings=reached))

    assert (closed.rounded, opened.rounded) == (D("0.00"), D("30.00"))


def kpi(zero_quota="error", below="zero", above="hold", rounding="half_up", annual="12000"):
    return parse_plan(
        {
            "currency": "USD", "period": "quarter", "rounding": rounding,
            "components": [{
                "kind": "kpi_bonus", "code": "k", "name": "Bonus", "annual": annual, "zero_quota": zero_quota,
                "measures": [
                    {"measure": "revenue", "weight": "70"},
                    {"measure": "satisfaction", "weight": "30", "goal": "0.8"},
                ],
                "curve": {
                    "points": [["0.7", "0.5"], ["1", "1"], ["1.5", "2"]], "below": below, "above": above,
                },
            }],
        }
    )  # fmt: skip


def bonus(document, revenue, satisfaction="0.8", quota="100"):
    standings = {
        "revenue": Standing(D(revenue), D(quota) if quota else None),
        "satisfaction": Standing(D(satisfaction), None),
    }
    [line] = pay_component(document, "k", WindowIn("w", standings=standings))
    return line.rounded


@pytest.mark.parametrize(
    ("revenue", "pays"),
    [
        pytest.param("100", "3000.00", id="on target"),
        pytest.param("57.142857142857", "0.00", id="just below the first point"),
        pytest.param("150", "5100.00", id="between points"),
        pytest.param("500", "6000.00", id="held above the last point"),
    ],
)
def test_a_kpi_bonus_follows_its_curve(revenue, pays):
    assert bonus(kpi(), revenue) == D(pays)


def test_beyond_the_ends_the_curve_does_what_the_plan_states():
    assert bonus(kpi(above="zero"), "500") == D("0.00")
    assert bonus(kpi(below="hold"), "0") == D("1500.00")
    assert bonus(kpi(above="extend"), "200") == D("7200.00")


@pytest.mark.parametrize(("rule", "pays"), [("full", "3000.00"), ("skip", "3000.00")])
def test_a_zero_quota_follows_the_plan(rule, pays):
    assert bonus(kpi(zero_quota=rule), "55", quota="0") == D(pays)


def test_a_zero_quota_is_an_error_unless_the_plan_says_otherwise():
    with pytest.raises(NotPayable, match="no_quota"):
        bonus(kpi(), "55", quota=None)


def salary(rounding, annual):
    return parse_plan(
        {
            "currency": "USD", "period": "quarter", "rounding": rounding,
            "components": [{"kind": "base_salary", "code": "b", "name": "Base", "annual": annual}],
        }
    )  # fmt: skip


@pytest.mark.parametrize(("rounding", "pays"), [("half_up", "0.13"), ("half_even", "0.12")])
def test_a_half_cent_is_rounded_once_and_the_way_the_plan_says(rounding, pays):
    [line] = pay_component(salary(rounding, "0.50"), "b", WindowIn("w"))

    assert (line.raw, line.rounded) == (Fraction(1, 8), D(pays))


def test_a_salary_is_prorated_by_days():
    [line] = pay_component(salary("half_up", "36500"), "b", WindowIn("w", active_days=30, period_days=92))

    assert line.rounded == D("2975.54")


def test_the_plan_cap_leaves_the_salary_alone():
    document = parse_plan(
        {
            "currency": "USD", "period": "quarter", "cap": {"amount": "20"},
            "components": [
                {"kind": "base_salary", "code": "b", "name": "Base", "annual": "4000"},
                {"kind": "commission", "code": "c", "name": "C", "measure": "revenue", "basis": "period",
                 "table": {"kind": "marginal", "tiers": TIERS}},
            ],
        }
    )  # fmt: skip
    lines = [
        *pay_component(document, "b", WindowIn("w")),
        *pay_component(document, "c", WindowIn("w", credits("1000"))),
    ]

    capped = plan_cap_line(document, lines, "w")

    assert capped is not None
    assert capped.rounded == D("-10.00")


amounts = st.lists(
    st.decimals(min_value=-20000, max_value=20000, places=6, allow_nan=False), min_size=1, max_size=12
)
kinds = st.sampled_from(["marginal", "retroactive"])


@settings(max_examples=120, deadline=None)
@given(amounts=amounts, kind=kinds, edge=st.sampled_from(["upper", "lower"]), data=st.data())
def test_what_a_year_pays_depends_neither_on_batches_nor_on_order(amounts, kind, edge, data):
    document = plan(kind, "year_to_date", edge)
    [whole] = pay_component(document, "c", WindowIn("y", credits(*amounts)))
    shuffled = data.draw(st.permutations(credits(*amounts)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(amounts)), max_size=3)))
    lines, known = [], {}
    for start, end in itertools.pairwise([0, *cuts, len(shuffled)]):
        before = posted(*lines, known=[CreditIn(i, a, "", v) for i, (a, v) in sorted(known.items())])
        [line] = pay_component(document, "c", WindowIn("y", shuffled[start:end], posted=before))
        lines.append(line)
        for trace in line.traces:
            had = known.get(trace.credit_id, (D(0), D(0)))
            known[trace.credit_id] = (had[0] + trace.amount, had[1] + trace.value)

    assert sum(line.raw for line in lines) == whole.raw
    assert sum(line.rounded for line in lines) == whole.rounded
    assert sum(line.basis for line in lines) == whole.basis


@settings(max_examples=100, deadline=None)
@given(amounts=amounts, kind=kinds, basis=st.sampled_from(["transaction", "period", "year_to_date"]))
def test_the_source_rows_add_up_to_the_line(amounts, kind, basis):
    document = plan(kind, basis, cap={"amount": "500"})

    [line] = pay_component(document, "c", WindowIn("w", credits(*amounts)))

    assert sum(Fraction(trace.value) for trace in line.traces) == line.raw
    assert sum(trace.amount for trace in line.traces) == line.basis


@settings(max_examples=100, deadline=None)
@given(
    amount=st.decimals(min_value="0.01", max_value=100000, places=2),
    kind=kinds,
    basis=st.sampled_from(["transaction", "period", "year_to_date"]),
    others=amounts,
)
def test_a_sale_and_its_full_return_net_to_nothing(amount, kind, basis, others):
    document = plan(kind, basis)
    sale = CreditIn(900, amount, "deal")
    [paid] = pay_component(document, "c", WindowIn("w", [*credits(*others), sale]))
    earned = next(trace.value for trace in paid.traces if trace.credit_id == 900)

    [taken] = pay_component(
        document,
        "c",
        WindowIn("w", returns=[CreditIn(901, -amount, "deal", paid=earned)], posted=posted(paid)),
    )
    [without] = pay_component(document, "c", WindowIn("w", credits(*others)))

    assert taken.raw == -Fraction(earned)
    if len(others) == 1 and others[0] == 0:
        assert paid.rounded + taken.rounded == without.rounded == D("0.00")


@pytest.mark.parametrize("basis", ["transaction", "period", "year_to_date"])
@pytest.mark.parametrize("kind", ["marginal", "retroactive"])
def test_a_sale_returned_in_the_same_window_was_never_there(kind, basis):
    sale = [CreditIn(1, D("7777.77"), "deal"), CreditIn(2, D("-7777.77"), "deal")]

    [line] = pay_component(plan(kind, basis), "c", WindowIn("w", sale))

    assert line.rounded == D("0.00")


def test_returns_one_by_one_take_back_exactly_what_was_paid_together():
    tiers = [{"from": "0", "to": None, "rate": "0.004"}]
    document = plan("marginal", "period", table={"tiers": tiers})
    [sold] = pay_component(document, "c", WindowIn("w", credits("1", "1")))
    [first] = pay_component(
        document, "c", WindowIn("w", returns=[CreditIn(3, D(-1), "", D("0.004"))], posted=posted(sold))
    )
    again = Posted(sold.basis, sold.raw, sold.rounded, (), first.raw, first.rounded, True)
    [second] = pay_component(
        document, "c", WindowIn("w", returns=[CreditIn(4, D(-1), "", D("0.004"))], posted=again)
    )

    assert sold.rounded == D("0.01")
    assert sold.rounded + first.rounded + second.rounded == D("0.00")


@settings(max_examples=60, deadline=None)
@given(
    amount=st.decimals(min_value="0.01", max_value=100000, places=2),
    share=st.decimals(min_value=0, max_value=1, places=4),
    kind=kinds,
)
def test_splitting_a_deal_between_two_credits_of_a_payee_changes_nothing(amount, share, kind):
    part = amount * share
    document = plan(kind, "transaction")
    [one] = pay_component(document, "c", WindowIn("w", [CreditIn(1, amount, "deal")]))

    [two] = pay_component(
        document, "c", WindowIn("w", [CreditIn(1, part, "deal"), CreditIn(2, amount - part, "deal")])
    )

    assert two.raw == one.raw
