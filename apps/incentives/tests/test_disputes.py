"""A payee questions a line; compensation answers; what is accepted is paid by the next run."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.access.tests.factories import UserFactory
from apps.core import clock
from apps.core.tests.together import decided_at_once
from apps.events.jobs import Due
from apps.incentives import services, tasks
from apps.incentives.enums import Cause
from apps.incentives.models import Adjustment, Dispute, DisputeEntry, PayLine, PayRun
from apps.incentives.selectors.disputes import dispute_report
from apps.incentives.selectors.pages import shown_lines
from apps.incentives.selectors.reconcile import reconcile
from apps.incentives.services.adjustments import AdjustmentRefused
from apps.incentives.services.disputes import DisputeClosed, DisputeRefused, OwnDispute
from apps.incentives.tests.factories import AT, Company
from apps.notifications.models import Notification

NOW = dt.datetime(2026, 7, 10, 9, tzinfo=dt.UTC)  # a Friday


@pytest.fixture(autouse=True)
def _summer():
    with clock.fixed(NOW):
        yield


@pytest.fixture
def paid(company):
    """A locked run that pays Rep."""
    company.plan()
    company.sell(company.rep, "100", month=2)
    company.run_row = company.locked("2026-Q1")
    company.line = PayLine.objects.get(run=company.run_row, person=company.rep)
    return company


def act(name, **given):
    with transaction.atomic():
        return getattr(services, name)(at=given.pop("at", NOW), **given)


def raised(company, text="The Acme deal is missing", **more):
    return act("raise_dispute", line_id=company.line.pk, text=text, by=company.users["rep"], **more)


def accepted(company, dispute, amount="12.50", by=None):
    return act(
        "accept_dispute", dispute_id=dispute.pk, amount=D(amount), cause="missing_deal",
        text="You are right", by=by or company.admin,
    )  # fmt: skip


def steps(dispute):
    return list(DisputeEntry.objects.filter(dispute=dispute).order_by("pk").values_list("step", flat=True))


def test_a_question_reaches_the_least_busy_of_compensation_with_a_day_in_working_days(paid):
    dispute = raised(paid)

    assert (dispute.state, dispute.due_on) == ("open", dt.date(2026, 7, 17))
    assert dispute.assigned_to in (paid.admin, paid.checker)
    told = Notification.objects.get(kind="dispute_to_answer")
    assert told.user == dispute.assigned_to
    assert "3.00" not in told.title + told.body


def test_nobody_but_the_payee_questions_a_line(paid):
    for who in ("peer", "manager", "hr", "admin"):
        with pytest.raises(DisputeRefused):
            act("raise_dispute", line_id=paid.line.pk, text="Wrong", by=paid.users[who])

    assert not Dispute.objects.exists()


def test_a_line_is_questioned_once_at_a_time_and_not_without_words(paid):
    with pytest.raises(DisputeRefused):
        raised(paid, text=" \x00 ")
    raised(paid)

    with pytest.raises(DisputeRefused):
        raised(paid, text="Again")

    assert Dispute.objects.count() == 1


def test_an_accepted_dispute_is_paid_by_the_next_run_in_a_line_that_names_it(paid):
    dispute = raised(paid)
    act("answer_dispute", dispute_id=dispute.pk, text="Which deal?", by=paid.admin)
    act("comment_dispute", dispute_id=dispute.pk, text="Acme", by=paid.users["rep"])
    accepted(paid, dispute)
    asked = Adjustment.objects.get()
    with pytest.raises(AdjustmentRefused):
        act("decide_adjustment", adjustment_id=asked.pk, approve=True, by=paid.admin)
    act("decide_adjustment", adjustment_id=asked.pk, approve=True, by=paid.checker)

    run = paid.locked("2026-Q2")

    line = PayLine.objects.get(run=run, kind="adjustment")
    assert line.amount == D("12.50")
    assert line.adjustment.dispute == dispute
    assert [row.settles for row in shown_lines([line])] == [dispute.pk]
    assert steps(dispute) == ["asked", "answer", "comment", "accept", "paid"]
    assert reconcile(PayRun.objects.get(pk=run.pk)).agrees


def test_writing_after_an_answer_opens_the_question_again_with_a_new_day(paid):
    dispute = raised(paid)
    act("answer_dispute", dispute_id=dispute.pk, text="It is right", by=paid.admin)

    later = NOW + dt.timedelta(days=7)
    act("comment_dispute", dispute_id=dispute.pk, text="No", by=paid.users["rep"], at=later)

    dispute.refresh_from_db()
    assert (dispute.state, dispute.due_on) == ("open", dt.date(2026, 7, 24))


def test_an_adjustment_that_the_second_person_refuses_opens_the_dispute_again(paid):
    dispute = accepted(paid, raised(paid))

    act("decide_adjustment", adjustment_id=dispute.adjustment_id, approve=False, reason="No", by=paid.checker)

    dispute.refresh_from_db()
    assert (dispute.state, dispute.adjustment, dispute.closed_at) == ("open", None, None)
    assert steps(dispute) == ["asked", "accept", "reopen"]


ENDINGS = {
    "accepted": lambda c, d: accepted(c, d),
    "refused": lambda c, d: act(
        "refuse_dispute", dispute_id=d.pk, cause="unclear", text="It stands", by=c.admin
    ),
    "withdrawn": lambda c, d: act("withdraw_dispute", dispute_id=d.pk, by=c.users["rep"]),
}


@pytest.mark.parametrize("state", ENDINGS)
def test_a_settled_dispute_stays_as_it_is(paid, state):
    dispute = raised(paid)
    ENDINGS[state](paid, dispute)

    for ending in ENDINGS.values():
        with pytest.raises(DisputeClosed):
            ending(paid, dispute)

    dispute.refresh_from_db()
    assert dispute.state == state
    with pytest.raises(IntegrityError, match="dispute_path"), transaction.atomic():
        Dispute.objects.filter(pk=dispute.pk).update(state="answered", closed_by=None, closed_at=None)


def test_nobody_decides_on_their_own_question_not_even_by_a_second_account(paid):
    dispute = raised(paid)
    paid.rep.email = "Rep@example.test"
    paid.rep.save(update_fields=["email"])
    twin = UserFactory(username="twin", email="rep+pay@example.test")

    for by in (paid.users["rep"], twin):
        with pytest.raises(OwnDispute):
            accepted(paid, dispute, by=by)

    assert not Adjustment.objects.exists()


def test_the_thread_is_never_rewritten(paid):
    entry = raised(paid).entries.get()

    for write in (lambda: DisputeEntry.objects.update(text="x"), entry.delete):
        with pytest.raises(IntegrityError, match="append_only"), transaction.atomic():
            write()


def test_the_job_reminds_a_working_day_before_and_passes_overdue_questions_up_once(paid):
    dispute = raised(paid)

    def run(day):
        at = dt.datetime.combine(day, dt.time(6), tzinfo=dt.UTC)
        with transaction.atomic():
            tasks.chase_disputes(Due("incentives.chase_disputes", str(day), day, at))
        return steps(dispute)

    assert run(dt.date(2026, 7, 15)) == ["asked"]
    assert run(dt.date(2026, 7, 16)) == ["asked", "remind"]
    assert run(dt.date(2026, 7, 17)) == ["asked", "remind"]
    for day in (dt.date(2026, 7, 18), dt.date(2026, 7, 20)):
        assert run(day) == ["asked", "remind", "escalate"]
    told = Notification.objects.filter(kind="dispute_to_answer", title__startswith="Overdue")
    assert {row.user for row in told} == {paid.admin, paid.checker, paid.users["executive"]}


def test_the_report_counts_causes_and_days(paid):
    dispute = raised(paid)
    act(
        "refuse_dispute", dispute_id=dispute.pk, cause="unclear", text="It stands", by=paid.admin,
        at=NOW + dt.timedelta(days=4),
    )  # fmt: skip
    raised(paid, text="Still wrong")

    found = dispute_report(paid.admin, dt.date(2026, 1, 1), dt.date(2026, 8, 1))

    assert (found.total.count, found.open, found.total.median_days) == (2, 1, 2)
    by_cause = {one.label: (one.count, one.share) for one in found.groups[0][1]}
    assert by_cause == {str(Cause.UNCLEAR.label): (1, D("0.5")), "Not decided yet": (1, D("0.5"))}
    assert [one.label for one in found.groups[1][1]] == ["Reps"]
    assert dispute_report(paid.users["peer"], dt.date(2026, 1, 1), dt.date(2026, 8, 1)).total.count == 0


SEES = {"rep": 200, "peer": 404, "manager": 200, "hr": 200, "admin": 200, "auditor": 200, "sysadmin": 403}


def test_who_reads_a_dispute(paid, client):
    url = reverse("incentives:dispute", args=[raised(paid).pk])
    found = {}

    for who in SEES:
        client.force_login(paid.users[who])
        answer = client.get(url)
        found[who] = answer.status_code
        assert (b"Acme" in answer.content) == (answer.status_code == 200)

    assert found == SEES


ACTS = {
    "write": {"rep", "manager"},
    "withdraw": {"rep"},
    "take": {"admin"},
    "answer": {"admin"},
    "accept": {"admin"},
    "refuse": {"admin"},
}


def test_who_takes_which_step(paid, client):
    dispute = raised(paid)
    body = {"text": "Words", "amount": "5", "cause": "other"}
    allowed = {}

    for who in ("rep", "peer", "manager", "hr", "admin", "auditor", "sysadmin"):
        client.force_login(paid.users[who])
        for step in ACTS:
            with transaction.atomic():
                url = reverse(f"incentives:dispute_{step}", args=[dispute.pk])
                answer = client.post(url, body, headers={"HX-Request": "true"})
                if answer.status_code == 204:
                    allowed.setdefault(step, set()).add(who)
                else:
                    assert answer.status_code in {403, 404, 409}
                    assert steps(dispute) == ["asked"]
                transaction.set_rollback(True)

    assert allowed == ACTS


def test_a_line_is_questioned_from_the_statement_in_two_clicks(paid, client):
    client.force_login(paid.users["rep"])
    statement = reverse("incentives:statement", args=[paid.line.statement_id])
    question = reverse("incentives:line_question", args=[paid.line.pk])
    assert question in client.get(statement).content.decode()

    form = client.get(question)
    sent = client.post(form.context["action_url"], {"text": "Acme is missing"})

    dispute = Dispute.objects.get()
    assert sent["Location"] == reverse("incentives:dispute", args=[dispute.pk])
    assert question not in client.get(statement).content.decode()
    assert "Disputed: Waiting for compensation" in client.get(statement).content.decode()


def test_the_list_costs_the_same_with_one_and_with_many_disputes(paid, client):
    client.force_login(paid.admin)
    url = reverse("incentives:disputes")
    raised(paid)
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    for number in range(6):
        act("withdraw_dispute", dispute_id=Dispute.objects.latest("pk").pk, by=paid.users["rep"])
        raised(paid, text=f"Once more {number}")

    with CaptureQueriesContext(connection) as many:
        client.get(url)

    assert len(one) == len(many) <= 16


def test_a_program_raises_a_dispute_once_per_key_and_compensation_decides_it(paid, client):
    client.force_login(paid.users["rep"])
    key = {"idempotency-key": "q1"}
    body = {"line": paid.line.pk, "text": "Acme"}
    answers = [client.post("/api/v1/disputes/", body, "application/json", headers=key) for _ in range(2)]
    number = answers[0].json()["id"]
    client.force_login(paid.users["peer"])
    hidden = client.get(f"/api/v1/disputes/{number}/").status_code
    client.force_login(paid.admin)

    closed = client.post(
        f"/api/v1/disputes/{number}/accept/", {"amount": "7.00", "cause": "late_data"}, "application/json"
    )

    assert [answer.status_code for answer in answers] == [201, 201]
    assert (hidden, closed.json()["state"]) == (404, "accepted")
    assert Adjustment.objects.get().amount == D("7.00")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("route", ["disputes", "dispute_report"])
def test_pages_of_disputes_open_empty(company, client, route, language):
    company.admin.language = language
    company.admin.save(update_fields=["language"])
    client.force_login(company.admin)

    assert client.get(reverse(f"incentives:{route}")).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_several_decisions_at_once_one_counts():
    with transaction.atomic():
        company = Company()
    company.plan()
    company.sell(company.rep, "100")
    run = company.locked()
    company.line = PayLine.objects.get(run=run, person=company.rep)
    dispute = raised(company)

    def accept():
        services.accept_dispute(
            dispute_id=dispute.pk, amount=D(1), cause="other", text="", by=company.admin, at=AT
        )

    def refuse():
        services.refuse_dispute(dispute_id=dispute.pk, cause="other", text="No", by=company.checker, at=AT)

    assert decided_at_once(*[accept, refuse] * 4) == ["dispute_closed"] * 7 + ["done"]
    assert Adjustment.objects.count() <= 1
