"""Transfers blended over windows to date, and late credits of a preview, with figures worked out by hand.

Ann is paid 10 % until February 14 and 20 % from then on, blended: each plan pays its part of the days of the
window on all of its credits. Sold: 1,000 in January, in February, in March.

=========  =====================================  ==================================  ======
to date    10 %, its part of the days             20 %, its part of the days          both
=========  =====================================  ==================================  ======
January    1,000 × 10 % × 31/31 = 100.00          –                                   100.00
February   2,000 × 10 % × 45/59 = 152.54          2,000 × 20 % × 14/59 = 94.92        247.46
March      3,000 × 10 % × 45/90 = 150.00          3,000 × 20 % × 45/90 = 300.00       450.00
=========  =====================================  ==================================  ======

A quarter paid at once gives the last row. Another 1,000 of February, known in April: 50.00 and 100.00 more.
Month by month (``period``) February is 14/28 each: 1,000 → 50.00 and 100.00; late 1,000 → the same again.
"""

import calendar
import datetime as dt
from decimal import Decimal as D
from typing import Any

import pytest
from hypothesis import given as each
from hypothesis import settings
from hypothesis import strategies as st

from apps.incentives.rules.preview.answer import preview
from apps.incentives.rules.preview.reading import read_request

MOVE = dt.date(2026, 2, 15)


def plan(rate: str, basis: str, **more: Any) -> dict[str, Any]:
    part = {"kind": "commission", "code": "c", "name": "C", "measure": "revenue", "basis": basis}
    table = {"kind": "marginal", "tiers": [{"from": "0", "rate": rate}]}
    head = {"schema": "salesorg.plan/2", "currency": "USD", "period": "month"}
    return {
        **head,
        "components": [{**part, "table": table, **more}],
        "proration": {"days": "days", "transfers": "blended"},
    }


def sale(number: int, day: str, amount: str = "1000") -> dict[str, Any]:
    told = {"id": str(number), "transaction": str(number), "payee": "ann", "measure": "revenue"}
    return {**told, "amount": amount, "date": day}


SALES = [sale(1, "2026-01-10"), sale(2, "2026-02-20"), sale(3, "2026-03-10")]


def paid(
    month: int, credits: list[Any], posted: Any = (), basis: str = "quarter_to_date", **payee: Any
) -> Any:
    start = dt.date(2026, month, 1)
    before = start + dt.timedelta(days=calendar.monthrange(2026, month)[1])
    segments = [
        {"code": "a", "plan": "slow", "from": "2026-01-01", "before": MOVE.isoformat()},
        {"code": "b", "plan": "fast", "from": MOVE.isoformat(), "before": "2027-01-01"},
    ]
    answer = preview(
        read_request(
            {
                "plans": {"slow": plan("0.1", basis), "fast": plan("0.2", basis)},
                "period": {
                    "code": f"2026-{month:02}",
                    "from": start.isoformat(),
                    "before": before.isoformat(),
                },
                "run_date": "2026-12-31",
                "payees": [{"id": "ann", "segments": segments, "posted": list(posted), **payee}],
                "credits": [row for row in credits if row["date"] < before.isoformat()],
            }
        )
    )
    assert not answer.exceptions
    return answer


def handed_on(answer: Any) -> list[dict[str, Any]]:
    rows = answer.model_dump(by_alias=True)["posted"]
    return [{name: value for name, value in row.items() if name != "payee"} for row in rows]


def amounts(answer: Any, **wanted: str) -> list[tuple[str, str]]:
    rows = [row for row in answer.lines if all(getattr(row, k) == v for k, v in wanted.items())]
    return [(row.segment, row.amount) for row in rows]


def test_a_blended_window_to_date_counts_the_days_of_both_plans_to_its_end():
    january = paid(1, SALES)
    february = paid(2, SALES, handed_on(january))
    march = paid(3, SALES, handed_on(february))

    assert amounts(january) == [("a", "100.00")]
    assert amounts(february) == [("a", "52.54"), ("b", "94.92")]
    assert amounts(march) == [("a", "-2.54"), ("b", "205.08")]
    assert amounts(paid(3, SALES)) == [("a", "150.00"), ("b", "300.00")]


def test_a_late_credit_of_a_blended_window_is_shared_as_the_window_was():
    posted = handed_on(paid(3, SALES))

    answer = paid(4, [*SALES, sale(4, "2026-02-25")], posted)

    late = "quarter_to_date:2026-01-01"
    assert amounts(answer, window=late) == [("a", "50.00"), ("b", "100.00")]


def test_a_late_credit_of_a_blended_period_is_shared_as_the_period_was():
    february = paid(2, SALES, basis="period")

    answer = paid(3, [*SALES, sale(4, "2026-02-25")], handed_on(february), basis="period")

    assert amounts(february) == [("a", "50.00"), ("b", "100.00")]
    assert amounts(answer, window="2026-02") == [("a", "50.00"), ("b", "100.00")]
    assert amounts(answer, window="2026-03") == [("b", "200.00")]


