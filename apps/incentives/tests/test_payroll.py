"""Payroll files read back to the cent; locked runs are reversed, never edited; accruals count once."""

import csv
import datetime as dt
import io
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse

from apps.calendars import selectors as calendars
from apps.calendars import services as calendar_services
from apps.core import clock
from apps.core.tests.together import decided_at_once
from apps.events.jobs import Due
from apps.incentives import services, tasks
from apps.incentives.models import Accrual, Adjustment, PayLine, PayRun, PayTrace, RunPlan, Statement
from apps.incentives.selectors.payroll import read_file
from apps.incentives.selectors.reconcile import reconcile
from apps.incentives.services.accruals import AccrualRefused
from apps.incentives.services.reversals import ReversalRefused
from apps.incentives.services.runs import EarlierRunOpen, PeriodClosed, SamePerson, WrongState
from apps.incentives.tests.factories import AT, Company, commission, total_of

NOW = dt.datetime(2026, 7, 10, 9, tzinfo=dt.UTC)
BASE = {"kind": "base_salary", "code": "base", "name": "Base", "annual": "1000"}


@pytest.fixture(autouse=True)
def _summer():
    with clock.fixed(NOW):
        yield


def act(name, **given):
    with transaction.atomic():
        return getattr(services, name)(**given)


def locked(company, run):
    act("review_run", run_id=run.pk, by=company.admin, at=AT)
    act("approve_run", run_id=run.pk, by=company.checker, at=AT)
    return act("lock_run", run_id=run.pk, by=company.admin, at=AT)


def reversal_of(company, run, code="2026-Q2", reason="Wrong plan"):
    return act(
        "reverse_run", run_id=run.pk, period=calendars.period(code), reason=reason, by=company.admin, at=AT
    )


def exported(company, run):
    return act("export_payroll", run_id=run.pk, by=company.admin, at=AT)


def adjusted(company, amount="7.00"):
    row = act(
        "request_adjustment", person_id=company.rep.pk, amount=D(amount), reason="Missed", by=company.admin,
        at=AT,
    )  # fmt: skip
    act("decide_adjustment", adjustment_id=row.pk, approve=True, by=company.checker, at=AT)
    return row


@pytest.fixture
def paid(company):
    """A locked first quarter with an adjustment among its lines."""
    company.plan(commission(), BASE)
    company.sell(company.rep, "1234.56", month=2)
    company.sell(company.peer, "99.99", month=3)
    adjusted(company)
    company.first = company.locked("2026-Q1")
    return company


def test_a_file_carries_count_sum_and_fingerprint_and_every_change_of_it_shows(paid):
    made = exported(paid, paid.first)
    read = read_file(made.content)

    assert read.agrees
    assert made.totals["USD"] == {
        "count": made.rows, "total": str(paid.first.total), "fingerprint": read.fingerprint,
    }  # fmt: skip
    lines = made.content.splitlines()
    for broken in (
        "\r\n".join([lines[0], *lines[2:]]),
        made.content.replace("41.73", "41.74"),
        made.content.replace("Rep", "Pep"),
        "\r\n".join(lines[:-1]),
    ):
        assert broken != made.content
        assert not read_file(broken).agrees


def test_ledger_statements_and_file_agree_per_person_and_currency(paid):
    read = read_file(exported(paid, paid.first).content)

    told = {(row.person.external_id, row.currency): row.total for row in Statement.objects.all()}
    assert read.paid == told
    assert reconcile(paid.first).agrees


def test_a_cent_moved_from_one_person_to_another_is_found(company):
    company.plan()
    for person in (company.rep, company.peer):
        company.sell(person, "1000")
    run = company.calculated()
    for person, cent in ((company.rep, D("0.01")), (company.peer, D("-0.01"))):
        PayLine.objects.filter(person=person).update(amount=F("amount") + cent)
        Statement.objects.filter(person=person).update(total=F("total") + cent)
    PayLine.objects.filter(person=company.rep).update(amount=F("amount") + 1)
    PayLine.objects.filter(person=company.peer).update(amount=F("amount") - 1)

    found = reconcile(PayRun.objects.get(pk=run.pk))

    assert found.run_total == found.lines == found.statements
    assert (found.uneven_people, found.agrees) == (2, False)


