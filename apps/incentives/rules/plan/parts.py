"""Parts that several components share: limits, gates, modifiers, instalments, where credits come from."""

from typing import Annotated, Literal

from pydantic import Field

from apps.incentives.rules.plan.conditions import Condition
from apps.incentives.rules.plan.tables import PayoutTable
from apps.incentives.rules.plan.values import (
    Amount,
    Code,
    Count,
    MeasureCode,
    Part,
    Positive,
    Rate,
    Ratio,
    Share,
    Weight,
    Word,
)

ZeroQuota = Literal["error", "full", "skip"]


class AmountLimit(Part):
    """A fixed amount per window."""

    kind: Literal["amount"]
    amount: Amount


class TargetLimit(Part):
    """A multiple of the target incentive: of the pay period, for a window to date of its periods so far."""

    kind: Literal["target"]
    multiple: Ratio


class ShareLimit(Part):
    """A share of what was credited (of a deal's amount, where the cap holds for single deals)."""

    kind: Literal["share"]
    share: Ratio


Limit = Annotated[AmountLimit | TargetLimit | ShareLimit, Field(discriminator="kind")]


class Forfeit(Part):
    """What lies above the cap is lost."""

    kind: Literal["forfeit"]


class Carry(Part):
    """What lies above the cap is carried into the next period."""

    kind: Literal["carry"]


class Decelerate(Part):
    """Above the cap this share of what would have been paid goes on being paid."""

    kind: Literal["decelerate"]
    rate: Share


Excess = Annotated[Forfeit | Carry | Decelerate, Field(discriminator="kind")]


class Cap(Part):
    """The most that is paid, and what happens to the rest; no default."""

    limit: Limit
    excess: Excess


class DealCap(Part):
    """The most one transaction pays; the rest is lost or paid at a lower share.

    A multiple of the target is one of a single pay period's target, prorated by its active days.
    """

    limit: Limit
    excess: Annotated[Forfeit | Decelerate, Field(discriminator="kind")]


class Multiply(Part):
    """Multiply the component's pay when a condition holds."""

    kind: Literal["factor"]
    when: Condition
    factor: Ratio


class MultiplyBy(Part):
    """Multiply the component's pay by what a table reads from a measure."""

    kind: Literal["factor_table"]
    table: PayoutTable


class AddAmount(Part):
    """Add a fixed amount when a condition holds (a kicker)."""

    kind: Literal["amount"]
    when: Condition
    amount: Amount


class AddRate(Part):
    """Add a rate on everything credited in the window when a condition holds."""

    kind: Literal["extra_rate"]
    when: Condition
    rate: Rate


Modifier = Annotated[Multiply | MultiplyBy | AddAmount | AddRate, Field(discriminator="kind")]


class Counts(Part):
    """Credits for which a condition holds count this many times before the table is read."""

    when: Condition
    factor: Ratio


class OnMilestone(Part):
    """A share that is paid once the transaction reaches a milestone."""

    kind: Literal["milestone"]
    share: Share
    milestone: Word


class AfterMonths(Part):
    """A share that is paid some months after the credit."""

    kind: Literal["months"]
    share: Share
    months: Count


Instalment = Annotated[OnMilestone | AfterMonths, Field(discriminator="kind")]


class KpiPart(Part):
    """A weighted measure, held against its quota or against a goal the plan states."""

    measure: MeasureCode
    weight: Weight
    goal: Positive | None = None
    of: Literal["period", "cumulative", "annual"] = "period"
    curve: PayoutTable | None = Field(
        default=None, description="A payout curve of its own; then payouts are weighted, not attainments."
    )


class TrueUp(Part):
    """With the last pay period of its window, pays what these components of the window left open.

    What they paid in the window is taken off; if it was more, the rest is ``forgiven`` or ``taken_back``.
    """

    of: tuple[Code, ...] = Field(min_length=1, max_length=20)
    shortfall: Literal["forgiven", "taken_back"]


class FundShare(Part):
    """A share of a measure of the team."""

    kind: Literal["share"]
    measure: MeasureCode
    share: Ratio


class FundFixed(Part):
    """A fixed amount per pay period, times what a table reads from the team's attainment or value."""

    kind: Literal["fixed"]
    amount: Amount
    table: PayoutTable | None = None


Fund = Annotated[FundShare | FundFixed, Field(discriminator="kind")]
