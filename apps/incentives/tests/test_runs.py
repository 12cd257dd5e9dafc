import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, connection, transaction

from apps.incentives import services
from apps.incentives.models import PayLine, PayRun, PayTrace, RunStep, Statement
from apps.incentives.rules.chain import START
from apps.incentives.selectors.reconcile import reconcile
from apps.incentives.services.adjustments import AdjustmentRefused
from apps.incentives.services.runs import (
    EarlierRunOpen,
    HasExceptions,
    OwnPay,
    RunExists,
    RunRefused,
    SamePerson,
    WrongState,
)
from apps.incentives.tests.factories import AT, commission, override, total_of
from apps.measures import services as ledger


def reverse(credit, booked_on):
    with transaction.atomic():
        return ledger.reverse(
            source_type=credit.source_type, source_id=credit.source_id, booked_on=booked_on, reason="Returned"
        )


def test_a_run_pays_each_credit_by_the_plan_and_keeps_its_trace(company):
    company.plan()
    first, second = company.sell(company.rep, "800"), company.sell(company.rep, "700")

    run = company.calculated()

    line = PayLine.objects.get(run=run, person=company.rep)
    assert (line.amount, line.basis, line.credits) == (D("55.00"), D("1500"), 2)
    assert list(
        PayTrace.objects.filter(line=line).order_by("sequence").values_list("credit_id", "value")
    ) == [
        (first.pk, D("24")),
        (second.pk, D("31")),
    ]
    assert (run.state, run.total, run.payees) == ("calculated", D("55.00"), 2)
    assert reconcile(run).agrees


def test_calculating_again_gives_the_same_bytes(company):
    company.plan()
    company.sell(company.rep, "1234.56")
    run = company.calculated()
    before = (run.digest, list(PayLine.objects.values_list("hash", flat=True)))

    again = services.calculate_now(run_id=run.pk, by=company.admin, at=AT + dt.timedelta(days=1))

    assert (again.digest, list(PayLine.objects.values_list("hash", flat=True))) == before


def test_a_killed_calculation_goes_on_and_gives_identical_lines(company):
    company.plan()
    for person in (company.rep, company.peer):
        company.sell(person, "2500")
    reference = company.calculated()
    digest = reference.digest
    PayRun.objects.filter(pk=reference.pk).update(rests_on={})  # so that everybody is calculated
    with transaction.atomic():
        services.request_calculation(run_id=reference.pk, by=company.admin, title="Again", url="")
    run = PayRun.objects.get(pk=reference.pk)
    with transaction.atomic():
        services.prepare_calculation(run_id=run.pk, generation=run.generation, at=AT)
    with transaction.atomic():
        services.compute_batch(run_id=run.pk, generation=run.generation, at=AT, size=1)
    with transaction.atomic():
        services.compute_batch(run_id=run.pk, generation=run.generation, at=AT, size=1)
        transaction.set_rollback(True)

    with transaction.atomic():
        assert services.prepare_calculation(run_id=run.pk, generation=run.generation, at=AT) == 2
        assert services.compute_batch(run_id=run.pk, generation=run.generation, at=AT) == 1
        assert services.compute_batch(run_id=run.pk, generation=run.generation, at=AT) == 0
        done = services.finish_calculation(run_id=run.pk, generation=run.generation, by=company.admin, at=AT)

    assert done.digest == digest
    assert PayLine.objects.filter(run=run).count() == 2


def test_a_worker_of_an_earlier_calculation_cannot_write(company):
    company.plan()
    run = company.calculated()

    with pytest.raises(WrongState), transaction.atomic():
        services.compute_batch(run_id=run.pk, generation=run.generation - 1, at=AT)


