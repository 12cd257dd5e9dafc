"""The bulk loader and the as-is mapping."""

import datetime as dt

import pytest
from django.db import transaction

from apps.org import selectors, services
from apps.org.models import Assignment, OrgUnit, Person, Position
from apps.org.services import PersonRow, SeatRow, UnitRow, loading
from apps.org.tests.factories import START

UNITS = [
    UnitRow("co", "Company", "company"),
    UnitRow("a", "A", "region", "co"),
    UnitRow("b", "B", "region", "co"),
]
PEOPLE = [PersonRow("p1", "Ann"), PersonRow("p2", "李雷")]
SEATS = [
    SeatRow("s1", "Lead", "a", True, "p1"),
    SeatRow("s2", "Seller", "a", False, "p2"),
    SeatRow("s3", "Seller", "b"),
]
EMPTY = {"units": [], "people": [], "seats": []}


def load(**rows):
    return services.load_structure(**({"units": UNITS, "people": PEOPLE, "seats": SEATS, "on": START} | rows))


def test_a_seat_that_was_there_and_gets_its_holder_is_changed(db, day):
    load()

    filled = load(
        people=[*PEOPLE, PersonRow("p3", "Cho")],
        seats=[*SEATS[:2], SeatRow("s3", "Seller", "b", False, "p3")],
    )

    assert (filled.created, filled.changed) == (1, 1)


def test_a_company_is_loaded_at_once_and_twice_is_the_same(db, day):
    first, second = load(), load()

    assert (first.created, first.changed) == (8, 0)
    assert (second.created, second.changed) == (0, 0)
    assert first.units == second.units
    assert selectors.lead_of(first.units["a"], day) == first.people["p1"]
    assert selectors.seat_of(first.people["p2"], day).unit_id == first.units["a"]
    assert [place.position.code for place in selectors.vacancies(day)] == ["s3"]


def test_a_changed_row_moves_from_its_day_on(db, day):
    load()

    changed = load(seats=[SeatRow("s3", "Seller", "b", False, "p2")], on=day)

    assert changed.changed == 1
    assert selectors.seat_of(changed.people["p2"], day).unit_id == changed.units["b"]
    assert selectors.seat_of(changed.people["p2"], START).unit_id == changed.units["a"]


def test_a_top_unit_that_stands_alone_begins_with_an_earlier_load(db, day):
    services.create_unit(code="co", name="Company", kind="company", parent_id=None, on=day)

    loaded = load()

    assert selectors.root_unit_id(START) == loaded.units["co"]
    assert selectors.subtree(loaded.units["co"], START) == set(loaded.units.values())
    assert selectors.lead_of(loaded.units["a"], START) == loaded.people["p1"]


@pytest.mark.parametrize(
    ("error", "rows"),
    [
        (loading.UnknownCode, {"units": [*UNITS, UnitRow("c", "C", "team", "nowhere")]}),
        (loading.UnknownCode, {"seats": [SeatRow("s", "S", "a", False, "nobody")]}),
        (loading.RepeatedCode, {"people": [*PEOPLE, PersonRow("p1", "Again")]}),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_loaded(db, error, rows):
    with pytest.raises(error), transaction.atomic():
        load(**rows)

    assert not OrgUnit.objects.exists()
    assert not Person.objects.exists()


def test_the_number_of_queries_does_not_grow_with_the_rows(db, django_assert_max_num_queries):
    people = [PersonRow(f"n{n}", f"N {n}") for n in range(60)]
    seats = [SeatRow(f"n{n}", "Seller", "b", False, f"n{n}") for n in range(60)]
    load()

    with django_assert_max_num_queries(25):
        load(people=people, seats=seats)

    assert Assignment.objects.count() == 62
    assert Position.objects.count() == 63


def test_as_is_keeps_everything_somewhere(company, day):
    seller = company.sellers["nj"][0]
    seat = selectors.seat_of(seller.pk, day).position_id
    for unit in (company.nanjing,):
        for person in company.sellers[unit.code]:
            place = selectors.seat_of(person.pk, day).position_id
            services.leave(person_id=person.pk, on=day)
            services.close_position(position_id=place, on=day)
        services.close_unit(unit_id=unit.pk, on=day)
    later = day + dt.timedelta(days=40)

    positions, units = selectors.as_is_units([seat, 0], [company.nanjing.pk, company.west.pk], later)

    assert positions == {seat: company.east.pk, 0: company.top.pk}
    assert units == {company.nanjing.pk: company.east.pk, company.west.pk: company.west.pk}


def test_as_is_follows_a_move_both_ways(company, day):
    seat = selectors.seat_of(company.sellers["nj"][0].pk, day).position_id
    services.move_position(position_id=seat, unit_id=company.chengdu.pk, on=day)

    assert selectors.as_is_units([seat], [], day)[0] == {seat: company.chengdu.pk}
    assert selectors.as_is_units([seat], [], day - dt.timedelta(days=1))[0] == {seat: company.nanjing.pk}
    assert selectors.as_is_units([seat], [company.nanjing.pk], dt.date(2019, 1, 1)) == (
        {seat: company.nanjing.pk},
        {company.nanjing.pk: company.nanjing.pk},
    )
