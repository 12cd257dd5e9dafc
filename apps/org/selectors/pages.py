"""What the pages of a unit, a person and the directory show."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery

from apps.access.models import User
from apps.core.names import is_called, named
from apps.org.models import Assignment, OrgUnit, Person, PositionUnit, UnitParent
from apps.org.selectors.seats import leads_above
from apps.org.selectors.structure import TreeNode, tree


@dataclass(frozen=True)
class SeatSpan:
    """A stretch of time a person held a position in a unit; ``ends_before`` is the first day after it."""

    assignment_id: int
    position_id: int
    title: str
    unit_id: int
    unit_name: str
    starts_on: dt.date
    ends_before: dt.date | None
    fte_percent: int
    is_primary: bool
    is_acting: bool
    is_lead: bool

    def current(self, on: dt.date) -> bool:
        """Tell whether it holds on a day."""
        return self.starts_on <= on and (self.ends_before is None or on < self.ends_before)

    @property
    def last_day(self) -> dt.date | None:
        """The last day, None when open."""
        return self.ends_before - dt.timedelta(days=1) if self.ends_before else None


_SPANS = """
    SELECT a.id, a.position_id, pos.title, u.id, u.name, lower(a.valid * p.valid), upper(a.valid * p.valid),
           a.fte_percent, a.is_primary, a.is_acting, p.is_lead
    FROM org_assignment a
    JOIN org_position pos ON pos.id = a.position_id
    JOIN org_positionunit p ON p.position_id = a.position_id AND p.valid && a.valid
    JOIN org_orgunit u ON u.id = p.unit_id
    WHERE a.person_id = %s
    ORDER BY lower(a.valid * p.valid) DESC, a.is_primary DESC, a.id
"""


def seat_history(person_id: int) -> list[SeatSpan]:
    """Return every stretch a person held a seat, newest first. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_SPANS, [person_id])
        rows = cursor.fetchall()
    return [
        SeatSpan(seat, position, named(title), unit, named(name), *rest)
        for seat, position, title, unit, name, *rest in rows
    ]


@dataclass(frozen=True)
class Superior:
    """Somebody above a person, and the unit they lead."""

    person: Person
    unit: OrgUnit


def chain_above(person_id: int, on: dt.date) -> list[Superior]:
    """Return the leads above a person, nearest first, each person once. Three queries."""
    rows = leads_above(person_id, on)
    people = Person.objects.in_bulk([row[0] for row in rows])
    units = OrgUnit.objects.in_bulk([row[1] for row in rows])
    seen: set[int] = set()
    chain = []
    for lead, unit, _depth in rows:
        if lead not in seen:
            seen.add(lead)
            chain.append(Superior(people[lead], units[unit]))
    return chain


def unit_history(unit_id: int) -> list[UnitParent]:
    """Return the places of a unit, newest first, scheduled ones included."""
    return list(UnitParent.objects.filter(unit=unit_id).select_related("parent").order_by("-valid", "pk"))


def directory(viewer: User, on: dt.date) -> QuerySet[Person]:
    """Return the people employed on a day whom a viewer may see, with title and unit of the primary seat."""
    seat = Assignment.objects.on(on).filter(person=OuterRef("pk"), is_primary=True)
    place = PositionUnit.objects.on(on).filter(
        position__assignments__person=OuterRef("pk"),
        position__assignments__is_primary=True,
        position__assignments__valid__contains=on,
    )
    return (
        Person.objects.visible_to(viewer)
        .employed(on)
        .annotate(
            seat_title=Subquery(seat.values("position__title")[:1]),
            unit_name=Subquery(place.values("unit__name")[:1]),
            unit_pk=Subquery(place.values("unit_id")[:1]),
        )
    )


def chart(on: dt.date, text: str = "") -> tuple[list[TreeNode], set[int]]:
    """Return the tree of a day and the units to show open.

    With a search text only matching branches stay, ancestors kept and open.
    """
    tops = tree(on)
    if not text:
        return tops, {node.unit_id for top in tops for node in top.walk() if node.depth < 2}
    people = set(Person.objects.matching(text).values_list("pk", flat=True))
    opened: set[int] = set()
    kept = [top for top in tops if _keep(top, text.casefold(), people, opened)]
    return kept, opened


def _keep(node: TreeNode, text: str, people: set[int], opened: set[int]) -> bool:
    hits = [card for card in node.cards if card.person_id in people or is_called(card.title, text)]
    node.found = is_called(node.name, text) or text in node.code.casefold()
    below = [child for child in node.children if _keep(child, text, people, opened)]
    for card in hits:
        card.found = True
    if below or hits:
        opened.add(node.unit_id)
    if not node.found:
        node.children = below
        node.cards = hits or [card for card in node.cards if card.is_lead]
    return bool(node.found or below or hits)


def node_of(unit_id: int, on: dt.date) -> TreeNode | None:
    """Return one unit of the tree with what hangs below it, None when it is not there that day."""
    return next((node for top in tree(on) for node in top.walk() if node.unit_id == unit_id), None)


def names_of(people: Iterable[int]) -> dict[int, str]:
    """Return the names of people. One query."""
    return dict(Person.objects.filter(pk__in=list(people)).values_list("pk", "name"))
