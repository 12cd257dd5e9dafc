"""Nothing changes without a token of the page, and nothing at all by looking."""

import io

import pytest
from django.core.management import call_command
from django.test import Client

from apps.access.inventory import ADMIN, PUBLIC, SIGN_IN, routes
from apps.access.permissions import KEPT_NOWHERE
from tests.guards import company
from tests.guards.crossing import cross, sweepable, writes

ALL = [route for route in routes() if sweepable(route)]


@pytest.fixture
def somebody(db: None) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(company.found().users["everything"])
    return client


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


def test_looking_changes_nothing(somebody: Client):
    wrong = []

    for route in ALL:
        if route.method != "GET":
            continue
        with writes() as written:
            cross(somebody, route)
        if written:
            wrong.append(f"{route.key}: {written}")

    assert not wrong, "\n".join(wrong)


def test_every_answer_carries_the_security_headers(somebody: Client):
    wrong = []

    for route in ALL:
        if route.method != "GET":
            continue
        response = cross(somebody, route, HTTP_ORIGIN="https://evil.example")
        policy = response.headers.get("Content-Security-Policy", "")
        loose = "unsafe" in policy and route.permission != ADMIN
        closed = all(part in policy for part in ("object-src 'none'", "base-uri 'none'", "frame-ancestors"))
        plain = response.headers.get("X-Content-Type-Options") == "nosniff"
        foreign = "Access-Control-Allow-Origin" in response.headers
        if loose or not closed or not plain or foreign:
            wrong.append(f"{route.key}: {response.status_code} {policy}")

    assert not wrong, "\n".join(wrong)


def test_pay_and_evaluations_stay_in_no_cache(somebody: Client):
    private = [r for r in ALL if r.method == "GET" and r.permission in {p.value for p in KEPT_NOWHERE}]

    kept = [
        route.key
        for route in private
        if (response := cross(somebody, route)).status_code == 200
        and "no-store" not in response.headers.get("Cache-Control", "")
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
