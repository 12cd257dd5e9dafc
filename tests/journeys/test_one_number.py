"""One number: somebody who changed teams stands the same on every page that shows them."""

import datetime as dt

import pytest
from django.db import transaction
from django.test import Client

from apps.access.models import User
from apps.calendars import selectors as calendars
from apps.core import clock
from apps.insights.selectors import team as teams
from apps.insights.selectors.frame import frame_of
from apps.insights.selectors.unit_home import unit_home
from apps.measures import registry
from apps.measures import selectors as figures
from apps.org.models import Position
from apps.org.services import move_person
from apps.org.tests.factories import PersonFactory
from apps.pipeline.tests.factories import OpportunityFactory, StageFactory
from apps.targets import services
from apps.targets.selectors.overview import Subject, overview
from apps.targets.tests.conftest import found, sell
from apps.targets.tests.factories import AT, TODAY, make_plan

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 12, 20)


@pytest.fixture
def company():
    """Return the company in 2026, whose Cho went from West to East in May."""
    with clock.fixed(dt.datetime(2026, 12, 20, 4, tzinfo=dt.UTC)):
        with transaction.atomic():
            made = found()
            plan = make_plan(made)
            services.submit_plan(plan_id=plan.pk, by_id=made.planner.pk, at=AT, on=TODAY)
            services.approve_plan(plan_id=plan.pk, by_id=made.chief.pk, at=AT, on=TODAY)
            seat = Position.objects.get(title="Vacant seat")
            move_person(person_id=made.cho.pk, position_id=seat.pk, on=dt.date(2026, 5, 1))
            for person, monthly in ((made.ann, "150.00"), (made.bob, "210.00"), (made.cho, "310.00")):
                sell(person, 2026, monthly)
        yield made


def _user(company):
    return User.objects.get(pk=company.chief.pk)


def _by_page(company, unit):
    """Return home, team page and targets page of a unit for the year."""
    user, year = _user(company), calendars.period("2026")
    return (
        unit_home(user, unit.pk, frame_of(DAY)),
        teams.team(user, teams.Question(period=year, today=DAY, unit_id=unit.pk, by="person")),
        overview(
            user,
            subject=Subject(unit.name, unit_id=unit.pk),
            measure=registry.measures.get("revenue"),
            period=year,
            today=DAY,
        ),
    )


@pytest.mark.parametrize("name", ["top", "east", "west"])
def test_units_and_their_typical_member_are_the_same_on_every_page(company, name):
    home, page, targets = _by_page(company, getattr(company, name))

    assert home.standing.ratio == page.standing.ratio == targets.own.standing.ratio
    assert home.crowd == page.crowd == targets.crowd


def test_a_person_who_changed_teams_has_one_attainment(company):
    user, year = _user(company), calendars.period("2026")
    own = overview(
        user,
        subject=Subject("Cho", person_id=company.cho.pk),
        measure=registry.measures.get("revenue"),
        period=year,
        today=DAY,
    ).own.standing
    home, page, _targets = _by_page(company, company.east)
    _home, left, _targets = _by_page(company, company.west)

    shown = [one.standing for one in (*home.people, *page.board) if one.key == company.cho.pk]
    listed = [line.standing for one in (page, left) for line in one.lines if line.key == company.cho.pk]

    assert own.actual == 310 * 12
    assert len(shown) == len(listed) == 2
    assert {(one.actual, one.ratio) for one in (*shown, *listed)} == {(own.actual, own.ratio)}


@pytest.mark.parametrize("name", ["east", "west"])
def test_what_people_sold_for_a_unit_adds_up_to_it_and_opens_to_its_rows(company, name):
    _home, page, _targets = _by_page(company, getattr(company, name))
    client = Client()
    client.force_login(_user(company))

    assert sum(line.cells[0].value for line in page.lines) == page.cells[0].value
    for line in page.lines:
        assert f"{line.cells[0].value:,.2f}" in client.get(line.cells[0].why).content.decode()


def test_open_deals_of_somebody_who_left_are_the_companys_on_every_page(company):
    stage = StageFactory(kind="open")
    for owner, amount in ((company.ann, "100.00"), (PersonFactory(name="Gone"), "500.00")):
        OpportunityFactory(owner=owner, stage=stage, amount=amount, account=None)
    client = Client()
    client.force_login(_user(company))

    for unit, deals, amount in ((company.top, 2, 600), (company.east, 1, 100)):
        home, page, _targets = _by_page(company, unit)
        cells = {cell.measure.code: cell.value for cell in page.cells}
        total = figures.value("open_deals", DAY, DAY + dt.timedelta(days=1), unit_id=unit.pk).value
        rows = client.get(f"/pipeline/deals/?state=open&unit={unit.pk}").content.decode()

        assert (home.open.deals, home.open.amount) == (deals, amount)
        assert (total, cells["open_pipeline"]) == (deals, amount)
        assert sum(line.cells[5].value for line in page.lines) == amount
        assert f"1–{deals} of {deals}" in rows