@settings(max_examples=25, deadline=None)
@each(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 28), st.integers(-900, 9000)), max_size=6))
def test_the_months_of_a_blend_add_up_to_the_window_paid_at_once(rows):
    credits = [
        sale(number, dt.date(2026, month, day).isoformat(), str(amount))
        for number, (month, day, amount) in enumerate(rows)
    ]
    posted: list[Any] = []
    total = D(0)
    for month in range(1, 7):
        answer = paid(month, credits, posted, "half_to_date")
        total += sum(D(row.amount) for row in answer.lines)
        posted = handed_on(answer)

    assert total == sum(D(row.amount) for row in paid(6, credits, basis="half_to_date").lines)


@pytest.mark.parametrize(("late", "more"), [("2000", "0.00"), ("9000", "100.00")])
def test_a_late_credit_meets_the_floor_and_the_gate_of_its_own_period(late, more):
    """February was whole: 1,000 → 900, the floor. March is half away, and its gate is shut."""
    gate = {"kind": "tenure", "at_most": 2}
    components = [plan("0.1", "period", floor="900", gate=gate)["components"][0]]
    request = {
        "plan": {**plan("0.1", "period"), "components": components},
        "period": {"code": "2026-03", "from": "2026-03-01", "before": "2026-04-01"},
        "run_date": "2026-04-05",
        "payees": [
            {
                "id": "ann",
                "tenure": 3,
                "leave": [{"from": "2026-03-16", "before": "2026-04-01"}],
                "posted": [
                    {
                        "component": "c", "window": "2026-02", "from": "2026-02-01", "before": "2026-03-01",
                        "basis": "1000", "raw": "900", "amount": "900.00",
                    }
                ],
            }
        ],
        "credits": [sale(2, "2026-02-20", late)],
    }  # fmt: skip

    answer = preview(read_request(request))

    assert {row.window: row.amount for row in answer.lines} == {"2026-03": "0.00", "2026-02": more}


@pytest.mark.parametrize(("month", "pays"), [(3, "100.00"), (6, "50.00")])
def test_the_cap_of_a_deal_is_a_multiple_of_one_periods_target(month, pays):
    """A tenth of 1,000 a month, away half of June; a deal of 9,000 at 10 % would pay 900."""
    table = {"kind": "per_transaction", "inner": "marginal", "tiers": [{"from": "0", "rate": "0.1"}]}
    cap = {"limit": {"kind": "target", "multiple": "0.1"}, "excess": {"kind": "forfeit"}}
    told = plan("0.1", "transaction", table=table, deal_cap=cap)
    start = dt.date(2026, month, 1)
    before = start + dt.timedelta(days=calendar.monthrange(2026, month)[1])
    answer = preview(
        read_request(
            {
                "plan": told,
                "period": {
                    "code": f"2026-{month:02}",
                    "from": start.isoformat(),
                    "before": before.isoformat(),
                },
                "run_date": "2026-12-31",
                "payees": [
                    {
                        "id": "ann",
                        "target": "12000",
                        "leave": [{"from": "2026-06-16", "before": "2026-07-01"}],
                    }
                ],
                "credits": [sale(1, start.isoformat(), "9000")],
            }
        )
    )

    assert [row.amount for row in answer.lines] == [pays]


def test_a_late_credit_of_a_rolling_window_goes_on_from_what_was_before_it():
    """Two months at 3 % to 1,000, then 5 %: 900 in January, 300 in February → 13; 100 late → 5."""
    tiers = [{"from": "0", "to": "1000", "rate": "0.03"}, {"from": "1000", "rate": "0.05"}]
    rolling = plan("0.1", "rolling", rolling_periods=2, table={"kind": "marginal", "tiers": tiers})
    request = {
        "plan": rolling,
        "period": {"code": "2026-03", "from": "2026-03-01", "before": "2026-04-01"},
        "run_date": "2026-04-05",
        "payees": [
            {
                "id": "ann",
                "posted": [
                    {
                        "component": "c", "window": "2026-02", "from": "2026-02-01", "before": "2026-03-01",
                        "basis": "300", "raw": "13", "amount": "13.00",
                        "credits": [{"id": "2", "amount": "300", "paid": "13"}],
                    }
                ],
            }
        ],
        "credits": [
            sale(1, "2026-01-10", "900"), sale(2, "2026-02-10", "300"), sale(3, "2026-02-20", "100"),
        ],
    }  # fmt: skip

    answer = preview(read_request(request))

    assert {row.window: row.amount for row in answer.lines} == {"2026-03": "0.00", "2026-02": "5.00"}
