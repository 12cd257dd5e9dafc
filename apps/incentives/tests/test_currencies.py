"""Pay in other currencies: what counts at which rate, what a changed or missing rate does, what adds up."""

import datetime as dt
from decimal import Decimal as D
from fractions import Fraction

import pytest
from django.db import transaction
from django.urls import reverse as url
from hypothesis import given
from hypothesis import strategies as st

from apps.calendars import services as calendars
from apps.calendars.models import ExchangeRate
from apps.core.money import round_money
from apps.incentives import services
from apps.incentives.models import PayLine, PayRun, Statement
from apps.incentives.rules.engine.shapes import LineOut, PayeeOutcome, Payment
from apps.incentives.rules.plan.problems import PlanInvalid
from apps.incentives.selectors import pages
from apps.incentives.selectors.abroad import booked
from apps.incentives.selectors.exchange import exchange_lines
from apps.incentives.selectors.payroll import read_file
from apps.incentives.selectors.rates_shown import worth_of
from apps.incentives.selectors.reconcile import reconcile
from apps.incentives.selectors.run_page import run_page
from apps.incentives.services.adjustments import AdjustmentRefused
from apps.incentives.services.runs import HasExceptions
from apps.incentives.tests.factories import AT, commission, document
from apps.incentives.tests.test_recalculated import everything
from apps.measures import services as ledger

FLAT = {"kind": "marginal", "tiers": [{"from": "0", "rate": "0.1"}]}
YUAN = {"currency": "CNY", "exchange": {"transactions": "plan_year"}, "code": "yuan"}
BASE = {"kind": "base_salary", "code": "base", "name": "Base", "annual": "40000"}


def flat(**changes):
    """A commission of ten per cent."""
    return {**commission(), "table": FLAT, **changes}


def rate(currency, on, value):
    with transaction.atomic():
        calendars.set_rate(currency=currency, on=dt.date.fromisoformat(on), rate=D(value))


@pytest.fixture
def yuan(company):
    """A company in dollars: eight yuan to the dollar from January 2025, ten from May 16, 2026."""
    rate("CNY", "2025-01-01", "0.125")
    rate("CNY", "2026-05-16", "0.1")
    return company


def lines(run, person):
    rows = PayLine.objects.filter(run=run, person=person).order_by("statement__currency", "sequence")
    return [(line.component, line.currency, line.amount) for line in rows]


def totals(run):
    return {
        (row.person.name, row.currency): row.total
        for row in Statement.objects.filter(run=run).exclude(total=0).select_related("person")
    }


def returned(credit, on):
    with transaction.atomic():
        ledger.reverse(
            source_type=credit.source_type, source_id=credit.source_id, booked_on=on, reason="Returned"
        )


def exported(company, run):
    with transaction.atomic():
        return services.export_payroll(run_id=run.pk, by=company.checker, at=AT)


@pytest.mark.parametrize(
    ("transactions", "paid"),
    [
        pytest.param("plan_year", "2400.00", id="1000 dollars each in April, May and June, at eight"),
        pytest.param("transaction_date", "2800.00", id="at eight, ten and ten"),
        # the mean of May: (15 × 0.125 + 16 × 0.1) ÷ 31 dollars to the yuan
        pytest.param("month_average", "2692.09", id="at eight, 31 ÷ 3.475 and ten"),
    ],
)
def test_a_sale_counts_at_the_rate_the_plan_names(yuan, transactions, paid):
    yuan.plan(flat(), **{**YUAN, "exchange": {"transactions": transactions}})
    for month, day in ((4, 10), (5, 20), (6, 10)):
        yuan.sell(yuan.rep, "1000", month=month, day=day)

    run = yuan.calculated()

    assert totals(run) == {("Rep", "CNY"): D(paid)}
    assert run.totals == {"CNY": paid}
    assert run.total == (D(paid) * D("0.1")).quantize(D("0.01"))  # at the rate of the last day
    assert reconcile(run).agrees


