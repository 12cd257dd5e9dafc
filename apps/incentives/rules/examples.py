"""Worked examples and payout curves of a plan, made by the engine that pays."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from apps.incentives.rules.engine.settle import settle
from apps.incentives.rules.engine.shapes import Cell, CreditIn, LineOut, PayeeGiven, Segment, Standing
from apps.incentives.rules.kinds import BaseSalary, Component, KpiBonus, MatrixBonus, Mbo, Windowed
from apps.incentives.rules.plan.conditions import Attainment, Value, leaves
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.standings import standings_asked
from apps.incentives.rules.plan.tables import (
    Curve,
    QuotaUnit,
    Step,
    Tiered,
)

EXAMPLE_QUOTA = Decimal(100000)
POINTS = 60
_WHOLE = {
    "modifiers": (), "cap": None, "returns": None, "guarantee": None, "draw": None, "payment": None,
    "holdback": None, "exchange": None, "crediting": None,
}  # fmt: skip


@dataclass(frozen=True)
class Example:
    """One worked example: what is credited or reached, and the line the engine makes of it."""

    given: Decimal
    line: LineOut


def reads(component: Component) -> str:
    """Return what examples vary: an ``amount``, ``attainment``, a ``grade``, the ``period``."""
    if isinstance(component, BaseSalary):
        return "period"
    if isinstance(component, KpiBonus):
        return "attainment"
    if isinstance(component, Mbo):
        return "grade"
    if isinstance(component, MatrixBonus):
        return "attainment" if _driven(component) else ""
    if not isinstance(component, Windowed):
        return ""
    table = component.table
    if isinstance(table, Tiered):
        return "amount"
    is_attainment = isinstance(table, Curve | Step) and table.axis and table.axis.kind == "attainment"
    return "attainment" if is_attainment else ""


def in_shares_of_quota(component: Component) -> bool:
    """Tell whether a component's edges are shares of a quota."""
    table = getattr(component, "table", None)
    return isinstance(table, Tiered) and isinstance(table.unit, QuotaUnit)


def examples(plan: PlanDocument, component: Component) -> list[Example]:
    """Return a few telling examples of a component: below, on and above its edges; a gate left out."""
    return [Example(mark, _line(plan, component, mark)) for mark in _telling(component)]


def curve_points(plan: PlanDocument, component: Component) -> list[tuple[Decimal, Decimal]]:
    """Return the payout over credited amount or attainment, both sides of every edge included."""
    kind = reads(component)
    marks = sorted({*_bends(component), *gate_marks(component)})
    if kind == "attainment":
        xs = _grid(Decimal(0), (marks[-1] if marks else Decimal(1)) * Decimal("1.2"), marks)
    elif kind == "amount":
        xs = _grid(Decimal(0), (marks[-1] if marks else Decimal(100000)) * Decimal("1.5"), marks)
    else:
        return []
    return [(x, _line(plan, component, x, gated=True).rounded) for x in xs]


def cliffs(plan: PlanDocument, component: Component) -> list[Decimal]:
    """Return where the payout jumps, found by paying on both sides of each edge, point and gate."""
    kind = reads(component)
    if kind not in {"amount", "attainment"}:
        return []
    marks = sorted({*_bends(component), *gate_marks(component)})
    hair = _HAIR[kind]
    return [mark for mark in marks if mark > hair and _jumps(plan, component, mark, hair)]


_HAIR = {"amount": Decimal("0.001"), "attainment": Decimal("0.0000001")}


def _jumps(plan: PlanDocument, component: Component, mark: Decimal, hair: Decimal) -> bool:
    """Tell whether a hair on either side of a mark is worth more than half a unit of money."""
    below, above = (_line(plan, component, mark + side, gated=True).raw for side in (-hair, hair))
    return abs(above - below) > Fraction(1, 2)


def jumps(plan: PlanDocument, component: Component) -> list[tuple[Decimal, Decimal, Decimal]]:
    """Return at each edge of a component's table what the engine pays just below it and on it."""
    kind = reads(component)
    if kind == "amount":
        marks, least = _edges(component), Decimal("0.01")
    elif kind == "attainment":
        marks, least = [point.at for point in _points(component)], Decimal("0.000001")
    else:
        return []
    return [
        (mark, _line(plan, component, mark - least).rounded, _line(plan, component, mark).rounded)
        for mark in sorted(set(marks))
        if mark > 0
    ]


def gate_marks(component: Component) -> list[Decimal]:
    """Return where the gate of a component opens or shuts on its curve; none where the curve cannot tell."""
    gate = getattr(component, "gate", None)
    if gate is None or reads(component) not in {"amount", "attainment"}:
        return []
    told = [leaf for leaf, _place in leaves(gate, "")]
    if not all(_moves_along(component, leaf) for leaf in told):
        return []
    factor = EXAMPLE_QUOTA if in_shares_of_quota(component) else Decimal(1)
    bounds = {getattr(leaf, name) for leaf in told for name in ("at_least", "above", "at_most", "below")}
    return sorted(bound * factor for bound in bounds - {None} if bound > 0)


