import csv
import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.access.models import User
from apps.calendars import selectors as calendars
from apps.core import clock
from apps.insights.selectors.conversion import conversion
from apps.insights.selectors.team import Question, team
from apps.insights.tests.conftest import sell, signed_in
from apps.measures import registry
from apps.measures import selectors as figures
from apps.org.tests.factories import seated
from apps.pipeline.models import StageChange
from apps.pipeline.tests.factories import OpportunityFactory


def asked(**changes) -> Question:
    return Question(period=calendars.period("2026"), today=clock.today(), **changes)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("structure", ["as_was", "as_is"])
def test_every_figure_equals_that_of_measures(world, structure):
    found = team(fresh(world.users["chief"]), asked(unit_id=world.top.pk, structure=structure))

    for line in found.lines:
        for cell in line.cells:
            expected = figures.value(
                cell.measure.code,
                dt.date(2026, 1, 1),
                dt.date(2026, 7, 1),
                unit_id=line.key,
                structure=structure,
                as_of=clock.today() if structure == "as_is" else None,
            )
            assert cell.value == expected.value
    assert {line.name for line in found.lines} == {"East", "West"}


@pytest.mark.parametrize(
    ("name", "status"),
    [
        pytest.param("chief", 200, id="executive"),
        pytest.param("lead", 200, id="manager"),
        pytest.param("hr", 200, id="people"),
        pytest.param("ann", 403, id="representative"),
        pytest.param("system", 403, id="system administrator"),
        pytest.param("stranger", 403, id="stranger"),
    ],
)
def test_who_sees_team_performance(world, name, status):
    assert signed_in(world.users[name]).get("/insights/team/").status_code == status


@pytest.mark.parametrize("path", ["/insights/team/", "/insights/team/csv/", "/insights/team/conversion/"])
def test_a_unit_or_person_out_of_reach_is_not_there(world, path):
    client = signed_in(world.users["lead"])

    assert client.get(path, {"unit": world.west.pk}).status_code == 404
    assert client.get(path, {"person": world.ben.pk}).status_code == 404
    assert client.get(path, {"unit": world.east.pk}).status_code == 200


def test_the_file_holds_the_table(world):
    answer = signed_in(world.users["chief"]).get("/insights/team/csv/", {"unit": world.top.pk})

    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert {row["Name"]: row["Revenue"] for row in rows} == {"East": "300", "West": "500"}


def test_one_can_go_down_to_a_person_and_keep_the_period(world):
    page = signed_in(world.users["chief"]).get(
        "/insights/team/", {"unit": world.east.pk, "period": "2026-Q1"}
    ).content.decode()  # fmt: skip

    assert f"unit={world.east.pk}&amp;period=2026-Q1&amp;person={world.ann.pk}" in page or (
        f"period=2026-Q1&amp;person={world.ann.pk}" in page
    )


def test_a_skipped_stage_counts_as_passed(world):
    for stages in ([world.first, world.third], [world.first]):
        deal = OpportunityFactory(owner=world.ann, stage=stages[-1])
        for stage in stages:
            StageChange.objects.create(opportunity=deal, to_stage=stage, changed_on=dt.date(2026, 2, 1))

    steps = conversion([world.ann.pk], dt.date(2026, 1, 1), dt.date(2026, 7, 1))

    assert [(step.entered, step.passed) for step in steps] == [(2, 1), (1, 1), (1, 0)]


def test_the_page_asks_for_the_funnel_of_what_it_shows(world):
    deal = OpportunityFactory(owner=world.ann, stage=world.second)
    StageChange.objects.create(opportunity=deal, to_stage=world.second, changed_on=dt.date(2026, 2, 1))
    client, asked = signed_in(world.users["chief"]), f"unit={world.east.pk}&period=2026-Q1"

    page = client.get(f"/insights/team/?{asked}").content.decode()
    block = client.get(f"/insights/team/conversion/?{asked}").content.decode()

    assert f'hx-get="/insights/team/conversion/?{asked.replace("&", "&amp;")}"' in page
    assert "0 of 1 · 0" in block


def queries(user: User, unit_id: int) -> int:
    client = signed_in(user)
    client.get("/insights/team/", {"unit": unit_id})
    with CaptureQueriesContext(connection) as found:
        client.get("/insights/team/", {"unit": unit_id})
    return len(found)


def test_the_page_costs_the_same_however_many_people_there_are(world):
    before = queries(world.users["lead"], world.east.pk)
    for number in range(12):
        sell(seated(world.east, name=f"Seller {number}").pk, dt.date(2026, 5, 10), "100.00", 1)

    assert queries(world.users["lead"], world.east.pk) == before


def test_nonsense_in_the_address_counts_as_not_said(world):
    answer = signed_in(world.users["lead"]).get("/insights/team/", {"unit": "x", "period": "nope", "by": "z"})

    assert answer.status_code == 200


def test_rows_behind_a_figure_lead_only_where_their_reader_may_go(world):
    deal = OpportunityFactory(owner=world.ben, stage=world.second)
    resolve = registry.sources.get("pipeline.opportunity")

    urls = {
        name: resolve([deal.pk], fresh(world.users[name]))[deal.pk].url for name in ("chief", "lead", "hr")
    }

    assert urls == {"chief": f"/pipeline/deals/{deal.pk}/", "lead": "", "hr": ""}
