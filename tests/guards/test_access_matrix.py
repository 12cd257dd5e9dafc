"""The access matrix, executed: every route, every role, and nothing written where the answer is no."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.template.base import Template
from django.test import Client

from apps.access.admin_site import DOORS
from apps.access.inventory import ADMIN, PUBLIC, SIGN_IN, UNNAMED, Route, routes
from apps.access.management.commands.access_matrix import reviewed
from apps.access.matrix import ROLE_PERMISSIONS
from apps.access.permissions import Permission
from apps.access.rules import permissions_of
from apps.access.tests.factories import ApiTokenFactory
from apps.core import clock
from tests.guards import company
from tests.guards.crossing import cross, sweepable, writes

# The door of the administration leads on to the same page.
SIGN_IN_PAGES = ("/accounts/login/", "/admin/login/")
pytestmark = pytest.mark.django_db

OPEN_TO_ALL = {PUBLIC, SIGN_IN, UNNAMED}  # a route without a name fails a test of its own
GUARDED = [route for route in routes() if route.permission not in OPEN_TO_ALL and sweepable(route)]
# Who holds the same roles passes the same routes; whose records they reach is the matter of test_reach.
KINDS = [kind for kind in company.HOLDS if kind not in {"peer", "stranger", "ex_manager"}]


@pytest.fixture(scope="module")
def people(django_db_setup: None, django_db_blocker: Any) -> Iterator[company.Company]:
    with django_db_blocker.unblock(), company.standing() as made:
        yield made


def swept(kind: str) -> list[Route]:
    """Return the routes that one kind of person tries.

    All routes of the administration have the same door, which looks at the person only: those who may
    pass it share the routes behind it among them, and so do those who may not.
    """
    alike = [one for one in KINDS if may_enter(one) == may_enter(kind)]
    mine = [route for route in GUARDED if route.permission == ADMIN][alike.index(kind) :: len(alike)]
    return [route for route in GUARDED if route.permission != ADMIN] + mine


def may_enter(kind: str) -> bool:
    """Tell whether the matrix lets somebody into the administration."""
    held = frozenset().union(*(ROLE_PERMISSIONS[role] for role in company.HOLDS[kind]))
    return any(permission in held for permission in DOORS)


@pytest.fixture(autouse=True)
def _blank_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the pages blank: who passes is asked here some 18,000 times, what they read elsewhere."""
    monkeypatch.setattr(Template, "render", lambda _self, _context: "")


def allowed(kind: str, route: Route) -> bool:
    """Return what the matrix says."""
    if route.permission == ADMIN:
        return may_enter(kind)
    held = frozenset().union(*(ROLE_PERMISSIONS[role] for role in company.HOLDS[kind]))
    return Permission(route.permission) in held


def test_every_route_names_its_permission():
    unnamed = [route.key for route in routes() if route.permission == UNNAMED]

    assert not unnamed, "Guard these with @page, @action, @public or required_permissions: " + ", ".join(
        unnamed
    )


def test_every_route_is_in_the_reviewed_matrix():
    now, known = {route.key: route.permission for route in routes()}, reviewed()

    different = sorted(key for key in now.keys() | known.keys() if now.get(key) != known.get(key))

    assert not different, (
        "Routes changed. Run `python manage.py access_matrix --write` and have the diff of "
        "tests/guards/access_matrix.yml reviewed as a change of policy: " + ", ".join(different)
    )


def test_every_named_permission_exists():
    names = {route.permission for route in routes()} - OPEN_TO_ALL - {ADMIN}

    assert names <= set(Permission.values)


@pytest.mark.parametrize("kind", KINDS)
def test_each_role_passes_exactly_the_routes_of_the_matrix(kind: str, people: company.Company):
    client = Client()
    client.force_login(people.users[kind])
    wrong = []

    for route in swept(kind):
        with writes() as written:
            status = cross(client, route).status_code
        if not allowed(kind, route):
            if status != 403 or written:
                wrong.append(f"{route.key}: should be refused, answered {status}, wrote {written}")
        elif (status == 403 and route.permission != ADMIN) or status >= 500:
            wrong.append(f"{route.key}: should be open, answered {status}")

    assert not wrong, "\n".join(wrong)


def test_strangers_are_sent_to_the_sign_in_page(people: company.Company):
    client, wrong = Client(), []

    for route in GUARDED:
        with writes() as written:
            response = cross(client, route)
        if not _sent_away(route, response) or written:
            wrong.append(
                f"{route.key}: {response.status_code} {response.headers.get('Location', '')} {written}"
            )

    assert not wrong, "\n".join(wrong)


def test_a_token_passes_what_its_scopes_and_its_owner_allow_and_only_in_the_api(people: company.Company):
    now = clock.now()
    ApiTokenFactory(
        owner=people.users["everything"],
        label="sweep",
        scopes=["read"],
        created_at=now,
        expires_at=now + dt.timedelta(days=1),
    )
    scope, wrong = permissions_of(["read"]), []

    for route in GUARDED:
        with writes() as written:
            response = cross(Client(), route, HTTP_AUTHORIZATION="Bearer so_sweep")
        status = response.status_code
        if not route.api:
            fine = _to_sign_in(response) and not written
        elif Permission(route.carried) in scope:
            fine = status not in {401, 403} and status < 500
        else:
            fine = status == 403 and not written
        if not fine:
            wrong.append(f"{route.key}: {status} {written}")

    assert not wrong, "\n".join(wrong)


def test_a_closed_account_passes_nothing(people: company.Company):
    client = Client()
    client.force_login(people.users["everything"])
    type(people.users["everything"]).objects.filter(username="everything").update(is_active=False)

    wrong = [route.key for route in GUARDED if not _sent_away(route, cross(client, route))]

    assert not wrong


def _sent_away(route: Route, response: HttpResponse) -> bool:
    if route.api:
        return response.status_code in {401, 403}
    return _to_sign_in(response)


def _to_sign_in(response: HttpResponse) -> bool:
    return response.status_code == 302 and response.headers["Location"].startswith(SIGN_IN_PAGES)
