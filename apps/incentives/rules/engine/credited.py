"""Pay on credits: what they earned, and what returns take back."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from apps.incentives.rules.document import Credited, PlanDocument
from apps.incentives.rules.engine.numbers import sum_exact, text
from apps.incentives.rules.engine.shapes import LineOut, NotPayable, Standing, Traced, WindowIn
from apps.incentives.rules.engine.steps import gate_steps, posted_step, rounded_to_date, rounding_step
from apps.incentives.rules.engine.tiers import by_reached_tier, by_slices, by_transaction, correction
from apps.incentives.rules.tables import EXACT, scaled


def pay_credited(plan: PlanDocument, component: Credited, given: WindowIn) -> LineOut:
    """Return the line of what credits earned, one trace for each. Raises NotPayable."""
    standing = given.standings.get(component.measure, Standing(None, None))
    if component.table.unit == "quota" and not standing.quota:
        raise NotPayable("no_quota", component=component.code, measure=component.measure)
    tiers = scaled(component.table, standing.quota)
    limit = component.cap.amount if component.cap else None
    steps: list[Mapping[str, Any]] = []
    closed = gate_steps(component.gates, given.standings, steps)
    new = sum_exact(credit.amount for credit in given.credits)
    count = len(given.credits)
    steps.insert(0, {"op": "basis", "measure": component.measure, "new": text(new), "count": count})
    if given.posted.basis:
        total = EXACT.add(given.posted.basis, new)
        steps.insert(1, {"op": "to_date", "before": text(given.posted.basis), "total": text(total)})
    if component.table.unit == "quota":
        steps.append(
            {"op": "quota", "measure": component.measure, "value": text(standing.quota or Decimal(0))}
        )
    if closed:
        traces = [Traced(credit.id, credit.amount, Decimal(0), Decimal(0)) for credit in given.credits]
        traces += correction(Decimal(0), given.posted)
    elif component.basis == "transaction":
        traces = by_transaction(component, tiers, limit, given, steps)
    elif component.table.kind == "marginal":
        traces = by_slices(component, tiers, limit, given, steps)
    else:
        traces = by_reached_tier(component, tiers, limit, given, steps)
    raw = Fraction(sum_exact(trace.value for trace in traces))
    steps += posted_step(given.posted)
    rounded = rounded_to_date(plan, raw, given.posted)
    steps.append(rounding_step(plan.rounding, raw, rounded))
    kind = "delta" if given.posted.exists and component.basis in {"period", "transaction"} else "earned"
    return LineOut(component.code, kind, given.window, new, raw, rounded, tuple(steps), tuple(traces))


def pay_returned(plan: PlanDocument, component: Credited, given: WindowIn) -> LineOut:
    """Take back exactly what the returned credits were paid, whatever rate holds today."""
    traces = []
    for credit in given.returns:
        paid = credit.paid or Decimal(0)
        traces.append(Traced(credit.id, credit.amount, None, EXACT.minus(paid)))
    basis = sum_exact(trace.amount for trace in traces)
    raw = Fraction(sum_exact(trace.value for trace in traces))
    rounded = rounded_to_date(plan, raw, given.posted)
    steps: list[Mapping[str, Any]] = [
        {"op": "returns", "measure": component.measure, "count": len(traces), "amount": text(basis)},
        rounding_step(plan.rounding, raw, rounded),
    ]
    return LineOut(component.code, "return", given.window, basis, raw, rounded, tuple(steps), tuple(traces))
