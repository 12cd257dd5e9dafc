"""The steps that every kind of pay shares: gates, caps, what was posted before, rounding."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from apps.core.money import Rounding, round_money
from apps.incentives.rules.document import Gate, PlanDocument
from apps.incentives.rules.engine.numbers import text
from apps.incentives.rules.engine.shapes import NotPayable, Posted, Standing
from apps.incentives.rules.tables import EXACT


def rounded_to_date(plan: PlanDocument, raw: Fraction, posted: Posted) -> Decimal:
    """Round the window's total to date and take off what was posted, so that cents never drift."""
    total = round_money(posted.raw + posted.returned_raw + raw, plan.currency, plan.rounding)
    return total - posted.rounded - posted.returned_rounded


def rounding_step(rounding: Rounding, raw: Fraction, rounded: Decimal) -> dict[str, Any]:
    """Return the step that rounds."""
    return {"op": "round", "mode": rounding, "raw": text(raw), "value": text(rounded)}


def posted_step(posted: Posted) -> list[Mapping[str, Any]]:
    """Return the step that takes off what was posted, if anything was."""
    return [{"op": "posted", "value": text(posted.raw)}] if posted.exists else []


def gate_steps(
    gates: Iterable[Gate], standings: Mapping[str, Standing], steps: list[Mapping[str, Any]]
) -> bool:
    """Note each gate with what it found; return whether one of them is closed."""
    closed = False
    for gate in gates:
        standing = standings.get(gate.measure, Standing(None, None))
        found: Fraction | None
        if gate.test == "attainment":
            if not standing.quota:
                raise NotPayable("no_quota", measure=gate.measure)
            found = standing.attainment
        else:
            found = None if standing.actual is None else Fraction(standing.actual)
        passed = found is not None and found >= Fraction(gate.at_least)
        closed = closed or not passed
        steps.append(
            {
                "op": "gate",
                "measure": gate.measure,
                "test": gate.test,
                "at_least": text(gate.at_least),
                "found": None if found is None else text(found),
                "passed": passed,
            }
        )
    return closed


def capped(limit: Decimal | None, due: Fraction, steps: list[Mapping[str, Any]]) -> Fraction:
    """Hold what is due to a limit, and note what it forfeits."""
    if limit is None or due <= limit:
        return due
    steps.append({"op": "cap", "limit": text(limit), "forfeit": text(due - Fraction(limit))})
    return Fraction(limit)


def cap_step(limit: Decimal | None, worth: Decimal, steps: list[Mapping[str, Any]]) -> None:
    """Note what a limit forfeits, if it does."""
    if limit is not None and worth > limit:
        steps.append({"op": "cap", "limit": text(limit), "forfeit": text(EXACT.subtract(worth, limit))})


def limited(limit: Decimal | None, value: Decimal) -> Decimal:
    """Hold a value to a limit."""
    return value if limit is None or value <= limit else limit
