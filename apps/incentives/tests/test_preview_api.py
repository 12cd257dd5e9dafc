"""The preview endpoint: who may call it, that it writes nothing, and how it refuses."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from apps.incentives.api.urls import routes
from apps.incentives.tests.engine.test_examples import REQUESTS, RESPONSES
from salesorg.urls import urlpatterns as pages

router = SimpleRouter()
for prefix, viewset, basename in routes:
    router.register(prefix, viewset, basename=basename)
urlpatterns = [path("api/", include(router.urls)), *pages]

pytestmark = pytest.mark.urls(__name__)
PREVIEW, SCHEMA = "/api/incentives/preview/", "/api/incentives/plan-schema/"


def send(client, body):
    return client.post(PREVIEW, json.dumps(body), "application/json")


def test_every_example_of_the_page_is_answered_and_nothing_is_written(company, client):
    client.force_login(company.admin)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        answers = {slug: send(client, body) for slug, body in REQUESTS.items()}

    assert {slug: answer.json() for slug, answer in answers.items()} == RESPONSES
    written = [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert not [sql for sql in written if "incentives_" in sql or "measures_" in sql]
    assert "no-store" in answers["flat"]["Cache-Control"]


@pytest.mark.parametrize(
    ("who", "status"), [("admin", 200), ("rep", 403), ("manager", 403), ("hr", 403), ("auditor", 403)]
)
def test_who_may_calculate(company, client, who, status):
    client.force_login(company.users[who])

    assert send(client, REQUESTS["flat"]).status_code == status


def test_a_stranger_is_asked_to_sign_in(db, client):
    assert send(client, REQUESTS["flat"]).status_code in {401, 403}


def refused(client, **changes):
    answer = send(client, {**REQUESTS["flat"], **changes})
    assert answer.status_code == 400, answer.content
    return answer.json()["fields"]


def test_a_refusal_names_the_place_in_the_readers_language(company, client):
    company.admin.language = "zh-hans"
    company.admin.save(update_fields=["language"])
    client.force_login(company.admin)
    tiers = [{"from": "0", "to": "1000", "rate": "0.05"}, {"from": "2000", "rate": 0.1}]
    plan = json.loads(json.dumps(REQUESTS["flat"]["plan"]))
    plan["components"][0]["table"]["tiers"] = tiers

    fields = refused(client, plan=plan)

    [(place, [fix])] = fields.items()
    assert place == "plan.components[0].table.tiers[1].rate"
    assert "数" in fix


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        pytest.param({"payees": []}, "payees", id="nobody"),
        pytest.param({"payees": [{"id": str(i)} for i in range(501)]}, "payees", id="too many"),
        pytest.param({"payees": [{"id": "a"}, {"id": "a"}]}, "payees[1].id", id="one id twice"),
        pytest.param(
            {"period": {"code": "x", "from": "2026-04-01", "before": "2026-05-01"}},
            "period.before",
            id="length",
        ),
        pytest.param({"plan": None}, "plan", id="no plan"),
        pytest.param({"run_date": "soon"}, "run_date", id="no day"),
        pytest.param({"run_date": "9999-12-31"}, "run_date", id="no day that anybody means"),
        pytest.param({"surprise": 1}, "surprise", id="unknown field"),
        pytest.param({"fiscal_year_starts": "2027-01-01"}, "fiscal_year_starts", id="another year"),
        pytest.param(
            {
                "payees": [
                    {"id": "a", "segments": [{"plan": "x", "from": "2026-01-01", "before": "2027-01-01"}]}
                ]
            },
            "payees[0].segments[0].plan",
            id="unknown plan",
        ),
        pytest.param(
            {
                "payees": [
                    {
                        "id": "a",
                        "quotas": [
                            {"measure": "m", "amount": "1", "from": "2026-01-01", "before": "2036-01-01"}
                        ],
                    }
                ]
            },
            "payees[0].quotas[0].before",
            id="a quota of ten years",
        ),
        pytest.param(
            {
                "credits": [
                    {
                        "id": "1",
                        "transaction": "t",
                        "payee": "a",
                        "measure": "m",
                        "amount": "1",
                        "date": "2026-04-01",
                        "share": "0.5",
                    }
                ]
            },
            "credits[0].share",
            id="shares",
        ),
        pytest.param(
            {
                "credits": [
                    {
                        "id": "1",
                        "transaction": "t",
                        "payee": "a",
                        "measure": "m",
                        "amount": 1.5,
                        "date": "2026-04-01",
                    }
                ]
            },
            "credits[0].amount",
            id="a float",
        ),
    ],
)
def test_what_cannot_be_calculated_is_refused_with_its_place(company, client, changes, place):
    client.force_login(company.admin)

    assert place in refused(client, **changes)


def test_the_schema_of_plans_is_served_to_those_who_see_plans(company, client):
    client.force_login(company.users["rep"])

    assert client.get(SCHEMA).json()["title"] == "salesorg.plan/2"
