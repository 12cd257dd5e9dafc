"""Changes of people and who holds what."""

import datetime as dt
import logging
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core.db import requires_transaction
from apps.core.effective import span
from apps.core.errors import DomainError
from apps.org import rules, selectors
from apps.org.models import Assignment, Person, PositionUnit, RoleGrant
from apps.org.services.closure import lock_structure
from apps.org.services.guards import ActOnOneself, refuse_closed_period, refuse_oneself, refuse_reversed
from apps.org.services.positions import cut, require_position
from apps.org.services.units import AlreadyThere, CodeTaken

logger = logging.getLogger(__name__)


class SeatTaken(DomainError):
    """Somebody else holds the position."""


class NotEmployed(DomainError):
    """The person is not with the company on those days."""


class NotLeaving(DomainError):
    """Nothing says that the person leaves."""


class PrimaryTaken(DomainError):
    """The person has a primary seat already."""


class PrimaryNeeded(DomainError):
    """A person with seats has exactly one primary one."""


class OverFullTime(DomainError):
    """The shares of a full time add up to more than one."""


class NoSeat(DomainError):
    """The person has no primary seat to leave."""


@requires_transaction
def hire_person(
    *,
    external_id: str,
    name: str,
    on: dt.date,
    email: str = "",
    position_id: int | None = None,
    fte_percent: Decimal = rules.FULL_TIME,
    user: User | None = None,
    by: User | None = None,
) -> Person:
    """Hire a person from a day on, into a vacant position or, without one, unplaced.

    Raises CodeTaken (the personnel number), SeatTaken, PositionMissing, PeriodClosed.
    """
    lock_structure()
    refuse_closed_period(on)
    if Person.objects.filter(external_id=external_id).exists():
        text = _("The personnel number %(code)s is taken. Choose another.") % {"code": external_id}
        raise CodeTaken(text, fields={"external_id": text})
    person = Person.objects.create(
        external_id=external_id, name=name, name_key=rules.name_key(name), email=email, user=user, hired_on=on
    )
    if position_id is not None:
        assign_person(person_id=person.pk, position_id=position_id, on=on, fte_percent=fte_percent, by=by)
    logger.info("person hired", extra={"person_id": person.pk, "by": by and by.pk})
    return person


@requires_transaction
def assign_person(
    *,
    person_id: int,
    position_id: int,
    on: dt.date,
    until: dt.date | None = None,
    fte_percent: Decimal = rules.FULL_TIME,
    is_primary: bool | None = None,
    by: User | None = None,
) -> Assignment:
    """Let a person hold a position from a day on; the first seat is the primary one unless told otherwise.

    Raises SeatTaken, PrimaryTaken, PrimaryNeeded, OverFullTime, NotEmployed,
    PositionMissing, ActOnOneself, RangeReversed, PeriodClosed.
    """
    lock_structure()
    refuse_closed_period(on)
    refuse_reversed(on, until)
    refuse_oneself(by, person_id)
    end = _end_of_employment(person_id, on, _end_of_position(position_id, on, until))
    _refuse_taken(position_id, on, end, acting=False)
    others = list(Assignment.objects.during(on, end).filter(person=person_id, is_acting=False))
    if not rules.fits_full_time([*(other.fte_percent for other in others), Decimal(fte_percent)]):
        text = _("Together with the other seats this is more than a full time. Lower the share.")
        raise OverFullTime(text, fields={"fte_percent": text})
    primary = [other for other in others if other.is_primary]
    is_primary = not primary if is_primary is None else is_primary
    if is_primary and primary:
        text = _("The person has a primary seat on those days. Move the person, or add a second seat.")
        raise PrimaryTaken(text, fields={"is_primary": text})
    if not is_primary and not primary:
        text = _("The person's only seat must be the primary one.")
        raise PrimaryNeeded(text, fields={"is_primary": text})
    assignment = Assignment.objects.create(
        person_id=person_id,
        position_id=position_id,
        fte_percent=fte_percent,
        is_primary=is_primary,
        valid=span(on, end),
    )
    logger.info("person assigned", extra={"assignment_id": assignment.pk, "by": by and by.pk})
    return assignment