def test_a_credit_posted_after_the_pin_belongs_to_the_next_run(company):
    company.plan()
    company.sell(company.rep, "100")
    run = company.run()
    with transaction.atomic():
        services.request_calculation(run_id=run.pk, by=company.admin, title="", url="")
    run.refresh_from_db()
    with transaction.atomic():
        services.prepare_calculation(run_id=run.pk, generation=run.generation, at=AT)
    company.sell(company.rep, "900")

    with transaction.atomic():
        services.compute_batch(run_id=run.pk, generation=run.generation, at=AT)

    assert PayLine.objects.get(run=run, person=company.rep).basis == D("100")


def test_a_late_credit_is_paid_in_the_next_run_as_a_delta(company):
    company.plan()
    company.sell(company.rep, "800", month=2)
    company.locked("2026-Q1")
    company.sell(company.rep, "700", month=3)

    run = company.calculated("2026-Q2")

    delta = PayLine.objects.get(run=run, person=company.rep, kind="delta")
    assert (delta.window, delta.amount, delta.basis) == ("2026-Q1", D("31.00"), D("700"))
    assert reconcile(run).agrees


def test_a_return_takes_back_what_was_paid_and_no_more(company):
    company.plan()
    company.sell(company.rep, "1000", month=1)
    returned = company.sell(company.rep, "500", month=2)
    company.locked("2026-Q1")
    reverse(returned, dt.date(2026, 5, 5))

    run = company.calculated("2026-Q2")

    taken = PayLine.objects.get(run=run, person=company.rep, kind="return")
    assert (taken.window, taken.amount) == ("2026-Q1", D("-25.00"))
    assert total_of(run, company.rep) == D("-25.00")


def test_a_sale_and_its_return_before_any_run_net_to_nothing(company):
    company.plan()
    reverse(company.sell(company.rep, "777.77"), dt.date(2026, 6, 1))

    assert total_of(company.calculated(), company.rep) == D("0.00")


def test_the_year_to_date_pays_the_difference_to_what_was_posted(company):
    company.plan(commission(basis="year_to_date", table={"kind": "retroactive"}))
    company.sell(company.rep, "900", month=2)
    first = company.locked("2026-Q1")
    company.sell(company.rep, "200", month=5)

    second = company.calculated("2026-Q2")

    assert total_of(first, company.rep) == D("27.00")
    assert total_of(second, company.rep) == D("28.00")
    assert reconcile(second).agrees


def test_a_lead_is_paid_once_per_deal_of_the_people_below(company):
    company.plan(override(), people=[company.lead], code="leads")
    company.sell(company.rep, "600", source_id=1)
    company.sell(company.peer, "400", source_id=1)
    company.sell(company.lead, "5000", source_id=2)

    line = PayLine.objects.get(run=company.calculated(), person=company.lead)

    assert (line.basis, line.amount) == (D("1000"), D("10.00"))


def test_levels_count_leads_between_seller_and_payee(company):
    second_level = override(levels={"from": 2, "to": 2})
    company.plan(second_level, people=[company.boss], code="second")
    company.sell(company.rep, "1000")
    company.sell(company.lead, "500")

    line = PayLine.objects.get(run=company.calculated(), person=company.boss)

    assert line.basis == D("1000")


def test_somebody_without_a_quota_is_an_exception_that_stops_the_review(company):
    tiers = [{"from": "0", "rate": "0.05"}]
    company.plan(commission(table={"unit": {"kind": "quota", "of": "period"}, "tiers": tiers}))
    company.sell(company.rep, "10")
    run = company.calculated()

    with pytest.raises(HasExceptions), transaction.atomic():
        services.review_run(run_id=run.pk, by=company.admin, at=AT)

    assert PayRun.objects.get(pk=run.pk).state == "calculated"
    assert Statement.objects.get(run=run, person=company.rep).exception == "no_quota"


def test_a_joiner_in_the_middle_of_a_period_gets_part_of_the_salary(company):
    base = {"kind": "base_salary", "code": "base", "name": "Base", "annual": "36500"}
    company.rep.hired_on = dt.date(2026, 6, 1)
    company.rep.save(update_fields=["hired_on"])
    company.plan(base)

    run = company.calculated()

    assert total_of(run, company.rep) == D("3008.24")
    assert total_of(run, company.peer) == D("9125.00")


