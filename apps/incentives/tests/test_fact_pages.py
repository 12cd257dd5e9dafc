"""The page of what pay depends on: managers grade, compensation records the rest and confirms."""

import pytest
from django.urls import reverse

from apps.calendars import selectors as calendars
from apps.core import clock
from apps.incentives.models import PayFact
from apps.incentives.tests.factories import AT
from apps.incentives.tests.test_facts import HOLDBACK, MBO, POOL, flat
from apps.pipeline.services.credits import SOURCE
from apps.pipeline.tests.factories import OpportunityFactory, StageFactory

LIST, TELL = reverse("incentives:facts"), reverse("incentives:fact_tell")


@pytest.fixture(autouse=True)
def _summer():
    with clock.fixed(AT):
        yield


@pytest.fixture
def plan(company):
    return company.plan(
        MBO, POOL, flat(instalments=[{"kind": "milestone", "share": "1", "milestone": "cash_received"}]),
        holdback=HOLDBACK,
    )  # fmt: skip


def grade(company, plan, person=None):
    return {
        "word": f"{plan.pk}|crm", "person": (person or company.rep).pk,
        "period": calendars.period("2026-Q2").pk, "value": "75", "note": "Year-end talk",
    }  # fmt: skip


def test_a_manager_sees_who_waits_for_a_grade_and_grades(company, plan, client):
    client.force_login(company.users["manager"])
    page = client.get(LIST).content.decode()
    assert "Clean records" in page
    assert "kind=weight" not in page
    assert client.get(f"{reverse('incentives:fact_new')}?kind=grade").status_code == 200

    answer = client.post(f"{TELL}?kind=grade", grade(company, plan))

    assert answer.status_code == 302
    fact = PayFact.objects.get()
    assert (fact.status, str(fact.value), fact.person) == ("waiting", "0.750000", company.rep)
    client.force_login(company.admin)
    assert client.post(reverse("incentives:fact_confirm", args=[fact.pk])).status_code == 302
    assert PayFact.objects.get().status == "confirmed"
    assert "75" in client.get(LIST).content.decode()


def test_a_manager_grades_nobody_else_and_records_nothing_but_grades(company, plan, client):
    client.force_login(company.users["manager"])

    assert client.post(f"{TELL}?kind=grade", grade(company, plan, company.boss)).status_code == 422
    assert client.post(f"{TELL}?kind=weight", {}).status_code in {302, 409}
    assert client.post(f"{TELL}?kind=sold", {}).status_code == 404
    client.force_login(company.users["rep"])
    assert client.get(LIST).status_code in {403, 404}
    assert not PayFact.objects.exists()


def test_compensation_records_weights_days_and_events(company, plan, client):
    deal = OpportunityFactory(name="Cash deal", owner=company.rep, stage=StageFactory())
    company.sell(company.rep, "100", source_type=SOURCE, source_id=deal.pk)
    client.force_login(company.admin)
    period = calendars.period("2026-Q2").pk
    sent = {
        "weight": {"word": f"{plan.pk}|pool", "person": company.rep.pk, "period": period, "value": "2"},
        "deal": {"deal": deal.pk, "happened": "milestone|cash_received", "on": "2026-06-01"},
        "event": {"word": f"{plan.pk}|audit", "on": "2026-06-01"},
    }
    for kind, data in sent.items():
        assert client.get(f"{reverse('incentives:fact_new')}?kind={kind}").status_code == 200
        assert client.post(f"{TELL}?kind={kind}", data).status_code == 302, kind

    assert sorted(PayFact.objects.values_list("kind", flat=True)) == ["event", "milestone", "weight"]
    [waiting] = PayFact.objects.filter(kind="event")
    client.post(reverse("incentives:fact_refuse", args=[waiting.pk]))
    assert not PayFact.objects.filter(kind="event").exists()


def test_the_api_records_and_lists_and_names_what_is_missing(company, plan, client):
    client.force_login(company.admin)
    url = "/api/v1/pay-inputs/"
    given = {"kind": "grade", "plan": plan.pk, "name": "crm", "period": "2026-Q2", "value": "0.5"}

    refused = client.post(url, given, content_type="application/json", headers={"Idempotency-Key": "a"})
    made = client.post(
        url, {**given, "person": company.rep.pk}, content_type="application/json",
        headers={"Idempotency-Key": "b"},
    )  # fmt: skip

    assert refused.status_code == 400
    assert "person" in str(refused.json())
    assert made.status_code == 201
    assert [row["period"] for row in client.get(url).json()["results"]] == ["2026-Q2"]
