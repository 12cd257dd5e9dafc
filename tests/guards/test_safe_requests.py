"""Nothing changes without a token of the page, and nothing at all by looking."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from apps.access.inventory import ADMIN, PUBLIC, SIGN_IN, Route, routes
from apps.access.permissions import KEPT_NOWHERE
from tests.guards import company
from tests.guards.crossing import cross, sweepable, writes

pytestmark = pytest.mark.django_db

ALL = [route for route in routes() if sweepable(route)]


@dataclass(frozen=True)
class Look:
    """What looking at one route answered and wrote."""

    route: Route
    status: int
    headers: dict[str, str]
    written: list[str]


@pytest.fixture(scope="module")
def somebody(django_db_setup: None, django_db_blocker: Any) -> Iterator[Client]:
    with django_db_blocker.unblock(), company.standing() as made:
        client = Client(enforce_csrf_checks=True)
        client.force_login(made.users["everything"])
        yield client


@pytest.fixture(scope="module")
def looks(somebody: Client) -> list[Look]:
    """Return the answer of every page to somebody who may see them all, asked from a foreign page."""
    made = []
    for route in ALL:
        if route.method == "GET":
            with writes() as written:
                response = cross(somebody, route, HTTP_ORIGIN="https://evil.example")
            made.append(Look(route, response.status_code, dict(response.headers), written))
    return made


def test_every_unsafe_request_without_the_page_token_is_refused(somebody: Client):
    wrong = []

    for route in ALL:
        if route.method == "GET" or route.permission == PUBLIC:
            continue
        with writes() as written:
            status = cross(somebody, route).status_code
        if status not in {403, 405} or written:
            wrong.append(f"{route.key}: {status} {written}")

    assert not wrong, "\n".join(wrong)


def test_looking_changes_nothing(looks: list[Look]):
    assert not [f"{look.route.key}: {look.written}" for look in looks if look.written]


def test_every_answer_carries_the_security_headers(looks: list[Look]):
    wrong = []

    for look in looks:
        policy = look.headers.get("Content-Security-Policy", "")
        loose = "unsafe" in policy and look.route.permission != ADMIN
        closed = all(part in policy for part in ("object-src 'none'", "base-uri 'none'", "frame-ancestors"))
        plain = look.headers.get("X-Content-Type-Options") == "nosniff"
        foreign = "Access-Control-Allow-Origin" in look.headers
        if loose or not closed or not plain or foreign:
            wrong.append(f"{look.route.key}: {look.status} {policy}")

    assert not wrong, "\n".join(wrong)


def test_pay_and_evaluations_stay_in_no_cache(looks: list[Look]):
    private = {permission.value for permission in KEPT_NOWHERE}

    kept = [
        look.route.key
        for look in looks
        if look.route.permission in private and look.status == 200
        if "no-store" not in look.headers.get("Cache-Control", "")
    ]

    assert not kept


def test_sign_in_pages_exist_without_signing_in(db: None):
    client = Client()

    for route in ALL:
        if route.permission == SIGN_IN and route.method == "GET":
            assert cross(client, route).status_code < 500


def test_the_deployment_check_finds_nothing(monkeypatch: pytest.MonkeyPatch, settings):
    settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 63_072_000, True
    settings.SECURE_HSTS_PRELOAD = True

    call_command("check", "--deploy", "--fail-level", "WARNING", "--tag", "security", stdout=io.StringIO())
