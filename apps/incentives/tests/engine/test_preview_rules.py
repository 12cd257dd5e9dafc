"""What a request may hand over: late credits under the quota of their own window, slips that are refused."""

import json

import pytest

from apps.incentives.rules.plan.checks import semantic_problems
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.preview.answer import preview
from apps.incentives.rules.preview.reading import RequestInvalid, read_request
from apps.incentives.tests.engine.test_examples import REQUESTS

QUOTA = {"kind": "quota", "of": "period"}
TIERS = [{"from": "0", "to": "1", "rate": "0.05"}, {"from": "1", "rate": "0.1"}]
FULL = {"kind": "attainment", "measure": "revenue", "of": "period", "at_least": "1"}
SATISFIED = {"kind": "value", "measure": "satisfaction", "at_least": "0.8"}
WINTER = {"component": "commission", "window": "2026-Q1", "from": "2026-01-01", "before": "2026-04-01"}


def credit(number: str, amount: str, on: str, **more: str) -> dict[str, str]:
    told = {"id": number, "transaction": f"deal-{number}", "payee": "ann", "measure": "revenue"}
    return {**told, "amount": amount, "date": on, **more}


def late(component: dict, quotas: tuple[str, str], posted: dict, credits: list, **more) -> dict[str, str]:
    """Pay the second quarter with a credit of the first; return the amount of each window."""
    days = (("2026-01-01", "2026-04-01"), ("2026-04-01", "2026-07-01"))
    rows = [
        {"measure": "revenue", "from": start, "before": before, "amount": amount}
        for (start, before), amount in zip(days, quotas, strict=True)
    ]
    request = json.loads(json.dumps(REQUESTS["flat"]))
    request["plan"]["components"][0] |= component
    request["payees"] = [{"id": "ann", "quotas": rows, "posted": [{**WINTER, **posted}], **more}]
    answer = preview(read_request({**request, "credits": credits}))
    assert not answer.exceptions
    return {line.window: line.amount for line in answer.lines}


def test_a_late_credit_is_paid_under_the_quota_of_its_own_quarter():
    posted = {"basis": "80000", "raw": "4000", "amount": "4000.00"}
    credits = [credit("1", "40000", "2026-03-20"), credit("2", "60000", "2026-05-20")]

    paid = late(
        {"table": {"kind": "marginal", "unit": QUOTA, "tiers": TIERS}}, ("100000", "50000"), posted, credits
    )

    # 20,000 × 5 % + 20,000 × 10 %; 50,000 × 5 % + 10,000 × 10 %
    assert paid == {"2026-Q1": "3000.00", "2026-Q2": "3500.00"}


def test_a_late_credit_opens_the_gate_of_its_own_quarter():
    known = {"id": "0", "amount": "90000", "transaction": "deal-0", "paid": "0"}
    posted = {"basis": "90000", "raw": "0", "amount": "0.00", "credits": [known]}
    credits = [
        credit("0", "90000", "2026-03-01"),
        credit("1", "10000", "2026-03-20"),
        credit("2", "60000", "2026-05-20"),
    ]

    paid = late({"gate": FULL}, ("100000", "500000"), posted, credits)

    assert paid == {"2026-Q1": "5000.00", "2026-Q2": "0.00"}


def test_what_nobody_dates_is_taken_to_hold_for_the_earlier_quarter_too():
    posted = {"basis": "80000", "raw": "4000", "amount": "4000.00"}
    stated = [{"measure": "satisfaction", "value": "0.9"}]

    paid = late(
        {"gate": SATISFIED}, ("1", "1"), posted, [credit("1", "10000", "2026-03-20")], measures=stated
    )

    assert paid == {"2026-Q1": "500.00", "2026-Q2": "0.00"}


@pytest.mark.parametrize(
    ("slug", "payee", "rest", "place"),
    [
        ("accelerator", {"posted": [{**WINTER, "raw": "1", "amount": "1"}] * 2}, {}, "posted[1].window"),
        ("mbo", {"grades": {"launch": "90", "hire": "1"}}, {}, "grades.launch"),
        ("mbo", {"grades": {"launch": "1", "hired": "1"}}, {}, "grades.hired"),
        ("mbo", {"annual": {"mob": "8000"}}, {}, "annual.mob"),
        ("pool", {"weights": {"team": "1"}}, {}, "weights.team"),
        ("spiff", {}, {"spiff_spent": {"push": "100"}}, "spiff_spent.push"),
        ("pool", {}, {"pools": [{"component": "team"}]}, "pools[0].component"),
        ("flat", {}, {"credits": [credit("1", "10", "2026-04-20", reverses="0")]}, "credits[0].amount"),
    ],
)
def test_a_slip_that_would_pay_something_else_is_refused_with_its_place(slug, payee, rest, place):
    first, *others = REQUESTS[slug]["payees"]

    with pytest.raises(RequestInvalid) as refused:
        read_request({**REQUESTS[slug], "payees": [{**first, **payee}, *others], **rest})

    [told] = refused.value.fields
    assert told in {place, f"payees[0].{place}"}


def test_a_bonus_is_trued_up_to_the_year_whatever_the_month_was_like():
    """The page's way: the `fixed` amounts of interpolated tiers over shares of the yearly quota."""
    tiers = [{"from": "0", "to": "1", "fixed": "24000"}, {"from": "1", "to": "1.5", "fixed": "24000"}]
    table = {"kind": "interpolated", "unit": {"kind": "quota", "of": "annual"}, "tiers": tiers}
    request = json.loads(json.dumps(REQUESTS["flat"]))
    request["plan"]["components"][0] |= {"basis": "year_to_date", "table": table}
    year = {"measure": "revenue", "from": "2026-01-01", "before": "2027-01-01", "amount": "365000"}
    posted = {
        **WINTER,
        "window": "year_to_date:2026-01-01",
        "basis": "100000",
        "raw": "6600",
        "amount": "6600",
    }
    leave = [{"from": "2026-06-01", "before": "2026-07-01"}]
    request["payees"] = [{"id": "ann", "quotas": [year], "posted": [posted], "leave": leave}]
    request["credits"] = [credit("1", "-16250", "2026-05-20")]

    [line] = preview(read_request(request)).lines

    # 83,750 of 335,000 (30 of 365 days away) are a quarter: 6,000, less 6,600
    assert line.amount == "-600.00"


@pytest.mark.parametrize(
    ("bounds", "place"),
    [
        ({"at_least": "0.8", "below": "0.6"}, "gate.below"),
        ({"at_least": "1", "below": "1"}, "gate.below"),
        ({"above": "1", "at_most": "1"}, "gate.at_most"),
        ({"at_least": "1", "at_most": "1"}, None),
        ({"above": "0.6", "below": "0.8"}, None),
    ],
)
def test_a_condition_that_never_holds_is_refused(bounds, place):
    request = json.loads(json.dumps(REQUESTS["quota"]))
    gate = {"kind": "attainment", "measure": "revenue", "of": "period"}
    request["plan"]["components"][0]["gate"] = {**gate, **bounds}

    found = semantic_problems(PlanDocument.model_validate(request["plan"]))

    assert [problem.place for problem in found] == ([f"components[0].{place}"] if place else [])
