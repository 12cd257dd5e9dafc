"""A calculated run says which of its inputs have changed since, and nobody approves it without knowing."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import transaction
from django.urls import reverse

from apps.core import clock
from apps.incentives import services
from apps.incentives.models import PayRun, PlanAssignment, RunStep
from apps.incentives.selectors.outdated import changes_since, fingerprint
from apps.incentives.services.runs import InputsChanged, WrongState
from apps.incentives.tests.factories import AT, commission, document, override
from apps.org import services as org
from apps.targets import services as targets
from apps.targets.enums import Balance, Method, Season
from apps.targets.rules.levels import Level

TODAY = dt.date(2026, 6, 30)
SHARES = [{"from": "0", "to": "1", "rate": "0.10"}, {"from": "1", "rate": "0.20"}]
QUOTA = commission(table={"unit": {"kind": "quota", "of": "period"}, "tiers": SHARES})


def act(name, **given):
    with transaction.atomic():
        return getattr(services, name)(at=AT, **given)


@pytest.fixture
def paid(company):
    """Rep and Peer are calculated under a commission, the lead under an override; Late joins nobody yet."""
    company.plan(commission(basis="year_to_date"))
    company.plan(override(), people=[company.lead], code="leads")
    company.sold = company.sell(company.peer, "100")
    company.sell(company.rep, "1000")
    company.sell(company.boss, "10")
    company.made = company.calculated()
    return company


def told(run):
    """Return by kind how many things changed, and whom it concerns."""
    found = changes_since(PayRun.objects.get(pk=run.pk))
    return {one.kind: (len(one.things), sorted(one.person_ids)) for one in found}


def a_boss_under_the_plan(company):
    services.assign_plan(
        plan_id=company.made.plans.get(code="reps").pk, person_id=company.boss.pk,
        starts_on=dt.date(2026, 4, 1), by=company.admin,
    )  # fmt: skip


def an_adjustment(company):
    row = act("request_adjustment", person_id=company.rep.pk, amount=D(5), reason="x", by=company.admin)
    act("decide_adjustment", adjustment_id=row.pk, approve=True, by=company.checker)


def a_hold(company):
    sold = company.sold
    act("place_hold", source_type=sold.source_type, source_id=sold.source_id, reason="x", by=company.admin)


def a_version(company):
    plan = company.made.plans.get(code="reps")
    made = act(
        "save_draft", plan_id=plan.pk, starts_on=dt.date(2026, 4, 1), revision=None, note="",
        document=document(commission(basis="period")), by=company.admin,
    )  # fmt: skip
    act("submit_version", version_id=made.pk, by=company.admin)
    act("approve_version", version_id=made.pk, by=company.checker)


CHANGES = {
    "nothing": (lambda c: None, lambda c: {}),
    "a deal": (lambda c: c.sell(c.rep, "5", month=6), lambda c: {"deals": (1, [c.lead, c.rep])}),
    "a late deal": (lambda c: c.sell(c.peer, "5", month=2), lambda c: {"deals": (1, [c.lead, c.peer])}),
    "a deal after the period": (lambda c: c.sell(c.rep, "5", month=7), lambda c: {}),
    "a deal of nobody it pays": (lambda c: c.sell(c.boss, "5", month=6), lambda c: {}),
    "what no plan looks at": (lambda c: c.sell(c.rep, "5", measure="activities"), lambda c: {}),
    "a hold": (a_hold, lambda c: {"holds": (1, [c.lead, c.peer])}),
    "an adjustment": (an_adjustment, lambda c: {"adjustments": (0, [c.rep])}),
    "a name": (lambda c: c.rep.save(update_fields=["name"]), lambda c: {}),
    "terms of one person": (
        lambda c: PlanAssignment.objects.filter(person=c.peer).update(annual_bonus=D(9000)),
        lambda c: {"plans": (0, [c.peer])},
    ),
    "somebody new under a plan": (
        a_boss_under_the_plan,
        lambda c: {"plans": (0, [c.boss])},
    ),
    "a version": (a_version, lambda c: {"versions": (0, [c.rep, c.peer])}),
}


def test_every_kind_of_change_is_named_with_whom_it_concerns_and_nothing_else_is(paid):
    found, expected = {}, {}

    for name, (change, people) in CHANGES.items():
        with transaction.atomic():
            change(paid)
            found[name] = told(paid.made)
            transaction.set_rollback(True)
        expected[name] = {
            kind: (things, sorted(one.pk for one in who)) for kind, (things, who) in people(paid).items()
        }

    assert found == expected


def test_a_target_that_moved_and_leave_are_named_for_their_payee(company):
    with clock.fixed(AT), transaction.atomic():
        made = targets.create_plan(
            measure="revenue", year="2026", root_unit_id=company.top.pk, by_id=company.admin.pk, at=AT,
            on=TODAY, amount=D("9600"), levels={0: Level(Method.EQUAL)}, season=Season.EVEN,
            unit_ids=[company.team.pk],
        )  # fmt: skip
        approve_targets(company, made)
        company.plan(QUOTA)
        company.sell(company.rep, "1000")
        run = company.calculated()
        new = targets.new_version(plan_id=made.pk, by_id=company.admin.pk, at=AT, reason="Fair in autumn")
        seat = new.targets.get(position__assignments__person=company.rep)
        targets.edit_node(
            target_id=seat.pk, amount=D("9600"), balance=Balance.UP, by_id=company.admin.pk, at=AT
        )
        assert told(run) == {}
        approve_targets(company, new)
        assert told(run) == {"targets": (0, [company.rep.pk])}
        org.record_absence(
            person_id=company.peer.pk, kind="sick", starts_on=dt.date(2026, 5, 4),
            ends_before=dt.date(2026, 5, 18), relieves_quota=True, at=AT, by=company.admin,
        )  # fmt: skip

    assert company.peer.pk in told(run)["targets"][1]


def approve_targets(company, plan):
    targets.submit_plan(plan_id=plan.pk, by_id=company.admin.pk, at=AT, on=TODAY)
    plan.targets.update(smart_grade="good")
    targets.approve_plan(plan_id=plan.pk, by_id=company.users["executive"].pk, at=AT, on=TODAY)


def test_nobody_approves_changed_inputs_without_having_seen_exactly_these(paid):
    act("review_run", run_id=paid.made.pk, by=paid.admin)
    paid.sell(paid.rep, "5", month=6)
    seen = fingerprint(changes_since(PayRun.objects.get(pk=paid.made.pk)))
    for known in ("", "x" * 64):
        with pytest.raises(InputsChanged, match=r"Deals \(1\)"):
            act("approve_run", run_id=paid.made.pk, by=paid.checker, seen=known)
    paid.sell(paid.rep, "6", month=6)
    with pytest.raises(InputsChanged, match=r"Deals \(2\)"):
        act("approve_run", run_id=paid.made.pk, by=paid.checker, seen=seen)
    assert PayRun.objects.get(pk=paid.made.pk).state == "reviewed"

    seen = fingerprint(changes_since(PayRun.objects.get(pk=paid.made.pk)))
    act("approve_run", run_id=paid.made.pk, by=paid.checker, seen=seen)

    assert "Deals (2)" in RunStep.objects.get(run=paid.made, state="approved").note


def test_a_reviewed_run_is_calculated_again_by_whoever_calculates_and_takes_all_its_steps_anew(paid, client):
    act("review_run", run_id=paid.made.pk, by=paid.admin)
    with pytest.raises(WrongState):
        act("take_back", run_id=paid.made.pk, by=paid.admin)
    paid.sell(paid.rep, "5", month=6)
    client.force_login(paid.admin)

    with clock.fixed(AT):
        page = client.get(reverse("incentives:run_changed", args=[paid.made.pk])).content.decode()
        answer = client.post(reverse("incentives:run_recalculate", args=[paid.made.pk]))

    run = PayRun.objects.get(pk=paid.made.pk)
    assert ("Calculate again" in page, "Rep" in page, "Approve all the same" in page) == (True, True, False)
    assert (answer.status_code, run.state, run.reviewed_by) == (302, "draft", None)
    services.calculate_now(run_id=run.pk, by=paid.admin, at=AT)
    assert told(run) == {}


WHO = [("checker", 200, True), ("manager", 200, False), ("rep", 403, False)]


@pytest.mark.parametrize(("who", "page", "sees"), WHO)
def test_who_is_told_and_who_may_calculate_again(paid, client, who, page, sees):
    act("review_run", run_id=paid.made.pk, by=paid.admin)
    paid.sell(paid.rep, "5", month=6)
    client.force_login(paid.users[who])

    with clock.fixed(AT):
        shown = client.get(reverse("incentives:run_changed", args=[paid.made.pk]))
        asked = client.post(reverse("incentives:run_recalculate", args=[paid.made.pk]))

    assert (shown.status_code, b"Approve all the same" in shown.content) == (page, sees)
    assert (asked.status_code == 302) == sees
    assert (PayRun.objects.get(pk=paid.made.pk).state == "draft") == sees


def test_a_locked_run_tells_nothing(paid):
    act("review_run", run_id=paid.made.pk, by=paid.admin)
    act("approve_run", run_id=paid.made.pk, by=paid.checker)
    act("lock_run", run_id=paid.made.pk, by=paid.admin)
    paid.sell(paid.rep, "5", month=6)

    assert told(paid.made) == {}
