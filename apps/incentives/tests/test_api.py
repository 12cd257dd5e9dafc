import pytest
from django.urls import include, path
from rest_framework.routers import DefaultRouter

from apps.incentives.api.urls import routes
from apps.incentives.models import Adjustment, PayLine, Statement
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
