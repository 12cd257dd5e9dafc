import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from apps.access.models import User
from apps.access.permissions import Role
from apps.access.tests.factories import UserFactory
from apps.core import clock
from apps.notifications.models import Notification
from apps.org.tests.factories import RoleGrantFactory, seated
from apps.targets import services
from apps.targets.enums import Approver, PlanStatus
from apps.targets.models import ApprovalStep, PlanApproval
from apps.targets.selectors.chain import current, latest
from apps.targets.tests.factories import AT, TODAY, make_plan


def user(name):
    return User.objects.get(username=name)


def act(service, **options):
    with transaction.atomic():
        return service(**options)


def step(company, who, **options):
    return act(services.add_step, who=who, by_id=company.chief.pk, at=AT, **options)


@pytest.fixture
def regional(company):
    """East and West are regions with leads; their leads agree first, then an executive."""
    type(company.east).objects.filter(pk__in=[company.east.pk, company.west.pk]).update(kind="region")
    seated(company.west, lead=True, name="Wes", user=UserFactory(username="wes"))
    step(company, Approver.LEADS, unit_kind="region")
    step(company, Approver.ROLE, role=Role.EXECUTIVE)
    return company


@pytest.fixture
def waiting(regional, draft):
    return act(services.submit_plan, plan_id=draft.pk, by_id=regional.planner.pk, at=AT, on=TODAY)


def row_of(plan, unit=None):
    return PlanApproval.objects.get(plan=plan, unit=unit, state="waiting")


def agree(plan, row, by):
    return act(services.approve_plan, plan_id=plan.pk, approval_ids=[row.pk], by_id=by.pk, at=AT, on=TODAY)


def test_a_submission_needs_every_lead_and_then_the_executive(waiting, regional):
    assert [(row.order, row.unit_id, row.role) for row in latest(waiting)] == [
        (1, regional.east.pk, ""), (1, regional.west.pk, ""), (2, None, "executive")
    ]  # fmt: skip
    told = Notification.objects.filter(kind="target_approval").values_list("user__username", flat=True)
    assert set(told) == {"eve", "wes"}


def test_the_last_agreement_puts_it_into_force(waiting, regional):
    agree(waiting, row_of(waiting, regional.east), user("eve"))
    half = agree(waiting, row_of(waiting, regional.west), user("wes"))
    assert half.status == PlanStatus.SUBMITTED
    assert Notification.objects.filter(user=regional.chief, kind="target_approval").count() == 1

    done = agree(waiting, row_of(waiting), regional.chief)

    assert (done.status, done.approved_by) == (PlanStatus.APPROVED, regional.chief)
    assert current(done) == []
    told = Notification.objects.filter(user=regional.planner).latest("pk")
    assert told.title == "Revenue booked 2026, version 1, is in force"


def test_the_second_step_waits_for_the_first(waiting, regional):
    with pytest.raises(services.NotYourTurn, match="East, West"):
        agree(waiting, row_of(waiting), regional.chief)
    with pytest.raises(services.NotYourTurn):
        act(services.approve_plan, plan_id=waiting.pk, by_id=regional.chief.pk, at=AT, on=TODAY)

    waiting.refresh_from_db()
    assert waiting.status == PlanStatus.SUBMITTED


def test_an_agreement_is_given_once(waiting, regional):
    row = row_of(waiting, regional.east)
    agree(waiting, row, user("eve"))

    with pytest.raises(services.NotYourTurn):
        agree(waiting, row, user("eve"))

    row.refresh_from_db()
    assert (row.state, row.decided_by) == ("approved", user("eve"))


def test_a_returned_submission_starts_the_chain_anew(waiting, regional):
    agree(waiting, row_of(waiting, regional.east), user("eve"))
    act(
        services.return_plan,
        plan_id=waiting.pk,
        approval_ids=[row_of(waiting, regional.west).pk],
        by_id=user("wes").pk,
        at=AT,
        reason="Too steep for the west",
    )
    states = sorted(PlanApproval.objects.filter(plan=waiting).values_list("state", flat=True))

    act(services.submit_plan, plan_id=waiting.pk, by_id=regional.planner.pk, at=AT, on=TODAY)

    assert states == ["approved", "dropped", "returned"]
    assert [(row.attempt, row.state) for row in latest(waiting)] == [(2, "waiting")] * 3


def test_a_lead_who_planned_is_stood_in_for_by_the_one_above(regional):
    RoleGrantFactory(user=user("eve"), role=Role.SALES_OPS, unit=regional.top)
    plan = make_plan(regional, by_id=user("eve").pk)
    act(services.submit_plan, plan_id=plan.pk, by_id=user("eve").pk, at=AT, on=TODAY)

    with pytest.raises(services.SamePerson):
        agree(plan, row_of(plan, regional.east), user("eve"))

    told = Notification.objects.filter(kind="target_approval").values_list("user__username", flat=True)
    assert regional.chief.username in told
    assert "eve" not in told


def test_without_a_chain_one_executive_agrees(draft, company):
    act(services.submit_plan, plan_id=draft.pk, by_id=company.planner.pk, at=AT, on=TODAY)

    [row] = latest(draft)

    assert (row.who, row.role) == ("role", "executive")


