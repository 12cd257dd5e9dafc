"""Unpaid leave in pay runs: taken off where the plan says so, for whom it concerns, late ones as deltas."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import transaction
from django.urls import reverse as url

from apps.core import clock
from apps.incentives import services
from apps.incentives.models import PayLine, PlanVersion, Statement
from apps.incentives.rules.preview.answer import preview
from apps.incentives.rules.preview.reading import read_request
from apps.incentives.tests.factories import AT, commission
from apps.incentives.tests.test_recalculated import again, everything, whole
from apps.org import services as org
from apps.targets import services as targets
from apps.targets.enums import Method, Season
from apps.targets.rules.levels import Level

SALARY = {"kind": "base_salary", "code": "salary", "name": "Salary", "annual": "26400"}
BONUS = {
    "kind": "kpi_bonus", "code": "bonus", "name": "Bonus", "annual": "12000",
    "measures": [{"measure": "revenue", "weight": "100"}],
    "curve": {
        "kind": "curve", "pays": "share", "below": "zero", "above": "hold",
        "points": [{"at": "0.5", "pays": "0.5"}, {"at": "1", "pays": "1"}],
    },
}  # fmt: skip
TAKEN_OFF = {"days": "working_days", "unpaid_leave": "taken_off"}
# Monday to Thursday: four of June's 22 and, in May, four of 21 working days.
JUNE, MAY = (dt.date(2026, 6, 8), dt.date(2026, 6, 12)), (dt.date(2026, 5, 11), dt.date(2026, 5, 15))


def plan(company, *components, **more):
    return company.plan(*(components or [SALARY]), period="month", **{"proration": TAKEN_OFF, **more})


def away(person, days=JUNE, kind="unpaid", **more):
    with transaction.atomic():
        return org.record_absence(
            person_id=person.pk, kind=kind, starts_on=days[0], ends_before=days[1], at=AT, **more
        )


def lock(company, run):
    with transaction.atomic():
        services.review_run(run_id=run.pk, by=company.admin, at=AT)
        services.approve_run(run_id=run.pk, by=company.checker, at=AT)
        services.lock_run(run_id=run.pk, by=company.admin, at=AT)


def cancel(company, absence):
    with transaction.atomic():
        absence.refresh_from_db()
        org.cancel_absence(
            absence_id=absence.pk,
            version=absence.version,
            by=company.users["hr"],
            at=AT + dt.timedelta(days=1),
        )


def lines(run, person):
    rows = PayLine.objects.filter(run=run, person=person).order_by("sequence")
    return list(rows.values_list("component", "kind", "window", "amount"))


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        pytest.param("unpaid", {}, "1800.00", id="18-of-22"),
        pytest.param("unpaid", {"time_percent": D(50)}, "2000.00", id="half-time-20-of-22"),
        pytest.param("annual", {}, "2200.00", id="paid"),
    ],
)
def test_unpaid_days_are_taken_off_the_salary(company, kind, more, expected):
    plan(company)
    away(company.rep, kind=kind, **more)

    run = company.calculated("2026-M06")

    assert lines(run, company.rep) == [("salary", "earned", "2026-M06", D(expected))]
    assert lines(run, company.peer) == [("salary", "earned", "2026-M06", D("2200.00"))]


def test_a_plan_that_does_not_say_so_pays_leave_and_pins_nothing_of_it(company):
    plan(company, proration={"days": "working_days"})
    away(company.rep)

    run = company.calculated("2026-M06")

    assert lines(run, company.rep)[0][3] == D("2200.00")
    assert "leave" not in Statement.objects.get(run=run, person=company.rep).inputs["segments"][0]


def test_the_statement_says_how_many_days_were_missed(company, client):
    plan(company)
    away(company.rep)
    run = company.locked("2026-M06")
    [line] = PayLine.objects.filter(run=run, person=company.rep)
    client.force_login(company.users["rep"])

    with clock.fixed(AT):
        page = client.get(url("incentives:line", args=[line.pk])).content.decode()

    assert "18 of 22 working days (4 unpaid leave)" in page


def test_a_changed_absence_concerns_exactly_its_payee(company):
    plan(company, SALARY, {**BONUS, "zero_quota": "full"})
    company.made = company.calculated("2026-M06")
    before = everything(company.made)

    absence = away(company.rep)
    assert again(company)[0] == 1
    recalculated, found = again(company)
    assert (recalculated, whole(company)) == (0, (2, found))
    away(company.peer, kind="annual")
    assert again(company)[0] == 0
    cancel(company, absence)
    assert again(company)[0] == 1
    assert everything(company.made)["lines"] == before["lines"]


def test_leave_of_a_paid_month_comes_as_a_difference_once_and_back_when_cancelled(company):
    """May paid 2,200.00; 17 of 21 days are 1,780.95."""
    plan(company)
    company.locked("2026-M05")
    absence = away(company.rep, MAY)

    june = company.locked("2026-M06")
    assert lines(june, company.rep) == [
        ("salary", "earned", "2026-M06", D("2200.00")),
        ("salary", "delta", "2026-M05", D("-419.05")),
    ]
    assert len(lines(june, company.peer)) == 1

    july = company.locked("2026-M07")
    assert lines(july, company.rep) == [("salary", "earned", "2026-M07", D("2200.00"))]
    cancel(company, absence)
    august = company.calculated("2026-M08")
    assert lines(august, company.rep)[1:] == [("salary", "delta", "2026-M05", D("419.05"))]


def test_late_leave_makes_exactly_its_payee_dirty(company):
    plan(company)
    company.locked("2026-M05")
    company.made = company.calculated("2026-M06")

    away(company.rep, MAY)

    recalculated, found = again(company)
    assert (recalculated, whole(company)) == (1, (2, found))
    assert lines(company.made, company.rep)[1] == ("salary", "delta", "2026-M05", D("-419.05"))


@pytest.fixture
def held_to_quota(company):
    """Rep and Peer are held to 1,200 a month each."""
    with clock.fixed(AT), transaction.atomic():
        made = targets.create_plan(
            measure="revenue", year="2026", root_unit_id=company.top.pk, by_id=company.admin.pk, at=AT,
            on=AT.date(), amount=D("43200"), levels={0: Level(Method.EQUAL)}, season=Season.EVEN,
            unit_ids=[company.team.pk],
        )  # fmt: skip
        targets.submit_plan(plan_id=made.pk, by_id=company.admin.pk, at=AT, on=AT.date())
        made.targets.update(smart_grade="good")
        targets.approve_plan(plan_id=made.pk, by_id=company.users["executive"].pk, at=AT, on=AT.date())
    plan(company, BONUS)
    return made


def test_quota_and_target_bonus_shrink_together(company, held_to_quota):
    """Sold is 18/22 of the month's quota: the quota of the days left is met, 18/22 of the target is paid."""
    quota = D(held_to_quota.targets.get(position__assignments__person=company.rep).months[5])
    company.sell(company.rep, str((quota * 18 / 22).quantize(D("0.01"))), month=6)
    away(company.rep)

    run = company.calculated("2026-M06")

    pinned = Statement.objects.get(run=run, person=company.rep).inputs
    assert D(pinned["standings"]["period"]["revenue"][1]) == (quota * 18 / 22).quantize(D("0.01"))
    assert lines(run, company.rep) == [("bonus", "earned", "2026-M06", D("818.18"))]


