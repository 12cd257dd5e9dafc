"""Trail: a rate by the months since the sale, as long as the contract runs."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from apps.incentives.rules.engine.book import Given, Steps, Worked
from apps.incentives.rules.engine.credited import pay_each
from apps.incentives.rules.engine.proration import months_between
from apps.incentives.rules.engine.shapes import CreditIn, NotPayable
from apps.incentives.rules.kinds.base import OnCredits
from apps.incentives.rules.plan.values import Count, Part, Rate


class TrailStep(Part):
    """From a month since the sale until before another: 0 is the month of the sale."""

    low: Count = Field(alias="from_month")
    high: Annotated[int, Field(ge=1, le=1200)] | None = Field(default=None, alias="before_month")
    rate: Rate


class Trail(OnCredits):
    """Paid on recurring credits (invoices, renewals) by the age of the sale; nothing once it has ended."""

    kind: Literal["trail"]
    credits: Literal["direct", "overlay", "all"] = "direct"
    schedule: tuple[TrailStep, ...] = Field(min_length=1, max_length=40)


def pay(component: Trail, given: Given, steps: Steps) -> Worked:
    """Pay each recurring credit at the rate of its month. Raises NotPayable without the day of the sale."""
    return pay_each(component, lambda credit: _rate(component, credit), given, steps)


def _rate(component: Trail, credit: CreditIn) -> Decimal:
    deal = credit.deal
    if deal is None or deal.sold_on is None or credit.on is None:
        raise NotPayable("no_sold_on", component=component.code, transaction=credit.transaction)
    if deal.ended_on is not None and credit.on >= deal.ended_on:
        return Decimal(0)
    month = months_between(deal.sold_on, credit.on)
    for step in component.schedule:
        if step.low <= month and (step.high is None or month < step.high):
            return step.rate
    return Decimal(0)
