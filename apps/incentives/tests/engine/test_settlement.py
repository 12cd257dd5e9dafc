"""Pay as a whole: gates, modifiers, caps, returns, draw, guarantee, payment, holdback. Figures by hand."""

import datetime as dt
from decimal import Decimal as D
from fractions import Fraction

import pytest

from apps.incentives.rules.engine.settle import settle
from apps.incentives.rules.engine.shapes import (
    Cell,
    CreditIn,
    Deal,
    NotPayable,
    PayeeGiven,
    Pending,
    Posted,
    ReturnIn,
    Segment,
)
from apps.incentives.tests.engine.build import (
    FLAT,
    RUN,
    amounts_of,
    balance,
    bonus,
    commission,
    credits,
    curve,
    given,
    pay,
    plan,
    posted_from,
    standing,
)

ATTAINED = {"kind": "attainment", "measure": "revenue", "of": "period"}
FORFEIT, CARRY = {"kind": "forfeit"}, {"kind": "carry"}


def flat(**more):
    """A commission of ten per cent."""
    return commission("marginal", FLAT, **more)


def amount_cap(amount, excess):
    return {"limit": {"kind": "amount", "amount": amount}, "excess": excess}


@pytest.mark.parametrize(
    ("actual", "pays"), [("69.999", "0.00"), ("70", "100.00"), ("69.99999999999", "0.00")]
)
def test_a_gate_compares_unrounded(actual, pays):
    document = plan(flat(gate={**ATTAINED, "at_least": "0.7"}))

    assert pay(document, ["1000"], standings=standing(actual, 100)).payment.amount == D(pays)


def test_gates_combine_and_every_comparison_is_shown():
    gate = {
        "kind": "all",
        "of": [
            {"kind": "any", "of": [{**ATTAINED, "above": "1"}, {"kind": "tenure", "at_most": 2}]},
            {"kind": "none", "of": [{"kind": "value", "measure": "complaints", "above": "3"}]},
        ],
    }
    document = plan(flat(gate=gate))
    standings = standing(50, 100) | standing(4, measure="complaints")

    outcome = pay(document, ["1000"], standings=standings)

    assert outcome.payment.amount == 0
    assert [s["passed"] for s in outcome.lines[0].steps if s["op"] == "gate"] == [False, True, True]


@pytest.mark.parametrize(
    ("modifiers", "pays"),
    [
        pytest.param(
            [{"kind": "factor", "when": {**ATTAINED, "at_least": "1"}, "factor": "1.5"}],
            "150.00",
            id="factor",
        ),
        pytest.param(
            [{"kind": "factor", "when": {**ATTAINED, "below": "1"}, "factor": "0.5"}],
            "100.00",
            id="does not hold",
        ),
        pytest.param(
            [{"kind": "amount", "when": {**ATTAINED, "at_least": "1"}, "amount": "75"}], "175.00", id="kicker"
        ),
        pytest.param(
            [{"kind": "extra_rate", "when": {**ATTAINED, "at_least": "1"}, "rate": "0.02"}],
            "120.00",
            id="extra rate",
        ),
        pytest.param(
            [{"kind": "factor_table", "table": curve(("1", "1"), ("2", "3"), axis=ATTAINED)}],
            "140.00",
            id="1.4 at 120 %",
        ),
    ],
)
def test_modifiers_multiply_or_add(modifiers, pays):
    document = plan(flat(modifiers=modifiers))

    assert pay(document, ["600", "400"], standings=standing(120, 100)).payment.amount == D(pays)


@pytest.mark.parametrize(
    ("limit", "excess", "pays"),
    [
        pytest.param({"kind": "amount", "amount": "60"}, FORFEIT, "60.00", id="amount"),
        pytest.param({"kind": "share", "share": "0.04"}, FORFEIT, "40.00", id="share of what was credited"),
        pytest.param(
            {"kind": "target", "multiple": "2"}, FORFEIT, "50.00", id="twice the target of a quarter"
        ),
        pytest.param(
            {"kind": "amount", "amount": "60"},
            {"kind": "decelerate", "rate": "0.25"},
            "70.00",
            id="a quarter goes on",
        ),
    ],
)
def test_caps_and_what_happens_to_the_excess(limit, excess, pays):
    document = plan(flat(cap={"limit": limit, "excess": excess}))

    outcome = pay(document, ["500", "500"], target=D(100))

    assert outcome.payment.amount == D(pays)
    assert sum(t.value for t in outcome.lines[0].traces) == outcome.lines[0].raw


