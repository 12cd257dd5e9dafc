import datetime as dt
from decimal import Decimal as D
from fractions import Fraction

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from apps.access.models import User
from apps.core import clock
from apps.org.models import Assignment
from apps.pipeline.tests.factories import OpportunityFactory, ProcessFactory, StageFactory
from apps.targets.rules.resources import (
    Coverage,
    Funnel,
    Heads,
    Month,
    Seat,
    capacity,
    cover,
    heads,
    meetings,
)
from apps.targets.selectors.resources import resources
from apps.targets.tests.factories import seat_of
from apps.targets.tests.test_alerts import credit

NOON = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
TODAY = NOON.date()
# The second half of a year of equal months.
HALF = [Month(dt.date(2026, month, 1), Fraction(1, 12)) for month in range(7, 13)]
STEPS = [D(0), D("0.5")]


@pytest.mark.parametrize(
    ("seats", "expected"),
    [
        pytest.param([Seat(D(1))], 600, id="one full seat"),
        pytest.param([Seat(D("0.5"))], 300, id="half time"),
        pytest.param([Seat(D(1), D("0.8"))], 480, id="less productive"),
        pytest.param([Seat(D(1), is_vacant=True)], 0, id="a vacancy sells nothing"),
        pytest.param([Seat(D(1), hired_on=dt.date(2026, 7, 9))], 450, id="ramping: nothing, half, then all"),
        pytest.param([Seat(D(1), hired_on=dt.date(2020, 1, 1))], 600, id="ramped long ago"),
        pytest.param([Seat(D(1)), Seat(D("0.5"))], 900, id="seats add up"),
    ],
)
def test_capacity_of_half_a_year(seats, expected):
    assert capacity(Fraction(1200), seats, HALF, STEPS) == expected


def test_a_running_month_counts_by_what_lies_ahead():
    months = [Month(dt.date(2026, 7, 1), Fraction(1, 12), Fraction(1, 2))]

    assert capacity(Fraction(1200), [Seat(D(1))], months, []) == 50


@pytest.mark.parametrize(
    ("remaining", "able", "productivity", "gap"),
    [
        (1500, 900, 1, 1),
        (900, 900, 1, 0),
        (600, 900, 1, Fraction(-1, 2)),
        (-50, 600, 1, -1),
        (1500, 900, Fraction(1, 2), 2),
    ],
)
def test_heads_that_are_missing(remaining, able, productivity, gap):
    found = heads(Fraction(remaining), Fraction(able), Fraction(1200), Fraction(productivity), HALF)

    assert found == Heads(Fraction(remaining), Fraction(able), gap)


def test_at_the_end_of_the_year_no_head_helps():
    assert heads(Fraction(5), Fraction(0), Fraction(1200), Fraction(1), []).gap is None


# 1000 sold in 10 of 20 decided deals with 200 activities: 10 activities per decision.
YEAR = Funnel(sold=D(1000), won=D(10), decided=D(20), activities=D(200))


def test_meetings_by_the_rates_of_the_funnel():
    found = meetings(Fraction(500), YEAR, Fraction(1, 2), 120)

    assert (found.deals, found.decisions, found.needed, found.at_rate, found.gap) == (5, 10, 100, 60, 40)


def test_without_rates_nothing_is_said_about_meetings():
    assert meetings(Fraction(500), Funnel(D(0), D(0), D(3), D(9)), Fraction(1), 9) is None


@given(
    remaining=st.fractions(0, 10**9), factor=st.integers(1, 50),
    sold=st.integers(1, 10**9), won=st.integers(1, 99),
    decided=st.integers(99, 999), done=st.integers(1, 9999),
)  # fmt: skip
def test_meetings_grow_with_what_remains(remaining, factor, sold, won, decided, done):
    funnel = Funnel(D(sold), D(won), D(decided), D(done))

    one = meetings(remaining, funnel, Fraction(0), 0)
    more = meetings(remaining * factor, funnel, Fraction(0), 0)

    assert more.needed == one.needed * factor


@pytest.mark.parametrize(
    ("remaining", "open_amount", "won", "decided", "expected"),
    [
        pytest.param(
            500,
            1000,
            200,
            600,
            Coverage(D(1000), Fraction(2), Fraction(3), Fraction(500)),
            id="a third short",
        ),
        pytest.param(
            500, 2000, 200, 600, Coverage(D(2000), Fraction(4), Fraction(3), Fraction(-500)), id="to spare"
        ),
        pytest.param(0, 700, 200, 600, Coverage(D(700), None, Fraction(3), Fraction(0)), id="met"),
        pytest.param(500, 700, 0, 600, Coverage(D(700), Fraction(7, 5), None, None), id="nothing won yet"),
    ],
)
def test_coverage_by_the_value_win_rate(remaining, open_amount, won, decided, expected):
    assert cover(Fraction(remaining), D(open_amount), D(won), D(decided)) == expected


