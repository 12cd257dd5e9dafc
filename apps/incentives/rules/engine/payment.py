"""What is paid now: minimum and maximum, holdback and instalments, the payout currency."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from apps.core.money import round_money, round_units
from apps.incentives.rules.engine.ledger import Ledger, amounts
from apps.incentives.rules.engine.proration import add_months
from apps.incentives.rules.engine.shapes import CreditIn, LineOut, NotPayable, Payment, Pending, Segment
from apps.incentives.rules.kinds import OnCredits
from apps.incentives.rules.plan.parts import OnMilestone
from apps.incentives.rules.plan.settlement import AfterPeriods

_ZERO = Decimal(0)


def hold_payment(ledger: Ledger) -> None:
    """Carry what is too little to pay out; carry or forfeit what is too much."""
    rule = ledger.plan.payment
    opening = ledger.balance("carried")
    if rule is None and not opening:
        return
    variable = ledger.variable
    payable = variable + opening
    paid, forfeited, why = payable, _ZERO, "paid"
    if rule is not None:
        if rule.minimum is not None and _ZERO < payable < rule.minimum:
            paid, why = _ZERO, "below_minimum"
        elif rule.maximum is not None and payable > rule.maximum:
            paid, why = rule.maximum, "above_maximum"
            forfeited = payable - paid if rule.excess == "forfeit" else _ZERO
        elif rule.negative == "carry" and payable < 0:
            paid, why = _ZERO, "negative"
    ledger.closing["carried"] = payable - paid - forfeited
    step = amounts(
        earned=variable, before=opening, paid=paid, forfeited=forfeited, carried=ledger.closing["carried"]
    )
    ledger.book("payment", "carry", paid - variable, {"op": "payment", "why": why, **step})


def defer(ledger: Ledger) -> None:
    """Withhold instalments and the holdback, and release what has become due."""
    _release(ledger, "instalment", "instalments")
    _withhold_instalments(ledger)
    _release(ledger, "holdback", "holdback")
    _hold_back(ledger)


def _release(ledger: Ledger, kind: str, name: str) -> None:
    due = [one for one in ledger.pending if one.kind == kind and _is_due(ledger, one)]
    if not due:
        return
    ledger.pending = [one for one in ledger.pending if one not in due]
    total = sum((one.amount for one in due), _ZERO)
    step = {"op": "released", "kind": kind, "count": len(due), **amounts(value=total)}
    ledger.book(name, "release", total, step)


def _is_due(ledger: Ledger, one: Pending) -> bool:
    run_date, due = ledger.given.run_date, one.due
    if "on" in due:
        return dt.date.fromisoformat(due["on"]) <= run_date
    if "tenure" in due:
        return ledger.given.tenure >= int(due["tenure"])
    if "event" in due:
        day = ledger.given.events.get(due["event"])
    else:
        day = ledger.given.milestones.get(due["transaction"], {}).get(due["milestone"])
    return day is not None and day <= run_date


def _withhold_instalments(ledger: Ledger) -> None:
    for segment in ledger.given.segments:
        for component in segment.plan.components:
            if isinstance(component, OnCredits) and component.instalments:
                _instalments_of(ledger, segment, component)


def _instalments_of(ledger: Ledger, segment: Segment, component: OnCredits) -> None:
    """Set aside the instalments of newly earned credits that are not due on the run date."""
    credits = {c.id: c for cell in segment.cells.get(component.code, ()) for c in cell.credits}
    held, count = _ZERO, 0
    for line in _earned(ledger, segment, component):
        for trace in line.traces:
            credit = credits.get(trace.credit_id)
            if credit is None or not trace.value:
                continue
            for instalment in component.instalments:
                due = _due(instalment, credit)
                share = ledger.cents(Fraction(trace.value) * Fraction(instalment.share))
                pending = Pending("instalment", component.code, credit.id, share, due)
                if share and not _is_due_now(ledger, instalment, credit, pending):
                    ledger.pending.append(pending)
                    held += share
                    count += 1
    step = {"op": "instalments", "component": component.code, "count": count, **amounts(value=held)}
    ledger.book("instalments", "instalment", -held, step)


def _earned(ledger: Ledger, segment: Segment, component: Any) -> Iterator[LineOut]:
    for line in ledger.lines:
        is_own = (line.segment, line.component) == (segment.code, component.code)
        if is_own and line.kind in {"earned", "delta"}:
            yield line


def _due(instalment: Any, credit: CreditIn) -> dict[str, str]:
    if isinstance(instalment, OnMilestone):
        return {"transaction": credit.transaction, "milestone": instalment.milestone}
    if credit.on is None:
        raise NotPayable("no_date", credit=str(credit.id))
    return {"on": add_months(credit.on, instalment.months).isoformat()}


def _is_due_now(ledger: Ledger, instalment: Any, credit: CreditIn, pending: Pending) -> bool:
    if isinstance(instalment, OnMilestone) and credit.deal is not None:
        day = credit.deal.milestones.get(instalment.milestone)
        return day is not None and day <= ledger.given.run_date
    return _is_due(ledger, pending)


def _hold_back(ledger: Ledger) -> None:
    rule = ledger.plan.holdback
    if rule is None:
        return
    released = sum((line.rounded for line in ledger.lines if line.component == "holdback"), _ZERO)
    payable = max(_ZERO, ledger.variable - released)
    held = ledger.cents(Fraction(rule.share) * Fraction(payable))
    if not held:
        return
    if isinstance(rule.release, AfterPeriods):
        due = {"tenure": str(ledger.given.tenure + rule.release.periods)}
    else:
        due = {"event": rule.release.event}
    ledger.pending.append(Pending("holdback", "", "", held, due))
    step = {"op": "holdback", **amounts(payable=payable, share=rule.share, value=held)}
    ledger.book("holdback", "holdback", -held, step)


def round_payment(ledger: Ledger) -> None:
    """Pay a whole multiple of the plan's unit and carry the difference; who has left is paid all of it.

    So Σ paid + what is carried last = Σ lines, and a sale with its full return comes to nothing.
    """
    rule, opening = ledger.plan.payment, ledger.balance("rounding")
    unit = None if rule is None else rule.round_to
    if unit is None and not opening:
        return
    lines = sum((line.rounded for line in ledger.lines), _ZERO)
    due = paid = lines + opening
    if unit is not None and not all(segment.has_ended for segment in ledger.given.segments):
        paid = unit * round_units(Fraction(due) / Fraction(unit), 0, ledger.plan.rounding)
    ledger.closing["rounding"] = due - paid
    told = amounts(due=lines, before=opening, unit=unit or _ZERO, paid=paid, carried=due - paid)
    ledger.book("payment", "carry", paid - lines, {"op": "payment_rounded", **told})


def pay_out(ledger: Ledger) -> Payment:
    """Return what goes out, in the payout currency at the rate of the run date. Raises NotPayable."""
    plan = ledger.plan
    total = sum((line.rounded for line in ledger.lines), _ZERO)
    payout = plan.exchange.payout if plan.exchange and plan.exchange.payout else plan.currency
    if payout == plan.currency:
        return Payment(total, plan.currency, total, payout, Decimal(1))
    rate = ledger.given.payout_rate
    if rate is None:
        run_date = ledger.given.run_date.isoformat()
        raise NotPayable("no_rate", source=plan.currency, target=payout, kind="spot", on=run_date)
    paid = round_money(Fraction(total) * Fraction(rate), payout, plan.rounding)
    return Payment(total, plan.currency, paid, payout, rate)