def test_a_count_is_not_changed_into_another_currency(yuan):
    tiers = [{"from": "0", "per_unit": "50"}]
    units = flat(measure="deals_won", table={"kind": "marginal", "tiers": tiers})
    yuan.plan(units, **YUAN)
    yuan.sell(yuan.rep, "3", measure="deals_won")

    assert totals(yuan.calculated()) == {("Rep", "CNY"): D("150.00")}


def test_pay_of_two_currencies_is_never_added_up(yuan):
    yuan.plan(flat(), people=[yuan.rep], **YUAN)
    yuan.plan(flat(), people=[yuan.peer])
    yuan.sell(yuan.rep, "1000")
    yuan.sell(yuan.peer, "1000")

    run = yuan.locked()

    assert run.totals == {"CNY": "800.00", "USD": "100.00"}
    assert run.total == D("180.00")
    made = exported(yuan, run)
    read = read_file(made.content)
    assert read.totals == {"CNY": D("800.00"), "USD": D("100.00")}
    assert {code: row["count"] for code, row in made.totals.items()} == {"CNY": 1, "USD": 1}
    assert reconcile(run).agrees


def test_pay_goes_out_in_the_currency_of_the_payout_and_every_currency_adds_up(yuan):
    yuan.plan(
        flat(), BASE, people=[yuan.rep],
        exchange={"transactions": "transaction_date", "payout": "CNY"}, code="paid-abroad",
    )  # fmt: skip
    yuan.sell(yuan.rep, "1000")

    run = yuan.locked()

    assert lines(run, yuan.rep) == [
        ("commission", "USD", D("100.00")),
        ("base", "USD", D("10000.00")),
        ("exchange", "USD", D("-10000.00")),
        ("exchange", "CNY", D("100000.00")),
        ("exchange", "USD", D("-100.00")),
        ("exchange", "CNY", D("1000.00")),
    ]
    found = Statement.objects.get(run=run)
    assert (found.currency, found.total, found.variable) == ("CNY", D("101000.00"), D("1000.00"))
    assert read_file(exported(yuan, run).content).totals == {"CNY": D("101000.00")}
    assert reconcile(run).agrees


def test_a_missing_rate_stops_the_payee_and_names_itself_and_nobody_else(company):
    rate("CNY", "2025-01-01", "0.125")
    company.plan(flat(), people=[company.rep], **YUAN)
    company.plan(flat(), people=[company.peer])
    for person in (company.rep, company.peer):
        company.sell(person, "1000")
    ExchangeRate.objects.update(on=dt.date(2026, 3, 1))

    run = company.calculated()

    assert totals(run) == {("Peer", "USD"): D("100.00")}
    assert not PayLine.objects.filter(run=run, person=company.rep).exists()
    [(row, sentence)] = run_page(run, company.admin).exceptions
    assert row.person == company.rep
    assert "CNY" in sentence
    assert "2026-01-01" in sentence
    with pytest.raises(HasExceptions), transaction.atomic():
        services.review_run(run_id=run.pk, by=company.admin, at=AT)
    rate("CNY", "2026-01-01", "0.125")
    again = services.calculate_now(run_id=run.pk, by=company.admin, at=AT)
    assert (again.recalculated, again.exceptions) == (1, 0)
    assert totals(again)["Rep", "CNY"] == D("800.00")


def test_a_changed_rate_pays_those_again_whom_it_concerns_as_a_whole_calculation_would(yuan):
    yuan.plan(flat(), people=[yuan.rep], **{**YUAN, "exchange": {"transactions": "transaction_date"}})
    yuan.plan(flat(), people=[yuan.peer])
    for person in (yuan.rep, yuan.peer):
        yuan.sell(person, "1000", month=6)
    made = yuan.calculated()

    rate("CNY", "2026-06-01", "0.2")
    some = services.calculate_now(run_id=made.pk, by=yuan.admin, at=AT)
    apart = everything(some)
    PayRun.objects.filter(pk=made.pk).update(rests_on={})
    whole = services.calculate_now(run_id=made.pk, by=yuan.admin, at=AT)

    assert (some.recalculated, whole.recalculated) == (1, 2)
    assert everything(whole) == apart
    assert totals(whole) == {("Rep", "CNY"): D("500.00"), ("Peer", "USD"): D("100.00")}
    assert everything(services.calculate_now(run_id=made.pk, by=yuan.admin, at=AT)) == apart


