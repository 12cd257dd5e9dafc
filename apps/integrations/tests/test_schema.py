"""The description of the API: complete, without warnings, and the same as the committed file."""

import io
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS

from apps.access.tests.factories import UserFactory

COMMITTED = Path(__file__).parents[3] / "docs" / "openapi.yaml"


@pytest.fixture(scope="module")
def described() -> str:
    GENERATOR_STATS.reset()
    out = io.StringIO()
    call_command("spectacular", "--validate", stdout=out, stderr=out)
    assert not GENERATOR_STATS, "manage.py spectacular warns; run it and mend what it names"
    return out.getvalue()


def test_the_description_is_the_committed_one(described: str):
    now, kept = yaml.safe_load(described), yaml.safe_load(COMMITTED.read_text())

    moved = sorted(
        name
        for part in ("paths", "components")
        for name in {**flat(now[part]), **flat(kept[part])}
        if flat(now[part]).get(name) != flat(kept[part]).get(name)
    )

    assert not moved, (
        f"The API changed: {', '.join(moved)}. Run `python manage.py spectacular --file docs/openapi.yaml` "
        "and have the diff reviewed."
    )


def flat(part: dict) -> dict:
    """Return paths as they are and components by their own names."""
    if "schemas" in part:
        return {f"{kind}.{name}": one for kind, found in part.items() for name, one in found.items()}
    return part


def test_every_operation_is_tagged_described_guarded_and_refuses_alike(described: str):
    paths = yaml.safe_load(described)["paths"]
    calls = [(f"{method} {path}", call) for path, item in paths.items() for method, call in item.items()]

    poor = [
        name
        for name, call in calls
        if not call.get("description")
        or not call["tags"]
        or call["security"] != [{"bearerToken": []}, {"session": []}]
        or not {"400", "401", "403"} <= set(call["responses"])
    ]

    assert len(calls) > 30
    assert not poor


@pytest.mark.django_db
def test_only_people_who_signed_in_read_the_description():
    client = Client()

    refused = client.get("/api/v1/schema/"), client.get("/api/docs/")
    client.force_login(UserFactory())
    shown = client.get("/api/v1/schema/"), client.get("/api/docs/")

    assert [response.status_code for response in refused] == [401, 302]
    assert [response.status_code for response in shown] == [200, 200]
    assert "/api/v1/opportunities/" in shown[1].content.decode()


@pytest.mark.django_db
def test_the_root_lists_what_there_is_and_every_address_answers():
    client = Client()
    assert client.get("/api/v1/").status_code == 401
    client.force_login(UserFactory())

    index = client.get("/api/v1/").json()

    assert {"opportunities", "accounts", "measures", "statements"} <= set(index["resources"])
    for address in (index["openapi"], index["documentation"], *index["resources"].values()):
        assert client.get(address).status_code in {200, 400, 403, 405}, address


@pytest.mark.django_db
def test_programs_hear_in_json_that_nothing_is_there():
    for address in ("/api/v1/nothing/", "/api/elsewhere/"):
        response = Client().get(address)

        assert response.status_code == 404
        assert response.json()["code"] == "not_found"
    assert "text/html" in Client().get("/nothing/")["Content-Type"]
