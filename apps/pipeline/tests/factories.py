"""Minimal valid rows of the pipeline."""

import datetime as dt
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from apps.pipeline.models import Opportunity, OutcomeReason, Product, SalesProcess, Stage


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
