import html
from decimal import Decimal as D

import pytest
from django.db import transaction
from django.urls import reverse

from apps.access.models import User
from apps.access.permissions import Role
from apps.access.tests.factories import UserFactory
from apps.core import clock
from apps.org.tests.factories import RoleGrantFactory, seated
from apps.targets import services
from apps.targets.models import TargetPlan
from apps.targets.tests.conftest import sell
from apps.targets.tests.factories import AT, TODAY, make_plan, seat_of, unit_of


@pytest.fixture(autouse=True)
def _in_february():
    with clock.fixed(AT):
        yield


def user(name):
    return User.objects.get(username=name)


def page(client, who, name, *args, **query):
    client.force_login(who)
    return client.get(reverse(f"targets:{name}", args=args), query)


def post(client, who, name, *args, htmx=False, **data):
    client.force_login(who)
    headers = {"HX-Request": "true"} if htmx else {}
    return client.post(reverse(f"targets:{name}", args=args), data, headers=headers)


def test_the_overview_is_empty_without_a_target_and_says_what_to_do(client, company):
    answer = page(client, company.planner, "overview")

    assert answer.status_code == 200
    assert reverse("targets:new") in answer.content.decode()


def test_the_overview_shows_where_everybody_stands(client, in_force, company):
    sell(company.ann, 2026, "50.00")

    answer = page(client, company.chief, "overview")

    body = answer.content.decode()
    assert answer.status_code == 200
    assert "East" in body
    assert "West" in body
    assert answer.context["found"].own.standing.actual == D("100")


def test_a_manager_sees_the_team_and_a_person_only_themselves(client, in_force, company):
    assert [line.subject.name for line in page(client, user("eve"), "overview").context["found"].lines] == [
        "Ann", "Bob"
    ]  # fmt: skip
    own = page(client, user("ann"), "overview").context["found"]
    assert (own.subject.name, own.lines) == ("Ann", [])


def test_what_is_expected_opens_to_the_months_it_is_made_of(client, in_force, company):
    sell(company.ann, 2026, "50.00")
    overview = page(client, company.chief, "overview")
    line = overview.context["found"].own

    found = client.get(line.pace_url).context["found"]

    assert overview.content.decode().count(html.escape(line.pace_url)) == 4
    assert found.line.standing == line.standing
    assert sum(part.expected for part in found.parts) == line.standing.expected
    assert sum(part.quota for part in found.parts) == line.standing.quota
    assert 0 < found.parts[0].elapsed_days <= found.parts[0].working_days


def test_the_months_of_what_has_no_target_say_so(client, company):
    answer = page(client, company.chief, "pace")

    assert "nothing is expected" in answer.content.decode()
    assert page(client, company.chief, "pace", measure="nonsense").status_code == 404


@pytest.mark.parametrize("who", ["ann", "eve"])
def test_units_and_people_out_of_reach_are_not_found(client, in_force, company, who):
    assert page(client, user(who), "overview", unit=company.west.pk).status_code == 404
    assert page(client, user(who), "overview", person=company.cho.pk).status_code == 404
    assert page(client, user(who), "pace", person=company.cho.pk).status_code == 404
    assert page(client, user(who), "node", seat_of(in_force, company.cho).pk).status_code == 404


def test_the_overview_costs_the_same_for_more_people(
    client, in_force, company, django_assert_max_num_queries
):
    page(client, company.chief, "overview", unit=company.east.pk)
    for number in range(8):
        seated(company.east, name=f"New {number}")

    with django_assert_max_num_queries(60):
        page(client, company.chief, "overview", unit=company.east.pk)


def test_a_draft_is_not_shown_to_those_it_is_about(client, draft, company):
    assert page(client, user("ann"), "plan", draft.pk).status_code == 404
    assert page(client, company.planner, "plan", draft.pk).status_code == 200


