"""Hire, move, leave, stand in, report, grant."""

import datetime as dt
import random
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from apps.access.permissions import Role
from apps.access.tests.factories import UserFactory
from apps.calendars import services as calendar_services
from apps.calendars.models import FiscalPeriod
from apps.core import clock
from apps.core.effective import span
from apps.org import selectors, services
from apps.org.enums import LineType
from apps.org.models import Assignment, Person, PositionUnit, RoleGrant
from apps.org.services import grants, guards, people, positions
from apps.org.services.units import AlreadyThere, CodeTaken
from apps.org.tests.factories import (
    START,
    AssignmentFactory,
    PersonFactory,
    PositionFactory,
    RoleGrantFactory,
)

DAY = dt.timedelta(days=1)


@pytest.fixture
def vacancy(company):
    return PositionFactory(unit=company.chengdu, title="Seller")


def test_a_hire_fills_the_vacancy_from_the_day_on(company, vacancy, day):
    person = services.hire_person(external_id="N1", name="王芳", on=day, position_id=vacancy.pk)

    assert selectors.seat_of(person.pk, day).unit_id == company.chengdu.pk
    assert selectors.seat_of(person.pk, day - DAY) is None
    assert list(Person.objects.matching("wangf")) == [person]
    assert list(Person.objects.matching("wf")) == [person]


def test_a_hire_without_a_seat_waits_unplaced(company, day):
    person = services.hire_person(external_id="N1", name="New", on=day)

    assert list(selectors.unplaced_people(day)) == [person]


@pytest.mark.parametrize(
    ("error", "values"),
    [
        (CodeTaken, {"external_id": "taken"}),
        (people.SeatTaken, {"position_id": "held"}),
        (positions.PositionMissing, {"position_id": 0}),
    ],
)
def test_a_hire_is_refused_and_nobody_is_added(company, day, error, values):
    PersonFactory(external_id="taken")
    held = Assignment.objects.get(person=company.boss).position_id
    values = {key: held if value == "held" else value for key, value in values.items()}
    before = Person.objects.count()

    with pytest.raises(error), transaction.atomic():
        services.hire_person(**({"external_id": "N1", "name": "New", "on": day} | values))

    assert Person.objects.count() == before


def test_a_move_leaves_the_old_seat_vacant_and_twice_is_refused(company, vacancy, day):
    seller = company.sellers["sh"][0]
    old = selectors.seat_of(seller.pk, day).position_id

    services.move_person(person_id=seller.pk, position_id=vacancy.pk, on=day)

    assert selectors.seat_of(seller.pk, day - DAY).position_id == old
    assert selectors.seat_of(seller.pk, day).position_id == vacancy.pk
    assert [place.position_id for place in selectors.vacancies(day)] == [old]
    with pytest.raises(AlreadyThere):
        services.move_person(person_id=seller.pk, position_id=vacancy.pk, on=day)


def test_nobody_moves_themselves(company, vacancy, day):
    seller = company.sellers["sh"][0]

    with pytest.raises(guards.ActOnOneself):
        services.move_person(person_id=seller.pk, position_id=vacancy.pk, on=day, by=seller.user)

    assert selectors.seat_of(seller.pk, day).unit_id == company.shanghai.pk


def test_leaving_ends_seats_and_grants(company, day):
    seller = company.sellers["sh"][0]
    RoleGrantFactory(user=seller.user, unit=company.top)

    services.leave(person_id=seller.pk, on=day)

    assert selectors.seat_of(seller.pk, day) is None
    assert not RoleGrant.objects.on(day).exists()
    assert RoleGrant.objects.on(day - DAY).exists()
    with pytest.raises(people.NotEmployed):
        services.assign_person(person_id=seller.pk, position_id=PositionFactory(unit=company.west).pk, on=day)


def test_a_leave_taken_back_returns_the_seat_for_good_but_no_role(company, day):
    seller = company.sellers["sh"][0]
    RoleGrantFactory(user=seller.user, unit=company.top)
    before = Assignment.objects.filter(person=seller).values()[0]
    services.leave(person_id=seller.pk, on=day)

    assert selectors.may_return(Person.objects.get(pk=seller.pk))
    stays = services.undo_leave(person_id=seller.pk)

    assert stays.left_on is None
    assert list(Assignment.objects.filter(person=seller).values()) == [before]
    assert not RoleGrant.objects.on(day).exists()
    assert not selectors.may_return(stays)
    with pytest.raises(people.NotLeaving):
        services.undo_leave(person_id=seller.pk)


def closed(day):
    calendar_services.ensure_years(day.year, day.year)
    FiscalPeriod.objects.filter(code="2026-M06").update(closed_at=clock.now(), closed_by=UserFactory())


