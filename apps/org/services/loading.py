"""A whole organisation at once, for imports: set-based, and twice the same changes nothing."""

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from psycopg2.extras import DateRange

from apps.access.models import User
from apps.core.db import requires_transaction
from apps.core.effective import span
from apps.core.errors import DomainError
from apps.org import rules
from apps.org.enums import UnitKind
from apps.org.models import Assignment, OrgUnit, Person, Position, PositionUnit, UnitParent
from apps.org.selectors import root_unit_id
from apps.org.services.closure import lock_structure, rebuild_closure
from apps.org.services.guards import refuse_closed_period
from apps.org.services.people import assign_person, move_person
from apps.org.services.positions import move_position
from apps.org.services.units import move_unit

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class UnitRow:
    """A unit by its code; without a parent it is the top, or hangs below the existing top."""

    code: str
    name: str
    kind: str = UnitKind.TEAM
    parent: str | None = None


@dataclass(frozen=True)
class PersonRow:
    """A person by their personnel number."""

    external_id: str
    name: str
    email: str = ""


@dataclass(frozen=True)
class SeatRow:
    """A position by its code, the unit it is in and the person who holds it (None leaves it vacant)."""

    code: str
    title: str
    unit: str
    is_lead: bool = False
    person: str | None = None


@dataclass
class Loaded:
    """What a load did, and the ids by code.

    ``created`` counts units, seats and people; a seat that was there and gets its holder is ``changed``.
    """

    units: dict[str, int]
    people: dict[str, int]
    positions: dict[str, int]
    created: int = 0
    changed: int = 0
    new_seats: frozenset[str] = frozenset()


class UnknownCode(DomainError):
    """A row names a unit or person that is neither in the load nor in the company."""


class RepeatedCode(DomainError):
    """Two rows of a load carry the same code."""


@requires_transaction
def load_structure(
    *,
    units: Sequence[UnitRow],
    people: Sequence[PersonRow],
    seats: Sequence[SeatRow],
    on: dt.date,
    by: User | None = None,
) -> Loaded:
    """Bring units, people and seats to what the rows say, from a day on; never removes anything.

    Rows are matched by code, so loading the same rows again changes nothing. A company that has
    no more than its top unit begins with the first load, however far back that reaches.
    Raises UnknownCode and RepeatedCode naming the row, and whatever a single
    move or assignment would raise.
    """
    lock_structure()
    refuse_closed_period(on)
    for rows in (units, seats):
        _refuse_repeats([row.code for row in rows])
    _refuse_repeats([row.external_id for row in people])
    loaded = Loaded({}, {}, {})
    _begin_with(on)
    _load_units(units, on, by, loaded)
    _load_people(people, on, loaded)
    _load_seats(seats, on, by, loaded)
    _load_holders(seats, on, by, loaded)
    logger.info("structure loaded", extra={"created_rows": loaded.created, "changed_rows": loaded.changed})
    return loaded


def _refuse_repeats(codes: Sequence[str]) -> None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise RepeatedCode(_("The code “%(code)s” appears twice. Keep one of the rows.") % {"code": code})
        seen.add(code)


def _begin_with(on: dt.date) -> None:
    """Let a top unit that stands alone begin on a day before its own first one."""
    edges = list(UnitParent.objects.order_by("pk")[:2])
    if len(edges) == 1 and edges[0].valid.lower and edges[0].valid.lower > on:
        [edge] = edges
        edge.valid = DateRange(on, edge.valid.upper)
        edge.save(update_fields=["valid"])
        rebuild_closure()


def _id_of(ids: dict[str, int], code: str) -> int:
    try:
        return ids[code]
    except KeyError:
        text = _("“%(code)s” is unknown. Add a row for it or correct the reference.")
        raise UnknownCode(text % {"code": code}) from None


