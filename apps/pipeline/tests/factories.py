"""Minimal valid rows of the pipeline."""

import datetime as dt
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from apps.core.effective import span
from apps.org.tests.factories import PersonFactory
from apps.pipeline.models import (
    Activity,
    Opportunity,
    OpportunityLine,
    OpportunitySplit,
    OutcomeReason,
    Price,
    Product,
    SalesProcess,
    Stage,
    StageChange,
    StageGate,
    Task,
)


class ProductFactory(DjangoModelFactory):
    """Something to sell."""

    class Meta:
        model = Product

    code = factory.Sequence(lambda n: f"P{n}")
    name = factory.LazyAttribute(lambda row: f"Product {row.code}")


class ProcessFactory(DjangoModelFactory):
    """The default process, without stages."""

    class Meta:
        model = SalesProcess

    code = factory.Sequence(lambda n: f"process-{n}")
    name = "Standard"
    is_default = True


class StageFactory(DjangoModelFactory):
    """An open stage."""

    class Meta:
        model = Stage

    process = factory.SubFactory(ProcessFactory)
    code = factory.Sequence(lambda n: f"stage-{n}")
    name = factory.LazyAttribute(lambda row: row.code.title())
    order = factory.Sequence(lambda n: n)
    kind = "open"
    probability = Decimal(50)


class ReasonFactory(DjangoModelFactory):
    """A reason for losing that counts."""

    class Meta:
        model = OutcomeReason

    code = factory.Sequence(lambda n: f"reason-{n}")
    name = "Price"
    kind = "lost"


class OpportunityFactory(DjangoModelFactory):
    """An open deal; give ``owner`` and ``stage``."""

    class Meta:
        model = Opportunity

    name = factory.Sequence(lambda n: f"Deal {n}")
    state = factory.LazyAttribute(lambda row: row.stage.kind)
    amount = Decimal("1000.00")
    base_amount = factory.LazyAttribute(lambda row: row.amount)
    currency = "USD"
    created_on = dt.date(2026, 1, 5)
    stage_since = dt.date(2026, 1, 5)


class PriceFactory(DjangoModelFactory):
    """A list price without end."""

    class Meta:
        model = Price

    product = factory.SubFactory(ProductFactory)
    currency = "USD"
    amount = Decimal("100.00")
    valid = factory.LazyFunction(lambda: span(dt.date(2020, 1, 1)))


class StageGateFactory(DjangoModelFactory):
    """A stage that asks for an amount."""

    class Meta:
        model = StageGate

    stage = factory.SubFactory(StageFactory)
    field = "amount"


class LineFactory(DjangoModelFactory):
    """One piece of a product in a deal."""

    class Meta:
        model = OpportunityLine

    opportunity = factory.SubFactory(OpportunityFactory)
    product = factory.SubFactory(ProductFactory)
    unit_price = Decimal("1000.00")
    amount = Decimal("1000.00")


class SplitFactory(DjangoModelFactory):
    """The whole credit of a deal to one person."""

    class Meta:
        model = OpportunitySplit

    opportunity = factory.SubFactory(OpportunityFactory)
    person = factory.SubFactory(PersonFactory)
    share = Decimal(100)


class StageChangeFactory(DjangoModelFactory):
    """A deal that came into its stage."""

    class Meta:
        model = StageChange

    opportunity = factory.SubFactory(OpportunityFactory)
    to_stage = factory.SelfAttribute("opportunity.stage")
    changed_on = dt.date(2026, 1, 5)


class ActivityFactory(DjangoModelFactory):
    """A call."""

    class Meta:
        model = Activity

    kind = "call"
    person = factory.SubFactory(PersonFactory)
    happened_at = dt.datetime(2026, 3, 2, 2, tzinfo=dt.UTC)
    happened_on = dt.date(2026, 3, 2)
    subject = "Called"


class TaskFactory(DjangoModelFactory):
    """Something to do, without a day."""

    class Meta:
        model = Task

    title = factory.Sequence(lambda n: f"To do {n}")
    assignee = factory.SubFactory(PersonFactory)