def test_what_a_cap_carries_is_paid_when_there_is_room():
    document = plan(flat(cap=amount_cap("60", CARRY)))

    first = pay(document, ["1000"])
    second = pay(document, ["300"], opening={"cap:c": balance(first, "cap:c")})

    assert (first.payment.amount, balance(first, "cap:c")) == (D("60.00"), D("40.00"))
    assert (second.payment.amount, balance(second, "cap:c")) == (D("60.00"), D("10.00"))


def test_what_a_cap_carries_is_rounded_to_cents():
    document = plan(flat(cap=amount_cap("60.004", CARRY)))

    outcome = pay(document, ["1000.07"])

    assert (outcome.payment.amount, balance(outcome, "cap:c")) == (D("60.00"), D("40.00"))


def test_a_floor_is_the_least_while_the_gate_is_open():
    document = plan(flat(floor="50"))

    assert pay(document, ["100"]).payment.amount == D("50.00")


def test_a_plan_cap_leaves_the_salary_alone_and_may_carry():
    salary = {"kind": "base_salary", "code": "b", "name": "B", "annual": "4000"}
    document = plan(salary, flat(), cap=amount_cap("20", CARRY))

    outcome = pay(document, ["1000"])

    assert amounts_of(outcome) == {"b": D("1000.00"), "c": D("100.00"), "plan_cap": D("-80.00")}
    assert balance(outcome, "plan_cap") == D("80.00")


def test_above_a_plan_cap_a_share_may_go_on():
    slower = {"kind": "decelerate", "rate": "0.333"}
    document = plan(flat(), cap={"limit": {"kind": "target", "multiple": "1"}, "excess": slower})

    # 100 earned, held to a quarter's target of 25; 33.3 % of the 75 above goes on
    assert pay(document, ["1000"], target=D(100)).payment.amount == D("49.98")


def test_plan_modifiers_multiply_all_variable_pay():
    modifiers = [{"kind": "factor", "when": {**ATTAINED, "at_least": "1"}, "factor": "1.1"}]
    document = plan(flat(), bonus(), modifiers=modifiers)

    outcome = pay(document, ["1000"], standings=standing(100, 100))

    assert amounts_of(outcome) == {"c": D("100.00"), "k": D("3000.00"), "plan_modifiers": D("310.00")}


def test_a_late_credit_pays_the_difference_of_its_window_held_to_the_plan_cap():
    document = plan(flat(), cap=amount_cap("120", FORFEIT))
    first = pay(document, ["1000"])
    late = Cell("v", credits("500", start=9), posted=posted_from(*first.lines), is_current=False)

    outcome = settle(document, given(document, {"c": [late]}, posted_variable={"v": (D(100), D(0))}))

    assert amounts_of(outcome) == {"c": D("50.00"), "plan_cap": D("-30.00")}
    assert [line.kind for line in outcome.lines] == ["earned", "delta", "cap"]


def back(paid="100", sold=dt.date(2026, 1, 15), on=dt.date(2026, 5, 20), **more):
    return ReturnIn(9, D(-1000), D(paid), 1, sold_on=sold, on=on, **more)


def return_cell(*returns, paid="100"):
    posted = Posted(D(1000), Fraction(paid), D(paid), exists=True)
    return Cell("v", returns=returns, posted=posted, is_current=False)


@pytest.mark.parametrize(
    ("schedule", "takes"),
    [
        pytest.param({"kind": "full"}, "-100.00", id="full"),
        pytest.param({"kind": "full", "months": 4}, "0.00", id="full for four months: over"),
        pytest.param({"kind": "full", "months": 5}, "-100.00", id="full for five months"),
        pytest.param(
            {"kind": "linear", "months": 12, "failing_month": "not_earned"}, "-66.67", id="4 of 12 earned"
        ),
        pytest.param(
            {"kind": "linear", "months": 12, "failing_month": "earned"}, "-58.33", id="5 of 12 earned"
        ),
        pytest.param(
            {
                "kind": "stepped",
                "steps": [{"before_month": 3, "share": "1"}, {"before_month": 6, "share": "0.5"}],
            },
            "-50.00",
            id="stepped",
        ),
    ],
)
def test_clawback_follows_the_months_since_the_sale(schedule, takes):
    document = plan(flat(), returns={"schedule": schedule})

    outcome = settle(document, given(document, {"c": [return_cell(back())]}))

    assert outcome.payment.amount == D(takes)


