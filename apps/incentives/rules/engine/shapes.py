"""What goes into the engine and what comes out of it; the package says how the shapes belong together."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from apps.incentives.rules.engine.proration import Presence

if TYPE_CHECKING:
    from apps.incentives.rules.plan.document import PlanDocument

Key = int | str
Number = Decimal | Fraction
Step = Mapping[str, Any]


class NotPayable(ValueError):
    """An input is missing; the payee becomes an exception of the run. ``reason`` is a stable code."""

    def __init__(self, reason: str, **details: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details


@dataclass(frozen=True)
class Deal:
    """Facts of a transaction that some rules need: fields, milestones reached, life of the contract."""

    fields: Mapping[str, str] = field(default_factory=dict)
    milestones: Mapping[str, dt.date] = field(default_factory=dict)
    sold_on: dt.date | None = None
    ended_on: dt.date | None = None
    amount: Decimal | None = None


class CreditIn(NamedTuple):
    """A credit for a payee, in the plan's currency, after its factors."""

    id: Key
    amount: Decimal
    transaction: str = ""
    on: dt.date | None = None
    deal: Deal | None = None


class PostedCredit(NamedTuple):
    """A credit a locked run paid, with what it was paid."""

    id: Key
    amount: Decimal
    transaction: str
    paid: Number


class ReturnIn(NamedTuple):
    """A linked return: ``paid`` is what the returned part earned, ``part`` its share of the original."""

    id: Key
    amount: Decimal
    paid: Number
    original: Key = 0
    part: Fraction = Fraction(1)
    sold_on: dt.date | None = None
    on: dt.date | None = None


class Traced(NamedTuple):
    """What one credit contributed to a line. A credit of 0 stands for a step without a credit of its own."""

    credit_id: Key
    amount: Decimal
    rate: Decimal | None
    value: Number


@dataclass(frozen=True)
class Posted:
    """What earlier runs posted for the same component and window; what returns took back is kept apart."""

    basis: Decimal = Decimal(0)
    raw: Fraction = Fraction(0)
    rounded: Decimal = Decimal(0)
    credits: tuple[PostedCredit, ...] = ()
    returned_raw: Fraction = Fraction(0)
    returned_rounded: Decimal = Decimal(0)
    exists: bool = False


class Standing(NamedTuple):
    """Where a payee stands on a measure over a span of time: what counts, against what."""

    actual: Number | None
    quota: Number | None


Standings = Mapping[tuple[str, str], Standing]


@dataclass(frozen=True)
class Cell:
    """One component in one window. ``prior`` is what earlier periods of a rolling window were credited.

    ``again``: an earlier window is paid anew without new credits, and the difference to what was posted.
    A window to date has an active share of its own, ``active``, and is ``periods`` pay periods long so far;
    without one it is that of the segment. Late credits are judged by how the payee stood when their window
    was paid: ``standings``, ``active``, ``target``, ``tenure``, and by what other components paid, ``pays``.
    ``weight`` is the segment's part of a blend in this window, where it differs from that of the period.
    A true-up pays where the period ``closes`` the window, and takes off what others paid in it, ``beside``.
    """

    window: str
    credits: Sequence[CreditIn] = ()
    returns: Sequence[ReturnIn] = ()
    posted: Posted = field(default_factory=Posted)
    is_current: bool = True
    prior: Decimal = Decimal(0)
    standings: Standings | None = None
    again: bool = False
    active: Fraction | None = None
    periods: int = 1
    target: Decimal | None = None
    tenure: int | None = None
    pays: Mapping[str, Fraction] | None = None
    weight: Fraction | None = None
    closes: bool = True
    beside: Decimal = Decimal(0)


class Award(NamedTuple):
    """A SPIFF award; ``cut`` is what the budget no longer allowed."""

    credit_id: Key
    basis: Decimal
    amount: Decimal
    cut: Decimal


class PoolShare(NamedTuple):
    """What fell to one member of a pool."""

    amount: Decimal
    fund: Decimal
    weight: Number
    weights: Number


class Pending(NamedTuple):
    """Pay that is earned but not yet due. ``credit`` and ``component`` are empty for a holdback."""

    kind: str
    component: str
    credit: Key
    amount: Decimal
    due: Mapping[str, Any]


@dataclass(frozen=True)
class Segment:
    """Days of the period under one plan version. ``active`` is the share of the period, ``weight`` blends.

    ``has_ended``: the payee has left it; only late credits and returns of earlier windows are left.
    ``presence``: what the share is made of, where unpaid leave is taken off it. ``book``: segments of one
    name are one plan where a component looks at what others paid.
    """

    plan: "PlanDocument"
    code: str = ""
    active: Fraction = Fraction(1)
    weight: Fraction = Fraction(1)
    cells: Mapping[str, Sequence[Cell]] = field(default_factory=dict)
    standings: Standings = field(default_factory=dict)
    annual: Mapping[str, Decimal] = field(default_factory=dict)
    grades: Mapping[str, Decimal] = field(default_factory=dict)
    awards: Mapping[str, Sequence[Award]] = field(default_factory=dict)
    pool_shares: Mapping[str, PoolShare] = field(default_factory=dict)
    days: tuple[int, int] | None = None
    presence: Presence | None = None
    has_ended: bool = False
    book: str = ""


class PaidBefore(NamedTuple):
    """What a period paid in variable pay before the plan's cap, and what the cap took (below zero).

    ``modified`` is the part of it that the plan's own factors, together ``factor``, added.
    """

    uncapped: Decimal = Decimal(0)
    taken: Decimal = Decimal(0)
    modified: Decimal = Decimal(0)
    factor: Fraction = Fraction(1)


@dataclass(frozen=True)
class PayeeGiven:
    """Everything that pays one payee for one pay period."""

    payee: Key
    window: str
    segments: Sequence[Segment]
    run_date: dt.date
    opening: Mapping[str, Decimal] = field(default_factory=dict)
    pending: tuple[Pending, ...] = ()
    tenure: int = 1
    target: Decimal | None = None
    events: Mapping[str, dt.date] = field(default_factory=dict)
    milestones: Mapping[str, Mapping[str, dt.date]] = field(default_factory=dict)
    payout_rate: Decimal | None = None
    kept: Mapping[tuple[str, str], Sequence["LineOut"]] = field(default_factory=dict)
    posted_variable: Mapping[str, PaidBefore] = field(default_factory=dict)


@dataclass(frozen=True)
class LineOut:
    """One line: raw and rounded value, what it rests on, and how it came about, step by step."""

    component: str
    kind: str
    window: str
    basis: Decimal
    raw: Fraction
    rounded: Decimal
    steps: tuple[Step, ...]
    traces: tuple[Traced, ...] = ()
    segment: str = ""


class Balance(NamedTuple):
    """What is carried under a name."""

    name: str
    opening: Decimal
    closing: Decimal


class Payment(NamedTuple):
    """What goes out: the sum of the lines, and the same in the payout currency."""

    amount: Decimal
    currency: str
    payout_amount: Decimal
    payout_currency: str
    rate: Decimal


@dataclass(frozen=True)
class PayeeOutcome:
    """What a payee gets."""

    payee: Key
    lines: tuple[LineOut, ...]
    balances: tuple[Balance, ...]
    pending: tuple[Pending, ...]
    payment: Payment
