"""Settling one payee for one pay period, in the order of operations of the calculation rules."""

from decimal import localcontext
from typing import TYPE_CHECKING

from apps.incentives.rules.engine.draw import settle_draw, top_up_to_guarantee
from apps.incentives.rules.engine.earning import (
    add_prior_deltas,
    hold_to_plan_cap,
    modify_by_plan,
    pay_components,
)
from apps.incentives.rules.engine.ledger import Ledger
from apps.incentives.rules.engine.numbers import EXACT
from apps.incentives.rules.engine.payment import defer, hold_payment, pay_out, round_payment
from apps.incentives.rules.engine.returns import take_back_returns
from apps.incentives.rules.engine.shapes import PayeeGiven, PayeeOutcome

if TYPE_CHECKING:
    from apps.incentives.rules.plan.document import PlanDocument


def settle(plan: "PlanDocument", given: PayeeGiven) -> PayeeOutcome:
    """Pay one payee for one pay period: all lines, all balances, every step.

    ``plan`` is the version that governs pay as a whole (the last segment's). Eligibility, crediting,
    quota credit and exchange came before (``crediting``, ``measuring``); what is given here is in the
    plan's currency. A component named in ``given.kept`` is not computed again.
    Raises NotPayable when an input is missing: nobody is paid by a guess.
    """
    with localcontext(EXACT):
        ledger = Ledger(plan, given)
        pay_components(ledger)
        modify_by_plan(ledger)
        hold_to_plan_cap(ledger)
        add_prior_deltas(ledger)
        is_late = plan.returns is not None and plan.returns.order == "after_draw"
        if not is_late:
            take_back_returns(ledger)
        top_up_to_guarantee(ledger)
        settle_draw(ledger)
        if is_late:
            take_back_returns(ledger)
        hold_payment(ledger)
        defer(ledger)
        round_payment(ledger)
        payment = pay_out(ledger)
    return PayeeOutcome(given.payee, tuple(ledger.lines), ledger.balances(), tuple(ledger.pending), payment)
