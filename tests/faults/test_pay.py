"""A calculation of pay, killed at every kind of step, pays to the byte what an undisturbed one pays."""

import time

import pytest

from tests.faults.stage import until

pytestmark = pytest.mark.process

# Sixty payees with a lead above them who is paid for everything they sell.
FOUND = """
from decimal import Decimal
import datetime as dt
from django.db import transaction
from apps.incentives.models import PayRun
from apps.incentives.tests.factories import Company, commission, override
from apps.measures.services import Entry, post
from apps.org.tests.factories import seated
with transaction.atomic():
    company = Company()
    people = [seated(company.team, name=f"Seller {n}") for n in range(60)]
    post([
        Entry(
            measure="revenue", key=f"sale:{n}:{month}", credited_on=dt.date(2026, month, 10),
            value=Decimal(100 + 37 * n + month) / 3 // Decimal("0.01") / 100, person_id=person.pk,
            source_type="test", source_id=n * 100 + month,
        )
        for n, person in enumerate(people) for month in (4, 4 + 1, 6)
    ])
company.plan(commission(), people=people)
company.plan(override(), people=[company.lead, company.boss], code="leads")
print(company.calculated().pk)
"""
AGAIN = """
from django.db import transaction
from apps.access.models import User
from apps.incentives import services
with transaction.atomic():
    services.request_calculation(run_id={run}, by=User.objects.get(username="admin"), title="Pay", url="")
"""
PAID = """
    SELECT s.person_id, s.total, s.variable, s.head_hash, l.sequence, l.amount, l.raw, l.hash, t.sequence,
           t.credit_id, t.amount, t.value
    FROM incentives_statement s
    LEFT JOIN incentives_payline l ON l.statement_id = s.id
    LEFT JOIN incentives_paytrace t ON t.line_id = l.id
    ORDER BY s.person_id, l.sequence, t.sequence
"""
RUN = "SELECT state, total, payees, digest FROM incentives_payrun"
LEDGER = "SELECT count(*), count(DISTINCT key), sum(value), max(id) FROM measures_credit"
OVER = "SELECT state FROM events_longtask ORDER BY id DESC LIMIT 1"


@pytest.fixture(scope="module")
def reference(servers):
    """Return the run and what an undisturbed calculation of it wrote."""
    run = int(servers.python(FOUND).split()[-1])
    return run, servers.sql(PAID), servers.sql(RUN), servers.sql(LEDGER)


def recalculate(stage, run, *deaths):
    (stage.folder / "deaths").write_text("\n".join(deaths))
    stage.python(AGAIN.format(run=run))


def finished(stage):
    return (
        stage.sql(OVER) == [("done",)]
        and stage.sql("SELECT 1 FROM events_outboxentry WHERE state <> 'done'") == []
    )


def assert_paid_as(stage, reference):
    _run, lines, run, ledger = reference
    assert (stage.folder / "deaths").read_text() == ""
    assert stage.sql(RUN) == run
    assert stage.sql(PAID) == lines
    assert stage.sql(LEDGER) == ledger
    assert len(lines) > 180
    doubled = (
        "SELECT statement_id FROM incentives_payline GROUP BY statement_id, sequence HAVING count(*) > 1"
    )
    assert stage.sql(doubled) == []


def test_pool_children_killed_at_any_step_change_no_byte(stage, reference):
    with stage.worker():
        for deaths in (
            ("prepare_calculation 1 written", "compute_batch 2 written"),
            ("compute_batch 3 called", "finish_calculation 1 written"),
            ("compute_batch 1 written", "finish 1 called"),
        ):
            recalculate(stage, reference[0], *deaths)
            killed = time.monotonic()
            assert until(lambda: finished(stage), 60), (deaths, stage.sql(RUN), stage.sql(OVER))
            assert time.monotonic() - killed < 60
            assert_paid_as(stage, reference)


def test_a_worker_killed_in_the_middle_is_taken_over_and_changes_no_byte(stage, reference):
    with stage.worker() as worker:
        recalculate(stage, reference[0], "all compute_batch 3 written")
        assert until(lambda: worker.poll() is not None, 30)
    assert stage.sql("SELECT count(*) FROM incentives_statement WHERE computed_at IS NOT NULL") == [(30,)]

    with stage.worker():
        assert until(lambda: finished(stage), 30), (stage.sql(RUN), stage.sql(OVER))

    assert_paid_as(stage, reference)
