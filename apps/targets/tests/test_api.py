from decimal import Decimal as D

import pytest

from apps.access.models import User
from apps.core import clock
from apps.targets.models import TargetPlan
from apps.targets.tests.factories import AT, seat_of, unit_of

PLANS, TARGETS = "/api/v1/target-plans/", "/api/v1/targets/"


@pytest.fixture(autouse=True)
def _in_february():
    with clock.fixed(AT):
        yield


@pytest.fixture
def api(client):
    def call(who, method, path, data=None, **headers):
        client.force_login(User.objects.get(username=who))
        return getattr(client, method)(path, data, content_type="application/json", headers=headers)

    return call


def test_a_plan_is_created_submitted_and_approved(api, company):
    body = {"measure": "revenue", "year": "2026", "root_unit": company.top.pk, "growth": "0.20"}
    made = api("planner", "post", PLANS, body)
    path = f"{PLANS}{made.json()['id']}/"

    assert made.status_code == 201
    assert api("planner", "post", f"{path}submit/").json()["status"] == "submitted"
    assert api("planner", "post", f"{path}approve/").status_code == 403
    assert api("chief", "post", f"{path}approve/").json()["status"] == "approved"
    assert api("chief", "post", f"{path}approve/").status_code == 409


@pytest.mark.parametrize(
    "change",
    [{"growth": "x"}, {"amount": "-1"}, {"amount": "NaN"}, {"root_unit": "one"}, {"season": "lunar"}],
)
def test_a_plan_that_makes_no_sense_is_refused(api, company, change):
    body = {"measure": "revenue", "year": "2026", "root_unit": company.top.pk, "growth": "0.20", **change}

    assert api("planner", "post", PLANS, body).status_code == 400
    assert TargetPlan.objects.count() == 0


def test_the_same_key_creates_one_plan(api, company):
    body = {"measure": "revenue", "year": "2026", "root_unit": company.top.pk, "growth": "0.20"}

    first = api("planner", "post", PLANS, body, **{"Idempotency-Key": "k1"})
    again = api("planner", "post", PLANS, body, **{"Idempotency-Key": "k1"})

    assert first.json()["id"] == again.json()["id"]
    assert TargetPlan.objects.count() == 1


def test_a_figure_is_changed_with_the_version_read(api, draft, company):
    path = f"{TARGETS}{seat_of(draft, company.ann).pk}/"

    assert api("planner", "patch", path, {"amount": "2000"}).status_code == 428
    assert api("planner", "patch", path, {"amount": "2000"}, **{"If-Match": "7"}).status_code in {409, 412}
    answer = api("planner", "patch", path, {"amount": "2000"}, **{"If-Match": "1"})

    assert answer.status_code == 200
    assert D(answer.json()["amount"]) == D("2000")
    assert answer.json()["version"] == 2


@pytest.mark.parametrize(("who", "status"), [("ann", 403), ("eve", 404)])
def test_nobody_changes_their_own_target(api, draft, company, who, status):
    target = seat_of(draft, company.ann) if who == "ann" else unit_of(draft, company.east)

    answer = api(who, "patch", f"{TARGETS}{target.pk}/", {"amount": "1", "version": 1})

    assert answer.status_code == status


def test_targets_are_listed_by_reach(api, in_force, company):
    mine = api("ann", "get", f"{TARGETS}?plan={in_force.pk}").json()["results"]

    assert [D(row["amount"]) for row in mine] == [D("1440")]
    assert len(mine[0]["months"]) == 12
    assert len(api("planner", "get", f"{TARGETS}?plan={in_force.pk}").json()["results"]) == 8


def test_attainment_answers_for_one_subject(api, in_force, company):
    where = f"/api/v1/attainment/?measure=revenue&start=2026-01-01&end=2027-01-01&unit={company.east.pk}"

    told = api("planner", "get", where).json()

    assert (told["quota"], told["actual"], told["ratio"]) == ("4320.00", "0", "0")
    assert api("ann", "get", where).status_code == 404
    assert api("planner", "get", where + f"&person={company.ann.pk}").status_code == 400
    assert api("planner", "get", where + "&colour=red").status_code == 400
