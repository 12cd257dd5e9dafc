"""One person's pay, carried through every surface: it shows where the policy says, and nowhere else."""

import json
from decimal import Decimal

import pytest
from django.contrib import admin
from django.http import HttpResponse
from django.urls import reverse

from apps.incentives.models import PayLine, Statement
from tests.guards import world

pytestmark = pytest.mark.django_db

# Who sees the statement of the rep of South and what waits for it, and who the yearly salary: no manager.
STATEMENT = {"rep@south", "manager@south", "executive", "comp_admin", "hr", "auditor"}
SALARY = {"rep@south", "comp_admin", "hr", "auditor"}
EVERYBODY = [
    "rep@south", "peer@south", "manager@south", "ex_manager", "all@north",
    "executive", "sales_ops", "comp_admin", "hr", "sysadmin", "auditor",
]  # fmt: skip
BY_API = "api/v1/"


def surfaces(found: world.World) -> dict[str, str]:
    """Return every address that could show pay of the rep of South, by a short name."""
    ids = found.records["south"]
    person, statement, line, plan = (ids[name] for name in ("person", "statement", "pay_line", "plan"))
    run, export = ids["run"], ids["export"]
    return {
        "home": "/",
        "my pay": "/incentives/my-pay/",
        "statements": "/incentives/statements/",
        "statements as a file": "/incentives/statements/?export=csv",
        "statements by amount": "/incentives/statements/?sort=-total&q=13371337",
        "statement": f"/incentives/statements/{statement}/",
        "line": f"/incentives/lines/{line}/",
        "statement as a paper": f"/incentives/statements/{statement}/statement.pdf",
        "disputes": "/incentives/disputes/",
        "dispute": f"/incentives/disputes/{ids['dispute']}/",
        "disputes as a file": "/incentives/disputes/?export=csv",
        "dispute report": "/incentives/disputes/report/",
        "holds": "/incentives/holds/",
        "accrual": f"/incentives/accruals/{ids['accrual']}/",
        "simulations": "/incentives/simulations/",
        "simulation": f"/incentives/simulations/{ids['simulation']}/",
        "simulation as a file": f"/incentives/simulations/{ids['simulation']}/?export=csv",
        "simulated payee": f"/incentives/simulations/payees/{ids['simulated_payee']}/",
        "api simulation": f"/{BY_API}plan-simulations/{ids['simulation']}/",
        "api simulated payees": f"/{BY_API}plan-simulations/{ids['simulation']}/payees/",
        "what a deal pays": f"/incentives/deals/{ids['deal']}/what-if/",
        "contest": f"/incentives/contests/{ids['contest']}/",
        "leaderboard": "/incentives/leaderboard/",
        "runs": "/incentives/runs/",
        "run": f"/incentives/runs/{run}/",
        "run as a file": f"/incentives/runs/{run}/?export=csv",
        "adjustments": "/incentives/adjustments/",
        "adjustments as a file": "/incentives/adjustments/?export=csv",
        "plan": f"/incentives/plans/{plan}/",
        "payroll file": f"/incentives/payroll/{export}/",
        "person": f"/org/people/{person}/",
        "team": "/insights/team/",
        "team as a file": "/insights/team/csv/",
        "earned": "/insights/earned/",
        "earned of somebody": f"/insights/earned/?person={person}",
        "panels": f"/insights/panels/?person={person}",
        "audit": "/events/audit/",
        "audit of statements": f"/events/audit/?table=incentives_statement&row={statement}",
        "audit as a file": "/events/audit/?export=csv",
        "jobs": "/events/jobs/",
        "news": "/notifications/",
        "search": "/ui/search/?q=13371337",
        "why": f"/access/why/statement/{statement}/",
        "error": f"/incentives/statements/{statement}/?sort=nothing&page=x",
        "api statements": f"/{BY_API}statements/",
        "api statement": f"/{BY_API}statements/{statement}/",
        "api lines of a statement": f"/{BY_API}statements/{statement}/lines/",
        "api statements of somebody": f"/{BY_API}statements/?person={person}",
        "api lines": f"/{BY_API}pay-lines/",
        "api line": f"/{BY_API}pay-lines/{line}/",
        "api sources": f"/{BY_API}pay-lines/{line}/sources/",
        "api disputes": f"/{BY_API}disputes/",
        "api dispute": f"/{BY_API}disputes/{ids['dispute']}/",
        "api adjustments": f"/{BY_API}pay-adjustments/",
        "api runs": f"/{BY_API}pay-runs/",
        "api run": f"/{BY_API}pay-runs/{run}/",
        "api plan": f"/{BY_API}incentive-plans/{plan}/",
        "api error": f"/{BY_API}statements/?total__gt=13371337",
        "schema": f"/{BY_API}schema/?format=json",
        **{
            f"admin {model._meta.model_name}": reverse(
                f"admin:incentives_{model._meta.model_name}_changelist"
            )
            for model in admin.site._registry
            if model._meta.app_label == "incentives"
        },
        "admin statement": f"/admin/incentives/statement/{statement}/change/",
        "admin line": f"/admin/incentives/payline/{line}/change/",
        "admin assignment": f"/admin/incentives/planassignment/{ids['plan_assignment']}/change/",
        "admin adjustment": f"/admin/incentives/adjustment/{ids['adjustment']}/change/",
        "admin payroll file": f"/admin/incentives/payrollexport/{export}/change/",
    }


@pytest.mark.parametrize("kind", EVERYBODY)
def test_pay_shows_where_the_policy_says_and_nowhere_else(kind: str, found: world.World):
    client, shown = found.client(kind), {"statement": [], "salary": [], "adjustment": []}

    for name, address in surfaces(found).items():
        response = client.get(address)
        assert response.status_code < 500, address
        asked = Decimal("13371337") if "13371337" in address else None
        for what, amount in (
            ("statement", world.PAID),
            ("salary", world.SALARY),
            ("adjustment", world.ADJUSTED),
        ):
            if gives_away(response, amount, asked):
                shown[what].append(name)

    assert bool(shown["statement"]) == (kind in STATEMENT), shown
    assert kind in SALARY or not shown["salary"], shown
    assert kind in STATEMENT or not shown["adjustment"], shown
    if kind in STATEMENT:
        assert {"statement", "api statement", "line", "api line"} <= set(shown["statement"]), shown


def gives_away(response: HttpResponse, amount: Decimal, asked: Decimal | None) -> bool:
    """Tell whether an answer holds an amount, however it is written; the whole part is not enough."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    text = body.decode(errors="replace").replace(",", "").replace("\u00a0", "").replace(" ", "")
    whole, _dot, _cents = str(amount).partition(".")
    return str(amount) in text or (asked is None and whole in text)


def test_the_database_holds_the_amount_the_others_look_for(found: world.World):
    ids = found.records["south"]

    assert Statement.objects.get(pk=ids["statement"]).total == world.PAID
    assert PayLine.objects.get(pk=ids["pay_line"]).amount == world.PAID


def test_a_field_of_pay_is_absent_from_what_others_get(found: world.World):
    listed = found.client("peer@south").get(f"/{BY_API}statements/").json()["results"]
    plans = json.dumps(found.client("rep@north").get(f"/{BY_API}incentive-plans/").json())

    assert listed == []
    assert "salary" not in plans