@pytest.mark.parametrize("basis", ["period", "year_to_date"])
def test_a_sale_and_its_return_are_nothing_together_though_the_rate_has_changed(yuan, basis):
    yuan.plan(flat(basis=basis), **{**YUAN, "exchange": {"transactions": "transaction_date"}})
    sold = yuan.sell(yuan.rep, "333.33", month=2)
    first = yuan.locked("2026-Q1")
    before = everything(first)
    rate("CNY", "2026-02-01", "0.4")
    returned(sold, dt.date(2026, 6, 10))

    second = yuan.locked("2026-Q2")

    assert totals(first) == {("Rep", "CNY"): D("266.66")}
    assert totals(second) == {("Rep", "CNY"): D("-266.66")}
    assert everything(PayRun.objects.get(pk=first.pk)) == before
    assert reconcile(second).agrees


def test_a_move_between_plans_of_two_currencies_is_paid_in_both(yuan):
    dollars = yuan.plan(flat(), BASE, people=[yuan.rep])
    yuans = yuan.plan(flat(), {**BASE, "annual": "400000"}, people=[yuan.peer], **YUAN)
    with transaction.atomic():
        row = dollars.assignments.get()
        services.end_assignment(assignment_id=row.pk, ends_before=dt.date(2026, 5, 16), by=yuan.admin)
        services.assign_plan(
            plan_id=yuans.pk, person_id=yuan.rep.pk, starts_on=dt.date(2026, 5, 16), by=yuan.admin
        )
    yuan.sell(yuan.rep, "1000", month=4)
    yuan.sell(yuan.rep, "1000", month=6)
    adjusted(yuan, "10", "CNY")

    run = yuan.locked()

    # 45 of 91 days in dollars, 46 in yuan; the adjustment is paid in its own currency
    assert lines(run, yuan.rep) == [
        ("commission", "CNY", D("800.00")),
        ("base", "CNY", D("50549.45")),
        ("adjustment", "CNY", D("10.00")),
        ("commission", "USD", D("100.00")),
        ("base", "USD", D("4945.05")),
    ]
    assert run.payees == 2
    assert reconcile(run).agrees
    read = read_file(exported(yuan, run).content)
    assert read.paid[yuan.rep.external_id, "CNY"] == D("51359.45")
    assert read.paid[yuan.rep.external_id, "USD"] == D("5045.05")
    with transaction.atomic():
        back = services.reverse_run(
            run_id=run.pk, period=run.period, reason="Wrong rate", by=yuan.admin, at=AT
        )
    assert {code: -D(total) for code, total in back.totals.items()} == {
        code: D(total) for code, total in run.totals.items()
    }
    assert back.total == -run.total
    assert reconcile(back).agrees


def adjusted(company, amount, currency):
    with transaction.atomic():
        row = services.request_adjustment(
            person_id=company.rep.pk, amount=D(amount), reason="Missed", by=company.admin, at=AT,
            currency=currency,
        )  # fmt: skip
        services.decide_adjustment(adjustment_id=row.pk, approve=True, by=company.checker, at=AT)
    return row


