"""The dated structure: closure against an oracle, cycles, one root, moves and closings."""

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.access.tests.factories import UserFactory
from apps.calendars import services as calendar_services
from apps.calendars.models import FiscalPeriod
from apps.core import clock
from apps.core.effective import span
from apps.core.errors import DomainError
from apps.org import selectors, services
from apps.org.models import OrgUnit, UnitClosure, UnitParent
from apps.org.services import units
from apps.org.services.closure import ParentMissing
from apps.org.services.guards import PeriodClosed
from apps.org.tests.factories import START, OrgUnitFactory, seated


def oracle(day: dt.date) -> set[tuple[int, int, int]]:
    """Return (ancestor, descendant, depth) of a day by walking up from every unit."""
    parent = dict(UnitParent.objects.on(day).values_list("unit_id", "parent_id"))
    found = set()
    for unit in parent:
        above, depth = unit, 0
        while above is not None:
            found.add((above, unit, depth))
            above, depth = parent[above], depth + 1
    return found


def closure(day: dt.date) -> list[tuple[int, int, int]]:
    return list(UnitClosure.objects.on(day).values_list("ancestor_id", "descendant_id", "depth"))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moves=st.lists(
        st.tuples(st.integers(1, 7), st.integers(0, 7), st.integers(0, 400)), min_size=1, max_size=12
    )
)
def test_the_closure_equals_a_walk_up_the_edges_on_every_day(db, moves):
    with transaction.atomic():
        made = [services.create_unit(code="top", name="Top", kind="company", parent_id=None, on=START)]
        for n in range(7):
            unit = services.create_unit(
                code=f"u{n}", name=f"U{n}", kind="team", parent_id=made[n // 2].pk, on=START
            )
            made.append(unit)
        for unit, parent, offset in moves:
            try:
                with transaction.atomic():
                    services.move_unit(
                        unit_id=made[unit].pk, parent_id=made[parent].pk, on=START + dt.timedelta(days=offset)
                    )
            except DomainError:
                continue

        for day in {START, *(START + dt.timedelta(days=offset) for _, _, offset in moves)}:
            rows = closure(day)
            assert len(rows) == len(set(rows))
            assert set(rows) == oracle(day)
        transaction.set_rollback(True)


def test_a_move_takes_effect_on_its_day_and_not_before(company, day):
    services.move_unit(unit_id=company.nanjing.pk, parent_id=company.west.pk, on=day)

    assert company.nanjing.pk in selectors.subtree(company.east.pk, day - dt.timedelta(days=1))
    assert company.nanjing.pk not in selectors.subtree(company.east.pk, day)
    assert [unit.name for unit in selectors.unit_path(company.nanjing.pk, day)] == [
        "Company",
        "West",
        "Nanjing",
    ]
    assert selectors.structure_dates(day, day + dt.timedelta(days=1)) == [day]
    assert selectors.structure_dates(day - dt.timedelta(days=9), day) == []


def test_a_scheduled_move_can_be_cancelled_before_its_day(company, day):
    place = services.move_unit(unit_id=company.nanjing.pk, parent_id=company.west.pk, on=day)

    services.cancel_unit_move(place_id=place.pk, today=day - dt.timedelta(days=1))

    assert company.nanjing.pk in selectors.subtree(company.east.pk, day)
    assert UnitParent.objects.filter(unit=company.nanjing).count() == 1


def test_a_move_in_force_cannot_be_cancelled(company, day):
    place = services.move_unit(unit_id=company.nanjing.pk, parent_id=company.west.pk, on=day)

    with pytest.raises(units.NotScheduled):
        services.cancel_unit_move(place_id=place.pk, today=day)


def test_a_unit_cannot_move_below_itself_and_nothing_changes(company, day):
    before = closure(day)

    with pytest.raises(units.UnitCycle) as refusal:
        services.move_unit(unit_id=company.east.pk, parent_id=company.shanghai.pk, on=day)

    assert "parent" in refusal.value.fields
    assert sorted(closure(day)) == sorted(before)


def test_a_later_scheduled_move_counts_when_a_cycle_is_judged(company, day):
    later = day + dt.timedelta(days=30)
    services.move_unit(unit_id=company.east.pk, parent_id=company.west.pk, on=later)

    with pytest.raises(units.UnitCycle):
        services.move_unit(unit_id=company.west.pk, parent_id=company.shanghai.pk, on=day)


@pytest.mark.parametrize("length", [2, 50])
def test_the_database_itself_refuses_a_cycle(db, length):
    top = OrgUnitFactory()
    chain = [OrgUnit.objects.create(code=f"c{n}", name=f"C{n}") for n in range(length)]
    edges = [UnitParent(unit=unit, parent=chain[n - 1], valid=span(START)) for n, unit in enumerate(chain)]

    with pytest.raises(IntegrityError, match="inside itself"), transaction.atomic():
        UnitParent.objects.bulk_create(edges)

    assert selectors.subtree(top.pk, START) == {top.pk}


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("org_unitparent_not_itself", lambda c: {"unit": c.free, "parent": c.free, "valid": span(START)}),
        ("org_unitparent_one_root", lambda c: {"unit": c.free, "parent": None, "valid": span(START)}),
        ("org_unitparent_no_overlap", lambda c: {"unit": c.east, "parent": c.west, "valid": span(START)}),
        ("org_unitparent_dated", lambda c: {"unit": c.free, "parent": c.west, "valid": span(None, START)}),
    ],
)
def test_a_constraint_refuses_a_bad_place(company, name, make):
    company.free = OrgUnit.objects.create(code="free", name="Free")

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        UnitParent.objects.create(**make(company))


