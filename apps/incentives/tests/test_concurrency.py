"""Several people decide about one pay run at the same moment."""

import os
import random
from collections import Counter
from contextlib import nullcontext
from itertools import pairwise

import pytest
from django.db import transaction

from apps.core.tests.together import decided_at_once, in_rounds
from apps.incentives import services
from apps.incentives.models import PayLine, PayRun, PlanAssignment, RunStep
from apps.incentives.rules.states import allowed
from apps.incentives.services.plans import InvalidPlan
from apps.incentives.services.runs import WrongState
from apps.incentives.tests.factories import AT, Company

# As large as the tests of a commit have time for; docs/tests.md says how large it can be asked to be.
ROUNDS, PEOPLE = int(os.environ.get("RUN_ROUNDS", "20")), 20


@pytest.mark.django_db(transaction=True)
def test_of_twenty_approvals_at_once_exactly_one_counts():
    with transaction.atomic():
        company = Company()
    company.plan()
    run = company.calculated()
    with transaction.atomic():
        services.review_run(run_id=run.pk, by=company.admin, at=AT)

    def approve():
        services.approve_run(run_id=run.pk, by=company.checker, at=AT)

    assert decided_at_once(*[approve] * 20) == ["done"] + ["wrong_state"] * 19
    assert RunStep.objects.filter(run=run, state="approved").count() == 1
    assert PayRun.objects.get(pk=run.pk).state == "approved"


@pytest.mark.django_db(transaction=True)
def test_of_two_plans_given_to_somebody_at_once_one_is_refused():
    with transaction.atomic():
        company = Company()
    others = {"one": company.peer, "two": company.lead, "three": company.boss}
    plans = [company.plan(people=[other], code=code) for code, other in others.items()]

    def put_under(plan):
        return lambda: services.assign_plan(
            plan_id=plan.pk, person_id=company.rep.pk, starts_on=AT.date(), by=company.admin
        )

    told = decided_at_once(*map(put_under, plans))

    assert told == ["assignment_overlaps"] * 2 + ["done"]
    assert PlanAssignment.objects.filter(person=company.rep).count() == 1


@pytest.mark.django_db
def test_ending_an_assignment_again_does_not_prolong_it():
    company = Company()
    company.plan(people=[company.rep])
    row = PlanAssignment.objects.get(person=company.rep)
    end, later = AT.date(), AT.date().replace(month=9)
    services.end_assignment(assignment_id=row.pk, ends_before=end, by=company.admin)

    with pytest.raises(InvalidPlan):
        services.end_assignment(assignment_id=row.pk, ends_before=later, by=company.admin)

    row.refresh_from_db()
    assert row.valid.upper == end


LINES = ("statement__person", "sequence", "amount", "hash")


@pytest.mark.django_db(transaction=True)
def test_whoever_presses_what_at_once_the_run_takes_a_legal_path_and_pays_one_set_of_lines():
    with transaction.atomic():
        company = Company()
    company.plan()
    company.sell(company.rep, "1000")
    run = company.calculated()
    lines = list(PayLine.objects.order_by(*LINES[:2]).values_list(*LINES))
    by_admin, by_checker = {"by": company.admin, "at": AT}, {"by": company.checker, "at": AT}

    acts = {
        "review": lambda: services.review_run(run_id=run.pk, **by_admin),
        "approve": lambda: services.approve_run(run_id=run.pk, **by_checker),
        "send back": lambda: services.send_back(run_id=run.pk, reason="Look", **by_checker),
        "again": lambda: services.request_calculation(run_id=run.pk, by=company.admin, title="Pay", url=""),
        "calculate": lambda: services.calculate_now(run_id=run.pk, **by_admin),
        "lock": lambda: services.lock_run(run_id=run.pk, **by_admin),
    }
    chance = random.Random(42)  # noqa: S311  # to be drawn again
    weights = [9, 9, 5, 2, 1, 0]
    drawn = [chance.choices(list(acts), weights=weights, k=PEOPLE) for _round in range(ROUNDS - 1)]
    drawn.append(["lock"] * 5 + chance.choices(list(acts)[:5], weights=weights[:5], k=PEOPLE - 5))
    told = Counter()

    def pressed(name):
        try:
            with transaction.atomic() if name != "calculate" else nullcontext():
                acts[name]()
        except WrongState as refusal:
            return refusal.code
        return "done"

    def settle(number):
        """Have a worker take up what was asked for; the last time, approve so that a lock can win."""
        if PayRun.objects.get(pk=run.pk).state == "draft":
            services.calculate_now(run_id=run.pk, **by_admin)
        if number == ROUNDS - 2:
            for name in ("review", "approve"):
                pressed(name)
        assert list(PayLine.objects.order_by(*LINES[:2]).values_list(*LINES)) == lines

    in_rounds(
        [lambda number, who=who: told.update([pressed(drawn[number][who])]) for who in range(PEOPLE)],
        ROUNDS, between=settle,
    )  # fmt: skip

    now = PayRun.objects.get(pk=run.pk).state
    steps = list(RunStep.objects.filter(run=run).order_by("pk").values_list("state", flat=True))
    assert set(told) == {"done", "wrong_state"}
    assert told.total() == ROUNDS * PEOPLE
    assert (steps[-1], len(steps) > ROUNDS) == (now, True)
    # Asking for a calculation leads to a draft without a step of its own.
    for before, after in pairwise(steps):
        assert allowed(before, after) or (after == "calculated" and allowed("draft", after)), steps
    assert steps.count("locked") <= 1
    assert "locked" not in steps[:-1]