def test_a_renamed_payee_does_not_alarm_and_the_file_keeps_the_number_of_then(paid):
    exported(paid, paid.first)
    paid.rep.external_id, paid.rep.name = "NEW-1", "Another Name"
    paid.rep.save(update_fields=["external_id", "name"])

    assert reconcile(paid.first).agrees


def test_a_reversal_takes_every_line_back_and_the_period_is_paid_anew(paid, client):
    before = list(PayLine.objects.filter(run=paid.first).order_by("pk").values_list())
    reversal = reversal_of(paid, paid.first)
    assert (reversal.state, reversal.total) == ("calculated", -paid.first.total)
    act("review_run", run_id=reversal.pk, by=paid.admin, at=AT)
    with pytest.raises(SamePerson):
        act("approve_run", run_id=reversal.pk, by=paid.admin, at=AT)
    act("send_back", run_id=reversal.pk, reason="Look again", by=paid.checker, at=AT)
    locked(paid, reversal)

    files = [read_file(exported(paid, run).content) for run in (paid.first, reversal)]
    assert {key: amount + files[1].paid[key] for key, amount in files[0].paid.items() if amount} == {
        key: D("0.00") for key, amount in files[0].paid.items() if amount
    }
    assert list(PayLine.objects.filter(run=paid.first).order_by("pk").values_list()) == before
    assert reconcile(PayRun.objects.get(pk=reversal.pk)).agrees
    assert PayTrace.objects.filter(line__run=reversal).count() == 2

    client.force_login(paid.users["rep"])
    mine = client.get(reverse("incentives:my_pay")).content.decode()
    assert ">Reversed</td>" in mine
    assert "Reversal</small>" in mine

    again = paid.locked("2026-Q1")
    assert again.total == paid.first.total
    assert total_of(again, paid.rep) == total_of(paid.first, paid.rep)
    assert PayLine.objects.get(run=again, kind="adjustment").adjustment.repeats == Adjustment.objects.first()
    second = paid.calculated("2026-Q2")
    assert PayLine.objects.filter(run=second).exclude(component="base").exclude(amount=0).count() == 0


def test_what_cannot_be_reversed(paid):
    reversal = reversal_of(paid, paid.first)

    for run, code, refusal in (
        (paid.first, "2026-Q2", ReversalRefused),
        (reversal, "2026-Q2", ReversalRefused),
        (paid.first, "2025-Q4", ReversalRefused),
    ):
        with pytest.raises(refusal):
            reversal_of(paid, run, code)
    with pytest.raises(EarlierRunOpen):
        paid.run("2026-Q2")
    with pytest.raises(WrongState):
        services.calculate_now(run_id=reversal.pk, by=paid.admin, at=AT)
    act("drop_reversal", run_id=reversal.pk, by=paid.admin)
    with pytest.raises(ReversalRefused):
        reversal_of(paid, paid.first, reason=" ")
    paid.locked("2026-Q2")
    with pytest.raises(ReversalRefused):
        reversal_of(paid, paid.first)

    assert not PayRun.objects.filter(reverses__isnull=False).exists()
    assert RunPlan.objects.filter(is_void=True).count() == 0


def test_a_closed_quarter_is_reversed_in_an_open_one(paid):
    with transaction.atomic():
        calendar_services.close_period(paid.first.period_id, paid.admin.pk, AT)

    with pytest.raises(PeriodClosed):
        reversal_of(paid, paid.first, "2026-Q1")
    reversal = locked(paid, reversal_of(paid, paid.first, "2026-Q2"))

    assert reversal.period.code == "2026-Q2"
    assert set(PayRun.objects.values_list("is_void", flat=True)) == {True}


def test_the_mark_of_a_reversed_run_is_never_taken_off(paid):
    locked(paid, reversal_of(paid, paid.first))

    with pytest.raises(IntegrityError, match="fixed_run"), transaction.atomic():
        PayRun.objects.filter(pk=paid.first.pk).update(is_void=False)
    with pytest.raises(IntegrityError, match="run_path"), transaction.atomic():
        PayRun.objects.filter(pk=paid.run("2026-Q1").pk).update(is_void=True)


