"""Returns and clawback: exactly what was paid, by the schedule, at most a share of pay per period."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

from apps.core.money import round_money
from apps.incentives.rules.engine.earning import carried_by, settle_earlier_windows, unheld_values
from apps.incentives.rules.engine.ledger import Ledger, amounts
from apps.incentives.rules.engine.numbers import in_unit, text, unit_for
from apps.incentives.rules.engine.proration import months_between
from apps.incentives.rules.engine.shapes import Cell, LineOut, Pending, ReturnIn, Segment, Traced
from apps.incentives.rules.plan.settlement import FullClawback, LinearClawback, Returns, SteppedClawback

_ZERO = Decimal(0)
_FULL = FullClawback(kind="full")


def recovered_share(
    schedule: FullClawback | SteppedClawback | LinearClawback, sold_on: dt.date | None, on: dt.date | None
) -> Fraction:
    """Return which share of what was paid a return takes back after the months that have passed."""
    if sold_on is None or on is None:
        return Fraction(1)
    elapsed = months_between(sold_on, on)
    if isinstance(schedule, FullClawback):
        return Fraction(int(schedule.months is None or elapsed < schedule.months))
    if isinstance(schedule, SteppedClawback):
        share = next((step.share for step in schedule.steps if elapsed < step.before_month), _ZERO)
        return Fraction(share)
    earned = elapsed + int(schedule.failing_month == "earned")
    return max(Fraction(0), 1 - Fraction(earned, schedule.months))


def take_back_returns(ledger: Ledger) -> None:
    """Book what returns take back; what exceeds the period's limit is owed to the next one."""
    rule = ledger.plan.returns
    earned = max(_ZERO, ledger.variable) if rule is not None else _ZERO
    before = len(ledger.lines)
    for segment in ledger.given.segments:
        if not any([cell.returns for cells in segment.cells.values() for cell in cells]):  # noqa: C419
            continue
        for component in segment.plan.components:
            for cell in segment.cells.get(component.code, ()):
                if cell.returns:
                    ledger.lines.append(_line(ledger, segment, component, cell))
                    ledger.lines += _strike_carried(ledger, segment, component, cell)
    settle_earlier_windows(ledger, ledger.lines[before:])
    taken = -sum((line.rounded for line in ledger.lines[before:]), _ZERO)
    if rule is not None and (rule.at_most is not None or ledger.balance("recovery")):
        _recover(ledger, rule, taken, earned)


def _recover(ledger: Ledger, rule: Returns, taken: Decimal, earned: Decimal) -> None:
    opening = ledger.balance("recovery")
    owed = opening + taken
    limit = owed if rule.at_most is None else ledger.cents(Fraction(rule.at_most) * Fraction(earned))
    now = min(owed, max(_ZERO, limit)) if owed > 0 else owed
    ledger.closing["recovery"] = owed - now
    step = {
        "op": "recovery",
        **amounts(opening=opening, taken=taken, limit=limit, value=now, left=owed - now),
    }
    ledger.book("recovery", "recovery", taken - now, step)


def _line(ledger: Ledger, segment: Segment, component: Any, cell: Cell) -> LineOut:
    """Take back what the returned parts were paid; instalments that were still to come are cancelled."""
    rule = ledger.plan.returns
    schedule = rule.schedule if rule is not None else _FULL
    steps = []
    traces = []
    for one in cell.returns:
        cancelled = _cancel(ledger, segment, component.code, one)
        share = recovered_share(schedule, one.sold_on, one.on)
        value = -(Fraction(one.paid) - cancelled) * share
        traces.append(Traced(one.id, one.amount, None, in_unit(value, unit_for(value))))
        steps.append(
            {
                "op": "return",
                "credit": one.id,
                **amounts(paid=one.paid, cancelled=cancelled, share=share, value=value),
            }
        )
    return _rounded(ledger, component, cell, traces, steps, segment)


def _rounded(
    ledger: Ledger, component: Any, cell: Cell, traces: list[Traced], steps: list[Any], segment: Segment
) -> LineOut:
    basis = sum((one.amount for one in cell.returns), _ZERO)
    raw = sum((Fraction(trace.value) for trace in traces), Fraction(0))
    posted, plan = cell.posted, segment.plan
    same = [line for line in ledger.lines if _is_of(line, segment, component.code, cell)]
    so_far = posted.raw + posted.returned_raw + sum((line.raw for line in same), Fraction(0))
    paid = posted.rounded + posted.returned_rounded + sum((line.rounded for line in same), _ZERO)
    rounded = round_money(so_far + raw, plan.currency, plan.rounding) - paid
    head = {
        "op": "returns",
        "measure": getattr(component, "measure", ""),
        "count": len(traces),
        "amount": text(basis),
    }
    shown = [
        head,
        *steps[:20],
        {"op": "round", "mode": plan.rounding, "raw": text(raw), "value": text(rounded)},
    ]
    return LineOut(
        component.code, "return", cell.window, basis, raw, rounded, tuple(shown), tuple(traces), segment.code
    )


def _is_of(line: LineOut, segment: Segment, code: str, cell: Cell) -> bool:
    return (line.segment, line.component, line.window) == (segment.code, code, cell.window) and line.kind in {
        "earned",
        "delta",
    }


def _strike_carried(ledger: Ledger, segment: Segment, component: Any, cell: Cell) -> list[LineOut]:
    """Strike what the component's cap carried of the returned parts; what was paid since is taken back."""
    cap = getattr(component, "cap", None)
    if cap is None or cap.excess.kind != "carry":
        return []
    values = unheld_values(ledger, segment, component, cell)
    rule = ledger.plan.returns
    schedule = rule.schedule if rule is not None else _FULL
    over = Fraction(0)
    for one in cell.returns:
        carried = values.get(one.original, Fraction(0)) * one.part - Fraction(one.paid)
        over += max(Fraction(0), carried) * recovered_share(schedule, one.sold_on, one.on)
    name, struck = carried_by(component), ledger.cents(over)
    balance = ledger.balance(name)
    waiting = min(struck, max(_ZERO, balance))
    if waiting:
        ledger.closing[name] = balance - waiting
    rest = struck - waiting
    if not rest:
        return []
    step = {"op": "carried_back", **amounts(carried=struck, waiting=waiting, value=-rest)}
    return [
        LineOut(
            component.code, "carry", cell.window, _ZERO, Fraction(-rest), -rest, (step,), (), segment.code
        )
    ]


def _cancel(ledger: Ledger, segment: Segment, code: str, one: ReturnIn) -> Fraction:
    """Strike the returned part of every instalment still to come, and return how much that was."""
    struck = Fraction(0)
    kept: list[Pending] = []
    for pending in ledger.pending:
        is_it = (pending.kind, pending.component, pending.credit) == ("instalment", code, one.original)
        if not is_it:
            kept.append(pending)
            continue
        part = ledger.cents(Fraction(pending.amount) * one.part)
        struck += Fraction(part)
        if pending.amount != part:
            kept.append(pending._replace(amount=pending.amount - part))
    ledger.pending = kept
    return struck