def _load_units(rows: Sequence[UnitRow], on: dt.date, by: User | None, loaded: Loaded) -> None:
    wanted = {row.code for row in rows} | {row.parent for row in rows if row.parent}
    loaded.units = dict(OrgUnit.objects.filter(code__in=wanted).values_list("code", "pk"))
    new = [row for row in rows if row.code not in loaded.units]
    created = OrgUnit.objects.bulk_create(OrgUnit(code=row.code, name=row.name, kind=row.kind) for row in new)
    loaded.units.update({unit.code: unit.pk for unit in created})
    brand_new = {unit.code for unit in created}
    loaded.created += len(created)
    root = root_unit_id(on)
    places = dict(UnitParent.objects.on(on).values_list("unit_id", "parent_id"))
    fresh = []
    for row in rows:
        unit_id = loaded.units[row.code]
        parent_id = _id_of(loaded.units, row.parent) if row.parent else (root if root != unit_id else None)
        if unit_id not in places:
            days = span(on) if row.code in brand_new else _until_next(UnitParent, "unit", unit_id, on)
            fresh.append(UnitParent(unit_id=unit_id, parent_id=parent_id, valid=days))
        elif places[unit_id] != parent_id and parent_id is not None and places[unit_id] is not None:
            move_unit(unit_id=unit_id, parent_id=parent_id, on=on, by=by)
            loaded.changed += 1
    UnitParent.objects.bulk_create(fresh)
    if fresh:
        rebuild_closure()


def _load_people(rows: Sequence[PersonRow], on: dt.date, loaded: Loaded) -> None:
    known = Person.objects.in_bulk([row.external_id for row in rows], field_name="external_id")
    created = Person.objects.bulk_create(
        Person(
            external_id=row.external_id,
            name=row.name,
            name_key=rules.name_key(row.name),
            email=row.email,
            hired_on=on,
        )
        for row in rows
        if row.external_id not in known
    )
    loaded.created += len(created)
    for row in rows:
        person = known.get(row.external_id)
        if person and (person.name != row.name or (row.email and person.email != row.email)):
            person.name, person.name_key = row.name, rules.name_key(row.name)
            person.email = row.email or person.email
            person.save(update_fields=["name", "name_key", "email"])
            loaded.changed += 1
    loaded.people = {code: person.pk for code, person in known.items()}
    loaded.people.update({person.external_id: person.pk for person in created})


def _load_seats(rows: Sequence[SeatRow], on: dt.date, by: User | None, loaded: Loaded) -> None:
    known = dict(Position.objects.filter(code__in=[row.code for row in rows]).values_list("code", "pk"))
    created = Position.objects.bulk_create(
        Position(code=row.code, title=row.title) for row in rows if row.code not in known
    )
    loaded.created += len(created)
    loaded.positions = known | {position.code: position.pk for position in created}
    loaded.new_seats = frozenset(position.code for position in created)
    places = {
        place.position_id: place for place in PositionUnit.objects.on(on).filter(position__in=known.values())
    }
    fresh = []
    for row in rows:
        position_id, unit_id = loaded.positions[row.code], _id_of(loaded.units, row.unit)
        place = places.get(position_id)
        if place is None:
            days = _until_next(PositionUnit, "position", position_id, on) if row.code in known else span(on)
            fresh.append(
                PositionUnit(position_id=position_id, unit_id=unit_id, is_lead=row.is_lead, valid=days)
            )
        elif (place.unit_id, place.is_lead) != (unit_id, row.is_lead):
            move_position(position_id=position_id, unit_id=unit_id, on=on, is_lead=row.is_lead, by=by)
            loaded.changed += 1
    PositionUnit.objects.bulk_create(fresh)


def _load_holders(rows: Sequence[SeatRow], on: dt.date, by: User | None, loaded: Loaded) -> None:
    positions = list(loaded.positions.values())
    holders = dict(
        Assignment.objects.on(on)
        .filter(position__in=positions, is_acting=False)
        .values_list("position_id", "person_id")
    )
    seated = set(Assignment.objects.from_day(on).values_list("person_id", flat=True))
    booked = set(
        Assignment.objects.from_day(on).filter(position__in=positions).values_list("position_id", flat=True)
    )
    fresh = []
    for row in rows:
        if row.person is None:
            continue
        position_id, person_id = loaded.positions[row.code], _id_of(loaded.people, row.person)
        if holders.get(position_id) == person_id:
            continue
        if person_id in seated or position_id in booked:
            primary = Assignment.objects.on(on).filter(person=person_id, is_primary=True).exists()
            change = move_person if primary else assign_person
            change(person_id=person_id, position_id=position_id, on=on, by=by)
            loaded.changed += 1
        else:
            fresh.append(Assignment(position_id=position_id, person_id=person_id, valid=span(on)))
            seated.add(person_id)
            booked.add(position_id)
            loaded.changed += row.code not in loaded.new_seats
    Assignment.objects.bulk_create(fresh)


def _until_next(model: type[UnitParent] | type[PositionUnit], key: str, value: int, on: dt.date) -> DateRange:
    later = model.objects.filter(**{key: value}, valid__startswith__gt=on).order_by("valid").first()
    return span(on, later.valid.lower if later else None)
