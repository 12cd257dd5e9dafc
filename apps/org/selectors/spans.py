"""Spans and layers: how many people report to whom, and how deep the company is."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from apps.org import rules
from apps.org.models import Assignment, PositionUnit, UnitParent
from apps.org.selectors.structure import TreeNode, tree


@dataclass(frozen=True)
class Span:
    """The direct reports of the lead of a unit; the layer of the top is 1."""

    unit_id: int
    unit_name: str
    kind_label: str
    person_id: int | None
    person_name: str
    layer: int
    filled: int
    approved: int
    flag: str


@dataclass(frozen=True)
class SpansAndLayers:
    """The spans of a day, seats by layer, and the figures over all of them."""

    spans: list[Span]
    layers: list[tuple[int, int, int]]
    figures: rules.SpanFigures

    @property
    def depth(self) -> int:
        """The number of layers of people."""
        return len(self.layers)


def spans_and_layers(on: dt.date) -> SpansAndLayers:
    """Return every led unit's span and the seats and people per layer on a day."""
    tops = tree(on)
    spans: list[Span] = []
    seats: Counter[int] = Counter()
    people: Counter[int] = Counter()
    for top in tops:
        _walk(top, 1, spans, seats, people)
    layers = [(layer, seats[layer], people[layer]) for layer in sorted(seats)]
    return SpansAndLayers(spans, layers, rules.average_span([span.filled for span in spans]))


def _walk(node: TreeNode, layer: int, spans: list[Span], seats: Counter, people: Counter) -> None:
    lead = next((card for card in node.cards if card.is_lead), None)
    below = layer + 1 if lead else layer
    for card in node.cards:
        place = layer if card.is_lead else below
        seats[place] += 1
        people[place] += int(card.person_id is not None)
    if lead:
        approved, filled = reports_of(node)
        flag = rules.span_flag(filled, approved)
        spans.append(
            Span(
                node.unit_id, node.name, node.kind_label, lead.person_id or lead.acting_id,
                lead.name or lead.acting_name, layer, filled, approved, flag,
            )
        )  # fmt: skip
    for child in node.children:
        _walk(child, below, spans, seats, people)


def reports_of(node: TreeNode) -> tuple[int, int]:
    """Return the approved and the filled direct reports of a unit's lead.

    They are the other seats of the unit and the leads of the units below; a
    unit without a lead seat reports with all its seats.
    """
    cards = [card for card in node.cards if not card.is_lead]
    pending = list(node.children)
    while pending:
        child = pending.pop()
        lead = [card for card in child.cards if card.is_lead]
        cards += lead or child.cards
        if not lead:
            pending += child.children
    return len(cards), sum(card.person_id is not None for card in cards)


def span_trend(months: list[dt.date]) -> list[rules.SpanFigures]:
    """Return the average span on each of the days. Three queries whatever their number."""
    first, last = min(months), max(months) + dt.timedelta(days=1)
    edges = list(UnitParent.objects.during(first, last).values_list("unit_id", "parent_id", "valid"))
    places = list(
        PositionUnit.objects.during(first, last).values_list("position_id", "unit_id", "is_lead", "valid")
    )
    held = list(
        Assignment.objects.during(first, last).filter(is_acting=False).values_list("position_id", "valid")
    )
    return [_average_on(day, edges, places, held) for day in months]


def _average_on(day: dt.date, edges: list, places: list, held: list) -> rules.SpanFigures:
    parent = {unit: above for unit, above, valid in edges if day in valid}
    taken = {position for position, valid in held if day in valid}
    seats = [(position, unit, lead) for position, unit, lead, valid in places if day in valid]
    led = {unit for _position, unit, lead in seats if lead}
    spans: Counter[int] = Counter()
    for position, unit, lead in seats:
        above = parent.get(unit) if lead else unit
        while above is not None and above not in led:
            above = parent.get(above)
        if above is not None and position in taken:
            spans[above] += 1
    return rules.average_span(list(spans.values()))
