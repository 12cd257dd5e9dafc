"""What a deal would pay: the same cents as winning it, nothing kept, nobody else's pay."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import transaction
from django.urls import reverse

from apps.core import clock
from apps.incentives import services
from apps.incentives.rules.engine.shapes import LineOut
from apps.incentives.rules.what_if import changes, effective_rate
from apps.incentives.selectors import pages
from apps.incentives.services.what_if import EstimateRefused
from apps.incentives.tests.factories import commission, override
from apps.measures.models import Credit
from apps.pipeline import services as deals
from apps.pipeline.models import Opportunity
from apps.pipeline.tests.factories import OpportunityFactory, SplitFactory, StageFactory

NOW = dt.datetime(2026, 6, 20, 9, tzinfo=dt.UTC)
TODAY = NOW.date()


@pytest.fixture
def sold(company):
    """Rep has sold 600 of the 1000 after which 5 % follow 3 %; a deal of 1000 is open, the lead has 1 %."""
    company.plan()
    company.plan(override(), code="leads", people=[company.lead])
    return with_deal(company)


def with_deal(company):
    company.sell(company.rep, "600.00")
    stage = StageFactory(kind="open")
    StageFactory(process=stage.process, kind="won", order=9, probability=100)
    company.deal = OpportunityFactory(
        owner=company.rep, stage=stage, amount=D("1000"), base_amount=D("1000"), currency="USD",
        expected_close_on=TODAY, created_on=dt.date(2026, 5, 1),
    )  # fmt: skip
    return company


def asked(company, who="rep", **changes):
    with clock.fixed(NOW), transaction.atomic():
        return services.estimate_deal(
            deal=company.deal, viewer=company.users[who], today=TODAY, closes_on=TODAY, **changes
        )


def test_the_answer_is_what_winning_the_deal_adds_to_my_pay(sold):
    with clock.fixed(NOW):
        [before] = pages.estimates(sold.rep.pk, TODAY, sold.users["rep"])
    [answer] = asked(sold).payees
    with clock.fixed(NOW), transaction.atomic():
        deals.win(
            opportunity_id=sold.deal.pk, version=None, closed_on=TODAY, today=TODAY,
            by=sold.users["rep"], reason_id=None, note="",
        )  # fmt: skip
        [after] = pages.estimates(sold.rep.pk, TODAY, sold.users["rep"])

    # 600 × 3 %; then 1000 × 3 % and 600 × 5 %.
    assert (before.total, answer.without) == (D("18.00"), D("18.00"))
    assert (after.total, answer.with_deal, answer.difference) == (D("60.00"), D("60.00"), D("42.00"))
    assert (answer.credited, answer.rate) == (D("1000.00"), D("0.042"))
    [change] = answer.components
    assert change.notes == ["Reaches another tier: the rate goes from 3.00% to 5.00%."]


def test_nothing_is_kept(sold):
    before = list(Credit.objects.order_by("pk").values())

    asked(sold, amount=D("5000"))

    assert list(Credit.objects.order_by("pk").values()) == before
    assert Opportunity.objects.get(pk=sold.deal.pk).amount == D("1000.00")
    with clock.fixed(NOW):
        assert pages.estimates(sold.rep.pk, TODAY, sold.users["rep"])[0].total == D("18.00")


def test_another_amount_or_day_counts_there(sold):
    with clock.fixed(NOW), transaction.atomic():
        july = services.estimate_deal(
            deal=sold.deal, viewer=sold.users["rep"], today=TODAY, closes_on=dt.date(2026, 7, 2),
            amount=D("100"),
        )  # fmt: skip

    [answer] = july.payees
    assert (answer.period.code, answer.without, answer.difference) == ("2026-Q3", D("0"), D("3.00"))


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("rep", {"Rep": D("42.00")}),
        ("manager", {"Rep": D("42.00"), "Lead": D("10.00")}),
        ("executive", {"Rep": D("42.00"), "Lead": D("10.00")}),
        ("admin", {"Rep": D("42.00"), "Lead": D("10.00")}),
        ("peer", {}),
        ("sysadmin", {}),
    ],
)
def test_whose_pay_is_shown_to_whom(sold, who, seen):
    assert {one.name: one.difference for one in asked(sold, who).payees} == seen


def test_split_partners_see_their_own_part(sold):
    for person, share in ((sold.rep, 75), (sold.peer, 25)):
        SplitFactory(opportunity=sold.deal, person=person, share=share)

    [mine], [peers] = asked(sold).payees, asked(sold, "peer").payees

    assert (mine.credited, peers.name, peers.credited) == (D("750.00"), "Peer", D("250.00"))
    assert peers.difference == D("7.50")


def test_a_gate_and_a_cap_are_named(company):
    gate = {"kind": "value", "measure": "revenue", "of": "period", "at_least": "1500"}
    cap = {"limit": {"kind": "amount", "amount": "40"}, "excess": {"kind": "forfeit"}}
    company.plan(commission(gate=gate, cap=cap))

    [answer] = asked(with_deal(company)).payees

    assert (answer.without, answer.with_deal) == (D("0.00"), D("40.00"))
    assert any("gate" in note for note in answer.components[0].notes)
    assert any("cap" in note for note in answer.components[0].notes)


def test_a_decided_deal_or_a_day_before_it_is_refused(sold):
    with pytest.raises(EstimateRefused, match="within"), clock.fixed(NOW), transaction.atomic():
        services.estimate_deal(
            deal=sold.deal, viewer=sold.users["rep"], today=TODAY, closes_on=dt.date(2030, 1, 1)
        )
    sold.deal.state = "won"

    with pytest.raises(EstimateRefused, match="statements"):
        asked(sold)


def test_the_sheet_asks_and_answers(sold, client):
    client.force_login(sold.users["rep"])
    page, ask = (reverse(f"incentives:{name}", args=[sold.deal.pk]) for name in ("what_if", "what_if_ask"))
    with clock.fixed(NOW):
        shown = client.get(page)
        answer = client.post(ask, {"amount": "1,000", "closes_on": "2026-06-20"})
        wrong = client.post(ask, {"amount": "1000", "closes_on": "2036-06-20"})
        deal = client.get(reverse("pipeline:deal", args=[sold.deal.pk]))

    assert (shown.status_code, answer.status_code, wrong.status_code) == (200, 200, 422)
    assert "no-store" in answer["Cache-Control"]
    assert "+$42.00" in answer.content.decode()
    assert page in deal.content.decode()


def line(code, amount, *steps):
    return LineOut(code, "earned", "2026-Q2", D(0), D(amount), D(amount), steps)


SLICE = {"op": "slice", "length": "5"}
OPEN, SHUT = {"op": "gate_result", "open": True}, {"op": "gate_result", "open": False}


@pytest.mark.parametrize(
    ("before", "after", "codes"),
    [
        pytest.param([{**SLICE, "rate": "0.03"}], [{**SLICE, "rate": "0.03"}], [], id="same tier"),
        pytest.param([{**SLICE, "rate": "0.03"}], [{**SLICE, "rate": "0.05"}], ["tier"], id="next tier"),
        pytest.param([SHUT], [OPEN], ["gate_opens"], id="gate opens"),
        pytest.param([OPEN], [SHUT], ["gate_closes"], id="gate closes"),
        pytest.param([SHUT], [SHUT], ["closed"], id="gate stays shut"),
        pytest.param([], [{"op": "cap", "over": "10/3"}], ["capped"], id="cap"),
        pytest.param([{"op": "cap", "over": "4"}], [{"op": "cap", "over": "4"}], [], id="was capped before"),
    ],
)
def test_what_a_deal_sets_off(before, after, codes):
    [change] = changes([line("a", "1", *before)], [line("a", "3", *after)])

    assert ([note.code for note in change.notes], change.difference) == (codes, D(2))


def test_lines_come_and_go():
    found = changes([line("old", "4"), line("same", "1")], [line("same", "1"), line("new", "2")])

    assert [(one.line.component, one.difference) for one in found] == [("new", D(2)), ("old", D(-4))]


@pytest.mark.parametrize(("pay", "credited", "rate"), [("5", "100", D("0.05")), ("5", "0", None)])
def test_the_rate_of_a_deal(pay, credited, rate):
    assert effective_rate(D(pay), D(credited)) == rate
