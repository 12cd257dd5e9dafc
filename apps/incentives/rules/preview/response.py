"""What a preview answers: flat lists that name payee, line and credit, ready to be read into a sheet."""

import datetime as dt
from typing import Annotated, Any

from pydantic import Field

from apps.incentives.rules.plan.values import Part

Figure = Annotated[str, Field(description="Exact, written as text; a fraction where it does not end.")]
Money = Annotated[str, Field(description="Rounded to the currency's smallest unit, written as text.")]


class LineRow(Part):
    """One line of a payee: what was earned or moved, and every step that led to it."""

    payee: str
    line: int
    segment: str
    component: str
    kind: str
    window: str
    basis: Figure
    raw: Figure
    amount: Money
    steps: list[dict[str, Any]]


class TraceRow(Part):
    """What one credit contributed to a line. A row without a credit belongs to the rule itself."""

    payee: str
    line: int
    credit: str | None
    amount: Figure
    rate: Figure | None
    value: Figure


class BalanceRow(Part):
    """What is carried under a name."""

    payee: str
    name: str
    opening: Money
    closing: Money


class PendingRow(Part):
    """Pay that is earned but not yet due; give it to the next period as it is."""

    payee: str
    kind: str
    component: str
    credit: str
    amount: Money
    due: dict[str, str]


class PostedCreditRow(Part):
    """A credit with all it has been paid so far."""

    id: str
    amount: Figure
    transaction: str
    paid: Figure


class PostedRow(Part):
    """What has been paid for one component in one window by now; give it to the next period as it is."""

    payee: str
    component: str
    segment: str
    window: str
    from_: dt.date = Field(serialization_alias="from")
    before: dt.date
    basis: Figure
    raw: Figure
    amount: Money
    returned_raw: Figure
    returned_amount: Money
    credits: list[PostedCreditRow]


class PaymentRow(Part):
    """What goes out: the sum of the payee's lines, and the same in the payout currency."""

    payee: str
    amount: Money
    currency: str
    payout_amount: Money
    payout_currency: str
    rate: Figure


class TriedRow(Part):
    """One crediting rule that was tried."""

    rule: str
    matched: bool


class CreditingRow(Part):
    """How a credit counts: the rules tried in order, and the factors they gave."""

    credit: str
    payee: str
    level: int
    amount: Figure
    commission_factor: Figure
    quota_factor: Figure
    tried: list[TriedRow]


class PoolShareRow(Part):
    """What fell to one member."""

    payee: str
    weight: Figure
    amount: Money


class PoolRow(Part):
    """A pool's fund and its shares."""

    component: str
    fund: Money
    shares: list[PoolShareRow]


class AwardRow(Part):
    """An award; ``cut`` is what the budget no longer allowed."""

    payee: str
    credit: str
    amount: Figure
    cut: Figure


class SpiffRow(Part):
    """A SPIFF's awards in the order of booking, and what is left of its budget."""

    component: str
    spent: Figure
    left: Figure | None
    awards: list[AwardRow]


class ExceptionRow(Part):
    """Somebody who could not be paid, and why. The others are paid all the same."""

    payee: str
    reason: str
    message: str
    details: dict[str, str]


class PreviewResponse(Part):
    """The whole answer."""

    payments: list[PaymentRow]
    lines: list[LineRow]
    trace: list[TraceRow]
    balances: list[BalanceRow]
    pending: list[PendingRow]
    posted: list[PostedRow]
    crediting: list[CreditingRow]
    pools: list[PoolRow]
    spiffs: list[SpiffRow]
    exceptions: list[ExceptionRow]