def _moves_along(component: Any, leaf: Any) -> bool:
    """Tell whether what a comparison looks at is what the curve runs over."""
    is_amount = reads(component) == "amount" and not in_shares_of_quota(component)
    return isinstance(leaf, Value if is_amount else Attainment) and leaf.measure in _driving(component)


def _driving(component: Any) -> set[str]:
    """Return the measures that move along the curve of a component."""
    if isinstance(component, KpiBonus):
        return {part.measure for part in component.measures if part.goal is None}
    if isinstance(component, MatrixBonus):
        return {axis.measure for axis, _edges_of in _driven(component)}
    axis = getattr(component.table, "axis", None) if reads(component) == "attainment" else None
    return {axis.measure if axis is not None else component.measure}


def _bends(component: Component) -> list[Decimal]:
    kind = reads(component)
    if kind == "amount":
        return _edges(component)
    return _marks(component) if kind == "attainment" else []


def _edges(component: Any) -> list[Decimal]:
    factor = EXAMPLE_QUOTA if in_shares_of_quota(component) else Decimal(1)
    return [tier.low * factor for tier in component.table.tiers if tier.low]


def _marks(component: Any) -> list[Decimal]:
    """Return the attainments at which the shape of a component bends."""
    if isinstance(component, MatrixBonus):
        driven = _driven(component)
        return sorted({edge for _axis, edges in driven for edge in edges})
    return [point.at for point in _points(component)]


def _driven(component: MatrixBonus) -> list[tuple[Any, Sequence[Decimal]]]:
    """Return the axes of a matrix that read attainment; examples move them together."""
    table = component.table
    axes = ((table.row_axis, table.rows), (table.column_axis, table.columns))
    return [(axis, edges) for axis, edges in axes if axis.kind == "attainment"]


def _points(component: Any) -> Sequence[Any]:
    """Return the points that make the shape of a component over attainment."""
    if isinstance(component, KpiBonus):
        curves = [component.curve, *(part.curve for part in component.measures)]
        return max((curve.points for curve in curves if curve is not None), key=len)
    return component.table.points  # type: ignore[no-any-return]  # a curve or step table


def _telling(component: Component) -> list[Decimal]:
    kind = reads(component)
    if kind == "attainment":
        marks = _marks(component)
        return sorted({marks[0], (marks[0] + marks[-1]) / 2, marks[-1]})
    if kind == "amount":
        edges = _edges(component)
        if not edges:
            return [Decimal(10000), Decimal(100000)]
        return [edges[0] / 2, edges[0], edges[-1] * Decimal("1.2")]
    if kind == "grade":
        return [Decimal("0.5"), Decimal(1)]
    return [Decimal(1)] if kind == "period" else []


def _grid(start: Decimal, end: Decimal, marks: Sequence[Decimal]) -> list[Decimal]:
    step = (end - start) / POINTS
    cent = Decimal("0.01")
    xs = {(start + step * index).quantize(cent) for index in range(POINTS + 1)}
    for mark in marks:
        xs.update({mark, max(Decimal(0), mark - cent)})
    return sorted(xs)


def _line(plan: PlanDocument, component: Component, mark: Decimal, *, gated: bool = False) -> LineOut:
    """Settle a payee for whom only this component pays, at one mark; ``gated`` minds a gate it can show."""
    shown = () if gated and gate_marks(component) else (("gate", None),)
    told = {
        name: value
        for name, value in (*shown, ("modifiers", ()), ("instalments", ()))
        if hasattr(component, name)
    }
    alone = component.model_copy(update=told)
    whole = plan.model_copy(update={**_WHOLE, "components": (alone,), "zero_quota": "skip"})
    kind = reads(component)
    amount = mark if kind == "amount" else EXAMPLE_QUOTA
    cells = {}
    if isinstance(component, Windowed):
        cells[component.code] = [Cell("example", [CreditIn(1, amount, "example")])]
    attained = Fraction(mark) if kind == "attainment" else Fraction(amount) / Fraction(EXAMPLE_QUOTA)
    segment = Segment(
        plan=whole,
        cells=cells,
        standings=_standings(whole, alone, attained),
        grades={one.code: mark for one in getattr(component, "objectives", ())},
    )
    given = PayeeGiven("example", "example", [segment], dt.date(2000, 1, 1), target=EXAMPLE_QUOTA)
    return settle(whole, given).lines[0]


def _standings(plan: PlanDocument, component: Any, attained: Fraction) -> dict[tuple[str, str], Standing]:
    goals = {part.measure: part.goal for part in getattr(component, "measures", ())}
    if isinstance(component, MatrixBonus):
        table = component.table
        axes = ((table.row_axis, table.rows), (table.column_axis, table.columns))
        goals |= {axis.measure: edges[-1] for axis, edges in axes if axis.kind == "value"}
    found = {}
    for measure, span in standings_asked(plan):
        against = Fraction(goals.get(measure) or EXAMPLE_QUOTA)
        found[measure, span] = Standing(against * attained, EXAMPLE_QUOTA)
    return found