@requires_transaction
def move_person(*, person_id: int, position_id: int, on: dt.date, by: User | None = None) -> Assignment:
    """Move a person from their primary seat to a vacant one from a day on; the old seat becomes vacant.

    Raises NoSeat, AlreadyThere, and what ``assign_person`` raises.
    """
    lock_structure()
    refuse_closed_period(on)
    refuse_oneself(by, person_id)
    current = Assignment.objects.on(on).filter(person=person_id, is_primary=True).first()
    if current is None:
        raise NoSeat(_("The person has no seat on that day. Assign one instead."))
    if current.position_id == position_id:
        text = _("The person holds this position already. Choose another.")
        raise AlreadyThere(text, fields={"position": text})
    share = current.fte_percent
    later = Assignment.objects.filter(person=person_id, is_primary=True, valid__startswith__gt=on)
    for row in [*later, current]:
        cut(row, on)
    end = _end_of_employment(person_id, on, _end_of_position(position_id, on, None))
    _refuse_taken(position_id, on, end, acting=False)
    moved = Assignment.objects.create(
        person_id=person_id, position_id=position_id, fte_percent=share, is_primary=True, valid=span(on, end)
    )
    logger.info("person moved", extra={"assignment_id": moved.pk, "by": by and by.pk})
    return moved


@requires_transaction
def end_assignment(*, assignment_id: int, on: dt.date, by: User | None = None) -> Assignment:
    """End an assignment; ``on`` is the first day without it. The seat becomes vacant.

    Raises PrimaryNeeded when it is the primary of several seats, ActOnOneself, PeriodClosed.
    """
    lock_structure()
    refuse_closed_period(on)
    assignment = Assignment.objects.select_related("person").get(pk=assignment_id)
    refuse_oneself(by, assignment.person_id)
    others = Assignment.objects.from_day(on).filter(person=assignment.person_id).exclude(pk=assignment_id)
    if assignment.is_primary and others.exists():
        raise PrimaryNeeded(
            _("The person has other seats from then on. End those first, or move the person.")
        )
    cut(assignment, on)
    logger.info("assignment ended", extra={"assignment_id": assignment_id, "by": by and by.pk})
    return assignment


@requires_transaction
def leave(*, person_id: int, on: dt.date, by: User | None = None) -> Person:
    """Let a person leave the company; ``on`` is the first day they are gone.

    Ends their seats and role grants that day; credit and closed deals stay theirs.
    Raises NotEmployed, ActOnOneself, PeriodClosed.
    """
    lock_structure()
    refuse_closed_period(on)
    refuse_oneself(by, person_id)
    person = Person.objects.get(pk=person_id)
    if on <= person.hired_on or (person.left_on is not None and person.left_on <= on):
        text = _("The person is not with the company before that day. Choose another day.")
        raise NotEmployed(text, fields={"on": text})
    for row in Assignment.objects.from_day(on).filter(person=person_id):
        cut(row, on)
    if person.user_id is not None:
        for grant in RoleGrant.objects.from_day(on).filter(user=person.user_id):
            cut(grant, on)
    person.left_on = on
    person.save(update_fields=["left_on"])
    logger.info("person leaves", extra={"person_id": person_id, "by": by and by.pk})
    return person


