"""The organisation over the API: as of a day, within reach, by the services' rules."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.access.permissions import Role
from apps.access.tests.factories import UserFactory
from apps.org import services
from apps.org.models import Assignment, OrgUnit, Person, Position, ReportingLine, RoleGrant
from apps.org.tests.factories import OrgUnitFactory, PositionFactory, RoleGrantFactory, seated

API = "/api/v1/"
JSON = "application/json"
PATHS = ("units", "people", "positions", "assignments", "reporting-lines")


def client_of(user: object) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def ops(company: SimpleNamespace) -> Client:
    """Somebody who may change everything."""
    return client_of(RoleGrantFactory(role=Role.SALES_OPS, unit=company.top).user)


@pytest.fixture
def east_ops(company: SimpleNamespace) -> Client:
    """Somebody who may change the east only."""
    return client_of(RoleGrantFactory(role=Role.SALES_OPS, unit=company.east).user)


def test_a_unit_is_shown_where_it_was_on_the_day(company, day, ops):
    services.move_unit(unit_id=company.nanjing.pk, parent_id=company.west.pk, on=day)
    address = f"{API}units/{company.nanjing.pk}/"

    before = ops.get(address, {"as_of": (day - dt.timedelta(days=1)).isoformat()}).json()
    after = ops.get(address, {"as_of": day.isoformat()}).json()

    assert before["path"] == [company.top.pk, company.east.pk, company.nanjing.pk]
    assert (after["parent"], after["path"][1]) == (company.west.pk, company.west.pk)


def test_lists_narrow_by_what_is_asked(company, ops):
    def found(path: str, **query: object) -> set[str]:
        return {row.get("name") or row["code"] for row in ops.get(f"{API}{path}/", query).json()["results"]}

    assert found("units", parent=company.east.pk) == {"Shanghai", "Nanjing"}
    assert found("units", within=company.west.pk) == {"West", "Chengdu"}
    assert found("units", kind="region") == {"East", "West"}
    assert found("people", unit=company.west.pk) == {"West lead", "Chengdu 1", "Chengdu 2"}
    assert found("people", search="boss") == {"Boss"}
    vacant = PositionFactory(unit=company.shanghai)
    assert found("positions", vacant="true") == {vacant.code}
    assert len(found("positions", unit=company.shanghai.pk)) == 4


@pytest.mark.parametrize("query", [{"as_of": "yesterday"}, {"as_of": "2026-02-30"}, {"color": "red"}])
@pytest.mark.parametrize("path", PATHS)
def test_a_question_that_makes_no_sense_is_refused(company, ops, path, query):
    assert ops.get(f"{API}{path}/", query).status_code == 400


@pytest.mark.parametrize("path", PATHS)
def test_a_page_costs_the_same_with_few_and_many_rows(company, ops, path):
    ops.get(f"{API}{path}/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        ops.get(f"{API}{path}/")
    for _n in range(8):
        seated(OrgUnitFactory(parent=company.west))

    with CaptureQueriesContext(connection) as many:
        assert ops.get(f"{API}{path}/").status_code == 200

    assert len(many) == len(few)
    assert len(many) <= 8


def test_a_unit_is_created_renamed_moved_and_closed(company, ops):
    made = ops.post(
        f"{API}units/",
        {"code": "wh", "name": "Wuhan", "parent": company.east.pk, "on": "2026-01-01"},
        JSON,
    )
    address = f"{API}units/{made.json()['id']}/"
    renamed = ops.patch(address, {"name": "Wuhan team"}, JSON)
    moved = ops.post(f"{address}move/", {"parent": company.west.pk, "on": "2026-02-01"}, JSON)
    closed = ops.post(f"{address}close/", {"on": "2026-03-01"}, JSON)

    assert (made.status_code, made.json()["path"][1]) == (201, company.east.pk)
    assert renamed.json()["name"] == "Wuhan team"
    assert moved.json()["parent"] == company.west.pk
    assert (closed.status_code, closed.json()["parent"]) == (200, None)


def test_a_person_is_hired_moved_and_leaves(company, ops):
    first, second = PositionFactory(unit=company.shanghai), PositionFactory(unit=company.chengdu)
    body = {"external_id": "e-1", "name": "林晓", "position": first.pk, "on": "2026-01-01"}
    hired = ops.post(f"{API}people/", body, JSON)
    address = f"{API}people/{hired.json()['id']}/"
    moved = ops.post(f"{address}move/", {"position": second.pk, "on": "2026-02-01"}, JSON)
    gone = ops.post(f"{address}leave/", {"on": "2026-03-01"}, JSON)
    stays, again = ops.post(f"{address}undo-leave/", {}, JSON), ops.post(f"{address}undo-leave/", {}, JSON)

    assert (hired.status_code, hired.json()["unit"]) == (201, company.shanghai.pk)
    assert (moved.status_code, moved.json()["unit"]) == (200, company.chengdu.pk)
    assert (gone.status_code, gone.json()["left_on"]) == (200, "2026-03-01")
    assert (stays.status_code, stays.json()["left_on"], stays.json()["unit"]) == (
        200,
        None,
        company.chengdu.pk,
    )
    assert again.status_code == 409


def test_a_seat_is_added_filled_lined_and_closed(company, ops):
    body = {"code": "new", "title": "Key account manager", "unit": company.nanjing.pk, "on": "2026-01-01"}
    seat = ops.post(f"{API}positions/", body, JSON).json()
    person = Person.objects.create(external_id="p-1", name="New", hired_on=dt.date(2026, 1, 1))
    told = {"position": seat["id"], "on": "2026-01-01"}

    taken = ops.post(f"{API}assignments/", {**told, "person": person.pk}, JSON)
    lead = Position.objects.get(places__unit=company.west, places__is_lead=True)
    line = ops.post(f"{API}reporting-lines/", {**told, "manager": lead.pk, "line_type": "dotted"}, JSON)
    held = ops.post(f"{API}positions/{seat['id']}/close/", {"on": "2026-05-01"}, JSON)
    ended = ops.post(f"{API}assignments/{taken.json()['id']}/end/", {"on": "2026-04-01"}, JSON)
    closed = ops.post(f"{API}positions/{seat['id']}/close/", {"on": "2026-05-01"}, JSON)

    assert (taken.status_code, taken.json()["is_primary"]) == (201, True)
    assert (line.status_code, line.json()["manager"]) == (201, lead.pk)
    assert (held.status_code, held.json()["code"]) == (409, "position_held")
    assert (ended.status_code, closed.status_code) == (204, 200)
    assert ReportingLine.objects.get().valid.upper == dt.date(2026, 5, 1)


def test_a_change_out_of_reach_is_not_found_and_changes_nothing(company, east_ops):
    west_seat = Position.objects.get(places__unit=company.west)
    before = Assignment.objects.count(), OrgUnit.objects.count()
    answers = [
        east_ops.patch(f"{API}units/{company.west.pk}/", {"name": "Mine"}, JSON),
        east_ops.post(f"{API}units/{company.west.pk}/close/", {"on": "2026-01-01"}, JSON),
        east_ops.post(
            f"{API}units/{company.nanjing.pk}/move/", {"parent": company.west.pk, "on": "2026-01-01"}, JSON
        ),
        east_ops.post(
            f"{API}units/", {"code": "x", "name": "X", "parent": company.west.pk, "on": "2026-01-01"}, JSON
        ),
        east_ops.post(f"{API}people/{company.west_lead.pk}/leave/", {"on": "2026-01-01"}, JSON),
        east_ops.patch(f"{API}positions/{west_seat.pk}/", {"title": "Mine"}, JSON),
        east_ops.post(
            f"{API}assignments/",
            {"person": company.east_lead.pk, "position": west_seat.pk, "on": "2026-01-01"},
            JSON,
        ),
        east_ops.post(f"{API}assignments/{west_seat.assignments.get().pk}/end/", {"on": "2026-01-01"}, JSON),
    ]

    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert (Assignment.objects.count(), OrgUnit.objects.count()) == before
    assert OrgUnit.objects.get(pk=company.west.pk).name == "West"
    assert Person.objects.get(pk=company.west_lead.pk).left_on is None


@pytest.mark.parametrize("path", PATHS)
def test_only_those_who_change_the_organisation_may_post(company, path):
    lead = client_of(company.east_lead.user)

    assert lead.get(f"{API}{path}/").status_code == 200
    assert lead.post(f"{API}{path}/", {}, JSON).status_code == 403
    assert Client().get(f"{API}{path}/").status_code in {401, 403}


def test_a_rule_answers_with_its_field(company, ops):
    inside = {"parent": company.shanghai.pk, "on": "2026-01-01"}
    answer = ops.post(f"{API}units/{company.east.pk}/move/", inside, JSON)

    assert answer.status_code == 409
    assert "parent" in answer.json()["fields"]


def test_the_same_key_hires_once(company, ops):
    body = {"external_id": "once", "name": "Once", "on": "2026-01-01"}

    answers = [
        ops.post(f"{API}people/", body, JSON, headers={"Idempotency-Key": "k1"}).json()["id"]
        for _n in range(2)
    ]

    assert answers[0] == answers[1]


def test_a_role_is_granted_and_taken_back_by_an_administrator_only(company, ops):
    admin = client_of(RoleGrantFactory(role=Role.SYSADMIN, unit=company.top).user)
    user = UserFactory()
    body = {"user": user.pk, "role": Role.SALES_OPS, "unit": company.east.pk, "on": "2026-01-01"}

    refused = ops.post(f"{API}role-grants/", body, JSON)
    granted = admin.post(f"{API}role-grants/", body, JSON)
    listed = admin.get(f"{API}role-grants/", {"user": user.pk}).json()["results"]
    ended = admin.post(f"{API}role-grants/{granted.json()['id']}/revoke/", {"on": "2026-02-01"}, JSON)

    assert (refused.status_code, granted.status_code, ended.status_code) == (403, 201, 204)
    assert [row["role"] for row in listed] == [Role.SALES_OPS]
    assert RoleGrant.objects.get(user=user).valid.upper == dt.date(2026, 2, 1)
