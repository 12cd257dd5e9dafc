import pytest
from django.db import transaction

from apps.core.tests.together import decided_at_once
from apps.incentives import services
from apps.incentives.models import PayRun, RunStep
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