@requires_transaction
def undo_leave(*, person_id: int, by: User | None = None) -> Person:
    """Take a recorded leave back: the person stays, in the seats they gave up by it, as if never gone.

    Role grants and standing in for others, which ended with it, do not come back: they are decided anew.
    Raises NotLeaving, SeatTaken, PrimaryTaken, PositionMissing, ActOnOneself, PeriodClosed.
    """
    lock_structure()
    refuse_oneself(by, person_id)
    person = Person.objects.get(pk=person_id)
    day = person.left_on
    if day is None:
        text = _("Nothing says that %(name)s leaves. Somebody may have taken it back already.")
        raise NotLeaving(text % {"name": person.name})
    refuse_closed_period(day)
    if Assignment.objects.from_day(day).filter(person=person_id).exists():
        text = _("%(name)s has a later seat. End that one first.")
        raise PrimaryTaken(text % {"name": person.name})
    seats = list(selectors.seats_given_up(person))
    person.left_on = None
    person.save(update_fields=["left_on"])
    for seat in seats:
        end = _end_of_position(seat.position_id, day, None)
        _refuse_taken(seat.position_id, day, end, acting=False)
        seat.valid = span(seat.valid.lower, end)
        seat.save(update_fields=["valid"])
    logger.info("leave undone", extra={"person_id": person_id, "by": by and by.pk})
    return person


@requires_transaction
def set_acting(
    *, position_id: int, person_id: int, on: dt.date, until: dt.date | None = None, by: User | None = None
) -> Assignment:
    """Let a person stand in for a position for a time, beside their own seat.

    Raises SeatTaken, NoSeat, NotEmployed, PositionMissing, ActOnOneself, RangeReversed, PeriodClosed.
    """
    lock_structure()
    refuse_closed_period(on)
    refuse_reversed(on, until)
    refuse_oneself(by, person_id)
    end = _end_of_employment(person_id, on, _end_of_position(position_id, on, until))
    if not Assignment.objects.on(on).filter(person=person_id, is_primary=True).exists():
        raise NoSeat(_("Only somebody with a seat of their own can stand in for another."))
    _refuse_taken(position_id, on, end, acting=True)
    if Assignment.objects.during(on, end).filter(position=position_id, person=person_id).exists():
        text = _("The person holds this position already. Choose another.")
        raise AlreadyThere(text, fields={"person": text})
    acting = Assignment.objects.create(
        person_id=person_id, position_id=position_id, is_primary=False, is_acting=True, valid=span(on, end)
    )
    logger.info("acting holder set", extra={"assignment_id": acting.pk, "by": by and by.pk})
    return acting


@requires_transaction
def link_user(*, person_id: int, user: User, by: User | None = None) -> Person:
    """Join a person and the user they sign in with. Raises ActOnOneself, AlreadyThere."""
    if by is not None and by.pk == user.pk:
        raise ActOnOneself(_("This is about yourself. Ask a colleague with the same right to do it."))
    if Person.objects.filter(user=user).exclude(pk=person_id).exists():
        text = _("That sign-in belongs to somebody else.")
        raise AlreadyThere(text, fields={"user": text})
    person = Person.objects.get(pk=person_id)
    person.user = user
    person.save(update_fields=["user"])
    return person


def _refuse_taken(position_id: int, on: dt.date, end: dt.date | None, *, acting: bool) -> None:
    taken = Assignment.objects.during(on, end).filter(position=position_id, is_acting=acting)
    if holder := taken.select_related("person").order_by("pk").first():
        text = _("%(person)s holds this position on those days. Choose a vacant one or another day.")
        text %= {"person": holder.person.name}
        raise SeatTaken(text, fields={"position": text})


def _end_of_position(position_id: int, on: dt.date, until: dt.date | None) -> dt.date | None:
    require_position(position_id, on)
    ends = [
        row.upper for row in PositionUnit.objects.filter(position=position_id).values_list("valid", flat=True)
    ]
    days = [day for day in (until, None if None in ends else max(ends)) if day is not None]
    return min(days) if days else None


def _end_of_employment(person_id: int, on: dt.date, until: dt.date | None) -> dt.date | None:
    person = Person.objects.get(pk=person_id)
    if on < person.hired_on or (person.left_on is not None and on >= person.left_on):
        text = _("%(person)s is not with the company on %(day)s. Choose another day.")
        text %= {"person": person.name, "day": on.isoformat()}
        raise NotEmployed(text, fields={"on": text})
    days = [day for day in (until, person.left_on) if day is not None]
    return min(days) if days else None