def test_the_steps_lead_to_a_draft(client, company):
    first = page(client, company.planner, "new")
    scope = {"measure": "revenue", "year": "2026", "unit": str(company.top.pk)}
    second = page(client, company.planner, "new", **scope)
    client.force_login(company.planner)
    made = client.post(
        reverse("targets:create") + f"?measure=revenue&year=2026&unit={company.top.pk}",
        {"growth": "20", "unit_method": "history", "seat_method": "weighted", "season": "learned"},
    )

    assert (first.status_code, second.status_code, made.status_code) == (200, 200, 302)
    plan = TargetPlan.objects.get()
    assert unit_of(plan, company.top).amount == D("8640")
    assert seat_of(plan, company.dee).amount > 0


def test_a_plan_without_a_top_figure_is_asked_for_again(client, company):
    client.force_login(company.planner)
    answer = client.post(
        reverse("targets:create") + f"?measure=revenue&year=2026&unit={company.top.pk}",
        {"unit_method": "history", "seat_method": "equal", "season": "even"},
    )

    assert answer.status_code == 409
    assert TargetPlan.objects.count() == 0


def test_nobody_plans_the_unit_they_lead(client, company):
    client.force_login(user("eve"))
    answer = client.post(
        reverse("targets:create") + f"?measure=revenue&year=2026&unit={company.east.pk}",
        {"growth": "20", "unit_method": "history", "seat_method": "equal", "season": "even"},
    )

    assert answer.status_code == 404
    assert TargetPlan.objects.count() == 0


def test_a_figure_typed_into_the_grid_answers_with_the_grid(client, draft, company):
    answer = post(
        client, company.planner, "edit_amount", seat_of(draft, company.ann).pk,
        htmx=True, amount="2,000.00", balance="siblings", revision="1",
    )  # fmt: skip

    assert answer.status_code == 200
    assert 'id="plan-grid"' in answer.content.decode()
    assert seat_of(draft, company.bob).amount == D("2320")


@pytest.mark.parametrize("typed", ["", "abc", "-5", "NaN", "99999", "1e400"])
def test_a_figure_that_cannot_be_leaves_the_grid_as_it_was(client, draft, company, typed):
    answer = post(
        client, company.planner, "edit_amount", seat_of(draft, company.ann).pk,
        htmx=True, amount=typed, balance="siblings", revision="1",
    )  # fmt: skip

    assert answer.status_code == 409
    assert "toast" in answer["HX-Trigger"]
    assert seat_of(draft, company.ann).amount == D("1440")


def test_a_month_typed_into_the_grid_is_kept(client, draft, company):
    seat = seat_of(draft, company.ann)

    answer = post(client, company.planner, "edit_month", seat.pk, 0, htmx=True, amount="340", revision="1")

    assert answer.status_code == 200
    assert seat.months.get(position=0).amount == D("340")


WHO_MAY_EDIT = [("planner", 200), ("eve", 200), ("ann", 403), ("chief", 200), ("stranger", 403)]


@pytest.mark.parametrize(("who", "status"), WHO_MAY_EDIT)
def test_who_may_type_a_figure_of_ann(client, draft, company, who, status):
    UserFactory(username="stranger")

    answer = post(
        client,
        user(who),
        "edit_amount",
        seat_of(draft, company.ann).pk,
        htmx=True,
        amount="2000",
        revision="1",
    )

    assert answer.status_code == status
    assert (seat_of(draft, company.ann).amount == D("2000")) == (status == 200)


def test_a_manager_moves_the_team_but_not_its_total(client, draft, company):
    seat = seat_of(draft, company.ann)

    assert (
        post(client, user("eve"), "edit_amount", seat.pk, htmx=True, amount="2000", balance="up").status_code
        == 409
    )
    own = unit_of(draft, company.east)
    assert post(client, user("eve"), "edit_amount", own.pk, htmx=True, amount="100").status_code == 404