def test_recovery_is_limited_to_a_share_of_pay_and_the_rest_is_carried():
    returns = {"schedule": {"kind": "full"}, "at_most": "0.5"}
    document = plan(flat(), returns=returns)
    cells = {"c": [Cell("w", credits("1200")), return_cell(back())]}

    first = settle(document, given(document, cells))
    second = pay(document, ["500"], opening={"recovery": balance(first, "recovery")})

    assert (first.payment.amount, balance(first, "recovery")) == (D("60.00"), D("40.00"))
    assert (second.payment.amount, balance(second, "recovery")) == (D("25.00"), D("15.00"))


@pytest.mark.parametrize(("order", "pays"), [("before_draw", "500.00"), ("after_draw", "400.00")])
def test_a_return_comes_before_or_after_the_draw(order, pays):
    draw = {"kind": "non_recoverable", "amount": "500", "periods": 9, "at_end": "forgive"}
    document = plan(flat(), draw=draw, returns={"schedule": {"kind": "full"}, "order": order})
    cells = {"c": [Cell("w", credits("2000")), return_cell(back())]}

    assert settle(document, given(document, cells)).payment.amount == D(pays)


def draws(document, earned, **opening):
    """Settle one period after the other and return pays and balances of the draw."""
    found, balances = [], {name: D(value) for name, value in opening.items()}
    for tenure, amount in enumerate(earned, start=1):
        outcome = pay(document, [str(D(amount) * 10)], tenure=tenure, opening=balances)
        balances = {one.name: one.closing for one in outcome.balances}
        found.append((outcome.payment.amount, balances.get("draw", D(0))))
    return found


RECOVERABLE = {
    "kind": "recoverable",
    "amount": "500",
    "periods": 6,
    "at_end": "carry",
    "recovery_share": "0.5",
}


@pytest.mark.parametrize(
    ("draw", "expected"),
    [
        pytest.param({}, [(500, 300), (650, 150), (850, 0), (500, 0)], id="half of surplus pays it back"),
        pytest.param(
            {"recovery_after": 2}, [(500, 300), (800, 300), (750, 50), (500, 50)], id="recovery starts late"
        ),
        pytest.param(
            {"balance_cap": "100"}, [(300, 100), (700, 0), (1000, 0), (500, 0)], id="the balance is capped"
        ),
        pytest.param(
            {"periods": 1, "at_end": "bill"},
            [(200, 0), (800, 0), (1000, 0), (500, 0)],
            id="billed at the end",
        ),
        pytest.param(
            {"periods": 1, "at_end": "forgive"}, [(500, 0), (800, 0), (1000, 0), (500, 0)], id="forgiven"
        ),
        pytest.param({"periods": 1}, [(500, 300), (500, 0), (1000, 0), (500, 0)], id="carried past the end"),
    ],
)
def test_the_draw_ledger(draw, expected):
    document = plan(flat(), draw={**RECOVERABLE, **draw})

    assert draws(document, [200, 800, 1000, 500]) == [(D(p), D(b)) for p, b in expected]


@pytest.mark.parametrize(
    ("basis", "expected"), [("period", [500, 800, 300, 100]), ("to_date", [500, 600, 200, 100])]
)
def test_a_guarantee_by_period_or_to_date_steps_down(basis, expected):
    steps = [{"periods": 2, "amount": "500"}, {"periods": 1, "amount": "300"}]
    document = plan(flat(), guarantee={"basis": basis, "steps": steps})
    pays, balances = [], {}
    for tenure, earned in enumerate([200, 800 if basis == "period" else 600, 100, 100], start=1):
        outcome = pay(document, [str(earned * 10)], tenure=tenure, opening=balances)
        balances = {one.name: one.closing for one in outcome.balances}
        pays.append(int(outcome.payment.amount))

    # to date, third period: 1,300 guaranteed − 900 earned − 300 topped up before = 100
    assert pays == expected


