"""Every page and dialog of the organisation, as the people who may open it."""

import datetime as dt

import pytest
from django.urls import reverse

from apps.access.permissions import Role
from apps.access.tests.factories import UserFactory
from apps.core import clock
from apps.org import selectors, services
from apps.org.models import OrgUnit, Person, RoleGrant
from apps.org.tests.factories import PositionFactory, RoleGrantFactory, seated
from apps.org.views.dialogs import DIALOGS

SHEET = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "sheet"}


@pytest.fixture
def hr(company, client):
    user = UserFactory(username="hr")
    seated(company.west, user=user)
    RoleGrantFactory(user=user, unit=company.top, role=Role.HR)
    RoleGrantFactory(user=user, unit=company.top, role=Role.SYSADMIN)
    client.force_login(user)
    return user


def dialog_url(dialog, company):
    position = selectors.seat_of(company.sellers["sh"][0].pk, clock.today()).position_id
    subjects = {"units": company.nanjing.pk, "seats": position, "people": company.sellers["sh"][0].pk}
    args = [subjects[dialog.route.split("/")[0]]] if "<int:pk>" in dialog.route else []
    return reverse(f"org:{dialog.name}", args=args)


@pytest.mark.parametrize("page", ["chart", "people", "vacancies", "spans"])
def test_everybody_opens_the_directory_pages(company, client, page):
    client.force_login(company.sellers["sh"][0].user)

    response = client.get(reverse(f"org:{page}"))

    assert response.status_code == 200


def test_the_pages_of_a_unit_a_person_and_a_seat_open(company, client):
    seller = company.sellers["sh"][0]
    client.force_login(seller.user)
    seat = selectors.seat_of(seller.pk, clock.today()).position_id

    unit = client.get(reverse("org:unit", args=[company.shanghai.pk]))
    person = client.get(reverse("org:person", args=[seller.pk]))

    assert "Shanghai lead" in unit.content.decode()
    assert "Shanghai lead" in person.content.decode()
    assert client.get(reverse("org:seat", args=[seat])).status_code == 200
    assert client.get(reverse("org:branch", args=[company.east.pk])).status_code == 200
    assert reverse("org:unit_move", args=[company.shanghai.pk]) not in unit.content.decode()


def test_search_in_the_chart_keeps_the_branch_above(company, client):
    client.force_login(company.boss.user)

    text = client.get(reverse("org:chart"), {"q": "Chengdu 1"}).content.decode()

    assert "Chengdu 1" in text
    assert "West" in text
    assert "Nanjing" not in text


def test_the_chart_shows_the_day_asked_for(company, client, day):
    services.move_unit(unit_id=company.nanjing.pk, parent_id=company.west.pk, on=day)
    client.force_login(company.boss.user)

    before, after = (
        client.get(reverse("org:chart"), {"as_of": on.isoformat()}).context["tops"][0]
        for on in (day - dt.timedelta(days=1), day)
    )

    assert [child.name for child in before.children[0].children] == ["Nanjing", "Shanghai"]
    assert [child.name for child in after.children[0].children] == ["Shanghai"]


def test_the_directory_costs_the_same_for_few_and_many(company, client, django_assert_max_num_queries):
    client.force_login(company.boss.user)
    client.get(reverse("org:people"))
    for _ in range(12):
        seated(company.chengdu)

    with django_assert_max_num_queries(20):
        response = client.get(reverse("org:people"))

    assert response.content.decode().count("cell-link") >= 20


@pytest.mark.parametrize("dialog", DIALOGS, ids=lambda dialog: dialog.name)
def test_a_dialog_opens_for_those_who_may_and_nobody_else(company, hr, client, dialog):
    url = dialog_url(dialog, company)

    assert client.get(url, **SHEET).status_code == 200
    assert client.post(dialog_url(dialog, company) + "do/", {}, **SHEET).status_code == 422
    assert client.post(url).status_code == 405
    client.force_login(company.sellers["nj"][0].user)
    assert client.get(url, **SHEET).status_code == 403
    assert client.post(url + "do/", {}, **SHEET).status_code == 403


def test_a_grant_in_one_region_does_not_reach_the_other(company, client):
    grant = RoleGrantFactory(unit=company.west, role=Role.HR)
    client.force_login(grant.user)
    today = clock.today().isoformat()

    own = client.post(
        reverse("org:unit_add_do", args=[company.west.pk]),
        {"name": "New", "code": "new", "kind": "team", "on": today},
    )
    foreign = client.post(
        reverse("org:unit_add_do", args=[company.east.pk]),
        {"name": "Other", "code": "other", "kind": "team", "on": today},
    )

    assert (own.status_code, foreign.status_code) == (302, 404)
    assert list(OrgUnit.objects.filter(code__in=["new", "other"]).values_list("code", flat=True)) == ["new"]


def test_a_hire_through_the_sheet_fills_the_seat(company, hr, client):
    vacancy = PositionFactory(unit=company.chengdu)

    response = client.post(
        reverse("org:hire_do"),
        {"name": "李雷", "external_id": "N7", "position": vacancy.pk, "on": clock.today().isoformat()},
        **SHEET,
    )

    person = Person.objects.get(external_id="N7")
    assert response.headers["HX-Redirect"] == reverse("org:person", args=[person.pk])
    assert selectors.seat_of(person.pk, clock.today()).position_id == vacancy.pk


def test_a_leave_is_taken_back_on_the_page_by_who_may(company, hr, client):
    seller, colleague = company.sellers["nj"]
    page, undo = (reverse(f"org:{name}", args=[seller.pk]) for name in ("person", "undo_leave"))
    services.leave(person_id=seller.pk, on=clock.today())
    client.force_login(colleague.user)

    assert undo not in client.get(page).content.decode()
    assert client.post(undo).status_code == 403
    assert client.get(undo).status_code == 405
    client.force_login(hr)
    assert undo in client.get(page).content.decode()
    assert client.post(undo, **SHEET).headers["HX-Redirect"] == page
    assert selectors.seat_of(seller.pk, clock.today()).unit_id == company.nanjing.pk
    assert undo not in client.get(page).content.decode()
    assert client.post(undo, **SHEET).status_code == 409


def test_a_refusal_names_the_field_and_changes_nothing(company, hr, client):
    response = client.post(
        reverse("org:unit_move_do", args=[company.east.pk]),
        {"parent": company.shanghai.pk, "on": clock.today().isoformat()},
        **SHEET,
    )

    assert response.status_code == 409
    assert response.context["form"].errors["parent"]
    assert company.shanghai.pk in selectors.subtree(company.east.pk, clock.today())


def test_a_grant_is_given_and_taken_back(company, hr, client):
    user = UserFactory()
    today = clock.today().isoformat()
    values = {"user": user.pk, "role": Role.AUDITOR.value, "unit": company.top.pk, "on": today}

    client.post(reverse("org:grant_do"), values)
    grant = RoleGrant.objects.get(user=user)
    assert client.get(reverse("org:grants")).status_code == 200
    client.post(reverse("org:revoke", args=[grant.pk]))

    assert not RoleGrant.objects.filter(user=user).exists()


def test_a_scheduled_move_is_cancelled_on_the_page(company, hr, client):
    later = clock.today() + dt.timedelta(days=30)
    place = services.move_unit(unit_id=company.nanjing.pk, parent_id=company.west.pk, on=later)

    answer = client.post(reverse("org:cancel_move", args=[place.pk]), HTTP_HX_REQUEST="true")

    assert company.nanjing.pk in selectors.subtree(company.east.pk, later)
    assert "The move is cancelled." in client.get(answer["HX-Redirect"]).content.decode()
