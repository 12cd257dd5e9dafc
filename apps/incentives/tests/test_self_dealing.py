"""Nobody deals with their own pay: not by themselves, by a second account, or on somebody's behalf."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import transaction

from apps.access.permissions import Role
from apps.access.tests.factories import UserFactory
from apps.core import clock
from apps.core.errors import DomainError
from apps.events.audit import acting
from apps.incentives import services
from apps.incentives.models import (
    Adjustment,
    Dispute,
    Hold,
    IncentivePlan,
    PayLine,
    PayRun,
    PlanAssignment,
    PlanVersion,
)
from apps.incentives.selectors import outdated
from apps.incentives.tests.factories import AT, commission, document
from apps.org.models import Assignment
from apps.org.tests.factories import RoleGrantFactory

NOW = dt.datetime(2026, 7, 10, 9, tzinfo=dt.UTC)


@pytest.fixture
def pay(company):
    """Everything that may happen to the pay of Rep, one step before it happens."""
    company.plan()
    company.sell(company.rep, "100", month=2)
    company.first = company.locked("2026-Q1")
    company.line = PayLine.objects.get(run=company.first, person=company.rep)
    credit = company.sell(company.rep, "700", month=5)
    company.second = company.calculated("2026-Q2")
    plan = IncentivePlan.objects.get()
    seat = Assignment.objects.get(person=company.rep).position
    with transaction.atomic():
        services.review_run(run_id=company.second.pk, by=company.admin, at=AT)
        company.asked = services.request_adjustment(
            person_id=company.rep.pk, amount=D(5), reason="Missed", by=company.admin, at=AT
        )
        company.dispute = services.raise_dispute(
            line_id=company.line.pk, text="Wrong", by=company.users["rep"], at=AT
        )
        company.hold = services.place_hold(
            source_type=credit.source_type, source_id=credit.source_id, reason="Late", by=company.admin, at=AT
        )
        company.draft = services.save_draft(
            plan_id=plan.pk, document=document(commission(name="More")), note="", revision=None,
            starts_on=dt.date(2026, 7, 1), by=company.admin, at=AT,
        )  # fmt: skip
        services.submit_version(version_id=company.draft.pk, by=company.admin, at=AT)
        company.empty = services.create_plan(
            code="other", name="Other", purpose="", document=document(), starts_on=dt.date(2026, 1, 1),
            by=company.admin, at=AT,
        )  # fmt: skip
    company.seat = seat
    company.own = PlanAssignment.objects.get(person=company.rep)
    with transaction.atomic():
        services.end_assignment(
            assignment_id=company.own.pk, ends_before=dt.date(2029, 1, 1), by=company.admin
        )
    return company


ACTS = {
    "ask for an adjustment": lambda c, by: services.request_adjustment(
        person_id=c.rep.pk, amount=D(1), reason="x", by=by, at=AT
    ),
    "approve an adjustment": lambda c, by: services.decide_adjustment(
        adjustment_id=c.asked.pk, approve=True, by=by, at=AT
    ),
    "refuse an adjustment": lambda c, by: services.decide_adjustment(
        adjustment_id=c.asked.pk, approve=False, reason="x", by=by, at=AT
    ),
    "reverse a line": lambda c, by: services.reverse_line(line_id=c.line.pk, reason="x", by=by, at=AT),
    "approve a run": lambda c, by: services.approve_run(
        run_id=c.second.pk, by=by, at=AT, seen=outdated.fingerprint(outdated.changes_since(c.second))
    ),
    "approve a plan": lambda c, by: services.approve_version(version_id=c.draft.pk, by=by, at=AT),
    "send back a plan": lambda c, by: services.send_back_version(
        version_id=c.draft.pk, reason="x", by=by, at=AT
    ),
    "assign a plan by name": lambda c, by: services.assign_plan(
        plan_id=c.empty.plan_id, person_id=c.rep.pk, starts_on=dt.date(2030, 1, 1), by=by
    ),
    "assign a plan by seat": lambda c, by: services.assign_plan(
        plan_id=c.empty.plan_id, position_id=c.seat.pk, starts_on=dt.date(2026, 7, 1), by=by
    ),
    "end an assignment": lambda c, by: services.end_assignment(
        assignment_id=c.own.pk, ends_before=dt.date(2026, 8, 1), by=by
    ),
    "answer a dispute": lambda c, by: services.answer_dispute(
        dispute_id=c.dispute.pk, text="x", by=by, at=AT
    ),
    "accept a dispute": lambda c, by: services.accept_dispute(
        dispute_id=c.dispute.pk, amount=D(1), cause="other", text="", by=by, at=AT
    ),
    "refuse a dispute": lambda c, by: services.refuse_dispute(
        dispute_id=c.dispute.pk, cause="other", text="x", by=by, at=AT
    ),
    "take a dispute over": lambda c, by: services.take_dispute(dispute_id=c.dispute.pk, by=by, at=AT),
    "release a hold": lambda c, by: services.release_hold(hold_id=c.hold.pk, note="", by=by, at=AT),
}


def everything():
    models = (Adjustment, Dispute, Hold, PayRun, PlanAssignment, PlanVersion, PayLine)
    return [list(model.objects.order_by("pk").values_list()) for model in models]


def test_fifteen_acts_on_oneself_are_refused_in_every_guise(pay):
    rep, helper = pay.users["rep"], pay.checker
    pay.rep.email = "rep@example.test"
    pay.rep.save(update_fields=["email"])
    twin = UserFactory(username="twin", email="Rep+2@Example.test")
    for user in (rep, twin):
        RoleGrantFactory(user=user, role=Role.COMP_ADMIN, unit=pay.top)
    guises = (("self", rep, None), ("twin", twin, None), ("proxy", helper, rep.pk))
    before, done = everything(), []

    with clock.fixed(NOW):
        for name, act in ACTS.items():
            for guise, by, on_behalf in guises:
                try:
                    with transaction.atomic(), acting(by.pk, on_behalf=on_behalf):
                        act(pay, by)
                        done.append((name, guise))
                        transaction.set_rollback(True)
                except DomainError:
                    pass
                assert everything() == before, (name, guise)

    assert len(ACTS) == 15
    assert done == []


def test_the_same_acts_by_an_unconcerned_second_person_go_through(pay):
    refused = []

    with clock.fixed(NOW):
        for name, act in ACTS.items():
            try:
                with transaction.atomic():
                    act(pay, pay.checker)
                    transaction.set_rollback(True)
            except DomainError as refusal:
                refused.append((name, str(refusal)))

    assert refused == []


def test_maker_and_checker_are_not_one_human_with_two_accounts(pay):
    pay.admin.email = "admin@example.test"
    pay.admin.save(update_fields=["email"])
    twin = UserFactory(username="twin", email="admin+check@example.test")

    for name in ("approve an adjustment", "approve a run", "approve a plan", "release a hold"):
        with pytest.raises(DomainError), transaction.atomic():
            ACTS[name](pay, twin)