def test_steps_keep_their_order(company):
    first, second = (
        step(company, Approver.LEADS, unit_kind="team"),
        step(company, Approver.ROLE, role="executive"),
    )
    act(services.raise_step, step_id=second.pk)
    assert [row.pk for row in ApprovalStep.objects.order_by("order")] == [second.pk, first.pk]

    act(services.remove_step, step_id=second.pk)

    assert list(ApprovalStep.objects.values_list("pk", "order")) == [(first.pk, 1)]


@pytest.mark.parametrize(
    "options",
    [
        {"who": Approver.LEADS, "unit_kind": ""},
        {"who": Approver.ROLE, "role": "self"},
        {"who": Approver.ROLE, "role": "manager"},
    ],
)
def test_a_step_nobody_can_take_is_refused(company, options):
    with pytest.raises(services.WrongStep):
        step(company, **options)

    assert ApprovalStep.objects.count() == 0


def test_the_same_step_twice_is_refused(company):
    step(company, Approver.ROLE, role="executive")

    with pytest.raises(services.WrongStep):
        step(company, Approver.ROLE, role="executive")


def test_the_database_keeps_decisions_whole(waiting):
    with pytest.raises(IntegrityError, match="targets_approval_decided"), transaction.atomic():
        PlanApproval.objects.filter(plan=waiting).update(state="approved")


# On the pages


@pytest.fixture
def go(client):
    def call(who, name, /, *args, **data):
        client.force_login(who if isinstance(who, User) else user(who))
        url = reverse(f"targets:{name}", args=args)
        return client.post(url, data) if data.pop("post", False) else client.get(url)

    with clock.fixed(AT):
        yield call


def test_the_chain_on_the_pages(go, waiting, regional):
    east, west = row_of(waiting, regional.east), row_of(waiting, regional.west)
    shown = go("eve", "course", waiting.pk)
    agreed = go("eve", "agree", east.pk, post=True, comment="The east stands behind it")
    go("wes", "agree", west.pk, post=True)
    page = go(regional.chief, "course", waiting.pk)
    go(regional.chief, "agree", row_of(waiting).pk, post=True)

    assert [one.is_mine for one in shown.context["found"].chain] == [True, False, False]
    assert agreed.status_code == 302
    assert "The east stands behind it" in page.content.decode()
    waiting.refresh_from_db()
    assert waiting.status == PlanStatus.APPROVED


@pytest.mark.parametrize(
    ("who", "status"), [("eve", 404), ("ann", 403), ("planner", 404), ("stranger", 403), ("chief", 404)]
)
def test_nobody_agrees_for_another_unit(go, waiting, regional, who, status):
    UserFactory(username="stranger")
    row = row_of(waiting, regional.west)

    assert go(who, "agree", row.pk, post=True).status_code == status
    assert go(who, "refuse", row.pk, post=True, reason="No").status_code == status

    row.refresh_from_db()
    assert row.state == "waiting"


def test_returning_on_the_page_needs_a_reason(go, waiting, regional):
    row = row_of(waiting, regional.east)
    go("eve", "refuse", row.pk, post=True, reason=" ")
    row.refresh_from_db()
    assert row.state == "waiting"

    go("eve", "refuse", row.pk, post=True, reason="Ann is on leave")

    waiting.refresh_from_db()
    assert (waiting.status, waiting.reason) == (PlanStatus.DRAFT, "Ann is on leave")


@pytest.mark.parametrize(
    ("who", "see", "change"), [("chief", 200, 302), ("planner", 200, 403), ("ann", 403, 403)]
)
def test_who_sets_the_steps(go, company, who, see, change):
    assert go(who, "chain").status_code == see
    assert go(who, "add_step", post=True, who="role", role="executive").status_code == change
    assert ApprovalStep.objects.exists() == (change == 302)


def test_an_executive_of_a_part_does_not_set_the_steps_of_the_company(go, company):
    part = UserFactory(username="part")
    RoleGrantFactory(user=part, role=Role.EXECUTIVE, unit=company.east)

    assert go("part", "add_step", post=True, who="role", role="executive").status_code == 404
    assert ApprovalStep.objects.count() == 0


def test_the_plan_page_offers_approval_only_to_whose_turn_it_is(go, waiting, regional):
    assert not go(regional.chief, "plan", waiting.pk).context["page"].may_approve
    agree(waiting, row_of(waiting, regional.east), user("eve"))
    agree(waiting, row_of(waiting, regional.west), user("wes"))

    assert go(regional.chief, "plan", waiting.pk).context["page"].may_approve


def test_the_chain_over_the_api(client, waiting, regional):
    def api(who, method, path, data=None):
        client.force_login(user(who))
        return getattr(client, method)(f"/api/v1/{path}", data, content_type="application/json")

    with clock.fixed(AT):
        rows = api("eve", "get", f"target-approvals/?plan={waiting.pk}").json()["results"]
        mine = next(row["id"] for row in rows if row["unit"] == regional.east.pk)
        other = next(row["id"] for row in rows if row["unit"] == regional.west.pk)
        taken = api("eve", "post", f"target-approvals/{mine}/agree/", {"comment": "Fine"})
        strange = api("eve", "post", f"target-approvals/{other}/agree/", {})
        back = api("wes", "post", f"target-approvals/{other}/return/", {"reason": "Too steep"})

    assert len(rows) == 3
    assert (taken.status_code, taken.json()["state"], taken.json()["comment"]) == (200, "approved", "Fine")
    assert strange.status_code == 404
    assert back.json()["state"] == "returned"
