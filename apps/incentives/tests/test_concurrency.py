"""Several people decide about one pay run at the same moment."""

import random
from itertools import pairwise

import pytest
from django.db import transaction

from apps.core.tests.together import decided_at_once
from apps.incentives import services
from apps.incentives.models import PayLine, PayRun, RunStep
from apps.incentives.rules.states import allowed
from apps.incentives.tests.factories import AT, Company


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
def test_whoever_presses_what_at_once_the_run_takes_a_legal_path_and_pays_one_set_of_lines():
    with transaction.atomic():
        company = Company()
    company.plan()
    company.sell(company.rep, "1000")
    run = company.calculated()
    lines = list(PayLine.objects.order_by("sequence").values_list("person", "amount", "hash"))
    chance = random.Random(42)  # noqa: S311  # to be drawn again

    acts = {
        "review": lambda: services.review_run(run_id=run.pk, by=company.admin, at=AT),
        "approve": lambda: services.approve_run(run_id=run.pk, by=company.checker, at=AT),
        "send back": lambda: services.send_back(run_id=run.pk, reason="Look", by=company.checker, at=AT),
        "lock": lambda: services.lock_run(run_id=run.pk, by=company.admin, at=AT),
        "again": lambda: services.request_calculation(run_id=run.pk, by=company.admin, title="Pay", url=""),
    }
    for number in range(6):  # the lock ends it all, so nobody presses it before the last round
        drawn = chance.choices(list(acts), weights=[9, 9, 5, 3 * (number == 5), 3], k=20)
        outcomes = decided_at_once(*(acts[name] for name in drawn))
        assert set(outcomes) <= {"done", "wrong_state"}
        if PayRun.objects.get(pk=run.pk).state == "draft":  # a worker takes it up
            services.calculate_now(run_id=run.pk, by=company.admin, at=AT)

    now = PayRun.objects.get(pk=run.pk).state
    steps = list(RunStep.objects.filter(run=run).order_by("pk").values_list("state", flat=True))
    assert (steps[-1], len(steps) >= 8) == (now, True)
    for before, after in pairwise(
        steps
    ):  # asking for a calculation leads to a draft without a step of its own
        assert allowed(before, after) or (after == "calculated" and allowed("draft", after)), steps
    assert steps.count("locked") <= 1
    assert "locked" not in steps[:-1]
    assert list(PayLine.objects.order_by("sequence").values_list("person", "amount", "hash")) == lines