def test_a_unit_with_seats_or_units_is_not_closed(company, day):
    with pytest.raises(units.UnitInUse):
        services.close_unit(unit_id=company.east.pk, on=day)

    assert company.east.pk in selectors.subtree(company.top.pk, day)


def test_an_empty_unit_closes_on_its_day_and_keeps_its_history(company, day):
    empty = services.create_unit(code="e", name="Empty", kind="team", parent_id=company.east.pk, on=START)

    services.close_unit(unit_id=empty.pk, on=day)

    assert empty.pk in selectors.subtree(company.east.pk, day - dt.timedelta(days=1))
    assert empty.pk not in selectors.subtree(company.east.pk, day)


def test_a_unit_never_outlives_its_parent(company, day):
    UnitParent.objects.filter(unit=company.west).update(valid=span(START, day))

    with pytest.raises(ParentMissing):
        units.rebuild_closure()


@pytest.mark.parametrize(
    ("error", "values"),
    [
        (units.CodeTaken, {"code": "east"}),
        (units.RootExists, {"parent_id": None}),
        (units.UnitMissing, {"on": dt.date(2019, 1, 1)}),
    ],
)
def test_a_unit_is_refused(company, day, error, values):
    given = {"code": "new", "name": "New", "kind": "team", "parent_id": company.east.pk, "on": day} | values

    with pytest.raises(error):
        services.create_unit(**given)

    assert OrgUnit.objects.count() == 6


def test_a_change_in_a_closed_period_is_refused(company, day):
    calendar_services.ensure_years(2026, 2026)
    FiscalPeriod.objects.filter(code="2026-M06").update(closed_at=clock.now(), closed_by=UserFactory())

    with pytest.raises(PeriodClosed):
        services.move_unit(unit_id=company.nanjing.pk, parent_id=company.west.pk, on=day)


def test_the_tree_counts_seats_and_costs_three_queries(company, day, django_assert_num_queries):
    seated(company.chengdu)

    with django_assert_num_queries(3):
        [top] = selectors.tree(day)

    assert [child.name for child in top.children] == ["East", "West"]
    assert (top.all_seats, top.all_filled, top.all_vacant) == (11, 11, 0)
    assert [(node.name, node.depth) for node in top.walk()][:3] == [
        ("Company", 0),
        ("East", 1),
        ("Nanjing", 2),
    ]
    assert top.children[0].lead_name == "East lead"


@pytest.mark.django_db(transaction=True)
def test_two_units_moved_into_each_other_at_once_stay_acyclic(day):
    with transaction.atomic():
        top = services.create_unit(code="t", name="T", kind="company", parent_id=None, on=START)
        pair = [
            services.create_unit(code=code, name=code, kind="team", parent_id=top.pk, on=START)
            for code in "ab"
        ]
    outcome = []

    def move(unit: OrgUnit, below: OrgUnit) -> None:
        try:
            with transaction.atomic():
                services.move_unit(unit_id=unit.pk, parent_id=below.pk, on=day)
            outcome.append("moved")
        except DomainError:
            outcome.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=move, args=args) for args in (pair, pair[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcome) == ["moved", "refused"]
    assert set(closure(day)) == oracle(day)
    assert selectors.root_unit_id(day) == top.pk