def test_a_bonus_paid_before_meets_the_quota_that_leave_lowered(company, held_to_quota):
    """1,000 were paid for a met quota. Without four of 21 days it is met all the same: 17/21 of 1,000."""
    quota = D(held_to_quota.targets.get(position__assignments__person=company.rep).months[4])
    company.sell(company.rep, str(quota), month=5)
    company.locked("2026-M05")
    away(company.rep, MAY)

    run = company.calculated("2026-M06")

    assert lines(run, company.rep)[1] == ("bonus", "delta", "2026-M05", D("-190.48"))


def test_a_whole_month_away_pays_nothing_and_stops_nobody(company, held_to_quota):
    away(company.rep, (dt.date(2026, 6, 1), dt.date(2026, 7, 1)))

    run = company.calculated("2026-M06")

    statement = Statement.objects.get(run=run, person=company.rep)
    assert (statement.exception, statement.total) == ("", D(0))


def test_a_window_to_date_is_measured_by_all_its_days_and_a_late_credit_by_those_of_its_own(company):
    """A floor of 650 a quarter; April to June have 65 working days, July 23. The preview agrees."""
    floor = commission(basis="quarter_to_date", floor="650", table={"tiers": [{"from": "0", "rate": "0.1"}]})
    plan(company, floor)
    company.sell(company.rep, "1000", month=5)
    may = company.locked("2026-M05")
    away(company.rep)
    june = company.made = company.calculated("2026-M06")
    assert lines(may, company.rep) == [("commission", "earned", "2026-Q2", D("650.00"))]
    assert lines(june, company.rep) == [("commission", "earned", "2026-Q2", D("-40.00"))]
    posted = {
        "component": "commission", "window": "quarter_to_date:2026-04-01", "from": "2026-04-01",
        "before": "2026-06-01", "basis": "1000", "raw": "650", "amount": "650",
    }  # fmt: skip
    absence = {"from": "2026-06-08", "before": "2026-06-12"}
    document = PlanVersion.objects.get().document
    [told] = preview(
        read_request(
            {
                "plan": document,
                "period": {"code": "2026-M06", "from": "2026-06-01", "before": "2026-07-01"},
                "run_date": "2026-06-30",
                "payees": [{"id": "rep", "posted": [posted], "absences": [absence]}],
                "credits": [],
            }
        )
    ).lines
    assert told.amount == "-40.00"

    away(company.rep, MAY)  # an earlier day of the window: exactly its payee is paid again
    assert again(company)[0] == 1
    assert lines(june, company.rep)[0][3] == D("-80.00")
    recalculated, found = again(company)
    assert (recalculated, whole(company)) == (0, (2, found))

    lock(company, june)
    company.sell(company.rep, "1000", month=6)
    away(company.rep, (dt.date(2026, 7, 6), dt.date(2026, 7, 10)))
    assert lines(company.calculated("2026-M07"), company.rep) == [
        ("commission", "earned", "2026-Q3", D("536.96")),
        ("commission", "delta", "2026-Q2", D("0.00")),
    ]


def test_days_are_pinned_only_where_a_window_is_measured_by_them(company):
    plan(company, commission(basis="year_to_date"), code="plain", people=[company.peer])
    plan(company, commission(basis="year_to_date", floor="100"), code="floor", people=[company.rep])

    run = company.calculated("2026-M06")

    assert "days" not in Statement.objects.get(run=run, person=company.peer).inputs
    [told] = Statement.objects.get(run=run, person=company.rep).inputs["days"].values()
    assert told["days"][-1][1] == "2026-07-01"
