"""Commission: a share of credited amounts, an amount per unit, or what a table makes of them."""

from typing import Annotated, Literal

from pydantic import Field

from apps.incentives.rules.engine.book import Given, Steps, Worked
from apps.incentives.rules.engine.credited import pay_on_credits
from apps.incentives.rules.kinds.base import OnCredits
from apps.incentives.rules.plan.tables import CreditTable

Basis = Literal["transaction", "period", "quarter_to_date", "half_to_date", "year_to_date", "rolling"]


class Commission(OnCredits):
    """Paid on the payee's own credits, looking at one transaction, a period, or a longer window to date."""

    kind: Literal["commission"]
    basis: Basis
    rolling_periods: Annotated[int, Field(ge=2, le=36)] | None = None
    credits: Literal["direct", "overlay", "all"] = "direct"
    table: CreditTable


def pay(component: Commission, given: Given, steps: Steps) -> Worked:
    """Pay what the credits of the window are worth to date, less what was posted for it."""
    return pay_on_credits(component, component.table, component.basis, given, steps)