@pytest.mark.parametrize(
    ("refusal", "happens"),
    [
        (people.SeatTaken, lambda seller, seat, day: services.hire_person(
            external_id="N", name="N", on=day + DAY, position_id=seat)),
        (people.PrimaryTaken, lambda seller, seat, day: AssignmentFactory(
            person=seller, position=PositionFactory(unit=seller.unit), valid=span(day + DAY))),
        (positions.PositionMissing, lambda seller, seat, day: services.close_position(
            position_id=seat, on=day)),
        (guards.PeriodClosed, lambda seller, seat, day: closed(day)),
    ],
    ids=["somebody else has it", "a later seat", "the seat is gone", "its figures are final"],
)  # fmt: skip
def test_a_leave_that_was_followed_by_something_stays(company, day, refusal, happens):
    seller = company.sellers["sh"][0]
    seller.unit = company.west
    seat = Assignment.objects.get(person=seller).position_id
    services.leave(person_id=seller.pk, on=day)
    happens(seller, seat, day)
    before = list(Assignment.objects.order_by("pk").values())

    assert not selectors.may_return(Person.objects.get(pk=seller.pk))
    with pytest.raises(refusal), transaction.atomic():
        services.undo_leave(person_id=seller.pk)

    assert Person.objects.get(pk=seller.pk).left_on == day
    assert list(Assignment.objects.order_by("pk").values()) == before


def test_nobody_takes_back_their_own_leave(company, day):
    seller = company.sellers["sh"][0]
    services.leave(person_id=seller.pk, on=day)

    with pytest.raises(guards.ActOnOneself):
        services.undo_leave(person_id=seller.pk, by=seller.user)

    assert Person.objects.get(pk=seller.pk).left_on == day


def test_work_of_people_without_a_seat_counts_for_the_top_unit_alone(company, day):
    seller = company.sellers["sh"][0]
    services.leave(person_id=seller.pk, on=day)

    assert selectors.counted_for(company.top.pk, day) is None
    assert seller.pk in selectors.counted_for(company.shanghai.pk, day - DAY)
    assert seller.pk not in selectors.counted_for(company.shanghai.pk, day)
    assert selectors.counted_for(company.shanghai.pk, day) == selectors.people_in([company.shanghai.pk], day)
    assert selectors.counted_for(0, day) == frozenset()


def test_a_second_seat_shares_the_full_time(company, vacancy, day):
    seller = services.hire_person(external_id="N", name="N", on=day)
    first = PositionFactory(unit=company.west)
    services.assign_person(person_id=seller.pk, position_id=first.pk, on=day, fte_percent=Decimal(60))

    with pytest.raises(people.OverFullTime):
        services.assign_person(person_id=seller.pk, position_id=vacancy.pk, on=day, fte_percent=Decimal(50))
    second = services.assign_person(
        person_id=seller.pk, position_id=vacancy.pk, on=day, fte_percent=Decimal(40)
    )

    assert not second.is_primary
    assert selectors.people_in([company.chengdu.pk, company.west.pk], day) >= {seller.pk}
    with pytest.raises(people.PrimaryNeeded):
        services.end_assignment(assignment_id=Assignment.objects.get(position=first).pk, on=day + DAY)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("org_assignment_one_holder", {"position": "held", "person": "free"}),
        ("org_assignment_one_primary", {"position": "free", "person": "held"}),
        ("org_assignment_fte", {"position": "free", "person": "free", "fte_percent": 0}),
        ("org_assignment_acting_not_primary", {"position": "free", "person": "free", "is_acting": True}),
        ("org_assignment_dated", {"position": "free", "person": "free", "valid": span(None, START)}),
    ],
)
def test_a_constraint_refuses_a_bad_assignment(company, name, values):
    held = Assignment.objects.get(person=company.boss)
    options = {
        ("position", "held"): held.position,
        ("person", "held"): held.person,
        ("position", "free"): PositionFactory(unit=company.west),
        ("person", "free"): PersonFactory(),
    }
    values = {key: options.get((key, value), value) for key, value in values.items()}

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        AssignmentFactory(**values)


def test_random_ranges_are_accepted_exactly_when_they_do_not_overlap(company):
    """Check 35, small: the constraint against a plain comparison."""
    dice, accepted = random.Random(7), []  # noqa: S311 -- a fixed sequence, no secret
    person, position = PersonFactory(), PositionFactory(unit=company.west)
    for _ in range(120):
        start = START + dt.timedelta(days=dice.randrange(700))
        end = start + dt.timedelta(days=dice.randrange(1, 60))
        free = all(end <= low or high <= start for low, high in accepted)
        try:
            with transaction.atomic():
                AssignmentFactory(person=person, position=position, valid=span(start, end))
            accepted.append((start, end))
            assert free
        except IntegrityError:
            assert not free
    assert len(accepted) > 5


