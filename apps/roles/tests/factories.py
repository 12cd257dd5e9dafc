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


class RoleDutyFactory(DjangoModelFactory):
    class Meta:
        model = models.RoleDuty

    version = factory.SubFactory(RoleVersionFactory)
    position = factory.Sequence(lambda n: n)
    text = "Finds customers."


class RoleSkillFactory(DjangoModelFactory):
    class Meta:
        model = models.RoleSkill

    version = factory.SubFactory(RoleVersionFactory)
    skill = factory.SubFactory(SkillFactory)


class RoleKpiFactory(DjangoModelFactory):
    """The only KPI of a version, so that the weights add up."""

    class Meta:
        model = models.RoleKpi

    version = factory.SubFactory(RoleVersionFactory)
    measure = "revenue"
    weight = Decimal(100)


class ResponsibilityFactory(DjangoModelFactory):
    class Meta:
        model = models.Responsibility

    step = factory.SubFactory(ProcessStepFactory)
    role = factory.SubFactory(SalesRoleFactory)
    letter = "A"


def role_with_kpis(code: str, **weights: int) -> models.SalesRole:
    """Return a role whose KPI set is the given measure codes and weights."""
    role = SalesRoleFactory(code=code)
    version = RoleVersionFactory(role=role)
    models.RoleKpi.objects.bulk_create(
        models.RoleKpi(version=version, measure=measure, weight=Decimal(weight))
        for measure, weight in weights.items()
    )
    return role
