"""Roles and responsibilities over the API."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.access.permissions import Role
from apps.access.tests.factories import UserFactory
from apps.org.tests.factories import OrgUnitFactory, PositionFactory, RoleGrantFactory, seated
from apps.roles.models import PositionRole, ProcessStep, Responsibility, SalesRole
from apps.roles.tests.factories import ProcessStepFactory, SkillFactory, role_with_kpis

API = "/api/v1/"
JSON = "application/json"
BODY = {
    "code": "hunter",
    "name": "Hunter",
    "purpose": "Finds customers.",
    "duties": ["Call", "Visit"],
    "kpis": [{"measure": "revenue", "weight": "60"}, {"measure": "new_customers", "weight": "40"}],
    "on": "2026-01-01",
}


@pytest.fixture
def top(db: None) -> object:
    return OrgUnitFactory()


@pytest.fixture
def ops(top: object) -> Client:
    client = Client()
    client.force_login(RoleGrantFactory(role=Role.SALES_OPS, unit=top).user)
    return client


@pytest.fixture
def seller(top: object) -> Client:
    client = Client()
    client.force_login(seated(top, user=UserFactory()).user)
    return client


def test_a_role_is_added_and_revised(ops):
    skill = SkillFactory()
    made = ops.post(f"{API}roles/", {**BODY, "skills": [{"skill": skill.code, "level": 3}]}, JSON)
    body = {**BODY, "purpose": "Finds and wins.", "on": "2026-07-01"}
    revised = ops.post(f"{API}roles/{made.json()['id']}/versions/", body, JSON)

    assert (made.status_code, revised.status_code) == (201, 201)
    first, second = revised.json()["versions"]
    assert first["ends_before"] == second["starts_on"] == "2026-07-01"
    assert first["duties"] == ["Call", "Visit"]
    assert first["skills"] == [{"skill": skill.code, "level": 3}]
    assert [kpi["weight"] for kpi in second["kpis"]] == ["60.00", "40.00"]


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"kpis": [{"measure": "revenue", "weight": "99"}]}, 409, "kpis"),
        ({"kpis": [{"measure": "nonsense", "weight": "100"}]}, 409, "kpis"),
        ({"kpis": [{"measure": "revenue", "weight": "NaN"}]}, 400, "kpis"),
        ({"skills": [{"skill": "nothing", "level": 3}]}, 409, "skills"),
        ({"on": "2026-02-30"}, 400, "on"),
    ],
)
def test_a_role_that_does_not_add_up_is_refused(ops, change, status, field):
    answer = ops.post(f"{API}roles/", {**BODY, **change}, JSON)

    assert answer.status_code == status
    assert field in answer.json()["fields"]
    assert not SalesRole.objects.exists()


def test_the_same_code_twice_is_refused_and_the_same_key_is_answered(ops):
    key = {"headers": {"Idempotency-Key": "once"}}

    first, again = (ops.post(f"{API}roles/", BODY, JSON, **key) for _n in range(2))
    other = ops.post(f"{API}roles/", BODY, JSON)

    assert first.json()["id"] == again.json()["id"]
    assert (other.status_code, SalesRole.objects.count()) == (409, 1)


def test_parts_are_replaced_as_a_whole_or_not_at_all(ops):
    does, answers = role_with_kpis("does", revenue=100), role_with_kpis("answers", revenue=100)
    step = ProcessStepFactory()
    address = f"{API}process-steps/{step.pk}/responsibilities/"
    parts = [{"role": does.pk, "letter": "R"}, {"role": answers.pk, "letter": "A"}]

    said = ops.put(address, {"responsibilities": parts}, JSON)
    without = ops.put(address, {"responsibilities": parts[:1]}, JSON)
    unknown = ops.put(address, {"responsibilities": [*parts, {"role": 999999, "letter": "I"}]}, JSON)

    assert said.json()["responsibilities"] == [
        {"role": answers.pk, "letter": "A"},
        {"role": does.pk, "letter": "R"},
    ]
    assert (without.status_code, unknown.status_code) == (409, 400)
    assert Responsibility.objects.count() == 2


def test_a_position_carries_a_role(ops, top):
    role, position = role_with_kpis("hunter", revenue=100), PositionFactory(unit=top)

    set_ = ops.post(
        f"{API}position-roles/", {"position": position.pk, "role": role.pk, "on": "2026-01-01"}, JSON
    )
    found = ops.get(f"{API}position-roles/", {"position": position.pk, "as_of": "2026-02-01"}).json()
    before = ops.get(f"{API}position-roles/", {"position": position.pk, "as_of": "2025-02-01"}).json()

    assert set_.status_code == 201
    assert [row["role"] for row in found["results"]] == [role.pk]
    assert before["results"] == []


@pytest.mark.parametrize("path", ["roles", "position-roles", "process-steps"])
def test_everybody_reads_and_only_editors_write(seller, path):
    assert seller.get(f"{API}{path}/").status_code == 200
    assert seller.post(f"{API}{path}/", {}, JSON).status_code == 403
    assert Client().get(f"{API}{path}/").status_code in {401, 403}
    assert [model.objects.count() for model in (SalesRole, PositionRole, ProcessStep)] == [0, 0, 0]


@pytest.mark.parametrize("path", ["roles", "skills", "position-roles", "process-steps"])
def test_unknown_parameters_are_refused(ops, path):
    assert ops.get(f"{API}{path}/", {"color": "red"}).status_code == 400


def test_a_page_of_roles_costs_the_same_with_few_and_many(ops):
    role_with_kpis("one", revenue=100)
    ops.get(f"{API}roles/")
    with CaptureQueriesContext(connection) as few:
        ops.get(f"{API}roles/")
    for n in range(6):
        role_with_kpis(f"more-{n}", revenue=50, win_rate=50)

    with CaptureQueriesContext(connection) as many:
        ops.get(f"{API}roles/")

    assert len(many) == len(few)