def test_two_different_people_calculate_and_approve(company):
    company.plan()
    run = company.calculated()
    with transaction.atomic():
        services.review_run(run_id=run.pk, by=company.admin, at=AT)

    with pytest.raises(SamePerson), transaction.atomic():
        services.approve_run(run_id=run.pk, by=company.admin, at=AT)
    with transaction.atomic():
        services.approve_run(run_id=run.pk, by=company.checker, at=AT)

    assert PayRun.objects.get(pk=run.pk).state == "approved"


def test_nobody_approves_a_run_that_pays_them(company):
    company.plan(people=[company.boss])
    run = company.calculated()
    with transaction.atomic():
        services.review_run(run_id=run.pk, by=company.admin, at=AT)

    with pytest.raises(OwnPay), transaction.atomic():
        services.approve_run(run_id=run.pk, by=company.users["executive"], at=AT)


def test_the_database_refuses_the_same_person_twice(company):
    company.plan()
    run = company.calculated()

    with pytest.raises(IntegrityError, match="two_people"), transaction.atomic():
        PayRun.objects.filter(pk=run.pk).update(approved_by=company.admin, approved_at=AT)


def test_a_second_run_of_the_same_plan_and_period_is_refused(company):
    company.plan()
    company.run()

    with pytest.raises(RunExists):
        company.run()


def test_an_open_earlier_run_comes_first(company):
    company.plan()
    company.calculated("2026-Q1")

    with pytest.raises(EarlierRunOpen):
        company.run("2026-Q2")


def test_a_run_sent_back_can_be_calculated_again_and_keeps_its_path(company):
    company.plan()
    run = company.calculated()
    with transaction.atomic():
        services.review_run(run_id=run.pk, by=company.admin, at=AT)
        services.send_back(run_id=run.pk, reason="A deal is missing", by=company.checker, at=AT)
    services.calculate_now(run_id=run.pk, by=company.admin, at=AT)

    states = list(RunStep.objects.filter(run=run).order_by("pk").values_list("state", flat=True))

    assert states == ["draft", "calculated", "reviewed", "calculated", "calculated"]


WRITES = {
    "ORM save": lambda line: PayLine.objects.get(pk=line.pk).save(update_fields=["amount"]),
    "update": lambda line: PayLine.objects.filter(pk=line.pk).update(amount=1),
    "bulk_update": lambda line: PayLine.objects.bulk_update([line], ["amount"]),
    "delete": lambda line: PayLine.objects.filter(pk=line.pk).delete(),
    "bulk_create": lambda line: PayLine.objects.bulk_create(
        [PayLine(**{**_columns(line), "id": None, "sequence": 99})]
    ),
    "raw insert": lambda line: _raw(
        "INSERT INTO incentives_paytrace (line_id, sequence, amount, value) VALUES (%s, 900, 1, 1)", line.pk
    ),
    "raw update": lambda line: _raw("UPDATE incentives_payline SET amount = 1 WHERE id = %s", line.pk),
    "raw delete of a source row": lambda line: _raw(
        "DELETE FROM incentives_paytrace WHERE line_id = %s", line.pk
    ),
    "statement": lambda line: Statement.objects.filter(pk=line.statement_id).update(total=1),
    "run total": lambda line: PayRun.objects.filter(pk=line.run_id).update(total=1),
    "run state": lambda line: PayRun.objects.filter(pk=line.run_id).update(state="draft"),
    "run delete": lambda line: _raw("DELETE FROM incentives_payrun WHERE id = %s", line.run_id),
}


def _columns(line):
    return {field.attname: getattr(line, field.attname) for field in PayLine._meta.concrete_fields}


