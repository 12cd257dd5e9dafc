import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from itertools import product

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


SPLITS = ["", "month", "quarter", "year", "unit", "person", "position", "product", "account", "unit,month"]


def behind(client: Client, url: str) -> list[dict[str, str]]:
    """Return the rows a link leads to, page after page."""
    rows: list[dict[str, str]] = []
    following: str | None = f"{url}&page_size=5"
    while following:
        answer = client.get(following)
        assert answer.status_code == 200, (following, answer.content)
        rows += answer.json()["results"]
        following = answer.json()["next"]
    assert len({row["id"] for row in rows}) == len(rows)
    return rows


def total(rows: list[dict[str, str]], *measures: str) -> Decimal:
    return sum((Decimal(row["value"]) for row in rows if row["measure"] in measures), Decimal(0))


@pytest.fixture
def sold(company: Company) -> Company:
    """Credit before and after Ben's move and West's, with and without product, account, person and seat."""
    days = (dt.date(2026, 2, 3), dt.date(2026, 4, 7), dt.date(2026, 6, 20))
    for number, (day, person, good) in enumerate(product(days, (company.ann, company.ben), (None, 7))):
        columns = {"person_id": person.pk, "credited_on": day, "product_id": good, "account_id": good}
        post_credit(value=f"{10 + number}.25", **columns)
        post_credit("deals_won" if good else "deals_lost", "1", **columns)
    post_credit(value="3", unit_id=company.west.pk, credited_on=days[0])
    post_credit(value="4", person_id=company.ann.pk, credited_on=days[1], is_overlay=True)
    return company


def questions(sold: Company, who: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Every split as it was, and each as it is with one of the filters in turn; ratios now and then."""
    filters: list[dict[str, object]] = [{"product": 7}, {"account": 7}, {"person": sold.ann.pk}, {}]
    if who == "executive":
        filters += [{"unit": sold.east.pk}, {"unit": sold.west.pk, "product": 7}]
    shapes = [{"structure": "as_is"}, {"structure": "as_is", "as_of": "2026-03-01"}]
    for number, by in enumerate(SPLITS):
        split = {"by": by} if by else {}
        yield "revenue", {**YEAR, **split}
        yield "revenue", {**YEAR, **split, **filters[number % len(filters)], **shapes[number % 2]}
        if by in {"", "unit", "person"}:
            yield "win_rate", {**YEAR, **split}
    if who == "executive":  # West came under East in June: only from then on does it count there
        yield "revenue", {**YEAR, "by": "unit", "unit": sold.east.pk}


@pytest.mark.parametrize("who", ["executive", "ann"])
def test_every_split_leads_to_rows_that_add_up_to_it(
    sold: Company, request: pytest.FixtureRequest, who: str
) -> None:
    client, seen = request.getfixturevalue(who), 0

    for measure, asked in questions(sold, who):
        answer = client.get(f"/api/v1/measures/{measure}/values/", asked)
        assert answer.status_code == 200, (asked, answer.content)
        for figure in answer.json()["results"]:
            rows, name = behind(client, figure["rows_url"]), f"{measure} {asked} {figure}"
            seen += len(rows)
            if measure == "revenue":
                assert total(rows, "revenue") == Decimal(figure["value"]) == Decimal(figure["numerator"]), (
                    name
                )
                assert len(rows) == figure["n"], name
            else:
                assert total(rows, "deals_won") == Decimal(figure["numerator"]), name
                assert total(rows, "deals_won", "deals_lost") == Decimal(figure["denominator"]), name

    assert seen > 100


def test_what_is_read_off_a_day_has_no_ledger_rows(executive: Client) -> None:
    stocks = executive.get("/api/v1/measures/open_pipeline/values/", YEAR).json()["results"]

    assert [figure["rows_url"] for figure in stocks] == [None]


def test_rows_keep_to_the_part_that_is_asked_for(executive: Client) -> None:
    for bad in ({"without": "colour"}, {"reach": "all"}, {"position": "x"}, {"within": "-1"}):
        answer = executive.get("/api/v1/credits/", {**YEAR, "measure": "revenue", **bad})
        assert answer.status_code == 400, bad


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
