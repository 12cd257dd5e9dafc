"""What tables pay, each figure worked out by hand."""

from decimal import Decimal as D
from fractions import Fraction

import pytest

from apps.incentives.rules.engine.settle import settle
from apps.incentives.rules.engine.shapes import Cell, CreditIn, NotPayable, PostedCredit
from apps.incentives.tests.engine.build import (
    FLAT,
    amounts_of,
    commission,
    credits,
    curve,
    given,
    pay,
    plan,
    posted_from,
    standing,
)


def total(document, amounts, **more):
    return pay(document, amounts, **more).payment.amount


@pytest.mark.parametrize(
    ("kind", "edge", "amount", "pays"),
    [
        pytest.param("marginal", "upper", "1000", "30.00", id="marginal on the edge"),
        pytest.param("marginal", "upper", "1000.01", "30.00", id="marginal just above"),
        pytest.param("marginal", "upper", "6000", "302.50", id="30 + 200 + 72.50"),
        pytest.param("retroactive", "upper", "999.99", "30.00", id="retroactive just below"),
        pytest.param("retroactive", "upper", "1000", "50.00", id="an exact edge reaches the upper tier"),
        pytest.param("retroactive", "lower", "1000", "30.00", id="an exact edge stays in the lower tier"),
        pytest.param("retroactive", "lower", "1000.01", "50.00", id="above a lower edge"),
        pytest.param("retroactive", "upper", "6000", "435.00", id="retroactive on the whole"),
        pytest.param("marginal", "upper", "-100", "-3.00", id="below zero the first rate holds"),
        pytest.param("marginal", "upper", "0", "0.00", id="nothing"),
    ],
)
def test_tiers_pay_what_they_say(kind, edge, amount, pays):
    assert total(plan(commission(kind, table={"edge": edge})), [amount]) == D(pays)


@pytest.mark.parametrize(
    ("kind", "amount", "pays"),
    [
        pytest.param("marginal", "999", "100.00", id="the first amount"),
        pytest.param("marginal", "1000", "350.00", id="both amounts"),
        pytest.param("retroactive", "999", "100.00", id="only the first"),
        pytest.param("retroactive", "2500", "250.00", id="only the second"),
        pytest.param("interpolated", "500", "50.00", id="half of the first"),
        pytest.param("interpolated", "1500", "225.00", id="the first and half of the second"),
        pytest.param("interpolated", "9000", "350.00", id="held above the last"),
    ],
)
def test_tiers_may_carry_fixed_amounts(kind, amount, pays):
    end = {"to": "2000"} if kind == "interpolated" else {}
    tiers = [{"from": "0", "to": "1000", "fixed": "100"}, {"from": "1000", "fixed": "250", **end}]

    assert total(plan(commission(kind, tiers)), [amount]) == D(pays)


def test_a_count_is_paid_per_unit():
    tiers = [{"from": "0", "to": "10", "per_unit": "50"}, {"from": "10", "per_unit": "80"}]

    assert total(plan(commission("marginal", tiers, measure="deals")), ["13"]) == D("740.00")


def test_each_transaction_is_tiered_by_itself():
    rows = [CreditIn(1, D(900), "a"), CreditIn(2, D(900), "b"), CreditIn(3, D(300), "a")]
    document = plan(commission("per_transaction", table={"inner": "retroactive"}))

    outcome = settle(document, given(document, {"c": [Cell("w", rows)]}))

    assert outcome.payment.amount == D("87.00")
    assert {t.credit_id: t.value for t in outcome.lines[0].traces} == {1: D(45), 3: D(15), 2: D(27)}


@pytest.mark.parametrize(
    ("amount", "excess", "pays"),
    [
        pytest.param("10000", {"kind": "forfeit"}, "200.00", id="cut at 200"),
        pytest.param("10000", {"kind": "decelerate", "rate": "0.5"}, "600.00", id="half of the rest goes on"),
        pytest.param("1500", {"kind": "forfeit"}, "150.00", id="below the cap"),
    ],
)
def test_a_cap_on_single_deals(amount, excess, pays):
    deal_cap = {"limit": {"kind": "amount", "amount": "200"}, "excess": excess}
    document = plan(commission("per_transaction", FLAT, table={"inner": "marginal"}, deal_cap=deal_cap))

    assert total(document, [amount]) == D(pays)


def test_edges_in_shares_of_a_quota_scale_with_it():
    tiers = [{"from": "0", "to": "1", "rate": "0.05"}, {"from": "1", "rate": "0.08"}]
    document = plan(commission("marginal", tiers, table={"unit": {"kind": "quota", "of": "period"}}))

    assert total(document, ["3000"], standings=standing(3000, 2000)) == D("180.00")


def test_a_quota_that_does_not_end_stays_exact():
    tiers = [{"from": "0", "to": "1", "rate": "0.03"}, {"from": "1", "rate": "0.06"}]
    document = plan(commission("marginal", tiers, table={"unit": {"kind": "quota", "of": "period"}}))
    thirds = {("revenue", "period"): type(standing(1)[("revenue", "period")])(None, Fraction(1000, 3))}

    outcome = pay(document, ["400", "100"], standings=thirds)

    assert outcome.lines[0].raw == Fraction(1000, 3) * Fraction("0.03") + (
        500 - Fraction(1000, 3)
    ) * Fraction("0.06")
    assert sum(Fraction(t.value) for t in outcome.lines[0].traces) == outcome.lines[0].raw


