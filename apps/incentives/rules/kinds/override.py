"""Override: what a lead is paid on the credits of the people below, each transaction once."""

from typing import Annotated, Literal

from pydantic import Field

from apps.incentives.rules.engine.book import Given, Steps, Worked
from apps.incentives.rules.engine.credited import pay_on_credits
from apps.incentives.rules.kinds.base import OnCredits
from apps.incentives.rules.kinds.commission import Basis
from apps.incentives.rules.plan.tables import CreditTable
from apps.incentives.rules.plan.values import Part

Level = Annotated[int, Field(ge=1, le=20)]


class Levels(Part):
    """How far above the seller a lead takes part; 1 is the seller's own lead."""

    low: Level = Field(default=1, alias="from")
    high: Level | None = Field(default=None, alias="to")


class Override(OnCredits):
    """Paid on the credits of everybody below on the day of the credit; overlay credit is left out."""

    kind: Literal["override"]
    basis: Basis
    rolling_periods: Annotated[int, Field(ge=2, le=36)] | None = None
    levels: Levels = Levels()
    table: CreditTable


def pay(component: Override, given: Given, steps: Steps) -> Worked:
    """Pay what the credits of the people below are worth to date, less what was posted for it."""
    return pay_on_credits(component, component.table, component.basis, given, steps)