def test_a_run_is_reversed_on_its_page_by_compensation_alone(paid, client):
    url = reverse("incentives:run_reverse", args=[paid.first.pk])
    body = {"period": calendars.period("2026-Q2").pk, "reason": "Wrong plan"}
    for who in ("rep", "manager", "executive", "hr", "auditor", "sysadmin"):
        client.force_login(paid.users[who])
        assert client.post(url, body).status_code in {403, 404}
    client.force_login(paid.admin)
    shown = client.get(reverse("incentives:run_reversal", args=[paid.first.pk]))
    assert shown.status_code == 200
    assert client.post(url, body).status_code == 302
    run = PayRun.objects.get(reverses=paid.first)
    assert (
        "takes back the pay run 2026-Q1"
        in client.get(reverse("incentives:run", args=[run.pk])).content.decode()
    )
    assert client.post(reverse("incentives:run_drop", args=[run.pk])).status_code == 302
    assert not PayRun.objects.filter(reverses=paid.first).exists()


def rows_of(accrual):
    return [row for row in csv.DictReader(io.StringIO(accrual.content)) if row["known"] != "control"]


def accrued(as_of, by=None):
    return act("make_accrual", as_of=as_of, by=by, at=AT)


def test_what_is_paid_to_date_is_accrued_once_though_two_periods_wait(company):
    company.plan(commission(basis="year_to_date"))
    company.sell(company.rep, "900", month=2)
    company.sell(company.rep, "300", month=5)
    company.sell(company.rep, "100", month=7, day=2)
    company.locked("2026-Q1")
    company.calculated("2026-Q2")

    made = accrued(dt.date(2026, 7, 10))

    found = {(row["period"], row["known"]): D(row["amount"]) for row in rows_of(made)}
    assert found == {("2026-Q2", "calculated"): D("13.00"), ("2026-Q3", "estimated"): D("5.00")}
    assert made.total == D("18.00")


def test_nothing_is_owed_for_what_a_locked_run_pays_and_salary_accrues_by_days(company):
    company.plan({**BASE, "annual": "36800"}, people=[company.rep])
    company.locked("2026-Q1")
    company.locked("2026-Q2")

    made = accrued(dt.date(2026, 7, 23))

    of_year = [(row["period"], row["amount"]) for row in rows_of(made) if row["period"] > "2026"]
    assert of_year == [("2026-Q3", "2300.00")]


def test_the_month_end_job_accrues_and_a_name_cannot_be_a_formula(company):
    company.plan({**BASE, "annual": "36800"}, people=[company.rep])
    company.rep.name = "=1+1"
    company.rep.save(update_fields=["name"])
    day = dt.date(2026, 7, 1)

    with transaction.atomic():
        tasks.accrue(Due("incentives.accrue", "2026-M06", day, AT))

    made = Accrual.objects.get()
    assert (made.as_of, made.made_by) == (dt.date(2026, 6, 30), None)
    assert {row["name"] for row in rows_of(made)} == {"'=1+1"}
    with pytest.raises(IntegrityError, match="append_only"), transaction.atomic():
        Accrual.objects.update(total=0)


def test_who_makes_and_reads_accruals_and_not_of_days_to_come(company, client):
    made = accrued(dt.date(2026, 6, 30))
    urls = [reverse("incentives:accruals"), reverse("incentives:accrual_file", args=[made.pk])]
    for who in ("rep", "manager", "executive", "hr", "auditor", "sysadmin"):
        client.force_login(company.users[who])
        assert {client.get(url).status_code for url in urls} == {403}
        assert client.post(reverse("incentives:accrue"), {"as_of": "2026-06-30"}).status_code == 403
    client.force_login(company.admin)
    assert {client.get(url).status_code for url in urls} == {200}
    assert client.post(reverse("incentives:accrue"), {"as_of": "2026-06-30"}).status_code == 302

    with pytest.raises(AccrualRefused):
        act(
            "request_accrual", as_of=dt.date(2026, 7, 11), today=dt.date(2026, 7, 10), by=company.admin,
            url="",
        )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_of_several_reversals_at_once_one_is_made():
    with transaction.atomic():
        company = Company()
    company.plan()
    company.sell(company.rep, "100", month=2)
    run = company.locked("2026-Q1")
    period = calendars.period("2026-Q2")

    def again():
        services.reverse_run(run_id=run.pk, period=period, reason="Twice", by=company.admin, at=AT)

    assert decided_at_once(*[again] * 4) == ["done"] + ["reversal_refused"] * 3
    assert PayLine.objects.filter(kind="reversal").count() == PayLine.objects.filter(run=run).count()
