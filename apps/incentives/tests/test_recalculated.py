"""A further calculation pays only those whom a change concerns, and gives what a whole one would give."""

import datetime as dt
import random
from decimal import Decimal as D

import pytest
from django.db import transaction
from django.urls import reverse as url

from apps.core import clock
from apps.core.tests.together import decided_at_once
from apps.incentives import services, tasks
from apps.incentives.models import Hold, PayLine, PayRun, PayTrace, Statement
from apps.incentives.selectors import dirty
from apps.incentives.selectors.reconcile import reconcile
from apps.incentives.services import calculation
from apps.incentives.tests.factories import AT, Company, commission, document, override
from apps.measures import services as ledger
from apps.org import services as org
from apps.org.models import Assignment

BONUS = {
    "kind": "kpi_bonus", "code": "bonus", "name": "Bonus", "annual": "4000", "zero_quota": "full",
    "measures": [{"measure": "revenue", "weight": "100"}],
    "curve": {
        "kind": "curve", "pays": "share", "below": "zero", "above": "hold",
        "points": [{"at": "0.5", "pays": "0.5"}, {"at": "1", "pays": "1"}],
    },
}  # fmt: skip


@pytest.fixture
def paid(company):
    """A quarter paid and locked, the next one calculated: two sellers to date, their lead, the boss above."""
    company.plan(commission(basis="year_to_date"), BONUS)
    below = override(basis="year_to_date", levels={"from": 1, "to": 1})
    company.plan(below, people=[company.lead], code="leads")
    company.plan(override(levels={"from": 2, "to": 3}), people=[company.boss], code="bosses")
    for person, month in ((company.rep, 2), (company.peer, 3), (company.rep, 4), (company.peer, 5)):
        company.sell(person, "700", month=month)
    company.locked("2026-Q1")
    company.made = company.calculated()
    return company


def again(company):
    """Calculate again; return how many payees that took and everything it gave."""
    run = services.calculate_now(run_id=company.made.pk, by=company.admin, at=AT)
    return run.recalculated, everything(run)


def whole(company):
    """Calculate as if nothing had been calculated before."""
    PayRun.objects.filter(pk=company.made.pk).update(rests_on={})
    return again(company)


def everything(run):
    lines = PayLine.objects.filter(run=run).order_by("person", "sequence")
    return {
        "run": (run.digest, run.total, run.payees, run.exceptions),
        "statements": list(
            Statement.objects.filter(run=run).order_by("person").values_list(
                "person", "unit", "inputs", "total", "variable", "closing", "head_hash", "exception"
            )
        ),
        "lines": list(
            lines.values_list(
                "person", "sequence", "component", "kind", "basis", "raw", "exact", "amount", "steps",
                "version", "assignment", "credits", "trace_digest", "previous_hash", "hash", "adjustment",
            )
        ),
        "traces": list(
            PayTrace.objects.filter(line__run=run)
            .order_by("line__person", "line__sequence", "sequence")
            .values_list("line__person", "line__sequence", "sequence", "credit", "amount", "rate", "value")
        ),
    }  # fmt: skip


def act(name, **given):
    with transaction.atomic():
        return getattr(services, name)(at=AT, **given)


def a_sale(company):
    company.sell(company.rep, "512.34", month=6)


def a_late_sale(company):
    company.sell(company.peer, "333", month=1)


def a_sale_of_the_lead(company):
    company.sell(company.lead, "99", month=6)


def a_sale_of_nobody_under_a_plan(company):
    company.sell(company.boss, "10", month=6)


def a_call(company):
    company.sell(company.rep, "1", month=6, measure="activities")


def a_return(company):
    sold = company.rep_sold = company.sell(company.rep, "50", month=4)
    with transaction.atomic():
        ledger.reverse(
            source_type=sold.source_type, source_id=sold.source_id, booked_on=dt.date(2026, 6, 1), reason="x"
        )


def a_hold(company):
    sold = company.sell(company.peer, "80", month=6)
    act(
        "place_hold", source_type=sold.source_type, source_id=sold.source_id, reason="Late", by=company.admin,
        person_id=company.peer.pk,
    )  # fmt: skip


def a_release(company):
    hold = Hold.objects.in_force().first()
    if hold:
        act("release_hold", hold_id=hold.pk, note="", by=company.checker)


def an_adjustment(company):
    asked = {"amount": D("5"), "reason": "Missed", "by": company.admin}
    row = act("request_adjustment", person_id=company.peer.pk, **asked)
    act("decide_adjustment", adjustment_id=row.pk, approve=True, by=company.checker)


def a_new_name(company):
    company.rep.name += "!"
    company.rep.save(update_fields=["name"])


def a_bonus_of_ones_own(company):
    with transaction.atomic():
        plan = company.made.plans.get(code="reps")
        plan.assignments.filter(person=company.peer).update(annual_bonus=D("9000"))


def a_new_lead(company):
    seat = Assignment.objects.get(person=company.lead)
    with clock.fixed(AT), transaction.atomic():
        company.boss_seat = org.end_assignment(assignment_id=seat.pk, on=dt.date(2026, 6, 15))


