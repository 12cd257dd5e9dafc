"""A unit in its structure on a day, and whose work counts for it."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q, QuerySet

from apps.org.models import Assignment, OrgUnit, Person, PositionUnit, UnitClosure


@dataclass(frozen=True)
class Place:
    """A unit with what is directly below it; who is seated inside is read when first asked for."""

    unit: OrgUnit
    is_top: bool
    children: dict[int, str]
    path: list[OrgUnit]
    seated: QuerySet[Person]

    @cached_property
    def names(self) -> dict[int, str]:
        """The people with a seat, primary or not, in the unit or below it, by name."""
        return dict(self.seated.order_by("name", "pk").values_list("pk", "name"))

    @property
    def counted(self) -> frozenset[int] | None:
        """Whose work counts for the unit; None is everybody: who has no seat counts for the top unit."""
        return None if self.is_top else frozenset(self.names)


def place_of(unit_id: int, on: dt.date) -> Place:
    """Return a unit in its structure on a day. One query. Raises LookupError when it is not there."""
    around = UnitClosure.objects.on(on).filter(Q(ancestor=unit_id) | Q(descendant=unit_id))
    rows = list(around.select_related("ancestor", "descendant").order_by("depth", "descendant__name", "pk"))
    below = [row for row in rows if row.ancestor_id == unit_id]
    if not below:
        raise LookupError(f"Unit {unit_id} is not part of the structure on {on}.")
    seats = PositionUnit.objects.on(on).filter(unit__in=[row.descendant_id for row in below])
    held = Assignment.objects.on(on).filter(position__in=seats.values("position_id"))
    return Place(
        unit=below[0].descendant,
        is_top=all(row.depth == 0 for row in rows if row.descendant_id == unit_id),
        children={row.descendant_id: row.descendant.name for row in below if row.depth == 1},
        path=[row.ancestor for row in reversed(rows) if row.descendant_id == unit_id and row.depth],
        seated=Person.objects.filter(pk__in=held.values("person_id")),
    )


def counted_for(unit_id: int, on: dt.date) -> frozenset[int] | None:
    """Return whose work counts for a unit on a day; None is everybody, nobody's where the unit is not there.

    Every figure and list of a unit asks here (or the ``counted`` of its place): work of people
    without a seat, for example of those who left, counts for the top unit and for no other.
    """
    try:
        return place_of(unit_id, on).counted
    except LookupError:
        return frozenset()
