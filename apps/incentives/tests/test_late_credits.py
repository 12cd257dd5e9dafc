"""Credits that come late are judged by how their payee stood when their window was paid.

Worked by hand (a commission of 10 % unless stated, monthly or quarterly as named):

- left inside an open window: January 1,000 → 100; gone from February; 500 for January known in March → 50;
  they come back in April → −50. Left alone, the year ends at 100 as it would have at once.
- floor 900 of a quarter to date: January alone was whole and paid 900 for 1,000; 2,000 late are 300 in all:
  nothing more; 9,000 late are 1,200 in all: 300 more.
- floor 900 of a period: the first quarter was whole and paid 900 for 1,000; of the second there are 45 of 91
  days (445.05). 2,000 late are 300 in all: nothing more; 9,000 late are 1,000 in all: 100 more.
- the reached rate on everything (3 %, from 1,000 on 5 %): 800 → 24, 100 late → 3, 100 late → 50 − 27 = 23.
- a factor of 1.2 on all pay and a plan's cap of 60: 1,000 → 100 → 120 → 60. Returned in two halves: a half
  less is 60, still the cap: nothing is taken back; without the other half all 60 are. Carried over the cap
  are 60 more, paid a quarter later; then the halves take back 60 and 60.
- rolling over two quarters: 900 before, 300 → 3 + 10 = 13; 100 late go on at 5 % → 5.
"""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import transaction

from apps.incentives import services
from apps.incentives.models import PayLine
from apps.incentives.selectors.reconcile import reconcile
from apps.incentives.tests.factories import commission, total_of
from apps.incentives.tests.test_settled_runs import flat
from apps.measures import services as ledger


def lines(run, person):
    rows = PayLine.objects.filter(run=run, person=person).order_by("sequence")
    return [(line.kind, line.window, line.amount) for line in rows]


def leave(company, plan, on):
    with transaction.atomic():
        services.end_assignment(assignment_id=plan.assignments.get().pk, ends_before=on, by=company.admin)


def test_who_left_inside_an_open_window_is_paid_what_comes_late(company):
    plan = company.plan(flat(basis="year_to_date"), people=[company.rep], period="month")
    company.sell(company.rep, "1000", month=1)
    company.locked("2026-M01")
    leave(company, plan, dt.date(2026, 2, 1))
    company.locked("2026-M02")
    late = company.sell(company.rep, "500", month=1, day=20)

    third = company.locked("2026-M03")
    with transaction.atomic():
        ledger.reverse(
            source_type=late.source_type,
            source_id=late.source_id,
            booked_on=dt.date(2026, 4, 20),
            reason="Returned",
        )
    fourth = company.calculated("2026-M04")

    assert lines(third, company.rep) == [("delta", "2026", D("50.00"))]
    assert lines(fourth, company.rep) == [("delta", "2026", D("-50.00"))]
    assert reconcile(fourth).agrees


def test_the_floor_of_an_open_window_is_that_of_the_days_before_somebody_left(company):
    plan = company.plan(flat(basis="quarter_to_date", floor="900"), people=[company.rep], period="month")
    company.sell(company.rep, "1000", month=1)
    first = company.locked("2026-M01")
    leave(company, plan, dt.date(2026, 2, 1))
    company.sell(company.rep, "2000", month=1, day=20)
    second = company.locked("2026-M02")
    company.sell(company.rep, "9000", month=1, day=25)

    assert total_of(first, company.rep) == D("900.00")
    assert lines(second, company.rep) == [("delta", "2026-Q1", D("0.00"))]
    assert lines(company.calculated("2026-M03"), company.rep) == [("delta", "2026-Q1", D("300.00"))]


@pytest.mark.parametrize(("late", "more"), [("2000", "0.00"), ("9000", "100.00")])
def test_a_late_credit_meets_the_floor_of_its_own_period(company, late, more):
    plan = company.plan(flat(floor="900"), people=[company.rep])
    company.sell(company.rep, "1000", month=2)
    company.locked("2026-Q1")
    leave(company, plan, dt.date(2026, 5, 16))
    company.sell(company.rep, late, month=3)

    run = company.calculated("2026-Q2")

    half = D("445.05")  # 900 × 45 of 91 days
    assert lines(run, company.rep) == [("earned", "2026-Q2", half), ("delta", "2026-Q1", D(more))]


