"""Roles that move money or hand out rights: one administrator asks, another one agrees."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from apps.access.matrix import needs_two
from apps.access.permissions import Permission, Role
from apps.access.scope import may
from apps.access.tests.factories import UserFactory
from apps.events.models import AuditEntry
from apps.notifications.models import Notification
from apps.org import services
from apps.org.enums import RequestState
from apps.org.models import RoleGrant, RoleRequest
from apps.org.services import grants, guards, requests
from apps.org.tests.factories import RoleGrantFactory

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
DAY = AT.date()


@pytest.fixture
def admins(company):
    """Return two system administrators of the whole company."""
    users = [UserFactory(username=name, staff=True) for name in ("first", "second")]
    for user in users:
        RoleGrantFactory(user=user, role=Role.SYSADMIN, unit=company.top)
    return users


@pytest.fixture
def asked(company, admins):
    return services.request_role(
        user=UserFactory(username="payer"),
        role=Role.COMP_ADMIN,
        unit_id=company.top.pk,
        on=DAY,
        by=admins[0],
        at=AT,
    )


def decide(asked, by, *, grant=True, today=DAY):
    return services.decide_role_request(request_id=asked.pk, grant=grant, by=by, at=AT, today=today)


@pytest.mark.parametrize(
    ("role", "two"),
    [
        (Role.EXECUTIVE, True),
        (Role.COMP_ADMIN, True),
        (Role.SYSADMIN, True),
        (Role.SALES_OPS, False),
        (Role.HR, False),
        (Role.AUDITOR, False),
    ],
)
def test_roles_that_move_money_or_hand_out_rights_need_two(role, two):
    assert needs_two(role) is two


def test_a_guarded_role_is_not_granted_by_one_person(company, admins):
    user = UserFactory()

    with pytest.raises(grants.NeedsTwoAdministrators):
        services.grant_role(user=user, role=Role.SYSADMIN, unit_id=company.top.pk, on=DAY, by=admins[0])
    with pytest.raises(IntegrityError, match="org_rolegrant_two_administrators"), transaction.atomic():
        RoleGrantFactory(user=user, role=Role.SYSADMIN, unit=company.top, granted_by=admins[0])
    with pytest.raises(IntegrityError, match="org_rolegrant_two_administrators"), transaction.atomic():
        RoleGrantFactory(
            user=user, role=Role.COMP_ADMIN, unit=company.top, granted_by=admins[0], approved_by=admins[0]
        )


def test_asking_grants_nothing_and_tells_the_other_administrators(asked, admins):
    assert not may(asked.user, Permission.RUN_APPROVE, DAY)
    assert [n.user for n in Notification.objects.filter(kind=requests.KIND)] == [admins[1]]


def test_a_second_administrator_agrees_once(asked, admins):
    decide(asked, admins[1])

    grant = RoleGrant.objects.get(user=asked.user)
    assert (grant.granted_by, grant.approved_by) == tuple(admins)
    assert may(type(asked.user).objects.get(pk=asked.user_id), Permission.RUN_APPROVE, DAY)
    with pytest.raises(requests.RequestDecided):
        decide(asked, admins[1], grant=False)
    told = Notification.objects.filter(dedupe_key=f"role-request:{asked.pk}:decided")
    assert {notice.user for notice in told} == {admins[0], asked.user}
    changes = AuditEntry.objects.filter(table__in=["org_rolerequest", "org_rolegrant"])
    assert {(entry.table, entry.action) for entry in changes.filter(row_id=str(asked.pk))} >= {
        ("org_rolerequest", "insert"),
        ("org_rolerequest", "update"),
    }


def test_neither_who_asked_nor_who_would_get_it_decides(asked, admins):
    with pytest.raises(requests.SecondAdministratorNeeded):
        decide(asked, admins[0])
    with pytest.raises(guards.ActOnOneself):
        decide(asked, asked.user)
    with pytest.raises(guards.ActOnOneself):
        services.request_role(
            user=admins[0], role=Role.COMP_ADMIN, unit_id=asked.unit_id, on=DAY, by=admins[0], at=AT
        )
    for column in ("requested_by", "user"):
        with pytest.raises(IntegrityError, match="org_rolerequest_second_person"), transaction.atomic():
            RoleRequest.objects.filter(pk=asked.pk).update(
                state=RequestState.GRANTED,
                decided_by=getattr(asked, column),
                decided_at=AT,
                grant=RoleGrantFactory(unit=asked.unit),
            )

    asked.refresh_from_db()
    assert asked.state == RequestState.WAITING


def test_a_request_is_made_once_refused_or_withdrawn(asked, admins):
    again = {"user": asked.user, "role": asked.role, "unit_id": asked.unit_id, "on": DAY, "at": AT}

    with pytest.raises(requests.AlreadyAsked):
        services.request_role(by=admins[1], **again)
    with pytest.raises(requests.SecondAdministratorNeeded):
        services.withdraw_role_request(request_id=asked.pk, by=admins[1], at=AT)
    services.withdraw_role_request(request_id=asked.pk, by=admins[0], at=AT)
    other = services.request_role(by=admins[1], **again)
    decide(other, admins[0], grant=False)

    assert not RoleGrant.objects.filter(user=asked.user).exists()
    with pytest.raises(requests.OneAdministratorIsEnough):
        services.request_role(by=admins[1], **{**again, "role": Role.HR})


def test_agreeing_late_grants_from_that_day(asked, admins):
    later = DAY + dt.timedelta(days=5)

    decide(asked, admins[1], today=later)

    assert RoleGrant.objects.get(user=asked.user).valid.lower == later


def test_the_pages_lead_from_asking_to_agreeing(company, admins, client):
    user, second = UserFactory(), Client()
    client.force_login(admins[0])
    second.force_login(admins[1])
    values = {"user": user.pk, "role": Role.COMP_ADMIN.value, "unit": company.top.pk, "on": "2026-03-02"}

    client.post(reverse("org:grant_do"), values)
    asked = RoleRequest.objects.get()
    own = client.post(reverse("org:role_agree", args=[asked.pk]), HTTP_HX_REQUEST="true")
    page = second.get(reverse("org:grants")).content.decode()
    second.post(reverse("org:role_agree", args=[asked.pk]))

    assert own.status_code == 409
    assert reverse("org:role_agree", args=[asked.pk]) in page
    assert RoleGrant.objects.get(user=user).approved_by == admins[1]


def test_an_administrator_of_a_region_hands_out_roles_there_only(company, client):
    local = RoleGrantFactory(user=UserFactory(staff=True), role=Role.SYSADMIN, unit=company.west).user
    above = RoleGrantFactory(role=Role.HR, unit=company.top)
    client.force_login(local)
    values = {"user": UserFactory().pk, "role": Role.HR.value, "unit": company.top.pk, "on": "2026-03-02"}

    granted = client.post(reverse("org:grant_do"), values)
    through_api = client.post("/api/v1/role-grants/", values, "application/json")
    revoked = client.post(reverse("org:revoke", args=[above.pk]))

    assert (granted.status_code, through_api.status_code, revoked.status_code) == (422, 404, 404)
    assert not RoleGrant.objects.filter(user=values["user"]).exists()
