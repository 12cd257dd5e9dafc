import threading

import pytest
from django.db import connection, transaction

from apps.core.errors import DomainError
from apps.incentives import services
from apps.incentives.models import PayRun, RunStep
from apps.incentives.tests.factories import AT, Company


def at_once(count, work):
    """Start ``work`` on its own connection ``count`` times together and return what became of each."""
    barrier, outcomes = threading.Barrier(count), []

    def one():
        try:
            barrier.wait(timeout=20)
            with transaction.atomic():
                work()
            outcomes.append("done")
        except DomainError as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_of_twenty_approvals_at_once_exactly_one_counts():
    with transaction.atomic():
        company = Company()
    company.plan()
    run = company.calculated()
    with transaction.atomic():
        services.review_run(run_id=run.pk, by=company.admin, at=AT)

    outcomes = at_once(20, lambda: services.approve_run(run_id=run.pk, by=company.checker, at=AT))

    assert sorted(outcomes) == ["done"] + ["wrong_state"] * 19
    assert RunStep.objects.filter(run=run, state="approved").count() == 1
    assert PayRun.objects.get(pk=run.pk).state == "approved"
