"""SPIFF: a contest for some weeks with a budget; who is awarded what is decided across all payees before."""

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from apps.incentives.rules.engine.book import Given, Steps, Worked
from apps.incentives.rules.engine.limits import held
from apps.incentives.rules.engine.numbers import sum_exact, text
from apps.incentives.rules.engine.shapes import Traced
from apps.incentives.rules.kinds.base import Variable
from apps.incentives.rules.plan.conditions import Condition
from apps.incentives.rules.plan.values import Amount, Day, MeasureCode, Part, Rate


class PerUnit(Part):
    """An amount for every unit of the measure."""

    kind: Literal["unit"]
    amount: Amount


class PerDeal(Part):
    """An amount for every transaction, by the payee's share of it."""

    kind: Literal["deal"]
    amount: Amount


class PerCent(Part):
    """A rate on the credited amount."""

    kind: Literal["rate"]
    rate: Rate


class Spiff(Variable):
    """Awards from a first day until before a last one, while the budget lasts, in the order of booking."""

    kind: Literal["spiff"]
    measure: MeasureCode
    from_: Day = Field(alias="from")
    before: Day
    where: Condition | None = None
    award: Annotated[PerUnit | PerDeal | PerCent, Field(discriminator="kind")]
    budget: Amount | None = None


def pay(component: Spiff, given: Given, steps: Steps) -> Worked:
    """Pay the awards that were decided for this payee."""
    awards = given.awards.get(component.code, ())
    traces = [Traced(award.credit_id, award.basis, None, award.amount) for award in awards]
    total = sum_exact(award.amount for award in awards)
    cut = sum_exact(award.cut for award in awards)
    step = {"op": "awards", "count": len(awards), "value": text(total), "cut_by_budget": text(cut)}
    steps.append(step)
    due = held(component, total, given, steps, basis=sum_exact(award.basis for award in awards))
    if due != Fraction(total):
        traces.append(Traced(0, Decimal(0), None, due - Fraction(total)))
    return Worked(due, sum_exact(award.basis for award in awards), tuple(traces))
