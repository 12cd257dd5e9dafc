import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.insights.tests.conftest import sell, signed_in
from apps.org.tests.factories import seated
from apps.pipeline.models import Opportunity, StageChange
from apps.pipeline.tests.conftest import World

URL = "/api/v1/insights/team-performance/"


@pytest.fixture
def chief(world: World) -> Client:
    return signed_in(world.users["chief"])


def asked(client: Client, **query: Any) -> dict[str, Any]:
    answer = client.get(URL, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def all_rows(client: Client, url: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    while url:
        page = client.get(url).json()
        rows += page["results"]
        url = page["next"]
    return rows


def linked_sums(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every sum of the answer with the address of its rows."""
    for figure in [*body["figures"], *(one for line in body["breakdown"] for one in line["figures"])]:
        if figure["measure"] in {"revenue", "deals_won"}:
            yield figure["value"], figure["rows_url"]
    for holder in [body, *body["leaderboard"], *body["breakdown"]]:
        yield holder["attainment"]["actual"], holder["attainment"]["rows_url"]
    for month in body["trend"]:
        if month["actual"] is not None:
            yield month["actual"], month["rows_url"]


@pytest.mark.parametrize("structure", ["as_was", "as_is"])
def test_every_sum_is_the_sum_of_its_rows(chief: Client, world: World, structure: str) -> None:
    body = asked(chief, unit=world.top.pk, period="2026", structure=structure)
    sums = list(linked_sums(body))

    assert body["attainment"]["actual"] == "800"
    assert {line["subject"]["name"]: line["attainment"]["actual"] for line in body["breakdown"]} == {
        "East": "300", "West": "500",
    }  # fmt: skip
    assert [month["actual"] for month in body["trend"][:5]] == ["0", "0", "300", "500", "0"]
    assert len(sums) > 10
    for value, url in sums:
        assert sum(float(row["value"]) for row in all_rows(chief, url)) == float(value), url


def test_the_leaderboard_ranks_people_and_leads_to_them(chief: Client, world: World) -> None:
    body = asked(chief, unit=world.top.pk)
    [ben, ann] = body["leaderboard"]

    assert (ben["subject"]["name"], ben["attainment"]["actual"]) == ("Ben", "500")
    person = chief.get(ann["subject"]["url"]).json()
    assert person["subject"]["type"] == "person"
    assert person["attainment"]["actual"] == "300"


def test_the_funnel_leads_to_exactly_its_deals(chief: Client, world: World) -> None:
    won, stuck = Opportunity.objects.order_by("pk")[:2]
    for deal, stages in ((won, [world.first, world.third]), (stuck, [world.first])):
        for stage in stages:
            StageChange.objects.create(opportunity=deal, to_stage=stage, changed_on=dt.date(2026, 2, 1))

    steps = asked(chief, unit=world.top.pk)["funnel"]

    assert [(step["entered"], step["passed"]) for step in steps] == [(2, 1), (1, 1), (1, 0)]
    for step in steps:
        assert len(all_rows(chief, step["entered_url"])) == step["entered"]
        assert len(all_rows(chief, step["passed_url"])) == step["passed"]
    assert [row["id"] for row in all_rows(chief, steps[0]["passed_url"])] == [won.pk]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        pytest.param("chief", 200, id="executive"),
        pytest.param("lead", 200, id="manager"),
        pytest.param("ann", 403, id="representative"),
        pytest.param("system", 403, id="system administrator"),
    ],
)
def test_who_may_ask(world: World, name: str, status: int) -> None:
    assert signed_in(world.users[name]).get(URL).status_code == status


def test_nobody_asks_without_signing_in(world: World) -> None:
    assert Client().get(URL).status_code in {401, 403}
    assert Client().get(f"{URL}deals/").status_code in {401, 403}


def test_a_manager_starts_at_their_unit_and_reaches_no_other(world: World) -> None:
    lead = signed_in(world.users["lead"])

    assert asked(lead)["subject"]["name"] == "East"
    for query in ({"unit": world.west.pk}, {"person": world.ben.pk}, {"unit": 999_999}):
        assert lead.get(URL, query).status_code == 404
        assert lead.get(f"{URL}deals/", {**query, "stage": world.first.pk}).status_code == 404


def test_deals_of_others_stay_hidden_behind_a_funnel(world: World) -> None:
    """The people department counts deals, but does not read them."""
    deal = Opportunity.objects.get(name="Ann’s deal")
    StageChange.objects.create(opportunity=deal, to_stage=world.first, changed_on=dt.date(2026, 2, 1))
    hr = signed_in(world.users["hr"])

    step = asked(hr, unit=world.top.pk)["funnel"][0]

    assert step["entered"] == 1
    assert all_rows(hr, step["entered_url"]) == []


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"period": "nope"}, id="period"),
        pytest.param({"unit": "x"}, id="unit"),
        pytest.param({"structure": "sideways"}, id="structure"),
        pytest.param({"unit": 1, "person": 1}, id="both"),
        pytest.param({"colour": "red"}, id="unknown parameter"),
    ],
)
def test_nonsense_is_refused(chief: Client, query: dict[str, Any]) -> None:
    assert chief.get(URL, query).status_code == 400


def test_nothing_can_be_written(chief: Client) -> None:
    assert chief.post(URL, {}).status_code == 405


def queries(client: Client, unit_id: int) -> int:
    client.get(URL, {"unit": unit_id})
    with CaptureQueriesContext(connection) as found:
        client.get(URL, {"unit": unit_id})
    return len(found)


def test_it_costs_the_same_however_many_people_there_are(world: World, chief: Client) -> None:
    before = queries(chief, world.east.pk)
    for number in range(12):
        sell(seated(world.east, name=f"Seller {number}").pk, dt.date(2026, 5, 10), "100.00", 1)

    assert queries(chief, world.east.pk) == before
