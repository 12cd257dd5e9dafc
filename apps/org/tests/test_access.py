"""Who reaches what, on which day."""

import datetime as dt

import pytest
from django.urls import reverse

from apps.access.permissions import Permission, Role
from apps.access.scope import may, port, scope_of
from apps.access.tests.factories import UserFactory
from apps.org import selectors, services
from apps.org.models import Assignment, Person, UnitParent
from apps.org.tests.factories import OrgUnitFactory, RoleGrantFactory, seated


def fresh(user):
    return type(user).objects.get(pk=user.pk)


def test_a_seller_reaches_only_themselves(company, day):
    seller = company.sellers["sh"][0]

    scope = scope_of(fresh(seller.user), Permission.DEAL_VIEW, day)

    assert scope.person_ids == {seller.pk}
    assert scope.unit_ids == frozenset()
    assert not scope.everything


def test_a_lead_reaches_the_subtree_and_nobody_else(company, day):
    scope = scope_of(fresh(company.east_lead.user), Permission.DEAL_VIEW, day)

    expected = [company.east_lead, company.shanghai_lead, *company.sellers["sh"], *company.sellers["nj"]]
    assert scope.unit_ids == {company.east.pk, company.shanghai.pk, company.nanjing.pk}
    assert scope.person_ids == {person.pk for person in expected}


def test_the_lead_of_the_top_and_a_grant_at_the_top_reach_everything(company, day):
    grant = RoleGrantFactory(unit=company.top, role=Role.AUDITOR)

    assert scope_of(fresh(company.boss.user), Permission.DEAL_VIEW, day).everything
    assert scope_of(grant.user, Permission.DEAL_VIEW, day).everything
    assert not may(grant.user, Permission.DEAL_EDIT, day)


def test_a_grant_reaches_the_subtree_of_its_unit(company, day):
    grant = RoleGrantFactory(unit=company.west, role=Role.SALES_OPS)

    scope = scope_of(grant.user, Permission.DEAL_VIEW, day)

    assert scope.unit_ids == {company.west.pk, company.chengdu.pk}
    assert Permission.TARGET_APPROVE not in scope.roles


@pytest.mark.parametrize("acting", [False, True])
def test_a_handover_changes_access_on_its_day(company, day, acting):
    """Check 14: until the day the old lead, from the day the new one."""
    old, new = company.shanghai_lead, company.sellers["nj"][0]
    seat = selectors.seat_of(old.pk, day).position_id
    services.end_assignment(assignment_id=Assignment.objects.get(person=old).pk, on=day)
    if acting:
        services.set_acting(position_id=seat, person_id=new.pk, on=day)
    else:
        services.move_person(person_id=new.pk, position_id=seat, on=day)

    before = day - dt.timedelta(days=1)
    seller = company.sellers["sh"][0].pk
    assert scope_of(fresh(old.user), Permission.DEAL_VIEW, before).covers_person(seller)
    assert not scope_of(fresh(new.user), Permission.DEAL_VIEW, before).covers_person(seller)
    assert not scope_of(fresh(old.user), Permission.DEAL_VIEW, day).covers_person(seller)
    assert scope_of(fresh(new.user), Permission.DEAL_VIEW, day).covers_person(seller)


def test_somebody_who_left_reaches_nothing_and_stays_visible_to_the_last_lead(company, day):
    seller = company.sellers["sh"][0]
    services.leave(person_id=seller.pk, on=day)

    assert not may(fresh(seller.user), Permission.HOME, day)
    assert scope_of(fresh(company.shanghai_lead.user), Permission.DEAL_VIEW, day).covers_person(seller.pk)
    assert not scope_of(fresh(company.west_lead.user), Permission.DEAL_VIEW, day).covers_person(seller.pk)


def test_a_user_without_a_person_may_use_what_everybody_may(company, day):
    user = UserFactory()

    scope = scope_of(user, Permission.HOME, day)

    assert scope
    assert scope.person_ids == frozenset()
    assert not may(user, Permission.DEAL_EDIT, day)


def test_every_lead_reaches_exactly_what_a_walk_down_reaches(company, day):
    """Check 13, over a wider and deeper tree."""
    parents, leads = [company.east, company.west, company.chengdu], {}
    for n in range(12):
        unit = OrgUnitFactory(parent=parents[n % len(parents)])
        parents.append(unit)
        leads[unit.pk] = seated(unit, lead=True, user=UserFactory())
        seated(unit)
    edges = list(UnitParent.objects.on(day).values_list("unit_id", "parent_id"))

    for unit_id, lead in leads.items():
        below, frontier = {unit_id}, {unit_id}
        while frontier := {child for child, parent in edges if parent in frontier}:
            below |= frontier
        people = {
            person.pk
            for person in Person.objects.all()
            if (seat := selectors.seat_of(person.pk, day)) and seat.unit_id in below
        }
        scope = scope_of(fresh(lead.user), Permission.DEAL_VIEW, day)
        assert scope.unit_ids == below
        assert scope.person_ids == people


def test_a_request_pays_two_queries_for_all_its_permissions(company, day, django_assert_num_queries):
    user = fresh(company.east_lead.user)

    with django_assert_num_queries(2):
        for permission in (
            Permission.DEAL_VIEW,
            Permission.TARGET_EDIT,
            Permission.HOME,
            Permission.RUN_VIEW,
        ):
            scope_of(user, permission, day)


def test_why_a_record_is_in_reach_is_said_in_words(company, day):
    lead, seller = company.shanghai_lead, company.sellers["sh"][0]

    sentences = port.answer.explain(fresh(lead.user), [seller.pk], [company.shanghai.pk], day)
    own = port.answer.explain(fresh(seller.user), [seller.pk], [], day)

    assert sentences == ["You lead Shanghai, and it belongs to that unit."]
    assert own == ["It is your own record."]
    assert port.answer.explain(fresh(company.west_lead.user), [seller.pk], [company.shanghai.pk], day) == []


def test_the_page_of_permissions_shows_every_permission(company, client):
    client.force_login(RoleGrantFactory(role=Role.SYSADMIN, unit=company.top).user)

    page = client.get(reverse("access:matrix")).content.decode()

    assert all(f"<code>{permission.value}</code>" in page for permission in Permission)
