"""Which components need others to be paid first."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from apps.incentives.rules.plan.conditions import Pay, leaves

if TYPE_CHECKING:
    from apps.incentives.rules.plan.document import PlanDocument


class Circular(ValueError):
    """Two components wait for one another."""

    def __init__(self, codes: tuple[str, ...]) -> None:
        super().__init__(" → ".join(codes))
        self.codes = codes


def conditions_of(component: Any, place: str = "") -> Iterator[tuple[Any, str]]:
    """Yield every condition on the payee that a component states, with its place."""
    if getattr(component, "gate", None) is not None:
        yield component.gate, f"{place}.gate"
    for index, modifier in enumerate(getattr(component, "modifiers", ())):
        if getattr(modifier, "when", None) is not None:
            yield modifier.when, f"{place}.modifiers[{index}].when"


def needs(component: Any) -> list[tuple[str, str]]:
    """Return the components another one reads, each with the place that names it."""
    found = []
    for condition, place in conditions_of(component):
        for leaf, where in leaves(condition, place):
            if isinstance(leaf, Pay):
                found.append((leaf.component, f"{where}.component"))
    pays = getattr(component, "pays", None)
    for index, code in enumerate(getattr(pays, "of", ())):
        found.append((code, f".pays.of[{index}]"))
    true_up = getattr(component, "true_up", None)
    for index, code in enumerate(getattr(true_up, "of", ())):
        found.append((code, f".true_up.of[{index}]"))
    return found


def in_order(plan: "PlanDocument") -> list[Any]:
    """Return the components in the order stated, but each after those it reads. Raises Circular."""
    by_code = {component.code: component for component in plan.components}
    done: dict[str, Any] = {}

    def visit(code: str, path: tuple[str, ...]) -> None:
        if code in path:
            raise Circular((*path[path.index(code) :], code))
        if code in done or code not in by_code:
            return
        for needed, _place in needs(by_code[code]):
            visit(needed, (*path, code))
        done[code] = by_code[code]

    for component in plan.components:
        visit(component.code, ())
    return list(done.values())
