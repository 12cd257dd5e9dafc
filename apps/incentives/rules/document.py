"""A plan as typed data: what a version of an incentive plan says, once it has been read and checked."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from apps.core.money import Rounding

SCHEMA = "salesorg.plan/1"

Basis = Literal["transaction", "period", "quarter_to_date", "year_to_date"]
CreditKind = Literal["direct", "overlay", "all"]
CurveEnd = Literal["zero", "hold", "extend"]
Edge = Literal["upper", "lower"]
TableKind = Literal["marginal", "retroactive"]
TableUnit = Literal["amount", "quota"]
ZeroQuota = Literal["error", "full", "skip"]


@dataclass(frozen=True)
class Tier:
    """One tier: from ``low`` to ``high`` (None: without end) at ``rate``."""

    low: Decimal
    high: Decimal | None
    rate: Decimal


@dataclass(frozen=True)
class RateTable:
    """Contiguous tiers. ``unit`` says whether edges are amounts or shares of the quota."""

    kind: TableKind
    tiers: tuple[Tier, ...]
    edge: Edge = "upper"
    unit: TableUnit = "amount"


@dataclass(frozen=True)
class Curve:
    """Points ``(attainment, payout share)`` joined by straight lines, and what holds beyond the ends."""

    points: tuple[tuple[Decimal, Decimal], ...]
    below: CurveEnd
    above: CurveEnd


@dataclass(frozen=True)
class Cap:
    """The most that is paid; what lies above is forfeited."""

    amount: Decimal


@dataclass(frozen=True)
class Gate:
    """A condition on a measure: its attainment or its value must reach ``at_least``."""

    measure: str
    test: Literal["attainment", "value"]
    at_least: Decimal


@dataclass(frozen=True)
class KpiPart:
    """A weighted measure inside a KPI bonus, held against the quota or a goal the plan states."""

    measure: str
    weight: Decimal
    goal: Decimal | None = None


@dataclass(frozen=True)
class BaseSalary:
    """A yearly salary paid in equal parts per period, by days in the plan."""

    code: str
    name: str
    annual: Decimal
    kind: Literal["base_salary"] = "base_salary"


@dataclass(frozen=True)
class Commission:
    """A share of credited amounts, by tiers."""

    code: str
    name: str
    measure: str
    basis: Basis
    table: RateTable
    credits: CreditKind = "direct"
    gates: tuple[Gate, ...] = ()
    cap: Cap | None = None
    kind: Literal["commission"] = "commission"


@dataclass(frozen=True)
class Override:
    """A share of what the people below a lead are credited with, each transaction once."""

    code: str
    name: str
    measure: str
    basis: Basis
    table: RateTable
    level_from: int = 1
    level_to: int | None = None
    gates: tuple[Gate, ...] = ()
    cap: Cap | None = None
    kind: Literal["override"] = "override"


@dataclass(frozen=True)
class KpiBonus:
    """A yearly target bonus, paid in equal parts per period times a curve over weighted attainment."""

    code: str
    name: str
    annual: Decimal
    parts: tuple[KpiPart, ...]
    curve: Curve
    zero_quota: ZeroQuota = "error"
    gates: tuple[Gate, ...] = ()
    cap: Cap | None = None
    kind: Literal["kpi_bonus"] = "kpi_bonus"


Component = BaseSalary | Commission | Override | KpiBonus
Credited = Commission | Override


@dataclass(frozen=True)
class PlanDocument:
    """The whole plan."""

    currency: str
    period: Literal["month", "quarter"]
    components: tuple[Component, ...]
    rounding: Rounding = "half_up"
    cap: Cap | None = None
    schema: str = field(default=SCHEMA)

    def component(self, code: str) -> Component:
        """Return a component. Raises KeyError."""
        for component in self.components:
            if component.code == code:
                return component
        raise KeyError(code)

    @property
    def credited(self) -> tuple[Credited, ...]:
        """The components that are paid on ledger credits."""
        return tuple(c for c in self.components if isinstance(c, Commission | Override))

    @property
    def periods_per_year(self) -> int:
        """How many pay periods a year has."""
        return 12 if self.period == "month" else 4

    @property
    def attainment_measures(self) -> tuple[str, ...]:
        """The measures whose quota or actual the plan asks for, each once, sorted."""
        wanted: set[str] = set()
        for component in self.components:
            if isinstance(component, BaseSalary):
                continue
            wanted.update(gate.measure for gate in component.gates)
            if isinstance(component, KpiBonus):
                wanted.update(part.measure for part in component.parts)
            elif component.table.unit == "quota":
                wanted.add(component.measure)
        return tuple(sorted(wanted))
