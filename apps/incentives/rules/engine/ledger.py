"""A payee's lines and balances while they are being settled, stage by stage."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from apps.core.money import round_money
from apps.incentives.rules.engine.numbers import text
from apps.incentives.rules.engine.shapes import Balance, LineOut, PaidBefore, PayeeGiven, Pending, Step
from apps.incentives.rules.kinds.base_salary import BaseSalary

if TYPE_CHECKING:
    from apps.incentives.rules.plan.document import PlanDocument

_ZERO = Decimal(0)


class Ledger:
    """What has been settled so far. Every stage appends lines and moves balances; nothing is taken back."""

    def __init__(self, plan: "PlanDocument", given: PayeeGiven) -> None:
        self.plan, self.given = plan, given
        self.lines: list[LineOut] = []
        self.closing: dict[str, Decimal] = dict(given.opening)
        self.pending: list[Pending] = list(given.pending)
        self.pays: dict[tuple[str, str], Fraction] = {}
        self.earlier: dict[str, PaidBefore] = dict(given.posted_variable)
        self.fixed = {
            (segment.code, component.code)
            for segment in given.segments
            for component in segment.plan.components
            if isinstance(component, BaseSalary)
        }

    @property
    def active(self) -> Fraction:
        """The share of the period in which the payee was under the plan at all."""
        current = (one for one in self.given.segments if not one.has_ended)
        return sum((one.active * one.weight for one in current), Fraction(0))

    @property
    def variable(self) -> Decimal:
        """All variable pay so far, in whole cents."""
        return self.variable_of(self.lines)

    def variable_of(self, lines: Sequence[LineOut]) -> Decimal:
        """Return the variable pay among lines."""
        return sum((one.rounded for one in lines if (one.segment, one.component) not in self.fixed), _ZERO)

    def balance(self, name: str) -> Decimal:
        """Return a balance as it stands now."""
        return self.closing.get(name, _ZERO)

    def cents(self, amount: Decimal | Fraction) -> Decimal:
        """Round an amount to whole cents the way the plan says."""
        return round_money(Fraction(amount), self.plan.currency, self.plan.rounding)

    def book(self, component: str, kind: str, amount: Decimal, *steps: Step) -> None:
        """Add a line of the settlement: whole cents, no credits behind it. Nothing is added for zero."""
        if amount:
            self.lines.append(
                LineOut(component, kind, self.given.window, _ZERO, Fraction(amount), amount, steps)
            )

    def balances(self) -> tuple[Balance, ...]:
        """Return every balance that is or was not zero."""
        names = sorted({*self.closing, *self.given.opening})
        moved = (Balance(name, self.given.opening.get(name, _ZERO), self.balance(name)) for name in names)
        return tuple(balance for balance in moved if balance.opening or balance.closing)


def amounts(**values: Decimal | Fraction | int) -> dict[str, str]:
    """Write the numbers of a step as text."""
    return {name: text(Decimal(value) if isinstance(value, int) else value) for name, value in values.items()}
