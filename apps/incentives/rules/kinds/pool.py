"""Pool: a team's fund shared among its members; the split is decided across all payees before."""

from fractions import Fraction
from typing import Literal

from pydantic import Field

from apps.incentives.rules.engine.book import Given, Steps, Worked
from apps.incentives.rules.engine.limits import held
from apps.incentives.rules.engine.numbers import text
from apps.incentives.rules.kinds.base import Variable
from apps.incentives.rules.plan.parts import Fund
from apps.incentives.rules.plan.values import MeasureCode


class Pool(Variable):
    """A fund, and by what it is shared. All shares of a pool add up to the fund to the cent."""

    kind: Literal["pool"]
    fund: Fund
    share_by: Literal["equal", "weights", "contribution", "target_incentive", "days"]
    contribution: MeasureCode | None = Field(
        default=None, description="The measure of which each member brought a part."
    )


def pay(component: Pool, given: Given, steps: Steps) -> Worked:
    """Pay the part of the fund that fell to this payee."""
    part = given.pool_shares.get(component.code)
    if part is None:
        return Worked(-given.cell.posted.raw)
    steps.append(
        {
            "op": "pool",
            "fund": text(part.fund),
            "by": component.share_by,
            "weight": text(part.weight),
            "of": text(part.weights),
            "value": text(part.amount),
        }
    )
    due = held(component, Fraction(part.amount), given, steps)
    return Worked(due - given.cell.posted.raw)
