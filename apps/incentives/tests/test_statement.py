"""A statement says what changed and why, prints, and reads the same whatever is renamed later."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from apps.core import clock
from apps.incentives import services
from apps.incentives.models import IncentivePlan, PlanAssignment, Statement, lines
from apps.incentives.selectors.statement_page import statement_page
from apps.incentives.selectors.statement_paper import statement_paper
from apps.incentives.tests.factories import AT, commission, document
from apps.org import services as org
from apps.org.tests.factories import OrgUnitFactory, PositionFactory
from apps.ui.pdf import render

NOW = dt.datetime(2026, 10, 10, 9, tzinfo=dt.UTC)
KPI = {
    "kind": "kpi_bonus", "code": "bonus", "name": "Bonus", "annual": "4000",
    "measures": [{"measure": "revenue", "weight": "100", "goal": "1000"}],
    "curve": {
        "kind": "curve", "pays": "share", "below": "zero", "above": "hold",
        "points": [{"at": "0", "pays": "0"}, {"at": "1", "pays": "1"}],
    },
}  # fmt: skip


@pytest.fixture(autouse=True)
def _autumn():
    with clock.fixed(NOW):
        yield


@pytest.fixture
def two(company):
    """Two locked quarters of Rep, the second with a late credit of the first and an adjustment."""
    company.plan(commission(), KPI)
    company.sell(company.rep, "800", month=2)
    company.locked("2026-Q1")
    company.sell(company.rep, "400", month=3)
    company.sell(company.rep, "1000", month=5)
    with transaction.atomic():
        row = services.request_adjustment(
            person_id=company.rep.pk, amount=D("7"), reason="Missed", by=company.admin, at=AT
        )
        services.decide_adjustment(adjustment_id=row.pk, approve=True, by=company.checker, at=AT)
    run = company.locked("2026-Q2")
    company.statement = Statement.objects.get(run=run, person=company.rep)
    return company


def test_it_says_per_component_what_changed_and_because_of_which_inputs(two):
    found = {
        one.label: (one.before, one.now, one.reasons)
        for one in statement_page(two.statement, two.users["rep"]).changes
    }

    assert found["Bonus"][:2] == (D("800.00"), D("1000.00"))
    assert found["Bonus"][2] == ("Revenue booked: $1,000.00 instead of $800.00.",)
    assert found["Commission"] == (
        D("24.00"), D("46.00"),
        (
            "Credited $1,000.00 instead of $800.00.",
            "Late change: $16.00 instead of $0.00.",
        ),
    )  # fmt: skip
    assert found["Adjustment"][2] == ("New in this statement.", "Adjustment: $7.00 instead of $0.00.")


def test_the_first_statement_compares_with_nothing(two):
    first = Statement.objects.get(person=two.rep, run__period__code="2026-Q1")

    assert statement_page(first, two.users["rep"]).changes == []


def shown(client, statement):
    """Return the page without what every opening draws anew."""
    text = client.get(reverse("incentives:statement", args=[statement.pk])).content.decode()
    return text[text.index("<main") : text.index("</main>")]


def test_an_old_statement_reads_the_same_after_names_plan_and_seat_changed(two, client):
    client.force_login(two.users["rep"])
    paper, page = render(statement_paper(two.statement)), shown(client, two.statement)

    two.rep.name, two.rep.external_id = "Somebody Else", "X-99"
    two.rep.save(update_fields=["name", "external_id"])
    two.team.name = "Another team"
    two.team.save(update_fields=["name"])
    plan = IncentivePlan.objects.get()
    plan.name = "Renamed"
    plan.save(update_fields=["name"])
    with transaction.atomic():
        draft = services.save_draft(
            plan_id=plan.pk, document=document(commission(name="New words")), note="", revision=None,
            starts_on=dt.date(2026, 8, 1), by=two.admin, at=AT,
        )  # fmt: skip
        services.submit_version(version_id=draft.pk, by=two.admin, at=AT)
        services.approve_version(version_id=draft.pk, by=two.checker, at=AT)
        seat = PositionFactory(unit=OrgUnitFactory(name="Elsewhere", parent=two.top))
        org.move_person(person_id=two.rep.pk, position_id=seat.pk, on=dt.date(2026, 9, 1))

    again = Statement.objects.get(pk=two.statement.pk)
    assert render(statement_paper(again)) == paper
    assert shown(client, again) == page


def test_a_statement_prints_in_chinese(two):
    two.rep.name = "王喆"
    with translation.override("zh-hans"):
        paper = statement_paper(two.statement)
        content = render(paper)

    assert paper.title == "2026-Q2 对账单"
    assert b"FontFile2" in content


def test_who_gets_the_pdf_and_that_it_is_noted(two, client):
    url = reverse("incentives:statement_pdf", args=[two.statement.pk])
    expected = {
        "rep": 200, "peer": 404, "manager": 200, "hr": 200, "admin": 200, "auditor": 200, "sysadmin": 403,
    }  # fmt: skip
    found = {}

    for who in expected:
        client.force_login(two.users[who])
        answer = client.get(url)
        found[who] = answer.status_code
        assert (answer.status_code != 200) or "no-store" in answer["Cache-Control"]

    assert found == expected


def test_the_page_costs_the_same_with_few_and_with_many_lines_and_statements(two, client):
    client.force_login(two.users["rep"])
    url = reverse("incentives:statement", args=[two.statement.pk])
    client.get(url)
    with CaptureQueriesContext(connection) as before:
        client.get(url)
    two.sell(two.rep, "100", month=8)
    third = Statement.objects.get(run=two.locked("2026-Q3"), person=two.rep)
    client.get(reverse("incentives:statement", args=[third.pk]))

    with CaptureQueriesContext(connection) as after:
        client.get(reverse("incentives:statement", args=[third.pk]))

    assert len(after) <= len(before) <= 22


def test_a_manager_of_thousands_sees_the_same_as_one_of_a_few(two, client, monkeypatch):
    url = reverse("incentives:statement", args=[two.statement.pk])
    monkeypatch.setattr(lines, "_MANY", 0)
    found = {}

    for who in ("manager", "peer", "rep"):
        client.force_login(two.users[who])
        found[who] = client.get(url).status_code

    assert found == {"manager": 200, "peer": 404, "rep": 200}


def test_where_and_in_which_language_a_run_is_calculated_changes_no_byte(two):
    run = two.calculated("2026-Q3")

    with translation.override("zh-hans"), timezone.override("Asia/Shanghai"):
        again = services.calculate_now(run_id=run.pk, by=two.checker, at=NOW)

    assert again.digest == run.digest


def test_where_the_plan_changes_within_a_period_each_statement_names_the_other(company, client):
    old = company.plan(commission(), people=[company.rep])
    company.sell(company.rep, "300", month=2)
    company.locked("2026-Q1")
    new = company.plan(commission(), people=[company.peer], code="new")
    change, assigned = dt.date(2026, 5, 1), PlanAssignment.objects.get(person=company.rep)
    with transaction.atomic():
        services.end_assignment(assignment_id=assigned.pk, ends_before=change, by=company.admin)
        services.assign_plan(plan_id=new.pk, person_id=company.rep.pk, starts_on=change, by=company.admin)
    company.sell(company.rep, "1000", month=4)
    company.sell(company.rep, "500", month=6)
    for plan in (old, new):
        company.locked("2026-Q2", plan_ids=[plan.pk])
    first, second = Statement.objects.filter(person=company.rep, run__period__code="2026-Q2").order_by("pk")

    pages = [statement_page(one, company.users["rep"]) for one in (first, second)]

    assert [page.beside for page in pages] == [[second], [first]]
    assert {page.whole_period for page in pages} == {first.total + second.total}
    assert [page.compared for page in pages] == ["2026-Q1", ""]
    assert pages[1].changes == []  # the first statement under its plan compares with nothing
    client.force_login(company.users["rep"])
    assert reverse("incentives:statement", args=[first.pk]) in shown(client, second)

    run = company.calculated("2026-Q3")
    third = statement_page(Statement.objects.get(run=run, person=company.rep), company.users["admin"])
    assert (third.compared, third.beside) == ("2026-Q2 · New", [])  # the quarter before has two statements