@given(
    lines=st.lists(st.tuples(st.booleans(), st.decimals(-9999, 9999, places=2)), min_size=1, max_size=6),
    rate=st.decimals("0.0001", 300, places=6),
    payout=st.sampled_from(["EUR", "JPY"]),
)
def test_lines_add_up_to_nothing_in_the_currency_left_and_to_the_payment_in_the_other(lines, rate, payout):
    made = tuple(
        LineOut(
            "x", "earned", "2026", D(0), Fraction(amount), amount, ({"op": "salary" if fixed else "basis"},)
        )
        for fixed, amount in lines
    )
    total = sum((line.rounded for line in made), D(0))
    paid = round_money(Fraction(total) * Fraction(rate), payout)
    outcome = PayeeOutcome(1, made, (), (), Payment(total, "USD", paid, payout, rate))

    sums = {"USD": total, payout: D(0)}
    for line, currency in exchange_lines(outcome, "2026"):
        sums[currency] += line.rounded

    assert sums == {"USD": 0, payout: paid}


@given(value=st.decimals(-(10**9), 10**9, places=2), rate=st.decimals("0.00001", 1000, places=9))
def test_a_credit_at_a_rate_and_its_return_are_nothing_together(value, rate):
    assert booked(value, rate) + booked(-value, rate) == 0
    assert abs(Fraction(booked(value, rate)) - Fraction(value) * Fraction(rate)) <= Fraction(1, 2_000_000)


def test_balances_stay_in_the_currency_of_the_plan(yuan):
    draw = {"kind": "recoverable", "amount": "500", "periods": 8, "at_end": "carry", "recovery_share": "0.5"}
    yuan.plan(flat(), draw=draw, people=[yuan.rep], **YUAN)
    yuan.sell(yuan.rep, "375", month=2)
    yuan.sell(yuan.rep, "875", month=6)

    first, second = yuan.locked("2026-Q1"), yuan.calculated()

    assert lines(first, yuan.rep) == [("commission", "CNY", D("300.00")), ("draw", "CNY", D("200.00"))]
    assert lines(second, yuan.rep) == [("commission", "CNY", D("700.00")), ("draw", "CNY", D("-100.00"))]


def test_a_contest_and_a_pool_are_paid_in_the_currency_of_the_plan(yuan):
    spiff = {
        "kind": "spiff", "code": "sprint", "name": "Sprint", "measure": "revenue", "from": "2026-04-01",
        "before": "2026-07-01", "award": {"kind": "rate", "rate": "0.05"}, "budget": "500",
    }  # fmt: skip
    pool = {
        "kind": "pool", "code": "team", "name": "Team", "share_by": "equal",
        "fund": {"kind": "share", "measure": "revenue", "share": "0.01"},
    }  # fmt: skip
    yuan.plan(spiff, pool, **YUAN)
    yuan.sell(yuan.rep, "1000")
    yuan.sell(yuan.peer, "250", day=11)

    run = yuan.calculated()

    # five per cent of 8,000 and 2,000 yuan within 500; one per cent of 10,000 yuan for two
    assert lines(run, yuan.rep) == [("sprint", "CNY", D("400.00")), ("team", "CNY", D("50.00"))]
    assert lines(run, yuan.peer) == [("sprint", "CNY", D("100.00")), ("team", "CNY", D("50.00"))]
    assert reconcile(run).agrees


@pytest.mark.parametrize(
    ("change", "place", "says"),
    [
        ({"currency": "CNY"}, "exchange", "USD"),
        ({"exchange": {"transactions": "plan_year"}}, "exchange.transactions", "USD"),
        ({"currency": "EUR", "exchange": {"transactions": "plan_year"}}, "currency", "2026-01-01"),
        (
            {"exchange": {"transactions": "transaction_date", "payout": "EUR"}}, "exchange.payout", "EUR",
        ),
        ({"currency": "KWD", "exchange": {"transactions": "plan_year"}}, "currency", "KWD"),
        ({"currency": "XXX"}, "currency", ""),
    ],
)  # fmt: skip
def test_a_plan_nobody_could_pay_is_refused_when_it_is_saved(yuan, change, place, says):
    with pytest.raises(PlanInvalid) as refusal, transaction.atomic():
        services.create_plan(
            code="x", name="X", purpose="", document={**document(flat()), **change},
            starts_on=dt.date(2026, 2, 1), by=yuan.admin, at=AT,
        )  # fmt: skip

    told = {problem.place: str(problem.fix) for problem in refusal.value.problems}
    assert says in told[place]


