import datetime as dt

import pytest
from django.test import Client

from apps.access.models import User
from apps.access.permissions import Role
from apps.core.effective import span
from apps.measures.tests.conftest import SINCE, Company
from apps.measures.tests.factories import post_credit
from apps.org.models import RoleGrant

YEAR = {"start": "2026-01-01", "end": "2027-01-01"}


@pytest.fixture
def executive(company: Company, client: Client) -> Client:
    user = User.objects.create_user("exec")
    RoleGrant.objects.create(user=user, role=Role.EXECUTIVE, unit=company.top, valid=span(SINCE))
    client.force_login(user)
    return client


@pytest.fixture
def ann(company: Company) -> Client:
    user = User.objects.create_user("ann")
    company.ann.user = user
    company.ann.save(update_fields=["user"])
    client = Client()
    client.force_login(user)
    return client


def test_figures_carry_their_parts_and_their_rows(executive: Client, company: Company) -> None:
    post_credit(value="12.50", person_id=company.ann.pk)
    post_credit(value="2.25", person_id=company.ben.pk, credited_on=dt.date(2026, 5, 2))

    body = executive.get("/api/v1/measures/revenue/values/", {**YEAR, "by": "unit,month"}).json()

    by_key = {(row["labels"]["unit"], row["keys"]["month"]): row for row in body["results"]}
    assert by_key["Top", "2026-M03"]["value"] == "12.5"
    assert by_key["West", "2026-M05"]["value"] == "2.25"
    rows = executive.get(by_key["West", "2026-M05"]["rows_url"]).json()["results"]
    assert [row["value"] for row in rows] == ["2.250000"]


def test_a_figure_without_rows_is_zero_and_a_ratio_null(executive: Client) -> None:
    revenue = executive.get("/api/v1/measures/revenue/values/", YEAR).json()["results"]
    rate = executive.get("/api/v1/measures/win_rate/values/", YEAR).json()["results"]

    assert (revenue[0]["value"], rate[0]["value"]) == ("0", None)


def test_a_representative_sees_only_their_own_figures(ann: Client, company: Company) -> None:
    post_credit(value="5", person_id=company.ann.pk)
    post_credit(value="7", person_id=company.ben.pk)
    url = "/api/v1/measures/revenue/values/"

    assert ann.get(url, YEAR).json()["results"][0]["value"] == "5"
    assert ann.get(url, {**YEAR, "person": company.ben.pk}).status_code == 404
    assert ann.get(url, {**YEAR, "unit": company.east.pk}).status_code == 404
    rows = ann.get("/api/v1/credits/", {**YEAR, "measure": "revenue"}).json()["results"]
    assert [row["person"] for row in rows] == [company.ann.pk]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        pytest.param({"start": "yesterday", "end": "2027-01-01"}, "start", id="not a date"),
        pytest.param({"start": "2026-01-01", "end": "2026-01-01"}, "end", id="empty range"),
        pytest.param({**YEAR, "by": "colour"}, "by", id="unknown dimension"),
        pytest.param({**YEAR, "unit": "x"}, "unit", id="not an id"),
        pytest.param({**YEAR, "colour": "red"}, "colour", id="unknown parameter"),
        pytest.param({**YEAR, "structure": "as_hoped"}, "structure", id="unknown structure"),
    ],
)
def test_a_bad_question_names_the_field(executive: Client, query: dict[str, str], field: str) -> None:
    answer = executive.get("/api/v1/measures/revenue/values/", query)

    assert answer.status_code == 400
    assert field in answer.content.decode()


def test_an_unknown_measure_is_not_found(executive: Client) -> None:
    assert executive.get("/api/v1/measures/luck/values/", YEAR).status_code == 404


def test_why_shows_the_figure_and_its_rows(executive: Client, company: Company) -> None:
    post_credit(value="12.50", person_id=company.ann.pk)

    page = executive.get("/measures/why/", {**YEAR, "measure": "revenue", "unit": company.east.pk})

    assert page.status_code == 200
    assert "12.5" in page.content.decode()
    assert "Ann" in page.content.decode()


def test_why_of_another_team_is_not_found(ann: Client, company: Company) -> None:
    page = ann.get("/measures/why/", {**YEAR, "measure": "revenue", "unit": company.west.pk})

    assert page.status_code == 404


def test_the_catalogue_lists_every_measure(executive: Client) -> None:
    page = executive.get("/measures/")

    assert page.status_code == 200
    assert "win_rate" in page.content.decode()
