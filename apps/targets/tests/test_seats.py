import datetime as dt
from decimal import Decimal as D
from itertools import pairwise

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from apps.access.models import User
from apps.core import clock
from apps.core.effective import span
from apps.org import services as org
from apps.org.models import Assignment
from apps.targets import selectors, services
from apps.targets.enums import Method, Season
from apps.targets.rules.levels import Level
from apps.targets.rules.seats import Stretch, stretches
from apps.targets.selectors.carried import carried, seats_in
from apps.targets.tests.factories import AT, TODAY, make_plan, seat_of

START, END = dt.date(2026, 1, 1), dt.date(2027, 1, 1)


def day(number):
    return START + dt.timedelta(days=number)


def test_what_nobody_holds_is_vacant():
    held = [(2, day(100), None), (1, None, day(90))]

    assert stretches(held, START, END) == [
        Stretch(START, day(90), 1), Stretch(day(90), day(100), None), Stretch(day(100), END, 2)
    ]  # fmt: skip
    assert stretches([], START, END) == [Stretch(START, END, None)]


@given(cuts=st.lists(st.integers(-30, 400), max_size=8, unique=True))
def test_stretches_tile_the_range(cuts):
    days = sorted(cuts)
    held = [(index, day(days[index]), day(days[index + 1])) for index in range(0, len(days) - 1, 2)]

    found = stretches(held, START, END)

    assert found[0].start == START
    assert found[-1].end == END
    assert all(one.end == after.start for one, after in pairwise(found))
    assert all(one.start < one.end for one in found)


def leave(person, on):
    held = Assignment.objects.get(person=person)
    held.valid = span(held.valid.lower, on)
    held.save(update_fields=["valid"])
    return held.position


def test_a_leavers_target_goes_back_to_the_seat(in_force, company):
    seat = leave(company.ann, dt.date(2026, 6, 16))
    Assignment.objects.create(
        position=seat, person=company.dee, valid=span(dt.date(2026, 9, 1)), is_primary=False
    )

    [found] = carried("revenue", START, END, [seat.pk])

    assert [(part.name, part.start, part.quota) for part in found.parts] == [
        ("Ann", START, D("660.00")),
        ("", dt.date(2026, 6, 16), D("300.00")),
        ("Dee", dt.date(2026, 9, 1), D("480.00")),
    ]
    assert (found.quota, found.vacant) == (D("1440.00"), D("300.00"))


def test_the_parts_are_the_quotas_people_are_held_to(in_force, company):
    seat = leave(company.bob, dt.date(2026, 3, 12))
    Assignment.objects.create(
        position=seat, person=company.dee, valid=span(dt.date(2026, 3, 20)), is_primary=False
    )

    for start, end in ((START, END), (dt.date(2026, 3, 1), dt.date(2026, 4, 1)), (day(70), day(200))):
        [found] = carried("revenue", start, end, [seat.pk])
        assert sum(part.quota for part in found.parts) == found.quota
        for person in (company.bob, company.dee):
            own = sum(part.quota for part in found.parts if part.person_id == person.pk)
            told = selectors.quota(measure="revenue", start=start, end=end, person_id=person.pk)
            assert abs((told or D(0)) - own) <= D("0.01")


def test_the_season_weighs_what_a_mover_carries(company):
    weights = (D(5), *[D(1)] * 11)
    plan = make_plan(company, season=Season.CUSTOM, custom_season=weights)
    with transaction.atomic():
        services.submit_plan(plan_id=plan.pk, by_id=company.planner.pk, at=AT, on=TODAY)
        services.approve_plan(plan_id=plan.pk, by_id=company.chief.pk, at=AT, on=TODAY)
    seat = leave(company.ann, dt.date(2026, 2, 1))

    [found] = carried("revenue", START, END, [seat.pk])

    assert [part.quota for part in found.parts] == [D("450.00"), D("990.00")]


def test_after_a_move_the_lead_answers_for_the_vacancy(in_force, company):
    seat_id = leave(company.ann, dt.date(2026, 6, 16)).pk

    with transaction.atomic():
        services.name_owners(plan_id=in_force.pk, on=dt.date(2026, 6, 16))

    assert in_force.targets.get(position=seat_id).owner == company.east_lead


def test_a_person_who_leaves_through_the_service_leaves_the_target(in_force, company):
    target = seat_of(in_force, company.cho)
    with transaction.atomic():
        org.end_assignment(
            assignment_id=Assignment.objects.get(person=company.cho).pk, on=dt.date(2026, 7, 1)
        )

    [found] = carried("revenue", START, END, [target.position_id])

    assert [part.person_id for part in found.parts] == [company.cho.pk, None]
    assert sum(part.quota for part in found.parts) == D("4320.00")


@pytest.fixture
def go(client):
    def call(who, name, **query):
        client.force_login(who if isinstance(who, User) else User.objects.get(username=who))
        return client.get(reverse(f"targets:{name}"), query)

    with clock.fixed(AT):
        yield call


def test_the_overview_shows_what_vacancies_carry(go, company):
    plan = make_plan(company, levels={0: Level(Method.HISTORY), 1: Level(Method.EQUAL)})
    with transaction.atomic():
        services.submit_plan(plan_id=plan.pk, by_id=company.planner.pk, at=AT, on=TODAY)
        plan.targets.update(smart_grade="good")
        services.approve_plan(plan_id=plan.pk, by_id=company.chief.pk, at=AT, on=TODAY)

    answer = go("eve", "overview")

    lines = answer.context["found"].lines
    assert [(line.subject.name, line.is_vacant, line.standing.quota) for line in lines] == [
        ("Ann", False, D("1440.00")), ("Bob", False, D("1440.00")), ("Vacant seat", True, D("1440.00"))
    ]  # fmt: skip
    assert "carried by the vacancy" in answer.content.decode()


def test_seats_by_reach(go, in_force, company):
    team = go("eve", "seats", unit=company.east.pk)
    own = go("ann", "seats")

    assert len(team.context["rows"]) == 3
    assert [seat.parts[0].name for seat in own.context["rows"]] == ["Ann"]
    assert go("ann", "seats", unit=company.east.pk).status_code == 404
    assert go("eve", "seats", unit=company.west.pk).status_code == 404
    assert go("eve", "seats", measure="nonsense").status_code == 404


def test_seats_over_the_api(client, in_force, company):
    client.force_login(User.objects.get(username="eve"))
    path = "/api/v1/target-seats/?measure=revenue&start=2026-01-01&end=2027-01-01"

    with clock.fixed(AT):
        found = client.get(f"{path}&unit={company.east.pk}").json()
        strange = client.get(f"{path}&unit={company.west.pk}")

    assert sorted(D(row["quota"]) for row in found) == [D(0), D("1440.00"), D("2880.00")]
    assert strange.status_code == 404


def test_the_cost_does_not_depend_on_the_seats(in_force, company, django_assert_num_queries):
    seats = seats_in([company.east.pk, company.west.pk], START, END)
    carried("revenue", START, END, seats)

    with django_assert_num_queries(7):
        carried("revenue", START, END, seats)
