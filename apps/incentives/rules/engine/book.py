"""What a component sees while it is paid: its cell, where the payee stands, what others pay."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from apps.incentives.rules.engine.numbers import text
from apps.incentives.rules.engine.proration import Presence
from apps.incentives.rules.engine.shapes import (
    Award,
    Cell,
    NotPayable,
    Number,
    PoolShare,
    Standing,
    Standings,
    Step,
    Traced,
)

if TYPE_CHECKING:
    from apps.incentives.rules.plan.document import PlanDocument

Steps = list[Step]
NOWHERE = Standing(None, None)
# Which spans a named quota is made of: actual over the first, quota over the second.
SPANS = {
    "period": ("period", "period"),
    "cumulative": ("year_to_date", "year_to_date"),
    "annual": ("year_to_date", "year"),
}
TO_DATE = {"quarter_to_date", "half_to_date", "year_to_date"}


class Worked(NamedTuple):
    """What a component is newly worth in its window, what it rests on, and the share of each credit."""

    raw: Number
    basis: Decimal = Decimal(0)
    traces: tuple[Traced, ...] = ()
    excess: Decimal = Decimal(0)


@dataclass(frozen=True)
class Facts:
    """Where a payee stands, for conditions and axes."""

    standings: Standings
    tenure: int = 1
    basis: str = "period"
    pays: Mapping[str, Fraction] = field(default_factory=dict)

    def standing(self, measure: str, of: str) -> Standing:
        """Return actual and quota of a measure over a span, or against a named quota."""
        if of not in SPANS:
            return self.standings.get((measure, of), NOWHERE)
        actual_of, quota_of = SPANS[of]
        if of == "cumulative" and self.basis in TO_DATE:
            actual_of = quota_of = self.basis
        actual = self.standings.get((measure, actual_of), NOWHERE).actual
        return Standing(actual, self.standings.get((measure, quota_of), NOWHERE).quota)

    def paid(self, component: str) -> Fraction:
        """Return what another component pays in this period."""
        return self.pays.get(component, Fraction(0))


@dataclass(frozen=True)
class Given:
    """Everything one component needs to be paid in one window."""

    plan: "PlanDocument"
    component: Any
    cell: Cell
    facts: Facts
    active: Fraction = Fraction(1)
    annual: Decimal | None = None
    target: Decimal | None = None
    days: tuple[int, int] | None = None
    presence: Presence | None = None
    grades: Mapping[str, Decimal] = field(default_factory=dict)
    awards: Mapping[str, Sequence[Award]] = field(default_factory=dict)
    pool_shares: Mapping[str, PoolShare] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The component's code, or that of the plan as a whole."""
        return getattr(self.component, "code", "plan")

    @property
    def zero_quota(self) -> str:
        """What a missing or zero quota means here."""
        return getattr(self.component, "zero_quota", None) or self.plan.zero_quota

    def attainment(self, measure: str, of: str) -> Fraction | None:
        """Return actual ÷ quota, exact; None when the measure is left out. Raises NotPayable."""
        standing = self.facts.standing(measure, of)
        if not standing.quota:
            return self.without_quota(measure, Fraction(1), None)
        if standing.actual is None:
            return None
        return Fraction(standing.actual) / Fraction(standing.quota)

    def without_quota(self, measure: str, full: Any, skip: Any) -> Any:
        """Return what the plan says about a missing or zero quota. Raises NotPayable."""
        if self.zero_quota == "error":
            if not self.active and not self.cell.credits:
                return skip  # away all the time: neither target nor quota is left
            raise NotPayable("no_quota", component=self.code, measure=measure)
        return full if self.zero_quota == "full" else skip

    def part_of_year(self, annual: Decimal | None, steps: Steps, op: str) -> Fraction:
        """Return a yearly amount's part of this period by the active share, noted as a step."""
        chosen = annual if self.annual is None else self.annual
        if chosen is None:
            raise NotPayable("no_target", component=self.code)
        parts = self.plan.periods_per_year
        value = Fraction(chosen) / parts
        if self.active != 1:
            value *= self.active
        step: dict[str, Any] = {"op": op, "annual": text(chosen), "parts": parts}
        if self.presence is not None:
            there = self.presence
            step |= {"days": text(there.there), "of": text(there.of), "away": text(there.away)}
            step["unit"] = there.basis
        elif self.days is not None:
            step |= {"days": self.days[0], "of": self.days[1]}
        steps.append(step | {"active": text(self.active), "value": text(value)})
        return value

    def part_of_window(self, steps: Steps, op: str) -> Fraction:
        """Return a yearly amount's part of the window so far, noted as a step. Raises NotPayable."""
        value = self.target_of_window
        step = {"op": op, "annual": text(self._annual), "parts": self.plan.periods_per_year}
        step |= {"periods": self.cell.periods, "active": text(self.active_of_window), "value": text(value)}
        steps.append(step)
        return value

    @property
    def active_of_window(self) -> Fraction:
        """The active share of the window: of its days so far where it reaches over several periods."""
        return self.active if self.cell.active is None else self.cell.active

    @property
    def target_of_window(self) -> Fraction:
        """The target incentive of the window so far, which caps may be a multiple of. Raises NotPayable."""
        return self.target_of_period * self.cell.periods

    @property
    def target_of_period(self) -> Fraction:
        """The target incentive of one pay period by the active share: what caps of single deals look at,
        however long the window is. Raises NotPayable."""
        return Fraction(self._annual) / self.plan.periods_per_year * self.active_of_window

    @property
    def _annual(self) -> Decimal:
        """The target of a year: the payee's own, the component's, or that of all pay. Raises NotPayable."""
        annual = self.annual if self.annual is not None else getattr(self.component, "annual", None)
        chosen = self.target if annual is None else annual
        if chosen is None:
            raise NotPayable("no_target", component=self.code)
        return chosen


Pay = Callable[[Any, Given, Steps], Worked]
