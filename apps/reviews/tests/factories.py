"""Evaluations for tests."""

import datetime as dt
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from apps.access.tests.factories import UserFactory
from apps.org.models import OrgUnit
from apps.org.tests.factories import OrgUnitFactory, PersonFactory, PositionFactory
from apps.reviews import models
from apps.reviews.enums import ChangeKind, Rating, Stage, TargetSource
from apps.roles.tests.factories import SalesRoleFactory

START, END = dt.date(2026, 4, 1), dt.date(2026, 7, 1)
AT = dt.datetime(2026, 7, 10, 9, tzinfo=dt.UTC)


class EvaluationCycleFactory(DjangoModelFactory):
    class Meta:
        model = models.EvaluationCycle

    period_code = factory.Sequence(lambda n: f"{1970 + n}-Q2")
    starts_on = START
    ends_before = END
    evaluated_on = END


class KpiScaleFactory(DjangoModelFactory):
    class Meta:
        model = models.KpiScale

    measure = factory.Sequence(lambda n: f"measure_{n}")


class EvaluationFactory(DjangoModelFactory):
    """A scored draft; ``signed`` is what the manager signed, ``shared`` what the person reads."""

    class Meta:
        model = models.Evaluation

    class Params:
        signed = factory.Trait(
            stage=Stage.CALIBRATION,
            rating=Rating.STRONG,
            strengths="Listens well.",
            summary="A strong quarter.",
            assessed_by=factory.SubFactory(UserFactory),
            manager_submitted_at=AT,
        )
        shared = factory.Trait(
            stage=Stage.SHARED,
            rating=Rating.STRONG,
            summary="A strong quarter.",
            assessed_by=factory.SubFactory(UserFactory),
            manager_submitted_at=AT,
            approved_by=factory.SubFactory(UserFactory),
            approved_at=AT,
            shared_at=AT,
        )

    cycle = factory.SubFactory(EvaluationCycleFactory)
    person = factory.SubFactory(PersonFactory)
    role = factory.SubFactory(SalesRoleFactory)
    unit = factory.LazyFunction(lambda: OrgUnit.objects.order_by("pk").first() or OrgUnitFactory())
    kpi_score = Decimal("1.05")
    kpi_rating = Rating.STRONG


class EvaluationSegmentFactory(DjangoModelFactory):
    class Meta:
        model = models.EvaluationSegment

    evaluation = factory.SubFactory(EvaluationFactory)
    starts_on = START
    ends_before = END
    working_days = 60
    position = factory.SubFactory(PositionFactory)
    unit = factory.SelfAttribute("evaluation.unit")
    role = factory.SelfAttribute("evaluation.role")


class KpiScoreFactory(DjangoModelFactory):
    class Meta:
        model = models.KpiScore

    evaluation = factory.SubFactory(EvaluationFactory)
    role = factory.SelfAttribute("evaluation.role")
    starts_on = START
    ends_before = END
    working_days = 60
    measure = "revenue"
    weight = Decimal(100)
    actual = Decimal(105)
    target = Decimal(100)
    target_source = TargetSource.QUOTA
    floor = Decimal(0)
    cap = Decimal("1.2")
    score = Decimal("1.05")
    uncapped = Decimal("1.05")


class GoalFactory(DjangoModelFactory):
    class Meta:
        model = models.Goal

    evaluation = factory.SubFactory(EvaluationFactory)
    position = factory.Sequence(lambda n: n + 1)
    text = "Win two new customers in chemicals."


class EvaluationChangeFactory(DjangoModelFactory):
    class Meta:
        model = models.EvaluationChange

    evaluation = factory.SubFactory(EvaluationFactory, signed=True)
    kind = ChangeKind.CALIBRATED
    before = Rating.STRONG
    after = Rating.SOLID
    reason = "Compared with the other teams."
    by = factory.SubFactory(UserFactory)
    at = AT


def sample_evaluation() -> models.Evaluation:
    """Return a shared evaluation for checks over every route."""
    return EvaluationFactory(shared=True)