def test_a_gate_on_the_first_periods_stays_as_it_was(company):
    tenure = {"kind": "tenure", "at_most": 5}  # under the plan since January 2025
    company.plan(flat(gate=tenure), people=[company.rep])
    company.sell(company.rep, "1000", month=2)
    company.locked("2026-Q1")
    company.sell(company.rep, "500", month=3)

    run = company.calculated("2026-Q2")

    assert lines(run, company.rep) == [("earned", "2026-Q2", D("0.00")), ("delta", "2026-Q1", D("50.00"))]


def test_a_second_late_credit_is_judged_like_the_first_and_no_credit_is_paid_twice(company):
    company.plan(commission(table={"kind": "retroactive"}), people=[company.rep])
    company.sell(company.rep, "800", month=2)
    company.locked("2026-Q1")
    company.sell(company.rep, "100", month=3)
    second = company.locked("2026-Q2")
    company.sell(company.rep, "100", month=3, day=20)
    company.sell(company.rep, "400", month=5)

    third = company.calculated("2026-Q3")

    assert lines(second, company.rep)[1:] == [("delta", "2026-Q1", D("3.00"))]
    # 1,000 reach 5 %: 50 less 24 + 3; 400 of the second quarter at 3 %
    assert lines(third, company.rep)[1:] == [
        ("delta", "2026-Q1", D("23.00")),
        ("delta", "2026-Q2", D("12.00")),
    ]
    assert reconcile(third).agrees


def test_a_late_credit_of_a_rolling_window_goes_on_from_what_was_before_it(company):
    company.plan(commission(basis="rolling", rolling_periods=2), people=[company.rep])
    company.sell(company.rep, "900", month=2)
    company.locked("2026-Q1")
    company.sell(company.rep, "300", month=5)
    company.locked("2026-Q2")  # 900 before: 100 at 3 %, 200 at 5 % = 13
    company.sell(company.rep, "100", month=6)

    run = company.calculated("2026-Q3")

    assert lines(run, company.rep)[1:] == [("delta", "2026-Q2", D("5.00"))]


def test_a_floor_counts_all_days_of_a_period_in_which_somebody_was_assigned_anew(company):
    plan = company.plan(flat(floor="910"), people=[company.rep])
    leave(company, plan, dt.date(2026, 5, 16))
    with transaction.atomic():
        services.assign_plan(
            plan_id=plan.pk, person_id=company.rep.pk, starts_on=dt.date(2026, 5, 16), by=company.admin
        )

    assert total_of(company.calculated("2026-Q2"), company.rep) == D("910.00")


@pytest.mark.parametrize(
    ("excess", "pays"), [("forfeit", (60, 0, -60)), ("carry", (60, 0, -60)), ("decelerate", (75, -15, -60))]
)
def test_a_sale_under_a_plans_factor_and_cap_is_taken_back_as_it_was_paid(company, excess, pays):
    """Above a cap that goes on at a quarter 120 are 75; half of the sale is 60; with the other half none."""
    more = {"rate": "0.25"} if excess == "decelerate" else {}
    company.plan(
        flat(),
        people=[company.rep],
        modifiers=[{"kind": "factor", "when": {"kind": "tenure", "at_least": 1}, "factor": "1.2"}],
        cap={"limit": {"kind": "amount", "amount": "60"}, "excess": {"kind": excess, **more}},
    )
    halves = [company.sell(company.rep, "500", month=2, source_id=number) for number in (1, 2)]

    runs = [company.locked("2026-Q1")]
    for credit, code, month in zip(halves, ("2026-Q2", "2026-Q3"), (5, 8), strict=True):
        with transaction.atomic():
            ledger.reverse(
                source_type=credit.source_type,
                source_id=credit.source_id,
                booked_on=dt.date(2026, month, 20),
                reason="Returned",
            )
        runs.append(company.locked(code))

    assert [total_of(run, company.rep) for run in runs] == [D(one) for one in pays]
    assert reconcile(runs[-1]).agrees