@pytest.mark.parametrize(
    ("rule", "earned", "opening", "pays", "carried"),
    [
        pytest.param({"minimum": "50"}, "40", "0", "0.00", "40.00", id="too little is carried"),
        pytest.param({"minimum": "50"}, "40", "20", "60.00", "0.00", id="until it is reached"),
        pytest.param(
            {"maximum": "50", "excess": "carry"}, "80", "0", "50.00", "30.00", id="too much is carried"
        ),
        pytest.param({"maximum": "50", "excess": "forfeit"}, "80", "0", "50.00", "0.00", id="or lost"),
        pytest.param({"negative": "carry"}, "-80", "0", "0.00", "-80.00", id="a debt is carried"),
        pytest.param({"minimum": "5"}, "-80", "0", "-80.00", "0.00", id="or deducted"),
    ],
)
def test_payment_minimum_and_maximum(rule, earned, opening, pays, carried):
    document = plan(flat(), payment=rule)

    outcome = pay(document, [str(D(earned) * 10)], opening={"carried": D(opening)})

    assert (outcome.payment.amount, balance(outcome, "carried")) == (D(pays), D(carried))


def test_a_holdback_is_released_after_some_periods():
    document = plan(flat(), holdback={"share": "0.2", "release": {"kind": "periods", "periods": 2}})

    first = pay(document, ["1000"], tenure=1)
    second = pay(document, ["0"], tenure=2, pending=first.pending)
    third = pay(document, ["0"], tenure=3, pending=second.pending)

    assert [one.payment.amount for one in (first, second, third)] == [D("80.00"), D(0), D("20.00")]
    assert third.pending == ()


def test_a_holdback_is_released_by_an_event():
    held = Pending("holdback", "", "", D(20), {"event": "audit"})
    document = plan(flat(), holdback={"share": "0.2", "release": {"kind": "event", "event": "audit"}})

    before = pay(document, ["0"], pending=(held,))
    after = pay(document, ["0"], pending=(held,), events={"audit": RUN})

    assert (before.payment.amount, after.payment.amount) == (D(0), D("20.00"))


INSTALMENTS = [
    {"kind": "milestone", "share": "0.5", "milestone": "signing"},
    {"kind": "milestone", "share": "0.3", "milestone": "cash"},
    {"kind": "months", "share": "0.2", "months": 6},
]


def staged(milestones):
    deal = Deal(milestones=milestones)
    return [CreditIn(1, D(1000), "t1", dt.date(2026, 4, 10), deal)]


def test_instalments_are_paid_as_milestones_are_reached_and_months_pass():
    document = plan(flat(instalments=INSTALMENTS))
    signed, cash = {"signing": dt.date(2026, 4, 10)}, {"t1": {"cash": dt.date(2026, 8, 1)}}

    first = pay(document, staged(signed))
    second = pay(document, ["0"], pending=first.pending, milestones=cash, run_date=dt.date(2026, 10, 1))
    third = pay(document, ["0"], pending=second.pending, run_date=dt.date(2026, 10, 10))

    assert [one.payment.amount for one in (first, second, third)] == [D("50.00"), D("30.00"), D("20.00")]
    assert third.pending == ()


def test_a_return_takes_back_what_was_paid_and_cancels_what_was_to_come():
    document = plan(flat(instalments=INSTALMENTS))
    first = pay(document, staged({"signing": dt.date(2026, 4, 10)}))
    posted = posted_from(*[line for line in first.lines if line.component == "c"])
    cell = Cell("w", returns=[back()], posted=posted, is_current=False)

    second = settle(document, given(document, {"c": [cell]}, pending=first.pending))

    assert first.payment.amount + second.payment.amount == 0
    assert second.pending == ()


def test_pay_goes_out_at_the_rate_of_the_run_date():
    document = plan(flat(), exchange={"transactions": "plan_year", "payout": "JPY"})

    payment = pay(document, ["1234.5"], payout_rate=D("151.35")).payment

    assert (payment.amount, payment.payout_amount, payment.payout_currency) == (D("123.45"), D(18684), "JPY")
    with pytest.raises(NotPayable, match="no_rate"):
        pay(document, ["1234.5"])


def test_segments_of_a_transfer_are_paid_apart_or_blended():
    slow, fast = (
        plan(commission("marginal", FLAT)),
        plan(commission("marginal", [{"from": "0", "rate": "0.2"}])),
    )

    def paid(weight, first, second):
        segments = [
            Segment(slow, "a", weight=weight, cells={"c": [Cell("w", credits(*first))]}),
            Segment(fast, "b", weight=1 - weight or weight, cells={"c": [Cell("w", credits(*second))]}),
        ]  # fmt: skip
        return settle(fast, PayeeGiven("p", "w", segments, RUN)).payment.amount

    assert paid(Fraction(1), ["1000"], ["500"]) == D("200.00")
    assert paid(Fraction(1, 4), ["1000", "500"], ["1000", "500"]) == D("262.50")


