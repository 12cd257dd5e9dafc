"""Which components measure something by their window to date: by its days and pay periods so far."""

from collections.abc import Iterator
from typing import Any

from apps.incentives.rules.engine.book import TO_DATE
from apps.incentives.rules.kinds import Component, KpiBonus
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.parts import AddAmount, TargetLimit


def measured_by_window(plan: PlanDocument) -> Iterator[Component]:
    """Yield the components on a window to date whose amounts or limits follow its days."""
    for component in plan.components:
        if plan.basis_of(component) in TO_DATE and _measures(component):
            yield component


def _measures(component: Any) -> bool:
    """Whether it states an amount or a share of the target for the window, a floor, or such a cap."""
    if isinstance(component, KpiBonus):
        return True
    return (
        getattr(component.table, "pays", "rate") != "rate"
        or component.floor is not None
        or any(isinstance(one, AddAmount) for one in component.modifiers)
        or (component.cap is not None and isinstance(component.cap.limit, TargetLimit))
    )
