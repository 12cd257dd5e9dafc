"""Who takes part in a plan and what they bring: seats, capacity, last year, potential."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal

from apps.calendars.models import FiscalPeriod
from apps.measures import registry
from apps.measures import selectors as figures
from apps.org import selectors as org
from apps.org.models import Assignment, PositionUnit, UnitClosure

_CENT = Decimal("0.0001")
POTENTIAL = "weighted_pipeline"


@dataclass
class Candidate:
    """A unit or a seat that could carry a target, with what hangs below it."""

    unit_id: int | None = None
    position_id: int | None = None
    person_id: int | None = None
    owner_id: int | None = None
    name: str = ""
    depth: int = 0
    history: Decimal = Decimal(0)
    capacity: Decimal = Decimal(0)
    potential: Decimal = Decimal(0)
    children: list["Candidate"] = field(default_factory=list)

    def walk(self) -> list["Candidate"]:
        """Return this and everything below, parents first."""
        found = [self]
        for child in self.children:
            found.extend(child.walk())
        return found


@dataclass(frozen=True)
class Figures:
    """A measure by unit, person and seat over one range, as the structure of a day sees it."""

    units: dict[int, Decimal]
    people: dict[int, Decimal]
    positions: dict[int, Decimal]


def figures_of(measure: str, start: dt.date, end: dt.date, structure_on: dt.date) -> Figures:
    """Return what units, people and seats brought in ``[start, end)``, rolled up as of a day."""
    return Figures(
        units=_by(measure, start, end, "unit", structure="as_is", as_of=structure_on),
        people=_by(measure, start, end, "person"),
        positions=_by(measure, start, end, "position"),
    )


def _by(measure: str, start: dt.date, end: dt.date, key: str, **options: object) -> dict[int, Decimal]:
    rows = figures.query(measure, start, end, by=[key], **options)  # type: ignore[arg-type]  # passed on
    return {
        int(found): row.value.quantize(_CENT)
        for row in rows
        if (found := row.keys[key]) is not None and row.value is not None
    }


def candidates(
    *, measure: str, root_unit_id: int, structure_on: dt.date, start: dt.date, end: dt.date, on: dt.date
) -> Candidate | None:
    """Return the tree of units and seats below a unit as of a day, with last year in ``[start, end)``.

    A unit's lead answers for the unit; the lead's seat carries a target of its
    own only when its holder sold something in the base year. None when the unit
    is not part of the structure that day.
    """
    top = next(
        (node for tree in org.tree(structure_on) for node in tree.walk() if node.unit_id == root_unit_id),
        None,
    )
    if top is None:
        return None
    past = figures_of(measure, start, end, structure_on)
    potential = _potential(on, structure_on)
    seats = _seats(structure_on)
    return _unit(top, 0, seats, past, potential, owner_id=top.lead_id)


def _potential(on: dt.date, structure_on: dt.date) -> Figures:
    if POTENTIAL not in registry.measures:
        return Figures({}, {}, {})
    start, end = on, on + dt.timedelta(days=1)
    return Figures(
        units=_by(POTENTIAL, start, end, "unit", structure="as_is", as_of=structure_on),
        people=_by(POTENTIAL, start, end, "person"),
        positions={},
    )


@dataclass(frozen=True)
class _Seat:
    position_id: int
    title: str
    is_lead: bool
    person_id: int | None
    person_name: str
    fte: Decimal


def _seats(on: dt.date) -> dict[int, list[_Seat]]:
    holders = {
        row.position_id: row
        for row in Assignment.objects.on(on).filter(is_acting=False).select_related("person")
    }
    seats: dict[int, list[_Seat]] = {}
    places = PositionUnit.objects.on(on).select_related("position").order_by("position__title", "position_id")
    for place in places:
        held = holders.get(place.position_id)
        seats.setdefault(place.unit_id, []).append(
            _Seat(
                place.position_id,
                place.position.title,
                place.is_lead,
                held.person_id if held else None,
                held.person.name if held else "",
                held.fte_percent / 100 if held else Decimal(1),
            )
        )
    return seats


def _unit(
    node: org.TreeNode,
    depth: int,
    seats: dict[int, list[_Seat]],
    past: Figures,
    potential: Figures,
    owner_id: int | None,
) -> Candidate:
    owner = node.lead_id or owner_id
    found = Candidate(
        unit_id=node.unit_id,
        owner_id=owner,
        name=node.name,
        depth=depth,
        history=past.units.get(node.unit_id, Decimal(0)),
        potential=max(potential.units.get(node.unit_id, Decimal(0)), Decimal(0)),
    )
    found.children = [_unit(child, depth + 1, seats, past, potential, owner) for child in node.children]
    for seat in sorted(seats.get(node.unit_id, []), key=lambda one: (one.person_name, one.position_id)):
        sold = _sold(seat, past)
        if seat.is_lead and sold <= 0:
            continue
        found.children.append(
            Candidate(
                position_id=seat.position_id,
                person_id=seat.person_id,
                owner_id=seat.person_id or owner,
                name=seat.person_name or seat.title,
                depth=depth + 1,
                history=sold,
                capacity=seat.fte,
                potential=max(potential.people.get(seat.person_id or 0, Decimal(0)), Decimal(0)),
            )
        )
    found.capacity = sum((child.capacity for child in found.children), Decimal(0))
    return found


def _sold(seat: _Seat, past: Figures) -> Decimal:
    """A holder brings their own history; a vacancy what its seat brought."""
    if seat.person_id is not None:
        return past.people.get(seat.person_id, Decimal(0))
    return past.positions.get(seat.position_id, Decimal(0))


def selling_units(top: Candidate) -> set[int]:
    """Return the units that brought anything below them in the base year; all when none did."""
    units = [one for one in top.walk() if one.unit_id is not None]
    selling = {one.unit_id for one in units if any(below.history > 0 for below in one.walk())}
    return {unit for unit in selling if unit is not None} or {one.unit_id for one in units if one.unit_id}


def keep(top: Candidate, unit_ids: Collection[int]) -> Candidate:
    """Return the tree without the units that do not take part (the top always does)."""
    wanted = set(unit_ids)
    top.children = [
        child if child.unit_id is None else keep(child, wanted)
        for child in top.children
        if child.unit_id is None or child.unit_id in wanted
    ]
    top.capacity = sum((child.capacity for child in top.children), Decimal(0)) or top.capacity
    return top


def depth_below(unit_id: int, on: dt.date) -> int:
    """Return how many levels of units hang below a unit, itself included."""
    rows = UnitClosure.objects.on(on).filter(ancestor=unit_id)
    return 1 + max(rows.values_list("depth", flat=True), default=0)


def preview(
    *, measure: str, year: FiscalPeriod, unit_id: int, on: dt.date
) -> tuple[Candidate | None, FiscalPeriod | None]:
    """Return who could take part in a plan for a year, and the base year, for the page that asks."""
    base = FiscalPeriod.objects.filter(
        calendar=year.calendar_id, kind="year", ends_before=year.starts_on
    ).first()
    day = dt.timedelta(days=1)
    structure_on = min(max(on, year.starts_on), year.ends_before - day)
    start, end = (base.starts_on, base.ends_before) if base else (on, on + day)
    top = candidates(
        measure=measure, root_unit_id=unit_id, structure_on=structure_on, start=start, end=end, on=on
    )
    return top, base
