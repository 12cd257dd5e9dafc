import datetime as dt
import re
from decimal import Decimal as D

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.core import clock
from apps.events.models import AccessEntry, LongTask
from apps.incentives import services
from apps.incentives.models import Adjustment, IncentivePlan, PayLine, PayRun, Statement
from apps.incentives.rules.describe import Telling, step_sentence
from apps.incentives.selectors import pages
from apps.incentives.tests.factories import AT, commission, override

NOW = dt.datetime(2026, 7, 10, 9, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _summer():
    with clock.fixed(NOW):
        yield


@pytest.fixture
def paid(company):
    """A locked run that pays Rep and Peer, and one for the lead."""
    company.plan()
    company.plan(override(), people=[company.lead], code="leads")
    company.sell(company.rep, "13371337.42")
    company.sell(company.peer, "200")
    company.run_row = company.locked()
    return company


def statement_of(company, person):
    return Statement.objects.get(run=company.run_row, person=person)


WHO_SEES_THE_REP = {
    "rep": 200, "peer": 404, "manager": 200, "executive": 200, "hr": 200, "admin": 200,
    "auditor": 200, "sysadmin": 403,
}  # fmt: skip


@pytest.mark.parametrize(("who", "status"), WHO_SEES_THE_REP.items())
def test_who_may_open_a_statement_and_its_lines(paid, client, who, status):
    statement = statement_of(paid, paid.rep)
    line = statement.lines.get()
    client.force_login(paid.users[who])

    answer = client.get(reverse("incentives:statement", args=[statement.pk]))
    behind = client.get(reverse("incentives:line", args=[line.pk]))

    assert (answer.status_code, behind.status_code) == (status, status)
    canary = b"668,"
    assert (canary in answer.content) == (status == 200)


def test_every_amount_behind_a_line_says_its_currency_and_counts_say_none(paid, client):
    line = statement_of(paid, paid.rep).lines.get()
    client.force_login(paid.users["rep"])

    behind = client.get(reverse("incentives:line", args=[line.pk])).content.decode()
    read = Telling("USD", {"revenue": "Revenue", "deals_won": "Deals"}, {"revenue"}, "revenue")

    assert not re.search(r"(?<![$\d,.])[\d]{1,3}(,\d{3})+", behind)
    assert behind.count("$13,371,337.42") >= 2
    for measure, said in (("revenue", "Quota for Revenue: $1,200"), ("deals_won", "Quota for Deals: 1,200")):
        assert step_sentence({"op": "quota", "measure": measure, "value": "1200"}, read) == said


WHO_SEES_RUNS = {
    "rep": 403, "peer": 403, "manager": 200, "executive": 200, "hr": 403, "admin": 200,
    "auditor": 200, "sysadmin": 403,
}  # fmt: skip


@pytest.mark.parametrize(("who", "status"), WHO_SEES_RUNS.items())
def test_who_may_open_a_pay_run(paid, client, who, status):
    client.force_login(paid.users[who])

    answers = [
        client.get(reverse("incentives:run", args=[paid.run_row.pk])),
        client.get(reverse("incentives:runs")),
        client.get(reverse("incentives:statements")),
    ]

    assert [answer.status_code for answer in answers] == [status] * 3


def test_a_manager_sees_the_part_of_a_run_that_pays_the_team_and_no_more(paid, client):
    client.force_login(paid.users["manager"])
    mine = statement_of(paid, paid.lead)

    page = client.get(reverse("incentives:run", args=[paid.run_row.pk])).content.decode()

    assert "Rep" in page
    assert "Your part" in page
    assert client.get(reverse("incentives:statement", args=[mine.pk])).status_code == 200


STEPS = ("run_calculate", "run_review", "run_approve", "run_lock", "run_paid", "run_export", "run_send_back")


@pytest.mark.parametrize("who", ["rep", "manager", "hr", "sysadmin", "auditor"])
@pytest.mark.parametrize("step", STEPS)
def test_who_may_not_move_a_pay_run(paid, client, who, step):
    client.force_login(paid.users[who])

    answer = client.post(reverse(f"incentives:{step}", args=[paid.run_row.pk]), {"reason": "x"})

    assert answer.status_code in {403, 404}
    assert PayRun.objects.get(pk=paid.run_row.pk).state == "locked"


def test_pay_pages_are_never_stored_and_their_opening_is_noted(paid, client):
    client.force_login(paid.users["rep"])
    statement = statement_of(paid, paid.rep)

    answer = client.get(reverse("incentives:statement", args=[statement.pk]))

    assert "no-store" in answer["Cache-Control"]
    assert AccessEntry.objects.filter(user=paid.users["rep"], row_id=str(statement.pk)).count() == 1


def test_a_payee_sees_a_statement_only_once_it_is_approved(company, client):
    company.plan()
    run = company.calculated()
    statement = Statement.objects.get(run=run, person=company.rep)
    client.force_login(company.users["rep"])

    assert client.get(reverse("incentives:statement", args=[statement.pk])).status_code == 404


def test_my_pay_estimates_by_the_engine_and_writes_nothing(company, client):
    company.plan()
    company.sell(company.rep, "1500", month=7, day=2)
    client.force_login(company.users["rep"])

    page = client.get(reverse("incentives:my_pay")).content.decode()

    assert "$55.00" in page
    assert Statement.objects.count() == PayLine.objects.count() == 0


def test_the_estimate_counts_what_is_posted_already(company):
    company.plan(commission(basis="year_to_date"))
    company.sell(company.rep, "900", month=5)
    company.locked("2026-Q2")
    company.sell(company.rep, "200", month=7, day=2)

    [estimate] = pages.estimates(company.rep.pk, dt.date(2026, 7, 10), company.rep.user)

    assert estimate.total == D("8.00")


def test_a_plan_page_says_in_sentences_what_the_plan_pays(paid, client):
    client.force_login(paid.users["admin"])
    plan = IncentivePlan.objects.get(code="reps")

    page = client.get(reverse("incentives:plan", args=[plan.pk])).content.decode()

    assert "From $0 to $1,000: 3%." in page
    assert "Each part of the amount is paid at the rate of its own tier." in page


def test_a_run_is_walked_from_draft_to_paid_by_two_people(company, client):
    company.plan()
    company.sell(company.rep, "100")
    run = company.calculated()
    walk = [
        ("review", "admin"), ("approve", "checker"), ("lock", "checker"),
        ("export", "admin"), ("paid", "admin"),
    ]  # fmt: skip

    for step, who in walk:
        client.force_login(company.users[who])
        assert client.post(reverse(f"incentives:run_{step}", args=[run.pk])).status_code == 302

    run.refresh_from_db()
    export = run.exports.get()
    file = client.get(reverse("incentives:payroll_download", args=[export.pk]))
    assert (run.state, export.total) == ("paid", D("3.00"))
    assert file["Content-Type"].startswith("text/csv")


def test_a_new_run_is_offered_only_for_periods_that_some_plan_has_not_paid(company, client):
    company.plan()
    client.force_login(company.admin)

    def offered():
        field = client.get(reverse("incentives:runs")).context["form"].fields["period"]
        return [str(label) for value, label in field.choices if value]

    before = offered()
    run = company.run("2026-Q2")
    after = offered()
    asked = {"period": run.period_id}
    again = client.post(reverse("incentives:run_create"), asked, headers={"HX-Request": "true"})

    assert before[:2] == ["2026-Q3, not over yet", "2026-Q2"]
    assert after == [code for code in before if code != "2026-Q2"]
    assert (again.status_code, PayRun.objects.count()) == (409, 1)


def test_a_plan_without_a_run_is_named_where_others_of_the_period_have_one(company, client):
    company.plan()
    run = company.run("2026-Q2")
    company.plan(people=[company.lead], code="leads")
    client.force_login(company.admin)

    field = client.get(reverse("incentives:runs")).context["form"].fields["period"]
    page = client.get(reverse("incentives:run", args=[run.pk])).content.decode()

    assert "2026-Q2: Leads" in [str(label) for _value, label in field.choices]
    assert "Without a pay run for 2026-Q2 yet: Leads." in page


def test_the_page_of_a_run_follows_its_calculation_and_loads_anew_when_it_is_done(company, client):
    company.plan()
    run = company.run()
    url = reverse("incentives:run", args=[run.pk])
    client.force_login(company.admin)
    before = client.get(url).content.decode()

    client.post(reverse("incentives:run_calculate", args=[run.pk]))
    run.refresh_from_db()
    asked = reverse("events:task", args=[run.task_id])
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{url}"}
    page = client.get(url).content.decode()
    waiting = client.get(asked, headers=headers)
    LongTask.objects.filter(pk=run.task_id).update(state="done", finished_at=clock.now())
    done = client.get(asked, {"seen": "running"}, headers=headers)
    elsewhere = client.get(
        asked, {"seen": "running"}, headers={**headers, "HX-Current-URL": "http://testserver/"}
    )

    assert asked not in before
    assert f'hx-get="{asked}?seen=running" hx-trigger="load"' in page
    assert asked not in client.get(url).content.decode()
    assert f'hx-get="{asked}?seen=running" hx-trigger="every 1s"' in waiting.content.decode()
    assert "every 1s" not in done.content.decode()
    assert [answer.get("HX-Refresh") for answer in (waiting, done, elsewhere)] == [None, "true", None]


def test_an_adjustment_sent_twice_is_asked_for_once_and_decided_once(company, client):
    client.force_login(company.admin)
    asked = {"person": company.rep.pk, "amount": "-12.50", "reason": "Paid twice"}
    shown_once = asked | {"csrfmiddlewaretoken": "a" * 64}

    answers = [client.post(reverse("incentives:adjustment_ask"), shown_once) for _time in range(2)]
    again = client.post(reverse("incentives:adjustment_ask"), asked | {"csrfmiddlewaretoken": "b" * 64})
    first, second = Adjustment.objects.order_by("pk")
    client.force_login(company.checker)
    headers = {"HX-Request": "true"}
    decided = [
        client.post(
            reverse(f"incentives:adjustment_{step}", args=[first.pk]), {"reason": "x"}, headers=headers
        ).status_code
        for step in ("approve", "approve", "refuse")
    ]
    first.refresh_from_db()

    assert [answer.status_code for answer in [*answers, again]] == [302] * 3
    assert (first.status, second.status) == ("approved", "requested")
    assert decided[0] in {200, 204}
    assert decided[1:] == [409, 422]


def test_an_adjustment_is_asked_for_and_decided_by_two_people(company, client):
    client.force_login(company.admin)
    asked = {"person": company.rep.pk, "amount": "-12.50", "reason": "Paid twice"}
    client.post(reverse("incentives:adjustment_ask"), asked)
    row = Adjustment.objects.get()

    client.post(reverse("incentives:adjustment_approve", args=[row.pk]))
    unchanged = Adjustment.objects.get().status
    client.force_login(company.checker)
    client.post(reverse("incentives:adjustment_approve", args=[row.pk]))

    assert (unchanged, Adjustment.objects.get().status) == ("requested", "approved")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("route", ["my_pay", "statements", "adjustments", "plans", "plan_new", "runs"])
def test_pages_open_empty_in_both_languages(company, client, route, language):
    client.force_login(company.admin)

    answer = client.get(reverse(f"incentives:{route}"), headers={"accept-language": language})

    assert answer.status_code == 200


def test_lists_cost_the_same_with_one_and_with_many_rows(company, client):
    client.force_login(company.admin)
    ask_for(company, 1)
    client.get(reverse("incentives:adjustments"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("incentives:adjustments"))
    ask_for(company, 12)

    with CaptureQueriesContext(connection) as many:
        client.get(reverse("incentives:adjustments"))

    assert len(one) == len(many) <= 15


def ask_for(company, count):
    for number in range(count):
        with transaction.atomic():
            services.request_adjustment(
                person_id=company.rep.pk, amount=D(number + 1), reason="Missed", by=company.admin, at=AT
            )


@pytest.mark.parametrize(
    ("who", "rows"), [("executive", 1), ("manager", 1), ("rep", 1), ("peer", 0), ("sysadmin", 0)]
)
def test_pay_shown_on_the_page_of_a_person_leaves_one_row_for_each_look(paid, client, who, rows):
    client.force_login(paid.users[who])
    before = AccessEntry.objects.count()

    page = client.get(reverse("org:person", args=[paid.rep.pk]))

    noted = AccessEntry.objects.filter(what="pay panel")
    assert (b"668," in page.content) == bool(rows)
    assert AccessEntry.objects.count() - before == rows
    assert [(row.user_id, row.row_id) for row in noted] == [(paid.users[who].pk, str(paid.rep.pk))] * rows


def test_a_panel_without_a_statement_shows_no_pay_and_leaves_no_row(paid, client):
    client.force_login(paid.users["executive"])

    client.get(reverse("org:person", args=[paid.boss.pk]))

    assert not AccessEntry.objects.exists()
