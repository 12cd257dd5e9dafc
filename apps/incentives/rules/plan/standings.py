"""Which measures a plan wants to know, over which spans of time."""

from collections.abc import Iterator
from typing import Any

from apps.incentives.rules.engine.book import SPANS, TO_DATE
from apps.incentives.rules.kinds import Component, KpiBonus
from apps.incentives.rules.plan.conditions import Attainment, Value, leaves
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.order import conditions_of
from apps.incentives.rules.plan.tables import QuotaUnit

Asked = tuple[str, str]


def standings_asked(plan: PlanDocument) -> list[Asked]:
    """Return every measure and span a plan looks at, sorted, each once."""
    found: set[Asked] = set()
    for component in plan.components:
        found.update(asked_by(plan, component))
    for modifier in plan.modifiers:
        found.update(_of_modifier(modifier, "period"))
    return sorted(found)


def asked_by(plan: PlanDocument, component: Component) -> list[Asked]:
    """Return every measure and span one component looks at, each once, in the order it names them."""
    return list(dict.fromkeys(_of_component(component, plan.basis_of(component))))


def _of_component(component: Any, basis: str) -> Iterator[Asked]:
    for condition, _place in conditions_of(component):
        yield from _of_condition(condition, basis)
    for modifier in getattr(component, "modifiers", ()):
        yield from _of_table(getattr(modifier, "table", None), basis)
    table = getattr(component, "table", None)
    if isinstance(getattr(table, "unit", None), QuotaUnit):
        yield from _against(component.measure, table.unit.of, basis)  # type: ignore[union-attr]  # tiered
    yield from _of_table(table, basis)
    if isinstance(component, KpiBonus):
        for part in component.measures:
            yield from _against(part.measure, part.of, basis)


def _of_modifier(modifier: Any, basis: str) -> Iterator[Asked]:
    if getattr(modifier, "when", None) is not None:
        yield from _of_condition(modifier.when, basis)
    yield from _of_table(getattr(modifier, "table", None), basis)


def _of_condition(condition: Any, basis: str) -> Iterator[Asked]:
    for leaf, _place in leaves(condition, ""):
        if isinstance(leaf, Attainment):
            yield from _against(leaf.measure, leaf.of, basis)
        elif isinstance(leaf, Value):
            yield leaf.measure, leaf.of


def _of_table(table: Any, basis: str) -> Iterator[Asked]:
    for name in ("axis", "row_axis", "column_axis"):
        axis = getattr(table, name, None)
        if axis is None:
            continue
        if axis.kind == "attainment":
            yield from _against(axis.measure, axis.of, basis)
        else:
            yield axis.measure, axis.of


def _against(measure: str, of: str, basis: str) -> Iterator[Asked]:
    """Yield the spans of a named quota: what was reached, and what it is held against."""
    if of == "cumulative" and basis in TO_DATE:
        yield measure, basis
        return
    for span in SPANS[of]:
        yield measure, span
