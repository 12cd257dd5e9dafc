"""What comes before a component is paid: crediting rules, leads, exchange, proration, windows."""

import datetime as dt
from decimal import Decimal as D
from fractions import Fraction as F

import pytest

from apps.incentives.rules.engine.crediting import (
    Offered,
    Placing,
    Reporting,
    judge,
    leads_above,
    override_credits,
    takes,
)
from apps.incentives.rules.engine.currency import ExchangeRate, Rates
from apps.incentives.rules.engine.proration import (
    Bucket,
    Counter,
    Range,
    WorkDays,
    add_months,
    months_between,
    without,
)
from apps.incentives.rules.engine.shapes import Deal, NotPayable
from apps.incentives.rules.engine.windows import within_year
from apps.incentives.rules.kinds import Commission
from apps.incentives.rules.plan.settlement import Crediting
from apps.incentives.tests.engine.build import commission, plan

DAY = dt.date(2026, 5, 4)


def offered(payee="ann", **more):
    return Offered("1", "t", payee, "revenue", D(100), more.pop("on", DAY), **more)


def rule(code, field=None, commission="1", quota="1"):
    when = {"when": {"kind": "field", "name": "product", "in": [field]}} if field else {}
    return {"code": code, "name": code, "commission_factor": commission, "quota_factor": quota, **when}


@pytest.mark.parametrize(
    ("match", "product", "commission", "quota", "tried"),
    [
        pytest.param("first", "Orion", "2", "1", [("orion", True)], id="the first that fits decides"),
        pytest.param(
            "first", "Lyra", "0.5", "0", [("orion", False), ("rest", True)], id="rules before it are shown"
        ),
        pytest.param("all", "Orion", "2.5", "1", [("orion", True), ("rest", True)], id="all that fit add up"),
    ],
)
def test_crediting_rules_are_tried_in_order_and_explained(match, product, commission, quota, tried):
    rules = [rule("orion", "Orion", "2", "1"), rule("rest", None, "0.5", "0")]
    crediting = Crediting.model_validate({"match": match, "rules": rules})

    verdict = judge(crediting, offered(deal=Deal({"product": product})))

    assert (verdict.commission, verdict.quota) == (D(commission), D(quota))
    assert [(one.rule, one.matched) for one in verdict.tried] == tried


def test_a_credit_that_fits_no_rule_counts_for_nothing():
    crediting = Crediting.model_validate({"match": "first", "rules": [rule("orion", "Orion")]})

    assert judge(crediting, offered())[:2] == (0, 0)


LINES = [
    Reporting("ann", "lin", Range(dt.date(2026, 1, 1), dt.date(2026, 6, 1))),
    Reporting("ann", "mei", Range(dt.date(2026, 6, 1), dt.date(2027, 1, 1))),
    Reporting("lin", "sam", Range(dt.date(2026, 1, 1), dt.date(2027, 1, 1))),
    Reporting("sam", "lin", Range(dt.date(2026, 1, 1), dt.date(2027, 1, 1))),
]


@pytest.mark.parametrize(
    ("on", "leads"),
    [
        pytest.param(dt.date(2026, 5, 31), ["lin", "sam"], id="before the change; a circle ends"),
        pytest.param(dt.date(2026, 6, 1), ["mei"], id="from the day of the change"),
        pytest.param(dt.date(2025, 6, 1), [], id="before anybody led"),
    ],
)
def test_leads_are_those_of_the_day_of_the_credit(on, leads):
    by_payee = {name: [line for line in LINES if line.payee == name] for name in ("ann", "lin", "sam")}

    assert leads_above(by_payee, "ann", on) == leads


def test_a_lead_is_credited_once_at_the_nearest_level_and_never_through_overlay():
    found = override_credits([offered(), offered(is_overlay=True)], LINES)

    assert [(one.payee, one.level) for one in found] == [("lin", 1), ("sam", 2)]


