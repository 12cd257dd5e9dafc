"""Tables: from an amount, an attainment or two measures to what is paid for it.

Tiered tables (``marginal``, ``retroactive``, ``per_transaction``, ``interpolated``) read what was credited.
``step``, ``curve`` and ``matrix`` read one or two axes. Everything that changes what is paid is stated;
only the edge has a default.
"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from apps.incentives.rules.plan.conditions import Against, Span
from apps.incentives.rules.plan.values import Amount, MeasureCode, Part, Rate

Edge = Literal["upper", "lower"]
End = Literal["zero", "hold", "extend"]
Pays = Literal["rate", "amount", "share"]


class QuotaUnit(Part):
    """Edges are shares of the payee's quota; ``of`` names which one."""

    kind: Literal["quota"]
    of: Against


class AmountUnit(Part):
    """Edges are amounts or counts, as the measure is."""

    kind: Literal["amount"] = "amount"


Unit = Annotated[QuotaUnit | AmountUnit, Field(discriminator="kind")]


class Tier(Part):
    """From one edge to the next. It pays one of: ``rate``, an amount ``per_unit``, or a ``fixed`` amount."""

    low: Amount = Field(alias="from")
    high: Amount | None = Field(default=None, alias="to")
    rate: Rate | None = None
    per_unit: Amount | None = None
    fixed: Amount | None = None

    @property
    def factor(self) -> Decimal:
        """What one unit of the tier pays; zero for a fixed amount."""
        if self.rate is not None:
            return self.rate
        return self.per_unit if self.per_unit is not None else Decimal(0)


class Tiered(Part):
    """Contiguous tiers."""

    tiers: tuple[Tier, ...] = Field(min_length=1, max_length=40)
    edge: Edge = Field(default="upper", description="An exact edge belongs to the tier above or below it.")
    unit: Unit = AmountUnit()


class Marginal(Tiered):
    """Each slice is paid by its own tier; a fixed amount is paid once its tier is reached."""

    kind: Literal["marginal"]


class Retroactive(Tiered):
    """The reached tier holds for the whole amount."""

    kind: Literal["retroactive"]


class PerTransaction(Tiered):
    """Each transaction is tiered by itself, marginally or retroactively."""

    kind: Literal["per_transaction"]
    inner: Literal["marginal", "retroactive"]


class Interpolated(Tiered):
    """Each tier carries a ``fixed`` amount; a part of a tier pays its share of it."""

    kind: Literal["interpolated"]


class AttainmentAxis(Part):
    """What was reached ÷ quota."""

    kind: Literal["attainment"]
    measure: MeasureCode
    of: Against


class ValueAxis(Part):
    """What a measure itself stands at."""

    kind: Literal["value"]
    measure: MeasureCode
    of: Span = "period"


Axis = Annotated[AttainmentAxis | ValueAxis, Field(discriminator="kind")]


class Point(Part):
    """At ``at`` it pays ``pays``."""

    at: Amount
    pays: Amount


class Curve(Part):
    """Points joined by straight lines, and what holds left and right of them."""

    kind: Literal["curve"]
    axis: Axis | None = Field(default=None, description="Left out where the component says what it reads.")
    pays: Pays
    points: tuple[Point, ...] = Field(min_length=2, max_length=40)
    below: End
    above: End


class Step(Part):
    """The last point reached holds until the next one; below the first nothing is paid."""

    kind: Literal["step"]
    axis: Axis | None = None
    pays: Pays
    points: tuple[Point, ...] = Field(min_length=1, max_length=40)
    edge: Edge = "upper"


class Matrix(Part):
    """Two axes. ``cells[i][j]`` is paid at ``rows[i]`` and ``columns[j]``."""

    kind: Literal["matrix"]
    pays: Pays
    read: Literal["exact", "step", "bilinear"]
    row_axis: Axis
    column_axis: Axis
    rows: tuple[Amount, ...] = Field(min_length=1, max_length=40)
    columns: tuple[Amount, ...] = Field(min_length=1, max_length=40)
    cells: tuple[tuple[Amount, ...], ...]


AnyTiered = Marginal | Retroactive | PerTransaction | Interpolated
Read = Curve | Step | Matrix
CreditTable = Annotated[
    Marginal | Retroactive | PerTransaction | Interpolated | Curve | Step | Matrix,
    Field(discriminator="kind"),
]
PayoutTable = Annotated[Curve | Step, Field(discriminator="kind")]
