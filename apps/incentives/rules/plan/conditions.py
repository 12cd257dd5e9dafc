"""When something holds: a tree of named comparisons, for a payee or for a single credit (ADR 0004)."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from apps.incentives.rules.plan.values import (
    Amount,
    Code,
    Count,
    Day,
    MeasureCode,
    Part,
    Ratio,
    SignedAmount,
    Word,
)

Span = Literal["period", "quarter_to_date", "half_to_date", "year_to_date", "year"]
Against = Literal["period", "cumulative", "annual"]


class Attainment(Part):
    """What was reached ÷ the quota named by ``of``, never rounded before it is compared."""

    kind: Literal["attainment"]
    measure: MeasureCode
    of: Against = Field(description="Which quota it is held against.")
    at_least: Ratio | None = None
    above: Ratio | None = None
    at_most: Ratio | None = None
    below: Ratio | None = None


class Value(Part):
    """What a measure itself stands at."""

    kind: Literal["value"]
    measure: MeasureCode
    of: Span = "period"
    at_least: SignedAmount | None = None
    above: SignedAmount | None = None
    at_most: SignedAmount | None = None
    below: SignedAmount | None = None


class Pay(Part):
    """What another component of the same plan pays in this period."""

    kind: Literal["pay"]
    component: Code
    at_least: SignedAmount | None = None
    above: SignedAmount | None = None
    at_most: SignedAmount | None = None
    below: SignedAmount | None = None


class Tenure(Part):
    """In which pay period of the plan the payee is: 1 is the first."""

    kind: Literal["tenure"]
    at_least: Count | None = None
    at_most: Count | None = None


class FieldIn(Part):
    """A field of the credit's transaction (product, segment, role …) has one of some values."""

    kind: Literal["field"]
    name: Word
    is_in: tuple[Word, ...] = Field(min_length=1, max_length=200, alias="in")


class CreditedOn(Part):
    """The credit is dated in a stretch of days, the last one not included."""

    kind: Literal["credited_on"]
    from_: Day | None = Field(default=None, alias="from")
    before: Day | None = None


class DealAmount(Part):
    """The size of the credit's whole transaction."""

    kind: Literal["deal_amount"]
    at_least: Amount | None = None
    above: Amount | None = None
    at_most: Amount | None = None
    below: Amount | None = None


class AllOf(Part):
    """Every one of the conditions holds."""

    kind: Literal["all"]
    of: "tuple[Condition, ...]" = Field(min_length=1, max_length=20)


class AnyOf(Part):
    """At least one of the conditions holds."""

    kind: Literal["any"]
    of: "tuple[Condition, ...]" = Field(min_length=1, max_length=20)


class NoneOf(Part):
    """None of the conditions holds."""

    kind: Literal["none"]
    of: "tuple[Condition, ...]" = Field(min_length=1, max_length=20)


Condition = Annotated[
    Attainment | Value | Pay | Tenure | FieldIn | CreditedOn | DealAmount | AllOf | AnyOf | NoneOf,
    Field(discriminator="kind"),
]
Compared = Attainment | Value | Pay | DealAmount
Group = AllOf | AnyOf | NoneOf
OF_CREDIT = (FieldIn, CreditedOn, DealAmount)

for _model in (AllOf, AnyOf, NoneOf):
    _model.model_rebuild()


def leaves(condition: Condition, place: str) -> Iterator[tuple[Condition, str]]:
    """Yield every comparison of a condition with its place in the document."""
    if isinstance(condition, Group):
        for index, part in enumerate(condition.of):
            yield from leaves(part, f"{place}.of[{index}]")
    else:
        yield condition, place