def test_a_plan_keeps_its_currency(yuan):
    plan = yuan.plan(flat())
    told = {**document(flat()), "currency": "CNY", "exchange": {"transactions": "plan_year"}}

    with pytest.raises(PlanInvalid) as refusal, transaction.atomic():
        services.save_draft(
            plan_id=plan.pk, document=told, starts_on=dt.date(2026, 7, 1), note="", revision=None,
            by=yuan.admin, at=AT,
        )  # fmt: skip

    assert [problem.place for problem in refusal.value.problems] == ["currency"]


@pytest.fixture
def mixed(yuan):
    """A calculated quarter that pays one person in yuan and one in dollars."""
    yuan.plan(flat(), people=[yuan.rep], **{**YUAN, "exchange": {"transactions": "transaction_date"}})
    yuan.plan(flat(), people=[yuan.peer])
    yuan.sell(yuan.rep, "1000", month=6)
    yuan.sell(yuan.peer, "1000", month=6)
    yuan.made = yuan.calculated()
    return yuan


def test_pages_show_each_currency_and_the_rates(mixed, client):
    client.force_login(mixed.admin)
    statement = Statement.objects.get(run=mixed.made, currency="CNY")

    page = client.get(url("incentives:run", args=[mixed.made.pk])).content.decode()
    own = client.get(url("incentives:statement", args=[statement.pk])).content.decode()
    paper = client.get(url("incentives:statement_pdf", args=[statement.pk]))

    assert [(row.currency, row.total, row.worth) for row in worth_of(Statement.objects.all())] == [
        ("CNY", D("1000.00"), D("100.00")), ("USD", D("100.00"), D("100.00")),
    ]  # fmt: skip
    assert all(said in page for said in ("CN¥1,000.00", "$200.00", "0.100000"))
    assert "1 USD = 10 CNY" in own
    assert "CN¥10,000" in own
    assert paper.status_code == 200


def test_an_accrual_has_a_control_for_each_currency(mixed):
    with transaction.atomic():
        made = services.make_accrual(as_of=dt.date(2026, 6, 30), by=mixed.admin, at=AT)

    assert made.totals == {"CNY": "1000.00", "USD": "100.00"}
    assert (made.total, made.currency) == (D("200.00"), "USD")
    controls = [line.split(",") for line in made.content.splitlines() if ",control," in line]
    assert [(row[4], row[2], row[-1]) for row in controls] == [
        ("CNY", "1", "1000.00"),
        ("USD", "1", "100.00"),
    ]


def test_what_is_earned_so_far_is_in_the_currency_of_the_plan(mixed):
    [found] = pages.estimates(mixed.rep.pk, dt.date(2026, 6, 30), mixed.admin)

    assert (found.currency, found.total) == ("CNY", D("1000.00"))
    assert [line.amount for line in found.lines] == [D("1000.00")]


def test_a_line_paid_abroad_is_taken_back_in_the_currency_it_was_paid_in(yuan):
    yuan.plan(flat(), people=[yuan.rep], exchange={"transactions": "transaction_date", "payout": "CNY"})
    yuan.sell(yuan.rep, "1000")
    run = yuan.locked()
    line = PayLine.objects.get(run=run, component="commission")
    arrived = PayLine.objects.filter(run=run, component="exchange").first()

    with transaction.atomic():
        asked = services.reverse_line(line_id=line.pk, reason="Twice", by=yuan.admin, at=AT)
    with pytest.raises(AdjustmentRefused), transaction.atomic():
        services.reverse_line(line_id=arrived.pk, reason="Twice", by=yuan.admin, at=AT)

    assert (asked.amount, asked.currency) == (D("-1000.00"), "CNY")
