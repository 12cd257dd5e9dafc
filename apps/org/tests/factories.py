"""Minimal valid rows of the organisation; the closure is rebuilt by the unit factory."""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from apps.access.permissions import Role
from apps.access.tests.factories import UserFactory
from apps.core.effective import span
from apps.org import models
from apps.org.enums import AbsenceKind, UnitKind
from apps.org.services.closure import rebuild_closure

START = dt.date(2020, 1, 1)


class OrgUnitFactory(DjangoModelFactory):
    """A unit below ``parent`` (the top unit when None) from ``since`` on."""

    class Meta:
        model = models.OrgUnit
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"unit-{n}")
    name = factory.Sequence(lambda n: f"Unit {n}")
    kind = UnitKind.TEAM

    @factory.post_generation
    def parent(self, create: bool, extracted: models.OrgUnit | None, **kwargs: object) -> None:
        models.UnitParent.objects.create(unit=self, parent=extracted, valid=span(START))
        rebuild_closure()


class UnitParentFactory(DjangoModelFactory):
    class Meta:
        model = models.UnitParent

    valid = factory.LazyFunction(lambda: span(START))


class PersonFactory(DjangoModelFactory):
    class Meta:
        model = models.Person

    external_id = factory.Sequence(lambda n: f"person-{n}")
    name = factory.Sequence(lambda n: f"Person {n}")
    hired_on = START


class PositionFactory(DjangoModelFactory):
    """A seat in ``unit`` from the start on."""

    class Meta:
        model = models.Position
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"seat-{n}")
    title = factory.Sequence(lambda n: f"Seat {n}")

    @factory.post_generation
    def unit(self, create: bool, extracted: models.OrgUnit | None, **kwargs: object) -> None:
        if extracted is not None:
            models.PositionUnit.objects.create(
                position=self, unit=extracted, is_lead=bool(kwargs.get("lead")), valid=span(START)
            )


class PositionUnitFactory(DjangoModelFactory):
    class Meta:
        model = models.PositionUnit

    position = factory.SubFactory(PositionFactory)
    valid = factory.LazyFunction(lambda: span(START))


class AssignmentFactory(DjangoModelFactory):
    class Meta:
        model = models.Assignment

    position = factory.SubFactory(PositionFactory)
    person = factory.SubFactory(PersonFactory)
    valid = factory.LazyFunction(lambda: span(START))


class ReportingLineFactory(DjangoModelFactory):
    class Meta:
        model = models.ReportingLine

    valid = factory.LazyFunction(lambda: span(START))


class AbsenceFactory(DjangoModelFactory):
    """A day of annual leave."""

    class Meta:
        model = models.Absence

    person = factory.SubFactory(PersonFactory)
    kind = AbsenceKind.ANNUAL
    valid = factory.LazyFunction(lambda: span(dt.date(2026, 3, 2), dt.date(2026, 3, 3)))
    recorded_at = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)


class RoleGrantFactory(DjangoModelFactory):
    class Meta:
        model = models.RoleGrant

    user = factory.SubFactory(UserFactory)
    role = Role.SALES_OPS
    valid = factory.LazyFunction(lambda: span(START))


class RoleRequestFactory(DjangoModelFactory):
    """A role that waits for a second administrator."""

    class Meta:
        model = models.RoleRequest

    user = factory.SubFactory(UserFactory)
    role = Role.COMP_ADMIN
    starts_on = START
    requested_by = factory.SubFactory(UserFactory)
    requested_at = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


class UnitClosureFactory(DjangoModelFactory):
    """A unit below itself; the services keep the rest."""

    class Meta:
        model = models.UnitClosure

    ancestor = factory.SubFactory(OrgUnitFactory)
    descendant = factory.SelfAttribute("ancestor")
    depth = 0
    valid = factory.LazyFunction(lambda: span(START))


def seated(unit: models.OrgUnit, *, lead: bool = False, name: str = "", user: object = None) -> models.Person:
    """Return a person in a seat of their own in a unit, as its lead when asked."""
    person = PersonFactory(**({"name": name} if name else {}), user=user)
    AssignmentFactory(person=person, position=PositionFactory(unit=unit, unit__lead=lead))
    return person
