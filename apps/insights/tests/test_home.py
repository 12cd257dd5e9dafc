import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from apps.access.permissions import Role
from apps.access.tests.factories import UserFactory
from apps.core import clock
from apps.insights.selectors.home import home
from apps.insights.tests.conftest import sell, signed_in
from apps.measures import selectors as figures
from apps.org.tests.factories import OrgUnitFactory, RoleGrantFactory, seated
from apps.pipeline.models import Opportunity, Task
from apps.pipeline.tests.conftest import TODAY
from apps.pipeline.tests.factories import OpportunityFactory

BUDGET = 25


def blocks(world, name):
    found = home(type(world.users[name]).objects.get(pk=world.users[name].pk), clock.today())
    sections = [section.code for section in found.sections]
    return bool(found.unit), bool(found.seller), sections


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("ann", (False, True, []), id="representative"),
        pytest.param("lead", (True, False, []), id="manager"),
        pytest.param("chief", (True, False, []), id="executive"),
        pytest.param("ops", (False, False, ["quality", "work", "jobs"]), id="sales operations"),
        pytest.param("comp", (False, False, ["runs", "jobs"]), id="compensation"),
        pytest.param("hr", (False, False, ["staffing", "jobs"]), id="people"),
        pytest.param("system", (False, False, ["users", "work", "jobs", "changes"]), id="system"),
    ],
)
def test_each_role_has_its_own_blocks_and_only_those(world, name, expected):
    assert blocks(world, name) == expected


@pytest.mark.parametrize("name", ["ann", "lead", "chief", "ops", "comp", "hr", "system"])
def test_the_home_of_each_role_is_shown(world, name):
    answer = signed_in(world.users[name]).get("/")

    assert answer.status_code == 200


def test_a_manager_sees_their_own_team_and_nobody_elses_deals(world):
    page = signed_in(world.users["lead"]).get("/").content.decode()

    assert "Ann’s deal" in page
    assert "Ben’s deal" not in page


def test_figures_of_a_manager_equal_those_of_measures(world):
    found = home(world.users["lead"], clock.today()).unit

    start, end = dt.date(2026, 1, 1), dt.date(2026, 7, 1)
    assert found.standing.actual == figures.value("revenue", start, end, unit_id=world.east.pk).value == 300
    assert found.open.amount == figures.value("open_pipeline", start, end, unit_id=world.east.pk).value
    assert found.open.weighted == figures.value("weighted_pipeline", start, end, unit_id=world.east.pk).value
    assert found.growth == Decimal("0.5")


@pytest.mark.parametrize(("name", "amounts"), [("lead", ["100.00"]), ("chief", ["100.00", "900.00"])])
def test_the_weighted_part_of_the_forecast_opens_to_its_deals(world, name, amounts):
    Opportunity.objects.filter(owner=world.ann).update(amount="100.00", base_amount="100.00")
    Opportunity.objects.filter(owner=world.ben).update(amount="900.00", base_amount="900.00")
    for days in (1, 40):  # the day the next quarter begins, and one well inside it
        OpportunityFactory(
            name="Later",
            owner=world.ann,
            stage=world.third,
            expected_close_on=TODAY + dt.timedelta(days=days),
        )
    OpportunityFactory(name="Some day", owner=world.ann, stage=world.third, expected_close_on=None)
    client = signed_in(world.users[name])

    found = home(world.users[name], clock.today()).unit
    url = found.urls["closing"]
    rows = client.get(url).context["table"].page_rows

    assert f'class="figure" href="{escape(url)}"' in client.get("/").content.decode()
    assert sorted(str(row["amount"]) for row in rows) == amounts
    assert found.forecast.weighted == sum(Decimal(one) for one in amounts) * world.second.probability / 100


def test_the_executive_sees_the_company(world):
    found = home(world.users["chief"], clock.today()).unit

    assert found.is_company
    assert found.standing.actual == 800
    assert {one.name for one in found.below} == {"East", "West"}


def test_the_plan_of_a_representative_holds_what_is_due(world):
    Task.objects.create(title="Send the offer", assignee=world.ann, due_on=clock.today())
    Task.objects.create(title="Later", assignee=world.ann, due_on=clock.today() + dt.timedelta(days=30))
    Task.objects.create(title="Ben’s task", assignee=world.ben, due_on=clock.today())

    found = home(world.users["ann"], clock.today()).seller

    assert [task.title for task in found.tasks] == ["Send the offer"]


def test_nobody_reads_what_somebody_else_earned(world):
    page = signed_in(world.users["ann"]).get("/insights/earned/")

    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert signed_in(world.users["system"]).get("/insights/earned/").status_code == 403


def queries(user) -> int:
    client = signed_in(user)
    client.get("/")
    with CaptureQueriesContext(connection) as found:
        client.get("/")
    return len(found)


@pytest.mark.parametrize("name", ["ann", "lead", "chief", "ops", "both", "comp", "hr", "system"])
def test_a_home_costs_the_same_however_much_there_is(world, name):
    before = queries(world.users[name])
    for number in range(12):
        person = seated(world.east, name=f"Seller {number}")
        sell(person.pk, dt.date(2026, 5, 10), "100.00", 1)
        OpportunityFactory(owner=person, stage=world.first, expected_close_on=dt.date(2026, 6, 1))
        OpportunityFactory(owner=world.ann, stage=world.first, next_step="Call", next_step_on=clock.today())

    assert queries(world.users[name]) == before
    assert before <= BUDGET


def test_an_installation_without_deals_shows_the_guided_start(db):
    user = UserFactory(username="first")
    RoleGrantFactory(user=user, role=Role.SALES_OPS, unit=OrgUnitFactory(name="Company"))

    found = home(user, clock.today())

    assert [step.is_done for step in found.steps] == [False, False, False, False]
    assert all(step.url for step in found.steps[:3])
    assert "make demo" in signed_in(user).get("/").content.decode()


def test_the_guided_start_ends_with_the_first_deal(world):
    assert home(world.users["ops"], clock.today()).steps == []
