"""Gate, modifiers, floor and cap of a component, as one function from what its table pays to what it pays."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from apps.incentives.rules.engine.book import Given, Steps
from apps.incentives.rules.engine.conditions import holds
from apps.incentives.rules.engine.numbers import in_unit, text, unit_for
from apps.incentives.rules.engine.shapes import Number
from apps.incentives.rules.engine.tables import read_table
from apps.incentives.rules.plan.parts import (
    AddAmount,
    AddRate,
    AmountLimit,
    Cap,
    Carry,
    DealCap,
    Decelerate,
    Multiply,
    MultiplyBy,
    TargetLimit,
)

_ZERO, _ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True)
class Ceiling:
    """The most that is paid: an amount, or a share of what was credited; above it a share goes on or none."""

    amount: Any = None
    share: Any = None
    goes_on: Any = None

    def in_unit(self, unit: type) -> "Ceiling":
        """Return the same ceiling in one kind of number."""
        own = (self.amount, self.share, self.goes_on)
        return Ceiling(*(None if value is None else in_unit(value, unit) for value in own))

    def limit(self, basis: Any) -> Any:
        """Return the limit for what was credited."""
        return self.amount if self.share is None else self.share * basis

    def hold(self, due: Any, basis: Any) -> Any:
        """Return what is paid of what is due."""
        limit = self.limit(basis)
        if due <= limit:
            return due
        return limit if self.goes_on is None else limit + (due - limit) * self.goes_on


@dataclass(frozen=True)
class Shape:
    """What gate, modifiers, floor and cap do to the worth of a window."""

    is_open: bool = True
    factor: Any = _ONE
    extra_rate: Any = _ZERO
    plus: Any = _ZERO
    floor: Any = None
    ceiling: Ceiling | None = None
    carries: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether a slice of the table is paid as it is."""
        return self == PLAIN

    def numbers(self) -> tuple[Number | None, ...]:
        """Return every number in it, to choose the kind of number a cell is computed in."""
        ceiling = self.ceiling or Ceiling()
        own = (self.factor, self.extra_rate, self.plus, self.floor)
        return (*own, ceiling.amount, ceiling.share, ceiling.goes_on)

    def in_unit(self, unit: type) -> "Shape":
        """Return the same shape in one kind of number."""
        if self is PLAIN and unit is Decimal:
            return self

        def told(value: Any) -> Any:
            return None if value is None else in_unit(value, unit)

        ceiling = self.ceiling and self.ceiling.in_unit(unit)
        factor, extra, plus, floor = map(told, (self.factor, self.extra_rate, self.plus, self.floor))
        return Shape(self.is_open, factor, extra, plus, floor, ceiling, self.carries)

    def unheld(self, due: Any, basis: Any) -> Any:
        """Return what is due after gate and modifiers, before floor and cap."""
        if not self.is_open:
            return due * 0
        return due * self.factor + basis * self.extra_rate + self.plus

    def apply(self, due: Any, basis: Any) -> Any:
        """Return what is paid."""
        return self.limited(self.unheld(due, basis), basis)

    def limited(self, due: Any, basis: Any) -> Any:
        """Hold what is due to floor and cap."""
        if not self.is_open:
            return due
        if self.floor is not None and due < self.floor:
            due = self.floor
        return due if self.ceiling is None else self.ceiling.hold(due, basis)


PLAIN = Shape()


def shape_of(component: Any, given: Given, steps: Steps, target: Fraction | None = None) -> Shape:
    """Read gate, modifiers, floor and cap, noting each with what it found. Raises NotPayable."""
    is_open = True
    if component.gate is not None:
        is_open = holds(component.gate, given, steps)
        steps.append({"op": "gate_result", "open": is_open})
    if not is_open:
        return Shape(is_open=False)
    if not component.modifiers and component.floor is None and component.cap is None:
        return PLAIN
    factor, extra, plus = modified(component.modifiers, given, steps)
    floor = None if component.floor is None else Fraction(component.floor) * given.active_of_window
    ceiling = ceiling_of(component.cap, given, target) if component.cap else None
    carries = component.cap is not None and isinstance(component.cap.excess, Carry)
    return Shape(True, factor, extra, plus, floor, ceiling, carries)


def modified(modifiers: Any, given: Given, steps: Steps) -> tuple[Number, Decimal, Number]:
    """Return factor, extra rate and extra amount of modifiers, each noted. Raises NotPayable."""
    factor = Fraction(1)
    extra, plus = Decimal(0), Fraction(0)
    for modifier in modifiers:
        if isinstance(modifier, MultiplyBy):
            read = read_table(modifier.table, given, steps)
            applied: Fraction = Fraction(0) if read is None else read
            factor *= applied
            steps.append({"op": "factor", "factor": text(applied)})
        elif holds(modifier.when, given, steps):
            if isinstance(modifier, Multiply):
                factor *= Fraction(modifier.factor)
                steps.append({"op": "factor", "factor": text(modifier.factor)})
            elif isinstance(modifier, AddRate):
                extra += modifier.rate
                steps.append({"op": "extra_rate", "rate": text(modifier.rate)})
            elif isinstance(modifier, AddAmount):
                plus += Fraction(modifier.amount) * given.active_of_window
                steps.append({"op": "kicker", "amount": text(modifier.amount), "value": text(plus)})
    return factor, extra, plus


def ceiling_of(cap: Cap | DealCap, given: Given, target: Fraction | None = None) -> Ceiling:
    """Return a cap as numbers. Raises NotPayable when it is a multiple of a target nobody stated."""
    goes_on = cap.excess.rate if isinstance(cap.excess, Decelerate) else None
    if isinstance(cap.limit, AmountLimit):
        return Ceiling(cap.limit.amount, None, goes_on)
    if isinstance(cap.limit, TargetLimit):
        whole = target or (given.target_of_period if isinstance(cap, DealCap) else given.target_of_window)
        return Ceiling(whole * Fraction(cap.limit.multiple), None, goes_on)
    return Ceiling(None, cap.limit.share, goes_on)


def note_limits(shape: Shape, due: Any, basis: Any, steps: Steps) -> None:
    """Note what the floor adds and what the cap takes."""
    if not shape.is_open:
        return
    if shape.floor is not None and due < shape.floor:
        steps.append({"op": "floor", "floor": text(shape.floor), "due": text(due)})
        due = shape.floor
    if shape.ceiling is not None and due > shape.ceiling.limit(basis):
        kept = shape.ceiling.hold(due, basis)
        excess = "carry" if shape.carries else "forfeit" if shape.ceiling.goes_on is None else "decelerate"
        steps.append(
            {
                "op": "cap",
                "limit": text(shape.ceiling.limit(basis)),
                "excess": excess,
                "over": text(due - kept),
                "value": text(kept),
            }
        )


def held(
    component: Any,
    due: Number,
    given: Given,
    steps: Steps,
    *,
    target: Fraction | None = None,
    basis: Number = _ZERO,
) -> Fraction:
    """Return what is paid of what is due, for components that do not run along credits. Raises NotPayable."""
    shape = shape_of(component, given, steps, target)
    if shape.is_plain:
        return Fraction(due)
    unit = unit_for(*shape.numbers(), due, basis)
    shape = shape.in_unit(unit)
    told, over = in_unit(due, unit), in_unit(basis, unit)
    free = shape.unheld(told, over)
    note_limits(shape, free, over, steps)
    return Fraction(shape.limited(free, over))
