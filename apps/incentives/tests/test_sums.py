"""On any sales, late ones and returns among them, ledger, lines, statements and payroll file agree."""

import csv
import datetime as dt
import io
from collections import defaultdict
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import F, Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.events.jobs import Due
from apps.incentives import services, tasks
from apps.incentives.models import PayLine, PayTrace, Statement
from apps.incentives.selectors.reconcile import reconcile
from apps.incentives.tests.factories import AT
from apps.measures import services as ledger
from apps.measures.models import Credit

# Who sold, in which month, for how many cents, when it was entered, and whether it came back in May.
SALES = st.lists(
    st.tuples(
        st.sampled_from(["rep", "peer"]),
        st.integers(1, 6),
        st.integers(1, 400_000),
        st.booleans(),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


def enter(company, sales):
    for who, month, cents, _late, comes_back in sales:
        credit = company.sell(getattr(company, who), str(Decimal(cents) / 100), month=month)
        if comes_back:
            ledger.reverse(
                source_type=credit.source_type, source_id=credit.source_id,
                booked_on=dt.date(2026, max(month, 5), 20), reason="Returned",
            )  # fmt: skip


def in_file(export):
    """Return what payroll reads, by person."""
    paid = defaultdict(Decimal)
    for row in csv.DictReader(io.StringIO(export.content.removeprefix("\ufeff"))):
        if row["run"] != "control":
            paid[row["personnel_number"]] += Decimal(row["amount"])
    return dict(paid)


def sums(rows, person, amount):
    return {key: total for key, total in rows.values_list(person).annotate(total=Sum(amount)) if total}


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(sales=SALES)
def test_ledger_lines_statements_and_payroll_file_agree_per_person(company, sales):
    with transaction.atomic():
        company.plan()
        enter(company, [sale for sale in sales if sale[1] <= 3 and not sale[3]])
        runs = [company.locked("2026-Q1")]
        enter(company, [sale for sale in sales if sale[1] > 3 or sale[3]])
        runs.append(company.locked("2026-Q2"))

        for run in runs:
            export = services.export_payroll(run_id=run.pk, by=company.admin, at=AT)
            lines = PayLine.objects.filter(run=run)
            of_lines = sums(lines, "person__external_id", "amount")
            assert of_lines == sums(Statement.objects.filter(run=run), "person__external_id", "total")
            assert of_lines == {person: total for person, total in in_file(export).items() if total}
            assert sum(of_lines.values(), Decimal(0)) == run.total == export.total
            assert reconcile(run).agrees
        traced = PayTrace.objects.filter(line__run__in=runs, credit__isnull=False)
        traced = traced.annotate(person=F("line__person"))
        assert sums(traced, "person", "amount") == sums(
            Credit.objects.filter(measure="revenue"), "person", "value"
        )
        transaction.set_rollback(True)


def test_a_cent_too_much_fails_the_nightly_check_and_is_named_in_the_log(company, caplog):
    company.plan()
    company.sell(company.rep, "1000")
    run = company.calculated()
    due = Due("incentives.check_sums", "2026-07-04", dt.date(2026, 7, 4), AT)
    tasks.check_sums(due)
    PayLine.objects.filter(run=run, person=company.rep).update(amount=F("amount") + Decimal("0.01"))

    with pytest.raises(tasks.SumsDisagree, match=str(run.pk)):
        tasks.check_sums(due)

    [told] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert told.run_ids == [run.pk]