def _raw(sql, pk):
    with connection.cursor() as cursor:
        cursor.execute(sql, [pk])


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_the_database_refuses_every_write_to_a_locked_run(company, write):
    company.plan()
    company.sell(company.rep, "100")
    run = company.locked()
    line = PayLine.objects.get(run=run, person=company.rep)

    with pytest.raises(IntegrityError, match="fixed_run"), transaction.atomic():
        write(line)

    assert PayLine.objects.get(pk=line.pk).amount == D("3.00")
    assert reconcile(PayRun.objects.get(pk=run.pk)).agrees


def test_lines_of_a_closed_period_cannot_be_written(company):
    company.plan()
    company.sell(company.rep, "100")
    run = company.calculated()
    type(run.period).objects.filter(pk=run.period_id).update(closed_at=AT, closed_by=company.admin)

    with pytest.raises(IntegrityError, match="fixed_run"), transaction.atomic():
        PayLine.objects.filter(run=run).update(amount=1)


def test_a_reversal_becomes_a_line_of_the_next_run_after_a_second_person_agreed(company):
    company.plan()
    company.sell(company.rep, "100", month=2)
    line = PayLine.objects.get(run=company.locked("2026-Q1"), person=company.rep)
    with transaction.atomic():
        row = services.reverse_line(line_id=line.pk, reason="Wrong customer", by=company.admin, at=AT)
    with pytest.raises(AdjustmentRefused), transaction.atomic():
        services.decide_adjustment(adjustment_id=row.pk, approve=True, by=company.admin, at=AT)
    with transaction.atomic():
        services.decide_adjustment(adjustment_id=row.pk, approve=True, by=company.checker, at=AT)

    run = company.calculated("2026-Q2")

    assert PayLine.objects.get(run=run, kind="adjustment").amount == D("-3.00")
    with pytest.raises(AdjustmentRefused), transaction.atomic():
        services.reverse_line(line_id=line.pk, reason="Again", by=company.admin, at=AT)


def test_the_payroll_file_carries_control_totals_that_agree(company):
    company.plan()
    company.rep.name = "=HYPERLINK()"
    company.rep.save(update_fields=["name"])
    company.sell(company.rep, "1234.56")
    company.sell(company.peer, "99.99")
    run = company.locked()

    with transaction.atomic():
        made = services.export_payroll(run_id=run.pk, by=company.admin, at=AT)

    rows = [row.split(",") for row in made.content.splitlines()]
    assert sum(D(row[-1]) for row in rows[1:-1]) == D(rows[-1][-1]) == run.total == made.total
    assert "'=HYPERLINK()" in made.content
    assert reconcile(run).agrees


def test_only_an_exported_run_is_marked_as_paid(company):
    company.plan()
    run = company.locked()

    with pytest.raises(RunRefused), transaction.atomic():
        services.mark_paid(run_id=run.pk, by=company.admin, at=AT)
    with transaction.atomic():
        services.export_payroll(run_id=run.pk, by=company.admin, at=AT)
        services.mark_paid(run_id=run.pk, by=company.admin, at=AT)

    assert PayRun.objects.get(pk=run.pk).state == "paid"


def test_lines_are_chained_and_a_changed_one_is_found(company):
    company.plan(commission(), {"kind": "base_salary", "code": "base", "name": "Base", "annual": "1000"})
    company.sell(company.rep, "100")
    run = company.calculated()
    first, second = PayLine.objects.filter(run=run, person=company.rep).order_by("sequence")
    assert (first.previous_hash, second.previous_hash) == (START, first.hash)

    PayLine.objects.filter(pk=first.pk).update(hash="0" * 64)

    assert reconcile(run).broken_chains == 1
    assert not reconcile(run).agrees


def test_one_cent_off_is_found(company):
    company.plan()
    company.sell(company.rep, "100")
    run = company.calculated()

    PayLine.objects.filter(run=run, person=company.rep).update(amount=D("3.01"))

    assert not reconcile(run).agrees
