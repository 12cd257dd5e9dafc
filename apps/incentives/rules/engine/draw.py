"""Guarantee and draw: what fills pay up to an amount, and what is paid back of it.

The draw ledger of the calculation rules: short = max(0, D−E), surplus = max(0, E−D),
repay = min(balance, ρ·surplus) once recovery has started, pay = E + short − repay,
balance += [recoverable]·short − repay.
"""

from decimal import Decimal
from fractions import Fraction

from apps.incentives.rules.engine.ledger import Ledger, amounts
from apps.incentives.rules.plan.settlement import Draw, Guarantee

_ZERO = Decimal(0)


def guaranteed(guarantee: Guarantee, tenure: int) -> Decimal:
    """Return what is guaranteed in a payee's n-th period; nothing after the last step."""
    last = 0
    for step in guarantee.steps:
        last += step.periods
        if tenure <= last:
            return step.amount
    return _ZERO


def top_up_to_guarantee(ledger: Ledger) -> None:
    """Fill variable pay up to what is guaranteed, for this period or over all periods so far."""
    rule = ledger.plan.guarantee
    if rule is None:
        return
    amount = ledger.cents(Fraction(guaranteed(rule, ledger.given.tenure)) * ledger.active)
    earned = ledger.variable
    if rule.basis == "period":
        top = max(_ZERO, amount - earned)
        step = amounts(guaranteed=amount, earned=earned, value=top)
    else:
        due = ledger.balance("guarantee_due") + amount
        to_date = ledger.balance("guarantee_earned") + earned
        paid = ledger.balance("guarantee_paid")
        top = max(_ZERO, due - to_date - paid) if amount else _ZERO
        step = amounts(guaranteed=due, earned=to_date, before=paid, value=top)
        ledger.closing |= {
            "guarantee_due": due,
            "guarantee_earned": to_date,
            "guarantee_paid": paid + top,
        }
    ledger.book("guarantee", "guarantee", top, {"op": "guarantee", "basis": rule.basis, **step})


def settle_draw(ledger: Ledger) -> None:
    """Advance what is short of the draw, or take back from surplus; at the end do what the plan says."""
    rule = ledger.plan.draw
    if rule is None:
        return
    opening = ledger.balance("draw")
    earned = ledger.variable
    is_advanced = ledger.given.tenure <= rule.periods
    level = ledger.cents(Fraction(rule.amount) * ledger.active) if is_advanced else _ZERO
    short = max(_ZERO, level - earned) if is_advanced else _ZERO
    is_recoverable = rule.kind == "recoverable"
    if is_recoverable and rule.balance_cap is not None:
        short = min(short, max(_ZERO, rule.balance_cap - opening))
    surplus = max(_ZERO, earned - level)
    repay = _repay(ledger, rule, opening, surplus) if is_recoverable else _ZERO
    closing = opening + (short if is_recoverable else _ZERO) - repay
    step = amounts(
        draw=level, earned=earned, short=short, surplus=surplus, repaid=repay, before=opening, balance=closing
    )
    ledger.book("draw", "draw", short - repay, {"op": "draw", "kind": rule.kind, **step})
    ledger.closing["draw"] = closing
    if ledger.given.tenure == rule.periods and closing:
        _end(ledger, rule, closing)


def _repay(ledger: Ledger, rule: Draw, balance: Decimal, surplus: Decimal) -> Decimal:
    if ledger.given.tenure <= rule.recovery_after:
        return _ZERO
    share = Fraction(1) if rule.recovery_share is None else Fraction(rule.recovery_share)
    return min(balance, ledger.cents(share * Fraction(surplus)))


def _end(ledger: Ledger, rule: Draw, balance: Decimal) -> None:
    """Forgive what is left, bill it, or go on recovering it from later surplus."""
    if rule.at_end == "carry":
        return
    ledger.closing["draw"] = _ZERO
    if rule.at_end == "bill":
        ledger.book("draw", "draw", -balance, {"op": "draw_end", "end": "bill", **amounts(balance=balance)})
    else:
        ledger.closing["draw_forgiven"] = ledger.balance("draw_forgiven") + balance
