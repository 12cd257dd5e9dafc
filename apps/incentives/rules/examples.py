"""Worked examples and payout curves of a plan, made by the engine that pays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from apps.incentives.rules.document import BaseSalary, Component, Credited, KpiBonus, PlanDocument
from apps.incentives.rules.engine import CreditIn, LineOut, Standing, WindowIn, as_decimal, pay_component

EXAMPLE_QUOTA = Decimal(100000)
POINTS = 60


@dataclass(frozen=True)
class Example:
    """One worked example: what is credited or reached, and the line the engine makes of it."""

    given: Decimal
    line: LineOut


def examples(plan: PlanDocument, component: Component) -> list[Example]:
    """Return a few telling examples of a component: below, on and above its edges."""
    if isinstance(component, BaseSalary):
        return [Example(Decimal(1), pay_component(plan, component.code, WindowIn("example"))[0])]
    if isinstance(component, KpiBonus):
        inner = [x for x, _y in component.curve.points]
        marks = [inner[0], (inner[0] + inner[-1]) / 2, inner[-1]]
        return [Example(mark, _at_attainment(plan, component, mark)) for mark in marks]
    return [Example(amount, _on_amount(plan, component, amount)) for amount in _telling_amounts(component)]


def curve_points(plan: PlanDocument, component: Component) -> list[tuple[Decimal, Decimal]]:
    """Return the payout over credited amount or attainment, both sides of every edge included."""
    if isinstance(component, BaseSalary):
        return []
    if isinstance(component, KpiBonus):
        marks = [x for x, _y in component.curve.points]
        xs = _grid(Decimal(0), marks[-1] * Decimal("1.2"), marks)
        return [(x, _at_attainment(plan, component, x).rounded) for x in xs]
    edges = _edges(component)
    top = (edges[-1] if edges else Decimal(100000)) * Decimal("1.5")
    return [(x, _on_amount(plan, component, x).rounded) for x in _grid(Decimal(0), top, edges)]


def cliffs(plan: PlanDocument, component: Component) -> list[Decimal]:
    """Return the amounts at which the payout jumps."""
    if isinstance(component, BaseSalary | KpiBonus) or component.table.kind != "retroactive":
        return []
    return [edge for edge in _edges(component) if edge]


def _edges(component: Credited) -> list[Decimal]:
    factor = EXAMPLE_QUOTA if component.table.unit == "quota" else Decimal(1)
    return [tier.low * factor for tier in component.table.tiers if tier.low]


def _telling_amounts(component: Credited) -> list[Decimal]:
    edges = _edges(component)
    if not edges:
        return [Decimal(10000), Decimal(100000)]
    return [edges[0] / 2, edges[0], edges[-1] * Decimal("1.2")]


def _grid(start: Decimal, end: Decimal, marks: Sequence[Decimal]) -> list[Decimal]:
    step = (end - start) / POINTS
    cent = Decimal("0.01")
    xs = {(start + step * index).quantize(cent) for index in range(POINTS + 1)}
    for mark in marks:
        xs.update({mark, max(Decimal(0), mark - cent)})
    return sorted(xs)


def _on_amount(plan: PlanDocument, component: Credited, amount: Decimal) -> LineOut:
    open_gates = replace(component, gates=())
    whole = replace(plan, components=(open_gates,))
    given = WindowIn(
        "example",
        credits=[CreditIn(1, amount, "example")],
        standings={component.measure: Standing(amount, EXAMPLE_QUOTA)},
    )
    return pay_component(whole, component.code, given)[0]


def _at_attainment(plan: PlanDocument, component: KpiBonus, attainment: Decimal) -> LineOut:
    open_gates = replace(component, gates=())
    whole = replace(plan, components=(open_gates,))
    standings = {}
    for part in component.parts:
        against = part.goal or EXAMPLE_QUOTA
        actual = as_decimal(Fraction(against) * Fraction(attainment)) or Decimal(0)
        standings[part.measure] = Standing(actual, against)
    return pay_component(whole, component.code, WindowIn("example", standings=standings))[0]