@pytest.mark.parametrize("quota", [None, 0])
@pytest.mark.parametrize(("rule", "pays"), [("full", "80.00"), ("skip", "0.00")])
def test_a_zero_quota_follows_the_plan(quota, rule, pays):
    tiers = [{"from": "0", "to": "1", "rate": "0.05"}, {"from": "1", "rate": "0.08"}]
    unit = {"unit": {"kind": "quota", "of": "period"}}
    document = plan(commission("retroactive", tiers, table=unit), zero_quota=rule)

    assert total(document, ["1000"], standings=standing(1000, quota)) == D(pays)


def test_a_zero_quota_is_an_error_unless_the_plan_says_otherwise():
    unit = {"unit": {"kind": "quota", "of": "period"}}
    document = plan(commission("marginal", FLAT, table=unit))

    with pytest.raises(NotPayable, match="no_quota"):
        pay(document, ["1"], standings=standing(1, 0))


@pytest.mark.parametrize(
    ("below", "above", "actual", "pays"),
    [
        pytest.param("zero", "hold", "100", "100.00", id="on target at 10 per cent"),
        pytest.param("zero", "hold", "50", "0.00", id="nothing below"),
        pytest.param("hold", "hold", "50", "50.00", id="level below"),
        pytest.param("extend", "hold", "60", "33.33", id="the line goes on below: 5 % − ⅓ of 5 %"),
        pytest.param("extend", "hold", "10", "0.00", id="never below zero"),
        pytest.param("zero", "hold", "300", "200.00", id="level above"),
        pytest.param("zero", "zero", "300", "0.00", id="nothing above"),
        pytest.param("zero", "extend", "200", "300.00", id="the line goes on above"),
    ],
)
def test_a_curve_gives_the_rate_by_attainment(below, above, actual, pays):
    axis = {"kind": "attainment", "measure": "revenue", "of": "period"}
    table = curve(("0.7", "0.05"), ("1", "0.1"), ("1.5", "0.2"), below=below, above=above, axis=axis)
    document = plan({**commission(), "table": {**table, "pays": "rate"}})

    assert total(document, ["1000"], standings=standing(actual, 100)) == D(pays)


@pytest.mark.parametrize(
    ("edge", "actual", "pays"),
    [
        ("upper", "69.999", "0.00"),
        ("upper", "70", "500.00"),
        ("lower", "70", "0.00"),
        ("upper", "100", "1000.00"),
    ],
)
def test_a_step_table_holds_until_the_next_point(edge, actual, pays):
    axis = {"kind": "attainment", "measure": "revenue", "of": "period"}
    points = [{"at": "0.7", "pays": "500"}, {"at": "1", "pays": "1000"}]
    table = {"kind": "step", "axis": axis, "pays": "amount", "points": points, "edge": edge}

    assert total(plan({**commission(), "table": table}), ["1"], standings=standing(actual, 100)) == D(pays)


MATRIX = {
    "kind": "matrix",
    "pays": "share",
    "row_axis": {"kind": "attainment", "measure": "revenue", "of": "period"},
    "column_axis": {"kind": "value", "measure": "margin", "of": "period"},
    "rows": ["0", "1"],
    "columns": ["0", "0.2"],
    "cells": [["0", "0.5"], ["0.8", "1.2"]],
}


@pytest.mark.parametrize(
    ("read", "revenue", "margin", "pays"),
    [
        pytest.param("step", "120", "0.1", "2400.00", id="the last edges reached"),
        pytest.param("step", "99", "0.2", "1500.00", id="just below a row"),
        pytest.param("exact", "100", "0.2", "3600.00", id="exactly met"),
        pytest.param("exact", "101", "0.2", "0.00", id="not exactly met"),
        # ¼·0 + ¼·0.5 + ¼·0.8 + ¼·1.2 = 0.625 of 3,000
        pytest.param("bilinear", "50", "0.1", "1875.00", id="in the middle of four cells"),
        pytest.param("bilinear", "500", "0.9", "3600.00", id="held outside"),
    ],
)
def test_a_matrix_of_two_measures(read, revenue, margin, pays):
    component = {
        "kind": "matrix_bonus", "code": "m", "name": "M", "annual": "12000",
        "table": {**MATRIX, "read": read},
    }  # fmt: skip
    standings = standing(revenue, 100) | standing(margin, measure="margin")

    assert total(plan(component), (), standings=standings) == D(pays)


def test_a_higher_tier_later_in_the_year_pays_the_difference_on_what_came_before():
    document = plan(commission("retroactive", basis="year_to_date"))
    first = pay(document, ["900"]).lines[0]
    known = [PostedCredit(t.credit_id, t.amount, "", t.value) for t in first.traces]
    cell = Cell("y", credits("200", start=2), posted=posted_from(first, known=known))

    [second] = settle(document, given(document, {"c": [cell]})).lines

    assert (first.rounded, second.rounded) == (D("27.00"), D("28.00"))
    assert [(t.credit_id, t.amount, t.value) for t in second.traces] == [
        (1, D(0), D("18.00")),
        (2, D(200), D("10.00")),
    ]


@pytest.mark.parametrize(
    ("kind", "pays"),
    [pytest.param("marginal", "25.00", id="500 × 5 %"), pytest.param("retroactive", "25.00", id="5 %")],
)
def test_a_rolling_window_counts_earlier_periods_but_does_not_pay_them_again(kind, pays):
    document = plan(commission(kind, basis="rolling", rolling_periods=4))

    outcome = settle(document, given(document, {"c": [Cell("w", credits("500"), prior=D(1000))]}))

    assert outcome.payment.amount == D(pays)


def test_credits_stay_exact_and_the_line_is_rounded_once():
    document = plan(commission("marginal", [{"from": "0", "rate": "0.004"}]))

    assert amounts_of(pay(document, ["1"] * 3)) == {"c": D("0.01")}