CHANGES = [
    pytest.param(lambda company: None, 0, id="nothing"),
    pytest.param(a_sale, 3, id="a sale concerns the seller, the lead and the boss"),
    pytest.param(a_late_sale, 3, id="a late sale"),
    pytest.param(a_sale_of_the_lead, 2, id="a sale of the lead"),
    pytest.param(a_sale_of_nobody_under_a_plan, 1, id="a sale of the boss"),
    pytest.param(a_call, 0, id="what no plan looks at"),
    pytest.param(a_return, 3, id="a sale and its return"),
    pytest.param(a_hold, 3, id="a hold"),
    pytest.param(an_adjustment, 1, id="an adjustment"),
    pytest.param(a_new_name, 3, id="a name: the structure may have changed, so overrides are paid again"),
    pytest.param(a_bonus_of_ones_own, 1, id="terms of one person"),
    pytest.param(a_new_lead, 2, id="a lead who leaves"),
]


@pytest.mark.parametrize(("change", "payees"), CHANGES)
def test_only_those_concerned_are_paid_again_and_nobody_is_missed(paid, change, payees):
    change(paid)

    recalculated, found = again(paid)

    assert recalculated == payees
    assert whole(paid) == (4, found)
    assert reconcile(PayRun.objects.get(pk=paid.made.pk)).agrees


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_happens_in_between_the_result_is_that_of_a_whole_calculation(paid, seed):
    chance = random.Random(seed)  # noqa: S311  # to be drawn again
    acts = [change.values[0] for change in CHANGES[:-1]] + [a_release]

    for _round in range(4):
        for change in chance.choices(acts, k=chance.choice([1, 1, 3])):
            change(paid)
        _recalculated, found = again(paid)
    a_new_lead(paid)
    _recalculated, found = again(paid)

    assert whole(paid)[1] == found


def test_a_calculation_killed_half_way_is_taken_up_by_the_next_one(paid):
    a_sale(paid)
    run = PayRun.objects.get(pk=paid.made.pk)
    with transaction.atomic():
        services.request_calculation(run_id=run.pk, by=paid.admin, title="", url="")
    run.refresh_from_db()
    with transaction.atomic():
        services.prepare_calculation(run_id=run.pk, generation=run.generation, at=AT)
    with transaction.atomic():
        calculation.compute_batch(run_id=run.pk, generation=run.generation, at=AT, size=1)
    paid.sell(paid.peer, "5", month=6)

    recalculated, found = again(paid)

    assert recalculated == 4
    assert whole(paid)[1] == found


def test_another_release_of_the_rules_pays_everybody_again(paid, monkeypatch):
    monkeypatch.setattr(dirty, "edition", lambda: "another")

    assert again(paid)[0] == 4


def test_another_version_of_a_plan_pays_everybody_again(paid):
    with transaction.atomic():
        version = services.save_draft(
            plan_id=paid.made.plans.get(code="reps").pk, starts_on=dt.date(2026, 4, 1), revision=None,
            document=document(commission(basis="year_to_date")), note="No bonus", by=paid.admin, at=AT,
        )  # fmt: skip
        services.submit_version(version_id=version.pk, by=paid.admin, at=AT)
        services.approve_version(version_id=version.pk, by=paid.checker, at=AT)

    recalculated, found = again(paid)

    assert recalculated == 4
    assert whole(paid)[1] == found


def test_a_line_held_for_review_is_looked_at_again_every_time(paid, monkeypatch):
    monkeypatch.setattr("apps.incentives.selectors.holds.FEWEST_LINES", 1)
    act(
        "set_policy", dispute_days=5, windfall_deal_factor=None, windfall_quota_share=None,
        windfall_line_factor=D(3), shows_leaderboards=False, by=paid.admin,
    )  # fmt: skip
    paid.sell(paid.rep, "90000", month=6)
    again(paid)
    assert Hold.objects.in_force().filter(person=paid.rep).exists()

    recalculated, found = again(paid)

    assert recalculated < 4
    assert whole(paid)[1] == found


def test_the_page_of_the_run_says_how_many_were_paid_again(paid, client):
    an_adjustment(paid)
    again(paid)
    client.force_login(paid.admin)

    with clock.fixed(AT):
        page = client.get(url("incentives:run", args=[paid.made.pk])).content.decode()

    assert "1 calculated again" in page


@pytest.mark.django_db(transaction=True)
def test_of_two_calculations_at_once_one_stands_and_is_whole():
    with transaction.atomic():
        company = Company()
    company.plan(commission(basis="year_to_date"))
    company.sell(company.rep, "1000")
    company.made = company.calculated()
    company.sell(company.rep, "500")

    def calculate():
        services.calculate_now(run_id=company.made.pk, by=company.admin, at=AT)

    outcomes = decided_at_once(calculate, calculate)

    assert set(outcomes) <= {"done", "wrong_state"}
    assert "done" in outcomes
    found = everything(PayRun.objects.get(pk=company.made.pk))
    assert whole(company)[1] == found


def test_a_second_worker_takes_batches_and_comes_too_late_in_peace(paid, monkeypatch):
    monkeypatch.setattr(tasks, "HELPED_FROM", 1)
    PayRun.objects.filter(pk=paid.made.pk).update(rests_on={})
    with transaction.atomic():
        task = services.request_calculation(run_id=paid.made.pk, by=paid.admin, title="", url="")
    run = PayRun.objects.get(pk=paid.made.pk)
    given = {"run_id": run.pk, "generation": run.generation}
    with transaction.atomic():
        services.prepare_calculation(**given, at=AT)

    tasks.help_calculate_run(**given)
    tasks.calculate_run(**given, by_id=paid.admin.pk, task_id=task.pk)
    tasks.help_calculate_run(**given)

    run.refresh_from_db()
    assert (run.state, run.digest, run.recalculated) == ("calculated", paid.made.digest, 4)
