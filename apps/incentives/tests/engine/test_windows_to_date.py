"""Amounts, floors and targets of a window to date: measured by the window's days and pay periods so far."""

import calendar
import datetime as dt
from decimal import Decimal as D
from typing import Any

import pytest

from apps.incentives.rules.preview.answer import preview
from apps.incentives.rules.preview.reading import read_request

SOLD = {"kind": "value", "measure": "revenue", "of": "year_to_date", "at_least": "1"}
YEAR = "year_to_date:2026-01-01"
HALF_OF_JUNE = {"leave": [{"from": "2026-06-16", "before": "2026-07-01"}]}  # 166 of 181 days are left
FROM_MAY = {"segments": [{"from": "2026-05-01", "before": "2027-01-01"}]}  # 61 of 181
TARGET = {"target": "12000"}
TIERED = {"kind": "marginal", "tiers": [{"from": "0", "rate": "0.1"}]}


def step(pays: str, what: str) -> dict[str, Any]:
    axis = {"kind": "value", "measure": "revenue", "of": "year_to_date"}
    return {"table": {"kind": "step", "axis": axis, "pays": pays, "points": [{"at": "1", "pays": what}]}}


def paid(month: int, component: dict, payee: dict, posted: list | None = None, credits: Any = None) -> Any:
    """Pay one month of a monthly plan; a sale of 1,000 in January stands behind it."""
    start, last = dt.date(2026, month, 1), calendar.monthrange(2026, month)[1]
    sale = {"id": "1", "transaction": "1", "payee": "ann", "measure": "revenue", "amount": "1000"}
    part = {"kind": "commission", "code": "c", "name": "C", "measure": "revenue", "basis": "year_to_date"}
    plan = {"schema": "salesorg.plan/2", "currency": "USD", "period": "month"}
    answer = preview(
        read_request(
            {
                "plan": {**plan, "components": [{**part, "table": TIERED, **component}]},
                "period": {
                    "code": f"2026-{month:02}",
                    "from": start.isoformat(),
                    "before": (start + dt.timedelta(days=last)).isoformat(),
                },
                "run_date": "2027-01-15",
                "payees": [{"id": "ann", **payee, "posted": posted or []}],
                "credits": credits or [{**sale, "date": "2026-01-10"}],
            }
        )
    )
    assert not answer.exceptions
    return answer


def plus(amount: str) -> dict[str, Any]:
    return {"modifiers": [{"kind": "amount", "when": SOLD, "amount": amount}]}


def cap(multiple: str) -> dict[str, Any]:
    return {"cap": {"limit": {"kind": "target", "multiple": multiple}, "excess": {"kind": "forfeit"}}}


@pytest.mark.parametrize(
    ("month", "component", "payee", "amount"),
    [
        pytest.param(6, step("amount", "3620"), {}, "3620.00", id="amount"),
        pytest.param(6, step("amount", "3620"), HALF_OF_JUNE, "3320.00", id="amount-half-a-month-away"),
        pytest.param(7, step("amount", "2120"), HALF_OF_JUNE, "1970.00", id="and-the-month-after"),
        pytest.param(6, {"floor": "3620"}, HALF_OF_JUNE, "3320.00", id="floor"),
        pytest.param(6, plus("3620"), HALF_OF_JUNE, "3420.00", id="added"),
        pytest.param(3, step("share", "0.5"), TARGET, "1500.00", id="share-of-three-months"),
        pytest.param(6, step("share", "0.362"), {**TARGET, **HALF_OF_JUNE}, "1992.00", id="share-away"),
        pytest.param(3, cap("0.02"), TARGET, "60.00", id="cap-of-three-months"),
        pytest.param(6, cap("0.0181"), {**TARGET, **HALF_OF_JUNE}, "99.60", id="cap-away"),
        pytest.param(
            6, {**step("amount", "7240"), "basis": "half_to_date"}, HALF_OF_JUNE, "6640.00", id="half"
        ),
        pytest.param(6, {"floor": "91", "basis": "quarter_to_date"}, HALF_OF_JUNE, "76.00", id="quarter"),
        pytest.param(6, {"floor": "3000", "basis": "period"}, HALF_OF_JUNE, "1500.00", id="a-period-as-ever"),
    ],
)
def test_a_window_is_measured_by_its_own_days(month, component, payee, amount):
    [line] = paid(month, component, payee).lines

    assert line.amount == amount


def test_who_joins_within_the_year_has_their_days_of_it():
    sale = {"id": "1", "transaction": "1", "payee": "ann", "measure": "revenue", "amount": "1000"}

    [line] = paid(6, step("amount", "1810"), FROM_MAY, credits=[{**sale, "date": "2026-05-10"}]).lines

    assert line.amount == "610.00"


def test_only_the_difference_to_what_was_paid_is_taken_back_for_a_leave():
    before = {"component": "c", "window": YEAR, "from": "2026-01-01", "before": "2026-06-01"}
    before |= {"basis": "1000", "raw": "2400", "amount": "2400.00"}

    [line] = paid(6, step("amount", "3620"), HALF_OF_JUNE, [before]).lines

    assert line.amount == "920.00"


@pytest.mark.parametrize(
    "component", [step("amount", "3650"), step("share", "0.5"), {"floor": "3650"}, cap("0.005"), plus("3650")]
)
def test_the_months_of_a_year_add_up_to_the_year_paid_at_once(component):
    payee = {**TARGET, **HALF_OF_JUNE}
    posted: list[dict[str, Any]] = []
    total = D(0)
    for month in range(1, 13):
        answer = paid(month, component, payee, posted)
        total += sum(D(line.amount) for line in answer.lines)
        posted = [
            {k: v for k, v in row.items() if k != "payee"}
            for row in answer.model_dump(by_alias=True)["posted"]
        ]

    assert total == sum(D(line.amount) for line in paid(12, component, payee).lines)


def test_a_late_credit_meets_the_floor_of_its_own_window():
    """April is half; the first quarter was whole and has paid its floor."""
    winter = {"component": "c", "window": "quarter_to_date:2026-01-01", "from": "2026-01-01"}
    winter |= {"before": "2026-04-01", "basis": "1000", "raw": "900", "amount": "900.00"}
    sale = {"id": "2", "transaction": "2", "payee": "ann", "measure": "revenue", "amount": "1000"}
    away = {"leave": [{"from": "2026-04-16", "before": "2026-05-01"}]}

    answer = paid(
        4, {"floor": "900", "basis": "quarter_to_date"}, away, [winter], [{**sale, "date": "2026-03-20"}]
    )

    assert {line.window: line.amount for line in answer.lines} == {
        "quarter_to_date:2026-04-01": "450.00",
        "quarter_to_date:2026-01-01": "0.00",
    }
