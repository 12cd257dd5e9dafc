import datetime as dt

import pytest
from django.urls import reverse

from apps.core import clock
from apps.core.demo import DemoContext
from apps.org import demo as org_demo
from apps.org.models import Position
from apps.roles import demo
from apps.roles.models import ProcessStep, SalesRole


@pytest.fixture
def shown(db, client) -> DemoContext:
    context = DemoContext(today=clock.today(), password="northwind demo 2026")
    org_demo.load(context)
    demo.load(context)
    client.force_login(context.users["rep"])
    return context


def test_the_catalogue_and_the_matrix_open(shown, client):
    assert client.get(reverse("roles:index")).content.decode().count('role-card"') == 5
    assert client.get(reverse("roles:matrix")).status_code == 200


def test_a_job_card_shows_purpose_weights_and_holders(shown, client):
    page = client.get(reverse("roles:role", args=[shown.extra["roles"]["rep"].pk])).content.decode()

    assert "Wins and keeps customers" in page
    assert "60 %" in page
    assert "赵敏" in page


def test_before_the_first_version_there_is_no_job_card(shown, client):
    url = reverse("roles:role", args=[shown.extra["roles"]["rep"].pk])

    assert client.get(url, {"as_of": dt.date(2001, 1, 1).isoformat()}).status_code == 404


def filled(**changes: str) -> dict[str, str]:
    form = {
        "name": "Hunter",
        "code": "hunter",
        "purpose": "Finds.",
        "duties": "Call\n\nVisit",
        "on": "2026-01-01",
    }
    return {**form, "kpi_1": "revenue", "weight_1": "60", "kpi_2": "win_rate", "weight_2": "40", **changes}


def test_a_role_is_created_and_revised_in_the_browser(shown, client):
    client.force_login(shown.users["salesops"])
    created = client.post(reverse("roles:create"), filled())
    role = SalesRole.objects.get(code="hunter")
    offered = client.get(reverse("roles:edit", args=[role.pk])).content.decode()
    revised = client.post(reverse("roles:revise", args=[role.pk]), filled(purpose="Wins.", on="2026-05-01"))

    assert (created.status_code, revised.status_code) == (302, 302)
    assert "Call\nVisit" in offered
    assert [version.purpose for version in role.versions.order_by("number")] == ["Finds.", "Wins."]


@pytest.mark.parametrize(("change", "status"), [({"weight_2": "41"}, 409), ({"weight_2": ""}, 422)])
def test_weights_that_do_not_add_up_create_nothing(shown, client, change, status):
    client.force_login(shown.users["salesops"])

    assert client.post(reverse("roles:create"), filled(**change)).status_code == status
    assert not SalesRole.objects.filter(code="hunter").exists()


def test_parts_are_set_in_the_browser_by_editors_only(shown, client):
    step = ProcessStep.objects.get(code="qualify")
    url, roles = reverse("roles:set_parts", args=[step.pk]), shown.extra["roles"]
    body = {f"role_{roles['rep'].pk}": "A", f"role_{roles['sales_ops'].pk}": "R"}

    refused = client.post(url, body)
    client.force_login(shown.users["salesops"])
    shown_form = client.get(reverse("roles:parts", args=[step.pk]))
    saved, nobody = client.post(url, body), client.post(url, {})

    assert [answer.status_code for answer in (refused, shown_form, saved, nobody)] == [403, 200, 302, 409]
    assert dict(step.responsibilities.values_list("role__code", "letter")) == {"rep": "A", "sales_ops": "R"}


def seat_of_rep(shown) -> Position:
    return Position.objects.filter(
        title="Sales representative", assignments__person__user=shown.users["rep"]
    ).get()


def test_a_seat_is_given_a_role_from_a_day_on_by_editors_only(shown, client):
    seat, manager = seat_of_rep(shown), shown.extra["roles"]["team_manager"]
    day = clock.today() + dt.timedelta(days=10)
    url, body = reverse("roles:set_seat_role", args=[seat.pk]), {"role": manager.pk, "on": day.isoformat()}
    person = reverse("org:person", args=[shown.users["rep"].person.pk])

    refused = client.post(url, body)
    own_page = client.get(person).content.decode()
    client.force_login(shown.users["salesops"])
    asked = client.get(reverse("roles:seat_role", args=[seat.pk]))
    nothing = client.post(url, {"role": "", "on": day.isoformat()})
    before = client.get(person).content.decode()
    saved, again = client.post(url, body), client.post(url, body)
    too_early = client.post(url, {**body, "on": "1990-01-01"})

    answers = (refused, asked, nothing, saved, again, too_early)
    assert [answer.status_code for answer in answers] == [403, 200, 422, 302, 302, 409]
    assert "Change sales role" in before
    assert "Change sales role" not in own_page
    carried = [(row.role.code, row.valid.lower, row.valid.upper) for row in seat.roles.order_by("valid")]
    assert [(code, upper) for code, _lower, upper in carried] == [("rep", day), ("team_manager", None)]
    page = client.get(reverse("org:seat", args=[seat.pk])).content.decode()
    assert page.index("Sales team manager") < page.index("Change sales role")


def test_a_seat_out_of_reach_is_not_there(shown, client):
    client.force_login(shown.users["salesops"])

    assert client.get(reverse("roles:seat_role", args=[999_999])).status_code == 404


def test_the_matrix_names_gaps_and_overlaps(shown, client):
    gap, overlap = (ProcessStep.objects.get(code=code) for code in ("qualify", "propose"))
    good = client.get(reverse("roles:matrix")).content.decode()
    gap.responsibilities.filter(letter="A").delete()
    overlap.responsibilities.filter(letter="C").update(letter="R")

    page = client.get(reverse("roles:matrix")).content.decode()

    assert "Gaps and overlaps" not in good
    assert "Nobody answers for this step." in page
    assert "Several roles do this step. Sales representative, Regional director" in page.replace(
        "Regional director, Sales representative", "Sales representative, Regional director"
    )