def test_a_unit_has_one_lead_seat(company, day):
    with pytest.raises(positions.LeadTaken):
        services.create_position(code="X", title="X", unit_id=company.east.pk, on=day, is_lead=True)
    with pytest.raises(IntegrityError, match="org_positionunit_one_lead"), transaction.atomic():
        PositionUnit.objects.create(
            position=PositionFactory(), unit=company.east, is_lead=True, valid=span(START)
        )


def test_a_position_moves_with_its_holder(company, day):
    seller = company.sellers["sh"][0]
    position = selectors.seat_of(seller.pk, day).position_id

    services.move_position(position_id=position, unit_id=company.chengdu.pk, on=day)

    assert selectors.seat_of(seller.pk, day).unit_id == company.chengdu.pk
    assert selectors.seat_of(seller.pk, day - DAY).unit_id == company.shanghai.pk


def test_a_held_position_is_not_closed_and_a_vacant_one_is(company, vacancy, day):
    with pytest.raises(positions.PositionHeld):
        services.close_position(position_id=Assignment.objects.get(person=company.boss).position_id, on=day)

    services.close_position(position_id=vacancy.pk, on=day)

    assert not selectors.vacancies(day).exists()
    assert selectors.vacancies(day - DAY).count() == 1


def test_the_nearest_lead_is_the_manager_unless_a_direct_line_says_otherwise(company, day):
    seller, west_lead = company.sellers["nj"][0], company.west_lead
    seat, other = (selectors.seat_of(person.pk, day).position_id for person in (seller, west_lead))

    assert selectors.manager_of(seller.pk, day) == company.east_lead.pk
    assert selectors.manager_of(company.shanghai_lead.pk, day) == company.east_lead.pk
    assert selectors.manager_of(company.boss.pk, day) is None
    services.set_reporting_line(position_id=seat, manager_id=other, on=day)
    assert selectors.manager_of(seller.pk, day) == west_lead.pk
    assert selectors.manager_of(seller.pk, day - DAY) == company.east_lead.pk


def test_reporting_in_a_circle_is_refused(company, day):
    first, second = (selectors.seat_of(person.pk, day).position_id for person in company.sellers["sh"])
    services.set_reporting_line(position_id=first, manager_id=second, on=day)

    with pytest.raises(positions.LineCycle):
        services.set_reporting_line(position_id=second, manager_id=first, on=day)
    services.set_reporting_line(position_id=second, manager_id=first, on=day, line_type=LineType.DOTTED)


def test_leads_above_come_nearest_first_and_never_oneself(company, day):
    assert selectors.leads_above(company.sellers["sh"][0].pk, day) == [
        (company.shanghai_lead.pk, company.shanghai.pk, 0),
        (company.east_lead.pk, company.east.pk, 1),
        (company.boss.pk, company.top.pk, 2),
    ]
    assert selectors.leads_above(company.shanghai_lead.pk, day)[0] == (
        company.east_lead.pk,
        company.east.pk,
        1,
    )


def test_a_role_is_never_granted_to_oneself(company, day):
    user = UserFactory()

    with pytest.raises(guards.ActOnOneself):
        services.grant_role(user=user, role=Role.COMP_ADMIN, unit_id=company.top.pk, on=day, by=user)
    with pytest.raises(IntegrityError, match="org_rolegrant_not_oneself"), transaction.atomic():
        RoleGrantFactory(user=user, unit=company.top, granted_by=user)

    assert not RoleGrant.objects.exists()


def test_a_role_is_granted_once_and_revoked_by_somebody_else(company, day):
    user, admin = UserFactory(), UserFactory()
    grant = services.grant_role(user=user, role=Role.HR, unit_id=company.top.pk, on=day, by=admin)

    with pytest.raises(grants.AlreadyGranted):
        services.grant_role(user=user, role=Role.HR, unit_id=company.top.pk, on=day, by=admin)
    with pytest.raises(guards.ActOnOneself):
        services.revoke_role(grant_id=grant.pk, on=day + DAY, by=user)
    services.revoke_role(grant_id=grant.pk, on=day + DAY, by=admin)

    assert RoleGrant.objects.on(day).exists()
    assert not RoleGrant.objects.on(day + DAY).exists()


@pytest.mark.parametrize("role", [Role.SELF, Role.MANAGER])
def test_roles_that_follow_from_the_chart_are_not_granted(company, day, role):
    with pytest.raises(grants.RoleNotGrantable):
        services.grant_role(user=UserFactory(), role=role, unit_id=company.top.pk, on=day)
