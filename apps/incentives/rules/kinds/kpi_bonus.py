"""KPI bonus: a target bonus times a curve over weighted attainment, or weighted payouts of several curves."""

from fractions import Fraction
from typing import Literal

from pydantic import Field

from apps.incentives.rules.engine.book import Given, Steps, Worked
from apps.incentives.rules.engine.limits import held
from apps.incentives.rules.engine.numbers import text
from apps.incentives.rules.engine.tables import read_points
from apps.incentives.rules.kinds.base import Variable
from apps.incentives.rules.plan.parts import KpiPart, TrueUp
from apps.incentives.rules.plan.tables import PayoutTable
from apps.incentives.rules.plan.values import Amount


class KpiBonus(Variable):
    """Paid on the attainment of one or several measures with weights that add up to 100."""

    kind: Literal["kpi_bonus"]
    annual: Amount = Field(description="Target bonus of a year; a payee's own amount replaces it.")
    measures: tuple[KpiPart, ...] = Field(min_length=1, max_length=20)
    curve: PayoutTable | None = Field(
        default=None, description="Over weighted attainment. Left out where each measure has its own."
    )
    basis: Literal["period", "quarter_to_date", "half_to_date", "year_to_date"] = Field(
        default="period", description="To date: the target of its pay periods so far, less what was paid."
    )
    true_up: TrueUp | None = None


def pay(component: KpiBonus, given: Given, steps: Steps) -> Worked:
    """Pay Σ weight × attainment ÷ Σ weight through the curve, measures without a figure left out."""
    if component.true_up is not None and not given.cell.closes:
        steps.append({"op": "true_up_waits"})
        return Worked(-given.cell.posted.raw)
    is_period = component.basis == "period"
    target = (
        given.part_of_year(component.annual, steps, "target_bonus")
        if is_period
        else given.part_of_window(steps, "target_bonus")
    )
    total = weights = Fraction(0)
    for part in component.measures:
        reached = _reached(component, part, given, steps)
        if reached is None:
            continue
        worth = reached if part.curve is None else read_points(part.curve, reached, steps)
        total += Fraction(part.weight) * worth
        weights += Fraction(part.weight)
    due = Fraction(0)
    if weights:
        share = total / weights
        if component.curve is not None:
            share = read_points(component.curve, share, steps)
        due = target * share
        steps.append({"op": "share_of_target", "share": text(share), "value": text(due)})
    worth = held(component, due, given, steps, target=target)
    if component.true_up is not None:
        worth = _left_open(component.true_up, worth, given, steps)
    return Worked(worth - given.cell.posted.raw)


def _left_open(true_up: TrueUp, worth: Fraction, given: Given, steps: Steps) -> Fraction:
    """Return what a window is worth beyond what other components paid in it, to the cent."""
    paid = given.cell.beside
    left = worth - Fraction(paid)
    value = max(Fraction(0), left) if true_up.shortfall == "forgiven" else left
    told = {"worth": text(worth), "paid": text(paid), "value": text(value)}
    steps.append({"op": "true_up", "of": list(true_up.of), "shortfall": true_up.shortfall, **told})
    return value


def _reached(component: KpiBonus, part: KpiPart, given: Given, steps: Steps) -> Fraction | None:
    standing = given.facts.standing(part.measure, part.of)
    against = part.goal if part.goal is not None else standing.quota
    step = {
        "op": "kpi",
        "measure": part.measure,
        "weight": text(part.weight),
        "actual": None if standing.actual is None else text(standing.actual),
        "against": None if against is None else text(against),
        "is_goal": part.goal is not None,
    }
    if part.goal is not None:
        reached = None if standing.actual is None else Fraction(standing.actual) / Fraction(part.goal)
    else:
        reached = given.attainment(part.measure, part.of)
    steps.append({**step, "attainment": None if reached is None else text(reached)})
    return reached