def test_only_dirty_components_are_computed_again():
    document = plan(flat(), bonus())
    whole = pay(document, ["1000"], standings=standing(100, 100))
    kept = {("", "k"): [line for line in whole.lines if line.component == "k"]}

    again = pay(document, ["2000"], kept=kept)  # the bonus could not be computed: nothing is given for it

    assert amounts_of(again) == {"c": D("200.00"), "k": D("3000.00")}


def test_a_kicker_reads_what_other_components_pay():
    kicker = {
        "kind": "kicker", "code": "x", "name": "X",
        "gate": {"kind": "pay", "component": "c", "at_least": "100"},
        "pays": {"kind": "share", "share": "0.1", "of": ["c"]},
    }  # fmt: skip
    document = plan(kicker, flat())

    assert pay(document, ["999"]).payment.amount == D("99.90")
    assert pay(document, ["1000"]).payment.amount == D("110.00")


@pytest.mark.parametrize(
    ("grades", "ungraded", "pays"),
    [
        ({"launch": D("0.5"), "hire": D(1)}, "error", "2100.00"),
        ({"launch": D("0.5"), "hire": D("0.9")}, "error", "900.00"),
        ({"launch": D("0.5")}, "zero", "900.00"),
        ({"launch": D("0.5")}, "skip", "1500.00"),
    ],
)
def test_objectives_are_paid_by_weight_and_grade(grades, ungraded, pays):
    mbo = {
        "kind": "mbo", "code": "m", "name": "M", "annual": "12000", "ungraded": ungraded,
        "objectives": [
            {"kind": "grade", "code": "launch", "name": "Launch", "weight": "60"},
            {"kind": "milestone", "code": "hire", "name": "Hire", "weight": "40"},
        ],
    }  # fmt: skip

    assert pay(plan(mbo), (), grades=grades).payment.amount == D(pays)


def test_a_missing_grade_is_an_exception():
    objective = {"kind": "grade", "code": "launch", "name": "Launch", "weight": "100"}
    mbo = {"kind": "mbo", "code": "m", "name": "M", "annual": "12000", "objectives": [objective]}

    with pytest.raises(NotPayable, match="no_grade"):
        pay(plan(mbo), ())


@pytest.mark.parametrize(
    ("actual", "pays"), [("100", "3000.00"), ("69.99999", "0.00"), ("125", "4500.00"), ("500", "6000.00")]
)
def test_a_bonus_follows_its_curve(actual, pays):
    assert pay(plan(bonus()), (), standings=standing(actual, 100)).payment.amount == D(pays)


def test_weighted_payouts_of_measures_with_curves_of_their_own():
    parts = [
        {"measure": "revenue", "weight": "70", "curve": curve(("0", "0"), ("1", "1"))},
        {"measure": "csat", "weight": "30", "goal": "0.8", "curve": curve(("0.9", "0.5"), ("1", "1"))},
    ]
    component = {"kind": "kpi_bonus", "code": "k", "name": "K", "annual": "12000", "measures": parts}
    standings = standing(50, 100) | standing("0.72", measure="csat")

    # 3,000 × (70 % × 0.5 + 30 % × 0.5)
    assert pay(plan(component), (), standings=standings).payment.amount == D("1500.00")


def test_a_trail_pays_by_the_age_of_the_sale_while_it_lasts():
    trail = {
        "kind": "trail", "code": "c", "name": "T", "measure": "revenue",
        "schedule": [
            {"from_month": 0, "before_month": 12, "rate": "0.05"}, {"from_month": 12, "rate": "0.02"},
        ],
    }  # fmt: skip
    young = Deal(sold_on=dt.date(2026, 1, 5))
    old = Deal(sold_on=dt.date(2025, 4, 10))
    ended = Deal(sold_on=dt.date(2026, 1, 5), ended_on=dt.date(2026, 4, 1))
    rows = [
        CreditIn(i, D(1000), f"t{i}", dt.date(2026, 4, 10), deal)
        for i, deal in enumerate((young, old, ended))
    ]

    assert pay(plan(trail), rows).payment.amount == D("70.00")
