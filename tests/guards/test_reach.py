"""Who reaches whose record: every route with an id, for everybody, against the matrix of roles."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.http import HttpResponse
from django.template.base import Template
from django.test import Client

from apps.access import records
from apps.access.inventory import ADMIN, PUBLIC, SIGN_IN, UNNAMED, Route, routes
from apps.access.matrix import ROLE_PERMISSIONS
from apps.access.permissions import GRANTABLE_ROLES, Permission, Role
from tests.guards import world
from tests.guards.crossing import writes
from tests.guards.objects import OWNERS_ONLY, deciding, filled, is_seen_by_all, names_an_id, object_of

pytestmark = pytest.mark.django_db

IDS = [r for r in routes() if names_an_id(r) and r.permission not in {ADMIN, PUBLIC, SIGN_IN, UNNAMED}]
NORTH = ["all@north", "manager@north", "rep@north", "ex_manager"]
TOP = [*(role.value for role in GRANTABLE_ROLES), "manager@south", "rep@south", "peer@south"]
# What these may read is put together whole; the others read the same pages.
READ_WHOLE = {"comp_admin", "manager@south", "rep@south"}
SECRETS = (world.WORDS["south"], *(str(amount) for amount in (world.PAID, world.ADJUSTED, world.SALARY)))
# Acts on records as the world has them: no later move is planned, the self-assessment is over, and only
# whoever plans for the unit of a target plan changes it as a whole.
NOT_NOW = re.compile(r"org/moves/|reviews/<[^>]+>/self/")
# A record everybody may look at is not denied to exist: the act is refused, with a sentence where it helps.
REFUSED = {302, 400, 403, 404, 409}
OF_THE_LEAD = re.compile(r"targets/requests/")
FROM_THE_TOP = {"target_plan", "target_round"}
# Whoever manages users looks after the tokens of everybody, without their secrets; the rest is scoped.
LISTS = [
    route
    for route in routes()
    if route.method == "GET" and not names_an_id(route) and route.path != "admin/access/apitoken/"
    if route.permission not in {PUBLIC, SIGN_IN, UNNAMED}
]


def test_every_route_with_an_id_says_what_the_id_stands_for():
    for route in IDS:
        object_of(route)


@pytest.mark.parametrize("kind", NORTH)
def test_nobody_of_north_reaches_a_record_of_south(kind: str, found: world.World):
    client, held, wrong = found.client(kind), permissions_of(kind), []

    for route in IDS:
        name = object_of(route)
        if name is None or Permission(route.permission) not in held:
            continue
        response, written = send(client, route, found.records["south"][name])
        fine = response.status_code in (REFUSED if is_seen_by_all(route) else {404})
        if not fine or written or tells(response):
            wrong.append(f"{route.key}: {response.status_code} {written} {tells(response)}")

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kind", ["all@north", "ex_manager"])
def test_no_list_search_or_file_for_north_tells_about_south(kind: str, found: world.World):
    client, held, wrong = found.client(kind), permissions_of(kind), []
    word, rep = world.WORDS["south"], found.people["rep@south"].pk
    asked = [f"/ui/search/?q={word}", f"/measures/why/?measure=revenue&person={rep}&period=2026"]
    for route in LISTS:
        if route.permission == ADMIN or Permission(route.permission) in held:
            asked.append(f"/{route.path}")
            if route.permission != ADMIN and not route.api:
                asked.append(f"/{route.path}?export=csv&q={word}")

    for address in asked:
        response = client.get(address)
        told = tells(response, echoed=word if "q=" in address else "")
        if told or response.status_code >= 500:
            wrong.append(f"{address}: {response.status_code} {told}")

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kind", TOP)
def test_a_role_reaches_exactly_what_the_matrix_says(kind: str, found: world.World):
    client, held, wrong = found.client(kind), permissions_of(kind), []

    for route in IDS:
        name = object_of(route)
        if name is None or Permission(route.permission) not in held:  # refused at the door: the access matrix
            continue
        wanted, denied = reaches(kind, route, name), REFUSED if is_seen_by_all(route) else {404}
        with pages(blank=wanted and kind not in READ_WHOLE):
            response, written = send(client, route, found.records["south"][name])
        client.cookies.pop("messages", None)  # what a blank page did not tell is not for the next page
        status = response.status_code
        fine = (status not in {403, 404} and status < 500) if wanted else status in denied
        if not fine or (not wanted and (written or tells(response))):
            wrong.append(f"{route.key}: {status}, in reach {wanted}, {written} {tells(response)}")

    assert not wrong, "\n".join(wrong)


@contextmanager
def pages(*, blank: bool) -> Iterator[None]:
    """Leave pages blank where only their being open matters."""
    with pytest.MonkeyPatch.context() as patch:
        if blank:
            patch.setattr(Template, "render", lambda _self, _context: "")
        yield


IN_WORLD = {"satisfaction": "response", "skill_assessment": "assessment"}


@pytest.mark.parametrize("code", sorted(code for code, _kind in records.kinds.items()))
def test_whoever_sees_a_record_is_told_why_and_nobody_else(code: str, found: world.World):
    record_id = found.records["south"][IN_WORLD.get(code, code)]
    address = f"/access/why/{code}/{record_id}/"

    own, led = (found.client(kind).get(address) for kind in ("rep@south", "manager@south"))

    assert own.status_code == 200
    assert "You lead south" in led.content.decode()
    for kind in ("all@north", "ex_manager"):
        assert found.client(kind).get(address).status_code == 404


def reaches(kind: str, route: Route, name: str) -> bool:
    """Return what the matrix of roles says about a record of the rep of South."""
    permission = deciding(route)
    if NOT_NOW.match(route.path):
        return False
    if kind == "rep@south":
        return not OF_THE_LEAD.match(route.path)
    if permission is None or name in OWNERS_ONLY:
        return False
    if permission == Permission.STRATEGY_VIEW and route.method == "GET":
        return True  # in force: all of the unit and everybody above it
    if kind.startswith("manager") and name in FROM_THE_TOP:
        return False
    roles = [role for role in Role if role.value == kind.partition("@")[0]]
    return any(permission in ROLE_PERMISSIONS[role] for role in roles)


def permissions_of(kind: str) -> frozenset[Permission]:
    """Return what somebody holds at all."""
    name = kind.partition("@")[0]
    roles = {Role.SELF, *(role for role in Role if role.value == name)}
    if name == "all":
        roles = set(Role) - {Role.MANAGER}
    return frozenset().union(*(ROLE_PERMISSIONS[role] for role in roles))


def send(client: Client, route: Route, record_id: int | tuple[int, ...]) -> tuple[HttpResponse, list[str]]:
    """Cross a route with the id of a record and nothing else; return the answer and what was written."""
    path = filled(route, record_id)
    with world.undone(), writes() as written:
        if route.method == "GET":
            return client.get(path), written
        kind = "application/json" if route.api else "application/x-www-form-urlencoded"
        send = getattr(client, route.method.lower())
        return send(path, data="{}" if route.api else "", content_type=kind, HTTP_IF_MATCH='"1"'), written


def tells(response: HttpResponse, echoed: str = "") -> list[str]:
    """Return the secrets of South that an answer gives away; the word that was asked for may be repeated."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    text = body.decode(errors="replace") + str(response.headers)
    given = [secret for secret in SECRETS if secret in text or secret in text.replace(",", "")]
    if echoed in given and not re.search(rf"{echoed}[ -](Works|Contact|deal|visit|plan|news|work)", text):
        given.remove(echoed)
    return given
