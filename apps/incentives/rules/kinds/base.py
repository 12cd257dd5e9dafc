"""What every component has."""

from pydantic import Field

from apps.incentives.rules.plan.conditions import Condition
from apps.incentives.rules.plan.parts import Cap, Counts, DealCap, Instalment, Modifier, ZeroQuota
from apps.incentives.rules.plan.values import Amount, Code, MeasureCode, Name, Part


class Component(Part):
    """A part of a plan that pays."""

    code: Code
    name: Name


class Variable(Component):
    """A part that depends on performance: it may be gated, multiplied, held up or down."""

    gate: Condition | None = Field(default=None, description="Nothing is paid while this does not hold.")
    modifiers: tuple[Modifier, ...] = Field(default=(), max_length=20)
    floor: Amount | None = Field(default=None, description="The least that is paid while the gate is open.")
    cap: Cap | None = None
    zero_quota: ZeroQuota | None = Field(default=None, description="Overrides the plan's own answer.")


class OnCredits(Variable):
    """A part that is paid on credited amounts or counts."""

    measure: MeasureCode
    where: Condition | None = Field(default=None, description="Which credits take part.")
    counts: tuple[Counts, ...] = Field(default=(), max_length=20)
    deal_cap: DealCap | None = None
    instalments: tuple[Instalment, ...] = Field(default=(), max_length=12)