def deal(person, stage, amount, **dates):
    OpportunityFactory(owner=person, stage=stage, amount=D(amount), **dates)


@pytest.fixture
def half_way(in_force, company):
    """Ann sold half of her 1440 by July, has 900 open, and won 300 of 900 decided this year."""
    with clock.fixed(NOON):
        credit(company.ann, "revenue", dt.date(2026, 3, 10), "720", "sale")
        credit(company.ann, "deals_won", dt.date(2026, 3, 10), "2", "won")
        credit(company.ann, "deals_lost", dt.date(2026, 3, 11), "2", "lost")
        credit(company.ann, "activities", dt.date(2026, 6, 10), "40", "calls")
        process = ProcessFactory()
        stages = {
            kind: StageFactory(process=process, code=kind, kind=kind, probability=D(chance))
            for kind, chance in (("open", 50), ("won", 100), ("lost", 0))
        }
        deal(company.ann, stages["open"], "900", expected_close_on=dt.date(2026, 9, 1))
        deal(company.ann, stages["open"], "999", expected_close_on=dt.date(2027, 2, 1))
        deal(company.ann, stages["won"], "300", closed_on=dt.date(2026, 5, 5))
        deal(company.ann, stages["lost"], "600", closed_on=dt.date(2026, 5, 5))
    return in_force


def test_what_ann_is_short_of(half_way, company):
    found = resources(company.chief, half_way, TODAY, person_id=company.ann.pk)

    row = found.top
    assert (row.name, row.remaining) == ("Ann", D(720))
    assert found.days_ahead > 100
    assert row.meetings.needed > 0
    assert (row.coverage.open_amount, row.coverage.required) == (D(900), 3)
    assert row.coverage.gap == 720 * 3 - 900
    assert row.links["deals"].endswith(f"state=open&owner={company.ann.pk}")


def test_a_unit_adds_up_its_seats_and_shows_vacancies(half_way, company):
    found = resources(company.chief, half_way, TODAY, unit_id=company.east.pk, standard=D(2880))

    assert [(row.name, row.is_vacant) for row in found.rows] == [
        ("Vacant seat", True), ("Ann", False), ("Bob", False)
    ]  # fmt: skip
    assert (found.top.seats, found.top.vacant, found.is_given) == (3, 1, True)
    assert found.top.heads.capacity == sum(row.heads.capacity for row in found.rows)
    assert found.top.remaining == sum(row.remaining for row in found.rows)
    assert found.rows[0].heads.capacity == 0


def test_a_leaver_takes_the_capacity_along(half_way, company):
    before = resources(company.chief, half_way, TODAY, unit_id=company.east.pk).top
    Assignment.objects.filter(person=company.bob).delete()

    after = resources(company.chief, half_way, TODAY, unit_id=company.east.pk).top

    assert after.heads.gap > before.heads.gap
    assert after.vacant == 2


@pytest.fixture
def go(client):
    def call(who, **query):
        client.force_login(User.objects.get(username=who))
        return client.get(reverse("targets:resources"), query)

    with clock.fixed(NOON):
        yield call


def test_the_page_by_reach(go, half_way, company):
    team, own = go("eve"), go("ann")

    assert [row.name for row in team.context["found"].shown] == ["East", "Vacant seat", "Ann", "Bob"]
    assert [row.name for row in own.context["found"].shown] == ["Ann"]
    assert go("eve", unit=company.west.pk).status_code == 404
    assert go("chief", unit=company.east.pk, standard="2,880").context["found"].standard == 2880
    assert go("chief", standard="nonsense").context["found"].is_given is False


def test_without_a_target_the_page_says_so(go, company):
    assert go("chief").context["found"] is None


def test_resources_over_the_api(client, half_way, company):
    path = f"/api/v1/target-resources/?plan={half_way.pk}&unit={company.east.pk}"
    with clock.fixed(NOON):
        client.force_login(User.objects.get(username="eve"))
        rows = client.get(path).json()
        client.force_login(User.objects.get(username="ann"))
        strange = client.get(path)

    ann = next(row for row in rows if row["target"] == seat_of(half_way, company.ann).pk)
    assert (len(rows), ann["pipeline_gap"], ann["coverage"]) == (4, "1260.0000", "1.2500")
    assert strange.status_code == 404


def test_the_cost_does_not_depend_on_the_nodes(half_way, company, django_assert_max_num_queries):
    resources(company.chief, half_way, TODAY, unit_id=company.top.pk)

    with django_assert_max_num_queries(40):
        resources(company.chief, half_way, TODAY, unit_id=company.east.pk)
