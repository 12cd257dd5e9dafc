"""Paying a component in a window, and holding a window to the plan's cap."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from apps.incentives.rules.document import BaseSalary, KpiBonus, PlanDocument
from apps.incentives.rules.engine.amounts import pay_bonus, pay_salary
from apps.incentives.rules.engine.credited import pay_credited, pay_returned
from apps.incentives.rules.engine.numbers import text
from apps.incentives.rules.engine.shapes import LineOut, WindowIn


def pay_component(plan: PlanDocument, code: str, given: WindowIn) -> list[LineOut]:
    """Return the lines of a component in a window: what was earned and, apart from it, what returns take.

    Raises NotPayable when a quota, an actual or a goal that the rule needs is missing.
    """
    component = plan.component(code)
    if isinstance(component, BaseSalary):
        return [pay_salary(plan, component, given)]
    if isinstance(component, KpiBonus):
        return [pay_bonus(plan, component, given)]
    if not given.returns:
        return [pay_credited(plan, component, given)]
    if not given.credits:
        return [pay_returned(plan, component, given)]
    earned = pay_credited(plan, component, given)
    posted = replace(
        given.posted,
        raw=given.posted.raw + earned.raw,
        rounded=given.posted.rounded + earned.rounded,
    )
    return [earned, pay_returned(plan, component, replace(given, posted=posted))]


def plan_cap_line(plan: PlanDocument, lines: Sequence[LineOut], window: str) -> LineOut | None:
    """Return the line that forfeits what the variable pay of a window exceeds the plan's cap by."""
    if plan.cap is None:
        return None
    salaries = {c.code for c in plan.components if isinstance(c, BaseSalary)}
    variable = sum((line.rounded for line in lines if line.component not in salaries), Decimal(0))
    excess = variable - plan.cap.amount
    if excess <= 0:
        return None
    steps = (
        {"op": "variable", "value": text(variable)},
        {"op": "plan_cap", "limit": text(plan.cap.amount), "forfeit": text(excess)},
    )
    return LineOut("plan_cap", "cap", window, Decimal(0), Fraction(-excess), -excess, steps)
