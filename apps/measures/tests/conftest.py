"""A company of two teams; Ben moves from East to West on 16 March 2026, and West under East in June."""

import datetime as dt
from dataclasses import dataclass

import pytest
from django.db import transaction

from apps.calendars.services import ensure_company_calendar, ensure_years
from apps.core.effective import span
from apps.org.models import Assignment, OrgUnit, Person, Position, PositionUnit, UnitParent
from apps.org.services.closure import rebuild_closure

SINCE = dt.date(2025, 1, 1)
MOVED = dt.date(2026, 3, 16)


@dataclass
class Company:
    top: OrgUnit
    east: OrgUnit
    west: OrgUnit
    ann: Person
    ben: Person
    seats: dict[str, Position]


@pytest.fixture
def company(db: None) -> Company:
    with transaction.atomic():
        ensure_company_calendar()
        ensure_years(2025, 2026)
        top, east, west = (OrgUnit.objects.create(code=c, name=c.title()) for c in ("top", "east", "west"))
        UnitParent.objects.create(unit=top, parent=None, valid=span(SINCE))
        UnitParent.objects.create(unit=east, parent=top, valid=span(SINCE))
        UnitParent.objects.create(unit=west, parent=top, valid=span(SINCE))
        rebuild_closure()
        ann, ben = (
            Person.objects.create(external_id=n, name=n.title(), hired_on=SINCE) for n in ("ann", "ben")
        )
        seats = {}
        for code, unit, person, start, end in (
            ("east-1", east, ann, SINCE, None),
            ("east-2", east, ben, SINCE, MOVED),
            ("west-1", west, ben, MOVED, None),
        ):
            seat = Position.objects.create(code=code, title=code)
            PositionUnit.objects.create(position=seat, unit=unit, valid=span(SINCE))
            Assignment.objects.create(
                position=seat, person=person, valid=span(start, end), is_primary=True, fte_percent=100
            )
            seats[code] = seat
    return Company(top, east, west, ann, ben, seats)
