"""What a preview is asked: everything a calculation needs, nothing is looked up elsewhere."""

import datetime as dt
import re
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from apps.incentives.rules.engine.numbers import text
from apps.incentives.rules.plan.conditions import Span
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.settlement import Currency
from apps.incentives.rules.plan.values import (
    Amount,
    Day,
    Grade,
    MeasureCode,
    Part,
    Positive,
    Ratio,
    Share,
    SignedAmount,
    Word,
)

MAX_PAYEES = 500
MAX_CREDITS = 10_000
MAX_DAYS = 400
_EXACT = re.compile(r"^-?\d{1,40}(\.\d{1,60}|/\d{1,40})?$")


def _read_exact(value: Any) -> Fraction:
    told = (
        str(value).strip() if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else ""
    )
    if not _EXACT.match(told) or (told.rpartition("/")[2].strip("0") == "" and "/" in told):
        raise PydanticCustomError("exact_number", "number", {"low": "-10^40", "high": "10^40"})
    return Fraction(told)


Exact = Annotated[
    Fraction,
    BeforeValidator(_read_exact),
    PlainSerializer(text, return_type=str),
    WithJsonSchema({"type": "string", "pattern": _EXACT.pattern, "description": "Exact: “0.125” or “1/3”."}),
]
Id = Annotated[str, Field(min_length=1, max_length=80)]


class Days(Part):
    """From a first day until before another one."""

    from_: Day = Field(alias="from")
    before: Day


class PeriodIn(Days):
    """The pay period. Its length must be that of the plan's pay periods."""

    code: Word


class CalendarIn(Part):
    """Days off and make-up days, for working days. Monday to Friday otherwise."""

    off: tuple[Day, ...] = Field(default=(), max_length=1000)
    made_up: tuple[Day, ...] = Field(default=(), max_length=1000)


class SegmentIn(Days):
    """Days under one plan version. Left out, the payee is under the only plan all the time."""

    code: Annotated[str, Field(max_length=80)] = ""
    plan: Word | None = Field(default=None, description="A key of ``plans``.")
    annual: dict[str, Amount] = Field(default={}, description="Own yearly amounts by component.")


class AbsenceIn(Days):
    """Days away: a share of the working time, paid or not. Unpaid days always lower the quota."""

    paid: bool = False
    share: Share = Decimal(1)
    relieves_quota: bool = Field(default=False, description="Paid days lower the quota only if this says so.")


class QuotaIn(Days):
    """A quota for some days: a month, a quarter, a year. Seasons are a row of months."""

    measure: MeasureCode
    amount: Amount
    segment: str | None = None


class MeasureIn(Part):
    """What a measure stands at: over a span as a whole, or what happened on a day. Several add up."""

    measure: MeasureCode
    value: SignedAmount
    of: Span | None = None
    on: Day | None = None


class PostedCreditIn(Part):
    """A credit that was paid before, with what it was paid."""

    id: Id
    amount: SignedAmount
    transaction: str = ""
    paid: Exact


class PostedIn(Days):
    """What was paid before for one component in one window, as an earlier answer gave it."""

    component: Word
    segment: str = ""
    window: Word
    basis: SignedAmount = Decimal(0)
    raw: Exact
    amount: SignedAmount
    returned_raw: Exact = Fraction(0)
    returned_amount: SignedAmount = Decimal(0)
    credits: tuple[PostedCreditIn, ...] = Field(default=(), max_length=MAX_CREDITS)


class PendingIn(Part):
    """Pay that was earned but not yet due, as an earlier answer gave it."""

    kind: Literal["holdback", "instalment"]
    component: str = ""
    credit: str = ""
    amount: SignedAmount
    due: dict[str, str]


class PayeeIn(Part):
    """Somebody who is paid."""

    id: Id
    segments: tuple[SegmentIn, ...] = Field(default=(), max_length=12)
    annual: dict[str, Amount] = Field(default={}, description="Own yearly amounts by component.")
    target: Amount | None = Field(default=None, description="Target incentive of a year.")
    tenure: Annotated[int, Field(ge=1, le=1200)] = Field(
        default=1, description="Which pay period of the plan it is."
    )
    leave: tuple[Days, ...] = Field(
        default=(), max_length=60, description="Days that never count, whatever the plan says."
    )
    absences: tuple[AbsenceIn, ...] = Field(
        default=(), max_length=60, description="Recorded absences; ``proration.unpaid_leave`` decides."
    )
    quotas: tuple[QuotaIn, ...] = Field(default=(), max_length=400)
    measures: tuple[MeasureIn, ...] = Field(default=(), max_length=2000)
    grades: dict[str, Grade] = {}
    weights: dict[str, Ratio] = Field(default={}, description="Weight by pool component.")
    events: dict[str, Day] = {}
    balances: dict[str, SignedAmount] = {}
    pending: tuple[PendingIn, ...] = Field(default=(), max_length=5000)
    posted: tuple[PostedIn, ...] = Field(default=(), max_length=400)


class CreditRow(Part):
    """A credit of one payee: ``amount`` × ``share`` of a transaction, on a day."""

    id: Id
    transaction: Id
    payee: Id
    measure: MeasureCode
    amount: SignedAmount
    currency: Currency | None = Field(default=None, description="Left out: the plan's, or a count.")
    date: Day
    booked_at: dt.datetime | None = None
    overlay: bool = False
    share: Share | None = Field(
        default=None, description="Direct shares of a transaction add up to exactly 1."
    )
    fields: dict[str, str] = {}
    milestones: dict[str, Day] = {}
    sold_on: Day | None = None
    ended_on: Day | None = None
    deal_amount: Amount | None = None
    reverses: Id | None = Field(default=None, description="The credit this one takes back.")


class ReportsTo(Part):
    """Who leads whom, from when until when."""

    payee: Id
    lead: Id
    from_: Day | None = Field(default=None, alias="from")
    before: Day | None = None


class RateIn(Days):
    """One unit of ``source`` is ``rate`` units of ``target`` on some days."""

    source: Currency
    target: Currency
    kind: Literal["plan_year", "spot", "month_average"]
    rate: Positive


class PoolIn(Part):
    """Where the team of a pool stands."""

    component: Word
    measures: tuple[MeasureIn, ...] = Field(default=(), max_length=40)
    quotas: tuple[QuotaIn, ...] = Field(default=(), max_length=40)


class PreviewRequest(Part):
    """A complete request. Nothing is stored and nothing else is read."""

    plan: PlanDocument | None = None
    plans: dict[str, PlanDocument] = Field(default={}, max_length=20)
    period: PeriodIn
    run_date: Day
    fiscal_year_starts: Day | None = Field(default=None, description="Left out: January 1.")
    calendar: CalendarIn = CalendarIn()
    payees: tuple[PayeeIn, ...] = Field(min_length=1, max_length=MAX_PAYEES)
    credits: tuple[CreditRow, ...] = Field(default=(), max_length=MAX_CREDITS)
    reporting: tuple[ReportsTo, ...] = Field(default=(), max_length=5000)
    rates: tuple[RateIn, ...] = Field(default=(), max_length=2000)
    pools: tuple[PoolIn, ...] = Field(default=(), max_length=40)
    spiff_spent: dict[str, Amount] = Field(default={}, description="What earlier runs used up, by component.")
