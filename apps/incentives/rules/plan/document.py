"""The plan document as a whole, ``salesorg.plan/2``."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from apps.core.money import Rounding
from apps.incentives.rules.kinds import AnyComponent, Component, KpiBonus, OnCredits, Windowed
from apps.incentives.rules.plan.order import in_order
from apps.incentives.rules.plan.parts import Cap, Multiply, MultiplyBy, ZeroQuota
from apps.incentives.rules.plan.settlement import (
    Crediting,
    Currency,
    Draw,
    Exchange,
    Guarantee,
    Holdback,
    Payment,
    Proration,
    Returns,
)
from apps.incentives.rules.plan.values import Part

SCHEMA = "salesorg.plan/2"
PERIODS_PER_YEAR = {"month": 12, "quarter": 4, "half": 2, "year": 1}

PlanModifier = Annotated[Multiply | MultiplyBy, Field(discriminator="kind")]


class PlanDocument(Part):
    """What a plan says: components that pay, and what happens to a payee's pay as a whole."""

    format: Literal["salesorg.plan/2"] = Field(alias="schema")
    currency: Currency
    period: Literal["month", "quarter", "half", "year"]
    rounding: Rounding = "half_up"
    zero_quota: ZeroQuota = Field(default="error", description="What a missing or zero quota means.")
    crediting: Crediting | None = None
    exchange: Exchange | None = None
    proration: Proration = Proration(days="days")
    components: tuple[AnyComponent, ...] = Field(min_length=1, max_length=40)
    modifiers: tuple[PlanModifier, ...] = Field(default=(), max_length=10)
    cap: Cap | None = Field(default=None, description="On all variable pay of a pay period.")
    returns: Returns | None = None
    guarantee: Guarantee | None = None
    draw: Draw | None = None
    payment: Payment | None = None
    holdback: Holdback | None = None

    def component(self, code: str) -> Component:
        """Return a component. Raises KeyError."""
        for component in self.components:
            if component.code == code:
                return component
        raise KeyError(code)

    @cached_property
    def credited(self) -> tuple[OnCredits, ...]:
        """The components that are paid on credits."""
        return tuple(c for c in self.components if isinstance(c, OnCredits))

    @cached_property
    def in_order(self) -> tuple[AnyComponent, ...]:
        """The components in the order stated, but each after those it reads. Raises Circular."""
        return tuple(in_order(self))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy that works out anew what follows from its fields."""
        copied = super().model_copy(update=update, deep=deep)
        for name in ("credited", "in_order"):
            vars(copied).pop(name, None)
        return copied

    @property
    def periods_per_year(self) -> int:
        """How many pay periods a year has."""
        return PERIODS_PER_YEAR[self.period]

    @staticmethod
    def basis_of(component: Component) -> str:
        """Return which window a component looks at."""
        return component.basis if isinstance(component, Windowed | KpiBonus) else "period"