@pytest.mark.parametrize(
    ("condition", "fits"),
    [
        ({"kind": "credited_on", "from": "2026-05-04", "before": "2026-05-05"}, True),
        ({"kind": "credited_on", "before": "2026-05-04"}, False),
        ({"kind": "deal_amount", "above": "500"}, True),
        ({"kind": "deal_amount", "above": "600"}, False),
        ({"kind": "none", "of": [{"kind": "field", "name": "product", "in": ["Orion"]}]}, False),
        (
            {
                "kind": "any",
                "of": [
                    {"kind": "field", "name": "x", "in": ["y"]},
                    {"kind": "deal_amount", "at_most": "600"},
                ],
            },
            True,
        ),
    ],
)
def test_a_component_takes_the_credits_it_asks_for(condition, fits):
    [component] = plan(commission(where=condition)).components

    assert takes(component, offered(deal=Deal({"product": "Orion"}, amount=D(600)))) is fits


def test_a_rate_is_never_guessed_inverted_or_taken_from_another_day():
    year = dt.date(2026, 1, 1), dt.date(2027, 1, 1)
    rates = Rates([ExchangeRate("EUR", "USD", "plan_year", *year, D("1.1"))])

    assert rates.rate("EUR", "USD", "plan_year", DAY) == D("1.1")
    assert rates.rate("USD", "USD", "spot", DAY) == 1
    for source, target, kind, on in [
        ("USD", "EUR", "plan_year", DAY),
        ("EUR", "USD", "spot", DAY),
        ("EUR", "USD", "plan_year", dt.date(2027, 1, 1)),
    ]:
        with pytest.raises(NotPayable, match="no_rate") as missing:
            rates.rate(source, target, kind, on)
        assert missing.value.details["on"] == on.isoformat()


QUARTER = Range(dt.date(2026, 4, 1), dt.date(2026, 7, 1))


@pytest.mark.parametrize(
    ("basis", "share"),
    [
        pytest.param("days", F(46, 91), id="46 of 91 days"),
        pytest.param("months", (1 + F(16, 31)) / 3, id="a month and 16 of 31 days"),
        pytest.param("30/360", F(46, 90), id="30 + 16 of 90 days"),
        pytest.param("working_days", F(31, 62), id="31 of 62 days, three of them off"),
    ],
)
def test_part_of_a_quarter(basis, share):
    off = frozenset({dt.date(2026, 4, 6), dt.date(2026, 5, 1), dt.date(2026, 6, 19)})
    counter = Counter(basis, WorkDays(off))

    assert counter.share([Range(dt.date(2026, 4, 1), dt.date(2026, 5, 17))], QUARTER) == share


def test_seasons_are_prorated_inside_each_month():
    april = Bucket(Range(dt.date(2026, 4, 1), dt.date(2026, 5, 1)), F(3000))
    may = Bucket(Range(dt.date(2026, 5, 1), dt.date(2026, 6, 1)), F(6200))
    active = without([QUARTER], [Range(dt.date(2026, 5, 11), dt.date(2026, 6, 1))])

    assert Counter().quota([april, may], active, QUARTER) == 3000 + 6200 * F(10, 31)
    assert Counter().quota([], active, QUARTER) is None


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2026-01-15", "2026-05-14", 3),
        ("2026-01-15", "2026-05-15", 4),
        ("2026-01-31", "2026-02-28", 1),
        ("2026-01-15", "2026-01-15", 0),
    ],
)
def test_whole_months_between_two_days(start, end, months):
    assert months_between(dt.date.fromisoformat(start), dt.date.fromisoformat(end)) == months


def test_the_same_day_some_months_later():
    assert add_months(dt.date(2026, 1, 31), 1) == dt.date(2026, 2, 28)
    assert add_months(dt.date(2026, 12, 1), -12) == dt.date(2025, 12, 1)


def test_windows_of_a_period_inside_a_fiscal_year():
    period = within_year("P", Range(dt.date(2026, 11, 1), dt.date(2026, 12, 1)), dt.date(2026, 4, 1))

    assert period.span("quarter_to_date") == Range(dt.date(2026, 10, 1), dt.date(2026, 12, 1))
    assert period.span("half_to_date") == Range(dt.date(2026, 10, 1), dt.date(2026, 12, 1))
    assert period.span("year_to_date") == Range(dt.date(2026, 4, 1), dt.date(2026, 12, 1))
    assert period.span("year") == Range(dt.date(2026, 4, 1), dt.date(2027, 4, 1))
    looking_back = Placing(Commission.model_construct(), period.window("rolling"), {}, rolled=2)
    assert looking_back.before(looking_back.current) == Range(dt.date(2026, 9, 1), dt.date(2026, 11, 1))
