"""Pay runs of bonuses on windows to date, their true-ups, and payments in whole units.

By hand: an own target of 24,000.20 a year, quarters of 1,000 that pay at most the target: 500 → 3,000.025,
1,500 → 6,000.05, 1,000 → 6,000.05, 1,000 → 6,000.05; the year, 4,000 of 4,000, is worth 24,000.20.
Lines: 3,000.03 + 6,000.05 × 3 = 21,000.18, so the true-up is 3,000.02. In whole units: 3,000, 6,000, 6,000,
9,000, with 0.03, 0.08, 0.13 and 0.20 carried. Who has left by then is paid no true-up, but what was carried.
"""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import transaction

from apps.incentives import services
from apps.incentives.models import PayLine, Statement
from apps.incentives.selectors.reconcile import reconcile
from apps.incentives.tests.factories import total_of

CURVE = {
    "kind": "curve", "pays": "share", "points": [{"at": "0", "pays": "0"}, {"at": "1", "pays": "1"}],
    "below": "zero", "above": "hold",
}  # fmt: skip


def bonus(code, goal, **more):
    part = {"measure": "revenue", "weight": "100", "goal": goal, "of": more.pop("of", "period")}
    head = {"kind": "kpi_bonus", "code": code, "name": code.title(), "annual": "12000"}
    return {**head, "measures": [part], "curve": CURVE, **more}


@pytest.fixture
def plan(company):
    year = bonus(
        "year", "4000", of="cumulative", basis="year_to_date",
        true_up={"of": ["quarterly"], "shortfall": "forgiven"},
    )  # fmt: skip
    made = company.plan(bonus("quarterly", "1000"), year, people=[company.peer], payment={"round_to": "1"})
    with transaction.atomic():
        services.assign_plan(
            plan_id=made.pk, person_id=company.rep.pk, starts_on=dt.date(2025, 1, 1),
            annual_bonus=D("24000.20"), by=company.admin,
        )  # fmt: skip
    return made


def carried(run, plan, person):
    return Statement.objects.get(run=run, person=person).closing[str(plan.pk)]["balances"]["rounding"]


def test_a_year_of_quarters_is_trued_up_and_paid_in_whole_units(company, plan):
    for month, sold in ((2, "500"), (5, "1500"), (8, "1000"), (11, "1000")):
        company.sell(company.rep, sold, month=month)

    runs = [company.locked(f"2026-Q{number}") for number in (1, 2, 3)] + [company.calculated("2026-Q4")]

    assert [total_of(run, company.rep) for run in runs] == [D(3000), D(6000), D(6000), D(9000)]
    assert [carried(run, plan, company.rep) for run in runs] == ["0.03", "0.08", "0.13", "0.20"]
    [line] = PayLine.objects.filter(run=runs[-1], person=company.rep, component="year")
    assert (line.window, line.amount) == ("2026", D("3000.02"))
    assert reconcile(runs[-1]).agrees


def test_who_has_left_is_paid_what_was_carried_and_no_true_up(company, plan):
    company.sell(company.rep, "500", month=2)
    company.locked("2026-Q1")
    assignment = plan.assignments.get(person=company.rep)
    with transaction.atomic():
        services.end_assignment(
            assignment_id=assignment.pk, ends_before=dt.date(2026, 4, 1), by=company.admin
        )

    second = company.calculated("2026-Q2")

    assert total_of(second, company.rep) == D("0.03")
