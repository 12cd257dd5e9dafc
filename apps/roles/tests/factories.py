"""Roles for tests."""

from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from apps.core.effective import span
from apps.org.tests.factories import START
from apps.roles import models


class SkillFactory(DjangoModelFactory):
    class Meta:
        model = models.Skill

    code = factory.Sequence(lambda n: f"skill-{n}")
    name = factory.Sequence(lambda n: f"Skill {n}")


class SalesRoleFactory(DjangoModelFactory):
    class Meta:
        model = models.SalesRole

    code = factory.Sequence(lambda n: f"role-{n}")
    name = factory.Sequence(lambda n: f"Role {n}")


class RoleVersionFactory(DjangoModelFactory):
    class Meta:
        model = models.RoleVersion

    role = factory.SubFactory(SalesRoleFactory)
    number = 1
    purpose = "Sells."
    valid = factory.LazyFunction(lambda: span(START))


class PositionRoleFactory(DjangoModelFactory):
    class Meta:
        model = models.PositionRole

    role = factory.SubFactory(SalesRoleFactory)
    valid = factory.LazyFunction(lambda: span(START))


class ProcessStepFactory(DjangoModelFactory):
    class Meta:
        model = models.ProcessStep

    code = factory.Sequence(lambda n: f"step-{n}")
    name = factory.Sequence(lambda n: f"Step {n}")
    phase = "find"
    position = factory.Sequence(lambda n: n)


def role_with_kpis(code: str, **weights: int) -> models.SalesRole:
    """Return a role whose KPI set is the given measure codes and weights."""
    role = SalesRoleFactory(code=code)
    version = RoleVersionFactory(role=role)
    models.RoleKpi.objects.bulk_create(
        models.RoleKpi(version=version, measure=measure, weight=Decimal(weight))
        for measure, weight in weights.items()
    )
    return role
