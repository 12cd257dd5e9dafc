"""Every look at pay leaves exactly one row."""

import pytest

from apps.access.inventory import ADMIN, Route, routes
from apps.access.permissions import SHOWS_PAY
from apps.events.models import AccessEntry
from tests.guards import world
from tests.guards.crossing import address
from tests.guards.objects import filled, names_an_id, object_of

pytestmark = pytest.mark.django_db

PAY = {permission.value for permission in SHOWS_PAY}
LOOKS = [
    route for route in routes()
    if route.method == "GET" and route.permission != ADMIN
    and (route.permission in PAY or "simulation" in route.path or "provenance" in route.path)
]  # fmt: skip


def where(route: Route, found: world.World) -> str:
    """Return the address of a route for what the rep of South is paid."""
    if not names_an_id(route):
        return address(route)
    name = (object_of(route) or "run") if "runs/" not in route.path else "run"
    return filled(route, found.records["south"][name])


@pytest.mark.parametrize("kind", ["comp_admin", "auditor", "rep@south"])
def test_each_look_at_pay_makes_exactly_one_row(kind: str, found: world.World):
    client, wrong, seen = found.client(kind), [], 0

    for route in LOOKS:
        before = AccessEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        response = client.get(where(route, found))
        made = list(AccessEntry.objects.filter(pk__gt=before).values_list("user", "request_id"))
        expected = [(found.users[kind].pk, response["X-Request-ID"])] if response.status_code == 200 else []
        seen += response.status_code == 200
        if not route.path.endswith("simulate/") and made != expected:
            wrong.append(f"{route.key} {response.status_code}: {made}")

    assert not wrong, "\n".join(wrong)
    assert seen >= {"comp_admin": 30, "auditor": 15, "rep@south": 10}[kind]


def test_a_look_at_pay_in_the_administration_makes_one_row(found: world.World):
    client, ids = found.client("auditor"), found.records["south"]

    for path, row in (
        ("/admin/incentives/statement/", ""),
        (f"/admin/incentives/statement/{ids['statement']}/change/", str(ids["statement"])),
        (f"/admin/incentives/payline/{ids['pay_line']}/change/", str(ids["pay_line"])),
    ):
        before = AccessEntry.objects.count()
        assert client.get(path).status_code == 200
        assert AccessEntry.objects.count() == before + 1
        assert AccessEntry.objects.latest("pk").row_id == row


def test_who_may_trace_a_line(found: world.World):
    line = found.records["south"]["pay_line"]

    answers = {
        kind: found.client(kind).get(f"/api/v1/pay-lines/{line}/provenance/")
        for kind in ("auditor", "sysadmin", "comp_admin", "rep@south", "manager@south")
    }

    assert {kind: answer.status_code for kind, answer in answers.items()} == {
        "auditor": 200, "sysadmin": 404, "comp_admin": 403, "rep@south": 403, "manager@south": 403,
    }  # fmt: skip
    assert answers["auditor"].json()["approved_by"] == "checker"
