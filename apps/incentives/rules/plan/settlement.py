"""What happens to pay as a whole: crediting, currency, proration, returns, draw, payment, holdback."""

from typing import Annotated, Literal

from pydantic import Field

from apps.core.money import CURRENCIES
from apps.incentives.rules.plan.conditions import Condition
from apps.incentives.rules.plan.values import Amount, Code, Count, Name, Part, Positive, Ratio, Share, Word

Currency = Literal[CURRENCIES]  # type: ignore[valid-type]  # the list is the one place for currencies


class CreditingRule(Part):
    """Who is credited with how much of a transaction. Commission and quota credit have separate factors."""

    code: Code
    name: Name
    when: Condition | None = None
    commission_factor: Ratio
    quota_factor: Ratio


class Crediting(Part):
    """Rules tried in order: the first that matches decides, or every one that matches adds its credit."""

    match: Literal["first", "all"]
    rules: tuple[CreditingRule, ...] = Field(min_length=1, max_length=50)


class Exchange(Part):
    """At which rate a transaction in another currency counts, and in which currency pay goes out."""

    transactions: Literal["plan_year", "transaction_date", "month_average"]
    payout: Currency | None = Field(
        default=None, description="Pay goes out in this currency at the rate of the day of the pay run."
    )


class Proration(Part):
    """How part of a period counts, and how the segments of a transfer are paid."""

    days: Literal["days", "working_days", "months", "30/360"]
    transfers: Literal["apart", "blended"] = "apart"
    unpaid_leave: Literal["counts", "taken_off"] = Field(
        default="counts", description="Whether days of unpaid leave count as active days."
    )


class FullClawback(Part):
    """A return takes back all that was paid; after ``months`` nothing more."""

    kind: Literal["full"]
    months: Count | None = None


class ClawbackStep(Part):
    """Until before this many months since the sale, this share is taken back."""

    before_month: Count
    share: Share


class SteppedClawback(Part):
    """A share by elapsed months; after the last step nothing is taken back."""

    kind: Literal["stepped"]
    steps: tuple[ClawbackStep, ...] = Field(min_length=1, max_length=40)


class LinearClawback(Part):
    """Pay is earned evenly over some months; a return takes back the months not earned."""

    kind: Literal["linear"]
    months: Annotated[int, Field(ge=1, le=1200)]
    failing_month: Literal["earned", "not_earned"]


class Returns(Part):
    """What a return takes back, how much of it in one period, and whether before or after the draw."""

    schedule: Annotated[FullClawback | SteppedClawback | LinearClawback, Field(discriminator="kind")]
    at_most: Share | None = Field(
        default=None, description="Share of a period's variable pay; what is left is carried."
    )
    order: Literal["before_draw", "after_draw"] = "before_draw"


class Draw(Part):
    """An advance: pay is filled up to ``amount`` per period; recoverable draws are paid back from surplus."""

    kind: Literal["recoverable", "non_recoverable"]
    amount: Amount
    periods: Annotated[int, Field(ge=1, le=1200)] = Field(description="How many pay periods it is advanced.")
    at_end: Literal["forgive", "bill", "carry"] = Field(description="What happens to the balance then.")
    recovery_share: Share | None = None
    recovery_after: Count = Field(default=0, description="Recovery starts after so many periods.")
    balance_cap: Amount | None = None


class GuaranteeStep(Part):
    """For some periods, this amount is guaranteed."""

    periods: Annotated[int, Field(ge=1, le=1200)]
    amount: Amount


class Guarantee(Part):
    """Variable pay never lies below an amount: period by period, or over all periods so far."""

    basis: Literal["period", "to_date"]
    steps: tuple[GuaranteeStep, ...] = Field(min_length=1, max_length=40)


class Payment(Part):
    """What is too little to pay out is carried; what is too much is carried or lost.

    With ``round_to`` a payment, base salaries included, is a whole multiple of it; the difference is carried.
    """

    minimum: Amount | None = None
    maximum: Amount | None = None
    excess: Literal["carry", "forfeit"] | None = None
    negative: Literal["deduct", "carry"] = "deduct"
    round_to: Positive | None = Field(
        default=None, description="1 pays whole units of the currency; what is left is carried."
    )


class AfterPeriods(Part):
    """Released after some pay periods."""

    kind: Literal["periods"]
    periods: Annotated[int, Field(ge=1, le=120)]


class OnEvent(Part):
    """Released on the date of a named event."""

    kind: Literal["event"]
    event: Word


class Holdback(Part):
    """A share of pay that is kept back for a while."""

    share: Share
    release: Annotated[AfterPeriods | OnEvent, Field(discriminator="kind")]