def test_from_draft_to_in_force_on_the_pages(client, draft, company):
    assert post(client, company.planner, "check", draft.pk).status_code == 302
    assert post(client, company.planner, "submit", draft.pk).status_code == 302
    assert page(client, company.chief, "plan", draft.pk).status_code == 200
    assert post(client, company.planner, "approve", draft.pk).status_code == 403
    assert post(client, company.chief, "approve", draft.pk).status_code == 302

    draft.refresh_from_db()
    assert draft.status == "approved"


def test_a_failing_target_is_waived_on_the_page(client, company):
    plan = make_plan(company, growth=D(2))
    post(client, company.planner, "submit", plan.pk)
    shown = page(client, company.chief, "plan", plan.pk)
    failing = [one.target.pk for one in shown.context["page"].failing]

    post(client, company.chief, "waive", plan.pk, targets=failing, reason="Board decision")
    post(client, company.chief, "approve", plan.pk)

    plan.refresh_from_db()
    assert plan.status == "approved"


def test_returning_needs_a_reason(client, draft, company):
    post(client, company.planner, "submit", draft.pk)

    post(client, company.chief, "return", draft.pk, reason=" ")

    draft.refresh_from_db()
    assert draft.status == "submitted"


def test_settings_cascade_the_plan_again(client, draft, company):
    assert page(client, company.planner, "settings", draft.pk).status_code == 200

    post(
        client, company.planner, "cascade", draft.pk, amount="9000", season="even",
        method_0="equal", over_0="5", method_1="equal", over_1="0",
    )  # fmt: skip

    assert unit_of(draft, company.west).amount == D("4725")


def test_a_node_says_why_and_recomputes(client, in_force, company):
    answer = page(client, company.planner, "node", seat_of(in_force, company.ann).pk)

    assert answer.status_code == 200
    assert [step.agrees for step in answer.context["found"].steps] == [True, True, True]
    assert [one.letter for one in answer.context["letters"]] == ["S", "M", "A", "R", "T"]


def test_methods_stand_side_by_side(client, draft, company):
    answer = page(client, company.planner, "compare", unit_of(draft, company.east).pk)

    rows = answer.context["comparison"].rows
    assert answer.status_code == 200
    assert [row.amounts[1] for row in rows] == [D("1440.00")] * 3


def test_versions_show_what_changed(client, in_force, company):
    with transaction.atomic():
        new = services.new_version(plan_id=in_force.pk, by_id=company.planner.pk, at=AT, reason="Acquisition")
        services.cascade(plan_id=new.pk, amount=D("9000"), on=TODAY)

    answer = page(client, company.planner, "changes", new.pk)

    assert answer.context["rows"][0].difference == D("360")


def test_limits_and_release_on_the_page(client, draft, company):
    seat = seat_of(draft, company.dee)
    post(client, company.planner, "limits", seat.pk, low="500", high="")
    assert seat_of(draft, company.dee).amount == D("500")

    post(client, company.planner, "edit_amount", seat.pk, amount="700")
    post(client, company.planner, "release", seat.pk)
    assert seat_of(draft, company.dee).amount == D("500")


def test_plans_are_listed_with_their_versions(client, in_force, company):
    answer = page(client, user("ann"), "plans")

    assert answer.status_code == 200
    assert [group.current.pk for group in answer.context["groups"]] == [in_force.pk]


def test_versions_are_links_only_for_who_may_open_them(client, in_force, company):
    link = f'href="{reverse("targets:plan", args=[in_force.pk])}"'
    systems = UserFactory(username="systems")
    seated(company.top, name="Sam", user=systems)
    RoleGrantFactory(user=systems, role=Role.SYSADMIN, unit=company.top)
    for name, opens in (("systems", False), ("ann", True), ("planner", True)):
        client.force_login(User.objects.get(username=name))
        listed = client.get(reverse("targets:plans"))
        opened = client.get(reverse("targets:plan", args=[in_force.pk]))

        assert (name, link in listed.content.decode()) == (name, opens)
        assert (name, opened.status_code) == (name, 200 if opens else 404)
