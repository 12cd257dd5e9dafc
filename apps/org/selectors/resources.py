"""Rows with their place on a day, one query for a page of them."""

import datetime as dt

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery

from apps.org.models import Assignment, OrgUnit, Person, Position, PositionUnit, UnitClosure, UnitParent


def placed_units(units: QuerySet[OrgUnit], on: dt.date) -> QuerySet[OrgUnit]:
    """Add ``parent_on`` and ``path_on`` (ids from the top down to the unit) as of a day."""
    place = UnitParent.objects.on(on).filter(unit=OuterRef("pk")).values("parent_id")[:1]
    above = UnitClosure.objects.on(on).filter(descendant=OuterRef("pk")).order_by("-depth", "pk")
    return units.annotate(parent_on=Subquery(place), path_on=ArraySubquery(above.values("ancestor_id")))


def seated_people(people: QuerySet[Person], on: dt.date) -> QuerySet[Person]:
    """Add ``position_on`` and ``unit_on`` of the primary seat as of a day."""
    seat = Assignment.objects.on(on).filter(person=OuterRef("pk"), is_primary=True).values("position_id")[:1]
    place = PositionUnit.objects.on(on).filter(position=OuterRef("position_on")).values("unit_id")[:1]
    return people.annotate(position_on=Subquery(seat)).annotate(unit_on=Subquery(place))


def placed_positions(positions: QuerySet[Position], on: dt.date) -> QuerySet[Position]:
    """Add ``unit_on``, ``lead_on`` and ``holder_on`` as of a day."""
    place = PositionUnit.objects.on(on).filter(position=OuterRef("pk"))
    holder = Assignment.objects.on(on).filter(position=OuterRef("pk"), is_acting=False)
    return positions.annotate(
        unit_on=Subquery(place.values("unit_id")[:1]),
        lead_on=Subquery(place.values("is_lead")[:1]),
        holder_on=Subquery(holder.values("person_id")[:1]),
    )
