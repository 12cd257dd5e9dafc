"""Every line of pay goes back to whoever asked for it and approved it."""

import random
from decimal import Decimal

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.events.audit import acting
from apps.incentives import services
from apps.incentives.models import PayLine
from apps.incentives.selectors.provenance import provenance
from apps.incentives.tests.factories import AT


def test_a_hundred_lines_of_pay_go_back_to_request_inputs_version_and_approver_in_one_query(company):
    plan = company.plan()
    for month in (1, 2, 4, 5):
        for person in (company.rep, company.peer):
            company.sell(person, "800", month=month)
    runs = []
    for code in ("2026-Q1", "2026-Q2"):
        with acting(company.admin.pk, request_id=f"asked-for-{code}", source="web"), transaction.atomic():
            adjustment = services.request_adjustment(
                person_id=company.rep.pk, amount=Decimal(7), reason="Missed", by=company.admin, at=AT
            )
            services.decide_adjustment(adjustment_id=adjustment.pk, approve=True, by=company.checker, at=AT)
            runs.append(company.locked(code))
    lines = list(PayLine.objects.order_by("pk").values_list("pk", flat=True))
    drawn = random.Random(66).choices(lines, k=100)  # noqa: S311  # to be drawn again

    with CaptureQueriesContext(
        connection,
    ) as asked:
        traced = provenance(drawn)

    assert (len(asked), len(traced)) == (1, 100)
    version = plan.versions.get()
    for one in traced:
        line = PayLine.objects.select_related("statement", "run__period").get(pk=one.line_id)
        assert one.request_id == f"asked-for-{line.run.period.code}"
        assert (one.source, one.asked_by) == ("web", "admin")
        assert (one.calculated_by, one.approved_by) == ("admin", "checker")
        assert one.inputs == line.statement.inputs
        assert one.credits == [row.credit_id for row in line.traces.order_by("sequence") if row.credit_id]
        assert one.trace_digest == line.trace_digest
        if line.adjustment_id:
            assert (one.adjustment_by, one.adjustment_approved_by) == ("admin", "checker")
        else:
            assert (one.plan, one.version, one.document_hash) == ("reps", 1, version.document_hash)
            assert (one.version_by, one.version_approved_by) == ("admin", "checker")
            assert one.credits
    assert {one.adjustment_by for one in traced} == {None, "admin"}
    assert {one.run_id for one in traced} == {run.pk for run in runs}


def test_a_line_says_where_it_comes_from_to_who_sees_pay_runs_and_to_nobody_else(company):
    company.plan()
    company.sell(company.rep, "800", month=1)
    with acting(company.admin.pk, request_id="asked-for", source="web"), transaction.atomic():
        run = company.locked("2026-Q1")
    line = PayLine.objects.filter(run=run, person=company.rep, component="commission").get()

    def shown(user):
        client = Client()
        client.force_login(user)
        return client.get(f"/incentives/lines/{line.pk}/").content.decode()

    payee, payer, audit = (
        shown(user) for user in (company.rep.user, company.admin, company.users["auditor"])
    )

    assert "Where this figure comes from" not in payee
    for page in (payer, audit):
        section = page.partition('id="origin"')[2]
        assert "Where this figure comes from" in section
        for said in (company.admin.name, company.checker.name, "1 Jan 2026", "1 row of the ledger"):
            assert said in section, said
    assert "asked-for" in audit
    assert "asked-for" not in payer
