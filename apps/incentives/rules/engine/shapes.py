"""What goes into the engine and what comes out of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple


class NotPayable(ValueError):
    """An input is missing; the payee becomes an exception of the run. ``reason`` is a stable code."""

    def __init__(self, reason: str, **details: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details


class CreditIn(NamedTuple):
    """A ledger credit for a payee. ``paid`` is what it earned before, for the return of a posted sale."""

    id: int
    amount: Decimal
    transaction: str = ""
    paid: Decimal | None = None


class Traced(NamedTuple):
    """What one credit contributed to a line. A credit of 0 stands for a step without a credit of its own."""

    credit_id: int
    amount: Decimal
    rate: Decimal | None
    value: Decimal


@dataclass(frozen=True)
class Posted:
    """What earlier runs posted for the same component and window; what returns took back is kept apart."""

    basis: Decimal = Decimal(0)
    raw: Fraction = Fraction(0)
    rounded: Decimal = Decimal(0)
    credits: tuple[CreditIn, ...] = ()
    returned_raw: Fraction = Fraction(0)
    returned_rounded: Decimal = Decimal(0)
    exists: bool = False


@dataclass(frozen=True)
class Standing:
    """How a payee stands on a measure over a window: what counts, against what."""

    actual: Decimal | None
    quota: Decimal | None

    @property
    def attainment(self) -> Fraction | None:
        """Actual ÷ quota, exact; None without a quota or an actual."""
        if self.actual is None or not self.quota:
            return None
        return Fraction(self.actual) / Fraction(self.quota)


@dataclass(frozen=True)
class WindowIn:
    """Everything one component needs to be paid in one window."""

    window: str
    credits: Sequence[CreditIn] = ()
    returns: Sequence[CreditIn] = ()
    posted: Posted = field(default_factory=Posted)
    standings: Mapping[str, Standing] = field(default_factory=dict)
    active_days: int = 1
    period_days: int = 1
    annual: Decimal | None = None


@dataclass(frozen=True)
class LineOut:
    """One pay line: raw and rounded value, what it rests on, and how it came about, step by step."""

    component: str
    kind: str
    window: str
    basis: Decimal
    raw: Fraction
    rounded: Decimal
    steps: tuple[Mapping[str, Any], ...]
    traces: tuple[Traced, ...] = ()
