"""Reads of the unit structure as of a day."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection

from apps.org.enums import UnitKind
from apps.org.models import Assignment, OrgUnit, PositionUnit, UnitClosure, UnitParent


@dataclass
class SeatCard:
    """A seat with its holder, or vacant, and whoever stands in."""

    position_id: int
    title: str
    is_lead: bool
    person_id: int | None = None
    name: str = ""
    assignment_id: int | None = None
    acting_id: int | None = None
    acting_name: str = ""
    found: bool = False


@dataclass
class TreeNode:
    """A unit with what hangs below it; the counts with ``all_`` include everything below."""

    unit_id: int
    code: str
    name: str
    kind: str
    parent_id: int | None
    depth: int = 0
    lead_id: int | None = None
    lead_name: str = ""
    lead_title: str = ""
    lead_acting: bool = False
    seats: int = 0
    filled: int = 0
    all_seats: int = 0
    all_filled: int = 0
    found: bool = False
    cards: list[SeatCard] = field(default_factory=list)
    children: list["TreeNode"] = field(default_factory=list)

    @property
    def vacant(self) -> int:
        """Seats of this unit that nobody holds."""
        return self.seats - self.filled

    @property
    def all_vacant(self) -> int:
        """Seats of this unit and below that nobody holds."""
        return self.all_seats - self.all_filled

    @property
    def kind_label(self) -> str:
        """The kind in the reader's language."""
        return str(UnitKind(self.kind).label)

    def walk(self) -> Iterable["TreeNode"]:
        """Yield this node and everything below, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


def root_unit_id(on: dt.date) -> int | None:
    """Return the top unit of a day, or None before there is a structure."""
    return UnitParent.objects.on(on).filter(parent=None).values_list("unit_id", flat=True).first()


def unit_path(unit_id: int, on: dt.date) -> list[OrgUnit]:
    """Return the units from the top down to the unit itself as of a day; empty if it is not there."""
    rows = UnitClosure.objects.on(on).filter(descendant=unit_id).order_by("-depth", "pk")
    return [row.ancestor for row in rows.select_related("ancestor")]


def unit_paths(unit_ids: Iterable[int], on: dt.date) -> dict[int, list[int]]:
    """Return for each unit the ids from the top down to itself as of a day. One query."""
    rows = UnitClosure.objects.on(on).filter(descendant__in=list(unit_ids)).order_by("-depth", "pk")
    paths: dict[int, list[int]] = {}
    for unit_id, above_id in rows.values_list("descendant_id", "ancestor_id"):
        paths.setdefault(unit_id, []).append(above_id)
    return paths


def subtree(unit_id: int, on: dt.date) -> set[int]:
    """Return the ids of a unit and everything below it as of a day."""
    return subtrees([unit_id], on)


def subtrees(unit_ids: Iterable[int], on: dt.date) -> set[int]:
    """Return the ids of several units and everything below them as of a day."""
    rows = UnitClosure.objects.on(on).filter(ancestor__in=list(unit_ids))
    return set(rows.values_list("descendant_id", flat=True))


def children_of(unit_id: int, on: dt.date) -> list[OrgUnit]:
    """Return the units directly below a unit as of a day, by name."""
    edges = UnitParent.objects.on(on).filter(parent=unit_id).values("unit_id")
    return list(OrgUnit.objects.filter(pk__in=edges).order_by("name", "pk"))


def structure_dates(start: dt.date, end: dt.date) -> list[dt.date]:
    """Return the days in ``[start, end)`` on which a unit appears, moves or disappears, oldest first."""
    sql = """
        SELECT DISTINCT day FROM org_unitparent, LATERAL (VALUES (lower(valid)), (upper(valid))) d (day)
        WHERE day >= %s AND day < %s ORDER BY day
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [start, end])
        return [day for (day,) in cursor.fetchall()]


def tree(on: dt.date, *, seats: bool = True) -> list[TreeNode]:
    """Return the structure of a day, folded: the top unit (a list of at most one) with its branches.

    Three queries whatever the size: edges, seats, holders; without ``seats`` only the first.
    """
    edges = UnitParent.objects.on(on).select_related("unit").order_by("unit__name", "unit_id")
    nodes = {
        edge.unit_id: TreeNode(edge.unit_id, edge.unit.code, edge.unit.name, edge.unit.kind, edge.parent_id)
        for edge in edges
    }
    tops = []
    for node in nodes.values():
        if node.parent_id is None:
            tops.append(node)
        elif node.parent_id in nodes:
            nodes[node.parent_id].children.append(node)
    if seats:
        _count_seats(nodes, on)
    for top in tops:
        _settle(top, 0)
    return tops


def _count_seats(nodes: dict[int, TreeNode], on: dt.date) -> None:
    cards: dict[int, tuple[TreeNode, SeatCard]] = {}
    places = PositionUnit.objects.on(on).select_related("position")
    for place in places.order_by("-is_lead", "position__title", "pk"):
        if node := nodes.get(place.unit_id):
            card = SeatCard(place.position_id, place.position.title, place.is_lead)
            node.cards.append(card)
            cards[place.position_id] = node, card
    holders = Assignment.objects.on(on).filter(position__in=PositionUnit.objects.on(on).values("position_id"))
    for holder in holders.select_related("person").order_by("pk"):
        if holder.position_id not in cards:
            continue
        card = cards[holder.position_id][1]
        if holder.is_acting:
            card.acting_id, card.acting_name = holder.person_id, holder.person.name
        else:
            card.person_id, card.name, card.assignment_id = holder.person_id, holder.person.name, holder.pk
    for node, card in cards.values():
        node.seats += 1
        node.filled += int(card.person_id is not None)
        if card.is_lead:
            node.lead_title, node.lead_acting = card.title, card.person_id is None and bool(card.acting_id)
            node.lead_id = card.person_id or card.acting_id
            node.lead_name = card.name or card.acting_name


def _settle(node: TreeNode, depth: int) -> None:
    node.depth = depth
    for child in node.children:
        _settle(child, depth + 1)
    node.all_seats = node.seats + sum(child.all_seats for child in node.children)
    node.all_filled = node.filled + sum(child.all_filled for child in node.children)
