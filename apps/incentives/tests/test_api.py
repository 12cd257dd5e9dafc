import hashlib
from decimal import Decimal

import pytest
from django.db import transaction
from django.urls import include, path
from rest_framework.routers import DefaultRouter

from apps.incentives import services
from apps.incentives.api.urls import routes
from apps.incentives.models import Adjustment, Hold, PayLine, Statement
from apps.incentives.selectors.payroll import read_file
from apps.incentives.tests.factories import AT
from apps.pipeline.services.credits import SOURCE
from apps.pipeline.tests.factories import OpportunityFactory, StageFactory
from salesorg.urls import urlpatterns as pages

router = DefaultRouter()
for prefix, viewset, basename in routes:
    router.register(prefix, viewset, basename=basename)
urlpatterns = [path("api/", include(router.urls)), *pages]

pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def paid(company):
    company.plan()
    company.sell(company.rep, "13371337.42")
    company.run_row = company.locked()
    return company


RESULTS = {"rep": 1, "peer": 1, "manager": 2, "hr": 2, "admin": 2, "auditor": 2}


@pytest.mark.parametrize(("who", "count"), RESULTS.items())
def test_who_reads_which_statements(paid, client, who, count):
    client.force_login(paid.users[who])

    answer = client.get("/api/statements/")

    assert len(answer.json()["results"]) == count
    assert "no-store" in answer["Cache-Control"]


def test_a_system_administrator_reads_no_pay_at_all(paid, client):
    client.force_login(paid.users["sysadmin"])

    answers = [client.get(f"/api/{prefix}/") for prefix in ("statements", "pay-lines", "pay-runs")]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert not any(b"668" in answer.content for answer in answers)


def test_a_peer_cannot_reach_a_statement_by_its_number(paid, client):
    client.force_login(paid.users["peer"])
    statement = Statement.objects.get(person=paid.rep)

    urls = [f"/api/statements/{statement.pk}/", f"/api/statements/{statement.pk}/lines/"]

    assert [client.get(url).status_code for url in urls] == [404, 404]


def test_a_line_leads_to_its_credits(paid, client):
    client.force_login(paid.users["rep"])
    line = PayLine.objects.get(person=paid.rep)

    [row] = client.get(f"/api/pay-lines/{line.pk}/sources/").json()

    assert row["amount"] == "13371337.420000"
    assert row["credit"] == line.traces.get().credit_id


def test_an_unknown_parameter_is_refused(paid, client):
    client.force_login(paid.admin)

    assert client.get("/api/statements/?total__gt=5").status_code == 400


def test_an_adjustment_is_asked_for_once_per_key(paid, client):
    client.force_login(paid.admin)
    body = {"person": paid.rep.pk, "amount": "10.00", "reason": "Missed"}

    for _ in range(2):
        answer = client.post(
            "/api/pay-adjustments/", body, "application/json", headers={"idempotency-key": "k1"}
        )

    assert answer.status_code == 201
    assert Adjustment.objects.count() == 1


@pytest.mark.parametrize(("who", "status"), [("rep", 403), ("manager", 403), ("hr", 403), ("sysadmin", 403)])
def test_who_may_not_ask_for_an_adjustment(paid, client, who, status):
    client.force_login(paid.users[who])

    answer = client.post("/api/pay-adjustments/", {"person": paid.rep.pk, "amount": "1", "reason": "x"})

    assert answer.status_code == status
    assert not Adjustment.objects.exists()


PROCESS = {
    "pay-holds": {"admin"},
    "payroll-files": {"admin"},
    "pay-accruals": {"admin"},
    "plan-confirmations": {"rep", "peer", "manager", "executive", "hr", "admin", "auditor"},
    "contests": {"rep", "peer", "manager", "executive", "admin"},
    "disputes": {"rep", "peer", "manager", "executive", "hr", "admin", "auditor"},
}


def test_who_lists_what_of_the_pay_process(paid, client):
    found = {}

    for who in ("rep", "peer", "manager", "executive", "hr", "admin", "auditor", "sysadmin"):
        client.force_login(paid.users[who])
        for prefix in PROCESS:
            answer = client.get(f"/api/{prefix}/")
            assert answer.status_code in {200, 403}
            if answer.status_code == 200:
                found.setdefault(prefix, set()).add(who)

    assert found == PROCESS


def test_a_payroll_file_is_read_with_totals_that_a_program_can_check(paid, client):
    with transaction.atomic():
        made = services.export_payroll(run_id=paid.run_row.pk, by=paid.admin, at=AT)
    client.force_login(paid.admin)

    listed = client.get("/api/payroll-files/").json()["results"]
    alone = client.get(f"/api/payroll-files/{made.pk}/").json()

    assert "content" not in listed[0]
    assert hashlib.sha256(alone["content"].encode()).hexdigest() == alone["sha256"]
    assert read_file(alone["content"]).totals["USD"] == Decimal(alone["totals"]["USD"]["total"])


def test_a_hold_is_placed_once_per_key_on_a_credited_deal(paid, client):
    deal = OpportunityFactory(owner=paid.rep, stage=StageFactory())
    paid.sell(paid.rep, "10", source_type=SOURCE, source_id=deal.pk, month=7)
    client.force_login(paid.admin)
    body, key = {"opportunity": deal.pk, "reason": "Late"}, {"idempotency-key": "h1"}

    answers = [client.post("/api/pay-holds/", body, "application/json", headers=key) for _ in range(2)]
    again = client.post("/api/pay-holds/", body, "application/json")
    client.force_login(paid.users["manager"])
    others = client.post("/api/pay-holds/", body, "application/json")

    assert [answer.status_code for answer in [*answers, again, others]] == [201, 201, 409, 403]
    assert Hold.objects.count() == 1
