"""Pay by a yearly amount: the base salary, and the bonus along a curve over weighted attainment."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from apps.incentives.rules.document import BaseSalary, KpiBonus, PlanDocument
from apps.incentives.rules.engine.numbers import text
from apps.incentives.rules.engine.shapes import LineOut, NotPayable, Standing, WindowIn
from apps.incentives.rules.engine.steps import capped, gate_steps, posted_step, rounded_to_date, rounding_step
from apps.incentives.rules.tables import on_curve


def pay_salary(plan: PlanDocument, component: BaseSalary, given: WindowIn) -> LineOut:
    """Return the line of a base salary: its part of the year by the days in the plan."""
    annual = component.annual if given.annual is None else given.annual
    whole = Fraction(annual) / plan.periods_per_year
    due = whole * given.active_days / given.period_days
    raw = due - given.posted.raw
    rounded = rounded_to_date(plan, raw, given.posted)
    steps: list[Mapping[str, Any]] = [
        {
            "op": "salary",
            "annual": text(annual),
            "parts": plan.periods_per_year,
            "days": given.active_days,
            "of": given.period_days,
            "value": text(due),
        }
    ]
    steps += posted_step(given.posted)
    steps.append(rounding_step(plan.rounding, raw, rounded))
    return LineOut(component.code, "earned", given.window, Decimal(0), raw, rounded, tuple(steps))


def pay_bonus(plan: PlanDocument, component: KpiBonus, given: WindowIn) -> LineOut:
    """Return the line of a target bonus. Raises NotPayable."""
    annual = component.annual if given.annual is None else given.annual
    target = Fraction(annual) / plan.periods_per_year * given.active_days / given.period_days
    steps: list[Mapping[str, Any]] = [
        {
            "op": "target_bonus",
            "annual": text(annual),
            "parts": plan.periods_per_year,
            "days": given.active_days,
            "of": given.period_days,
            "value": text(target),
        }
    ]
    attainment, parts = _weighted(component, given)
    steps += parts
    closed = gate_steps(component.gates, given.standings, steps)
    due = Fraction(0)
    if attainment is not None and not closed:
        share = on_curve(component.curve, attainment)
        due = target * share
        steps.append(
            {"op": "curve", "attainment": text(attainment), "share": text(share), "value": text(due)}
        )
    due = capped(component.cap.amount if component.cap else None, due, steps)
    raw = due - given.posted.raw
    steps += posted_step(given.posted)
    rounded = rounded_to_date(plan, raw, given.posted)
    steps.append(rounding_step(plan.rounding, raw, rounded))
    kind = "delta" if given.posted.exists else "earned"
    return LineOut(component.code, kind, given.window, Decimal(0), raw, rounded, tuple(steps))


def _weighted(component: KpiBonus, given: WindowIn) -> tuple[Fraction | None, list[Mapping[str, Any]]]:
    """Return Σ weight × attainment ÷ Σ weight over the parts that count, with one step per part."""
    total = weights = Fraction(0)
    steps: list[Mapping[str, Any]] = []
    for part in component.parts:
        standing = given.standings.get(part.measure, Standing(None, None))
        against = part.goal if part.goal is not None else standing.quota
        step = {
            "op": "kpi",
            "measure": part.measure,
            "weight": text(part.weight),
            "actual": None if standing.actual is None else text(standing.actual),
            "against": None if against is None else text(against),
            "is_goal": part.goal is not None,
        }
        reached = _reached(component, part.measure, standing.actual, against)
        if reached is None:
            steps.append({**step, "attainment": None})
            continue
        steps.append({**step, "attainment": text(reached)})
        total += Fraction(part.weight) * reached
        weights += Fraction(part.weight)
    return (total / weights if weights else None), steps


def _reached(
    component: KpiBonus, measure: str, actual: Decimal | None, against: Decimal | None
) -> Fraction | None:
    if not against:
        if component.zero_quota == "error":
            raise NotPayable("no_quota", component=component.code, measure=measure)
        return Fraction(1) if component.zero_quota == "full" else None
    return None if actual is None else Fraction(actual) / Fraction(against)
