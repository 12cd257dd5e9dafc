"""A held deal is credited and not paid; the next run after the release pays it in full."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from apps.core import clock
from apps.core.tests.together import decided_at_once
from apps.incentives import services
from apps.incentives.models import Hold, PayLine, PayRun, RunHold, Statement
from apps.incentives.selectors import pages
from apps.incentives.selectors.reconcile import reconcile
from apps.incentives.services.holds import HoldRefused, HoldReleased, OwnHold
from apps.incentives.services.policy import PolicyRefused
from apps.incentives.tests.factories import AT, Company, commission, override, total_of
from apps.measures import services as ledger
from apps.measures.tests.factories import post_credit
from apps.pipeline.services.credits import SOURCE
from apps.pipeline.tests.factories import OpportunityFactory, StageFactory

NOW = dt.datetime(2026, 7, 10, 9, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _summer():
    with clock.fixed(NOW):
        yield


def act(name, **given):
    with transaction.atomic():
        return getattr(services, name)(at=NOW, **given)


def held(company, credit, **more):
    return act(
        "place_hold", source_type=credit.source_type, source_id=credit.source_id, reason="Payment is late",
        by=company.admin, **more,
    )  # fmt: skip


def rules(company, **changed):
    given = {
        "dispute_days": 5, "windfall_deal_factor": None, "windfall_quota_share": None,
        "windfall_line_factor": None, "shows_leaderboards": False,
    }  # fmt: skip
    return act("set_policy", **{**given, **changed}, by=company.admin)


def test_a_held_deal_waits_and_is_paid_in_full_by_the_next_run_after_its_release(company):
    company.plan()
    company.sell(company.rep, "800", month=2)
    hold = held(company, company.sell(company.rep, "700", month=3))
    first = company.locked("2026-Q1")
    act("release_hold", hold_id=hold.pk, note="Paid on Monday", by=company.checker)

    second = company.calculated("2026-Q2")

    assert total_of(first, company.rep) == D("24.00")
    line = PayLine.objects.get(run=second, person=company.rep, kind="delta")
    assert (line.window, line.amount, line.basis) == ("2026-Q1", D("31.00"), D("700"))
    assert reconcile(first).agrees
    assert reconcile(second).agrees


def test_a_hold_for_one_payee_leaves_the_others_paid_and_an_override_waits_as_well(company):
    company.plan()
    company.plan(override(), people=[company.lead], code="leads")
    for person in (company.rep, company.peer):
        credit = company.sell(person, "1000", source_id=7)
    held(company, credit, person_id=company.rep.pk)
    one = company.calculated()
    held(company, credit, person_id=company.lead.pk)

    both = services.calculate_now(run_id=one.pk, by=company.admin, at=AT)

    paid = {row.person: row.total for row in Statement.objects.filter(run=both)}
    assert paid == {company.rep: D("0.00"), company.peer: D("30.00"), company.lead: D("0.00")}


def test_a_held_sale_and_its_return_pay_nothing_and_take_nothing(company):
    company.plan()
    credit = company.sell(company.rep, "500")
    hold = held(company, credit)
    with transaction.atomic():
        ledger.reverse(
            source_type=credit.source_type,
            source_id=credit.source_id,
            booked_on=dt.date(2026, 6, 1),
            reason="R",
        )
    assert total_of(company.locked("2026-Q2"), company.rep) == D("0.00")

    act("release_hold", hold_id=hold.pk, note="", by=company.checker)

    assert total_of(company.calculated("2026-Q3"), company.rep) == D("0.00")


def test_calculating_again_under_the_same_holds_gives_the_same_bytes(company):
    company.plan()
    company.sell(company.rep, "800")
    held(company, company.sell(company.rep, "700"))
    run = company.calculated()
    digest, pinned = run.digest, list(RunHold.objects.values_list("run", "hold"))

    again = services.calculate_now(run_id=run.pk, by=company.admin, at=AT)

    assert again.digest == digest
    assert list(RunHold.objects.values_list("run", "hold")) == pinned


def test_the_holds_of_a_reviewed_run_are_fixed_like_its_lines(company):
    company.plan()
    hold = held(company, company.sell(company.rep, "700"))
    run = company.locked()

    for write in (
        lambda: RunHold.objects.all().delete(),
        lambda: RunHold.objects.create(run=run, hold=hold),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            write()
    with pytest.raises(IntegrityError, match="fixed_hold"), transaction.atomic():
        Hold.objects.update(source_id=99)


def test_who_held_a_deal_or_is_paid_by_it_does_not_release_it(company):
    credit = company.sell(company.rep, "700")
    hold = held(company, credit)

    for by in (company.admin, company.users["rep"]):
        with pytest.raises(OwnHold):
            act("release_hold", hold_id=hold.pk, note="", by=by)
    act("release_hold", hold_id=hold.pk, note="", by=company.checker)
    with pytest.raises(HoldReleased):
        act("release_hold", hold_id=hold.pk, note="", by=company.checker)

    assert Hold.objects.get().released_by == company.checker


def test_a_hold_needs_a_credited_deal_a_reason_and_is_placed_once(company):
    credit = company.sell(company.rep, "700")
    held(company, credit)

    for wrong in ({"source_id": 10**9}, {"reason": " "}, {}, {"person_id": company.rep.pk}):
        given = {"source_type": credit.source_type, "source_id": credit.source_id, "reason": "Late"}
        with pytest.raises(HoldRefused):
            act("place_hold", **{**given, **wrong}, by=company.admin)

    assert Hold.objects.count() == 1


def test_a_deal_far_above_the_median_is_held_until_a_second_person_has_looked(company):
    rules(company, windfall_deal_factor=D(10))
    company.plan()
    for number in range(20):
        company.sell(company.peer, "100", month=2, source_id=500 + number)
    company.sell(company.rep, "999", source_id=1)
    company.sell(company.rep, "1000", source_id=2)
    run = company.calculated()

    hold = Hold.objects.get()
    assert (hold.kind, hold.source_id, hold.value, hold.threshold) == ("windfall", 2, D(1000), D(1000))
    assert total_of(run, company.rep) == D("29.97")
    with pytest.raises(OwnHold):
        act("release_hold", hold_id=hold.pk, note="", by=company.admin)
    act("release_hold", hold_id=hold.pk, note="A framework contract", by=company.checker)
    again = services.calculate_now(run_id=run.pk, by=company.admin, at=AT)
    assert total_of(again, company.rep) == D("79.95")
    assert Hold.objects.count() == 1


def test_below_twenty_deals_a_median_says_too_little(company):
    rules(company, windfall_deal_factor=D(1))
    company.plan()
    for number in range(19):
        company.sell(company.peer, "1", month=2, source_id=500 + number)
    company.sell(company.rep, "1000")

    company.calculated()

    assert not Hold.objects.exists()


def test_a_line_far_above_its_like_is_held_down_to_the_limit_and_paid_after_review(company):
    company.plan(commission(table={"tiers": [{"from": "0", "to": None, "rate": "0.1"}]}))
    for quarter, month in (("2025-Q3", 8), ("2025-Q4", 11), ("2026-Q1", 2)):
        for person in (company.rep, company.peer):
            year = int(quarter[:4])
            ledger_credit(company, person, "100", dt.date(year, month, 10))
        company.locked(quarter)
    rules(company, windfall_line_factor=D(3))
    company.sell(company.rep, "500", source_id=1)
    company.sell(company.rep, "200", source_id=2)

    run = company.calculated("2026-Q2")

    hold = Hold.objects.get()
    assert (hold.person, hold.source_id, hold.threshold) == (company.rep, 1, D("30.00"))
    assert total_of(run, company.rep) == D("20.00")
    again = services.calculate_now(run_id=run.pk, by=company.admin, at=AT)
    assert (again.digest, Hold.objects.count()) == (run.digest, 1)
    act("release_hold", hold_id=hold.pk, note="", by=company.checker)
    released = services.calculate_now(run_id=run.pk, by=company.admin, at=AT)
    assert total_of(released, company.rep) == D("70.00")


def ledger_credit(company, person, value, day):
    return post_credit(value=value, credited_on=day, person_id=person.pk)


def test_rules_have_bounds_and_one_row(company):
    rules(company)
    rules(company, dispute_days=7)

    with pytest.raises(PolicyRefused):
        rules(company, dispute_days=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        rules(company, windfall_deal_factor=D("0.5"))


def test_statement_my_pay_and_run_say_what_is_held(company, client):
    company.plan()
    deal = OpportunityFactory(name="Giant contract", owner=company.rep, stage=StageFactory())
    credit = company.sell(company.rep, "700", source_type=SOURCE, source_id=deal.pk, month=7)
    held(company, credit)
    [estimate] = pages.estimates(company.rep.pk, dt.date(2026, 7, 10), company.users["rep"])
    run = company.locked("2026-Q3")
    client.force_login(company.users["rep"])
    statement = Statement.objects.get(run=run, person=company.rep)

    shown = client.get(reverse("incentives:statement", args=[statement.pk])).content.decode()
    mine = client.get(reverse("incentives:my_pay")).content.decode()

    assert estimate.total == 0
    for page in (shown, mine):
        assert "Deals on hold" in page
        assert "Giant contract" in page
        assert "$700.00" in page
    client.force_login(company.checker)
    assert "Deals on hold" in client.get(reverse("incentives:run", args=[run.pk])).content.decode()


def test_who_holds_who_releases_and_who_sees(company, client):
    deal = OpportunityFactory(name="Giant contract", owner=company.rep, stage=StageFactory())
    company.sell(company.rep, "700", source_type=SOURCE, source_id=deal.pk)
    url = reverse("incentives:hold_place")
    body = {"deal": deal.pk, "reason": "Late"}
    for who in ("rep", "manager", "executive", "hr", "auditor", "sysadmin"):
        client.force_login(company.users[who])
        assert client.post(url, body).status_code == 403
    client.force_login(company.admin)
    assert client.post(url, body).status_code == 302
    hold = Hold.objects.get()
    seen = {}
    for who in ("rep", "manager", "executive", "admin", "hr", "auditor", "sysadmin"):
        client.force_login(company.users[who])
        page = client.get(reverse("incentives:holds"))
        seen[who] = page.status_code == 200 and b"Giant contract" in page.content
        assert client.post(reverse("incentives:hold_release", args=[hold.pk])).status_code in {302, 403, 422}
        found = Hold.objects.get().released_at is not None
        assert found == (who in {"executive"} or seen.get("executive", False))

    assert {who for who, sees in seen.items() if sees} == {"executive", "admin"}


@pytest.mark.parametrize("route", ["holds", "hold_new", "policy"])
def test_pages_of_holds_open_empty(company, client, route):
    client.force_login(company.admin)

    assert client.get(reverse(f"incentives:{route}")).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_several_releases_at_once_one_counts():
    with transaction.atomic():
        company = Company()
    hold = held(company, company.sell(company.rep, "700"))

    def release():
        services.release_hold(hold_id=hold.pk, note="", by=company.checker, at=AT)

    assert decided_at_once(*[release] * 6) == ["done"] + ["hold_released"] * 5
    assert PayRun.objects.count() == 0
