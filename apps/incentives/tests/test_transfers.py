"""Moves between plans in a run: whatever the plans say, it pays what the preview says of the same facts."""

from decimal import Decimal as D
from itertools import pairwise

import pytest

from apps.incentives.models import PayLine
from apps.incentives.rules.preview.answer import preview
from apps.incentives.rules.preview.reading import read_request
from apps.incentives.tests.factories import commission, document
from apps.incentives.tests.feeding import feed, translated

BY_WORKING_DAYS = {"days": "working_days"}
BLENDED = {"days": "working_days", "transfers": "blended"}
SALARY = {"kind": "base_salary", "code": "salary", "name": "Salary", "annual": "26000"}
TO_DATE = {"unit": {"kind": "quota", "of": "cumulative"}, "tiers": [
    {"from": "0", "to": "1", "rate": "0.04"}, {"from": "1", "rate": "0.1"},
]}  # fmt: skip
FLAT = {"tiers": [{"from": "0", "rate": "0.05"}]}
YEAR = ("2026-01-01", "2026-04-01", "2026-07-01", "2026-10-01", "2027-01-01")


def moved(east, west, on="2026-05-18", quotas=(), **more):
    """Return a request about Ann, who moves from the east to the west."""
    return {
        "plans": {"east": east, "west": west},
        "period": {"code": "2026-Q2", "from": "2026-04-01", "before": "2026-07-01"},
        "run_date": "2026-06-30",
        "payees": [
            {
                "id": "ann",
                "segments": [
                    {"code": "east", "plan": "east", "from": "2026-01-01", "before": on},
                    {"code": "west", "plan": "west", "from": on, "before": "2027-01-01"},
                ],
                "quotas": [
                    {"measure": "revenue", "from": start, "before": end, "amount": amount, "segment": code}
                    for code, amount in quotas
                    for start, end in pairwise(YEAR)
                ],
            }
        ],
        "credits": [
            {"id": str(number), "transaction": f"deal-{number}", "payee": "ann", "measure": "revenue",
             "amount": amount, "date": day}
            for number, day, amount in ((1, "2026-04-14", "50000"), (2, "2026-06-14", "30000"))
        ],
        **more,
    }  # fmt: skip


def plan(*components, **more):
    return document(*components, **more)


CASES = {
    "a salary is blended by its own days": moved(
        plan(SALARY, commission(table=FLAT), proration=BLENDED),
        plan({**SALARY, "annual": "52000"}, commission(), proration=BLENDED),
    ),
    "a guarantee follows the days under a plan": moved(
        plan(commission(table=FLAT), proration=BLENDED, guarantee={"basis": "period", "steps": [
            {"periods": 20, "amount": "3000"}]}),
        plan(commission(table=FLAT), proration=BLENDED, guarantee={"basis": "period", "steps": [
            {"periods": 20, "amount": "3000"}]}),
    ),
    "a window to date meets the quota of the days under the plan": moved(
        plan(commission(basis="year_to_date", table=TO_DATE), proration=BY_WORKING_DAYS),
        plan(commission(basis="year_to_date", table=TO_DATE), proration=BY_WORKING_DAYS),
        quotas=[("east", "32500"), ("west", "65000")],
    ),
    "a gate asks what was sold under the plan": moved(
        plan(commission(gate={"kind": "value", "measure": "revenue", "at_least": "50000"})),
        plan(commission(gate={"kind": "value", "measure": "revenue", "at_least": "50000"})),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_run_pays_a_move_like_the_preview(company, name):
    fed = feed(company, CASES[name])
    fed.book(fed.request["credits"])

    run = company.calculated(fed.period.code)

    answer = preview(read_request(translated(CASES[name])))
    said = [(row.component, row.kind, D(row.amount)) for row in answer.lines]
    rows = PayLine.objects.filter(run=run, person=fed.people["ann"]).order_by("sequence")
    assert not answer.exceptions
    assert list(rows.values_list("component", "kind", "amount")) == said
