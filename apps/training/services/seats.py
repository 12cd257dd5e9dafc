"""Seats in sessions and the waiting list."""

import datetime as dt

from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core.db import lock_rows, requires_transaction
from apps.core.errors import DomainError
from apps.training import rules
from apps.training.enums import EnrolmentState, SessionState
from apps.training.models import CourseSession, Enrolment
from apps.training.services import telling


class SessionNotOpen(DomainError):
    """The session has begun or is cancelled."""


class AlreadyEnrolled(DomainError):
    """The person has a seat or waits for one."""


class CannotWithdraw(DomainError):
    """There is no seat to give back any more."""


class NotHeldYet(DomainError):
    """Attendance is recorded once a session has begun, for people who had a seat."""


@requires_transaction
def enrol(*, session_id: int, person_id: int, by: User | None, at: dt.datetime) -> Enrolment:
    """Give somebody a seat, or a place on the waiting list when none is left.

    Raises SessionNotOpen, AlreadyEnrolled.
    """
    session = _open_session(session_id, at)
    row = session.enrolments.filter(person_id=person_id).first()
    if row is not None and row.state in rules.OPEN:
        raise AlreadyEnrolled(_("This person is on the list already."))
    state = rules.place_for(_seated(session), session.capacity)
    if row is None:
        row = Enrolment.objects.create(
            session=session, person_id=person_id, state=state, queued_at=at, enrolled_by=by
        )
    else:
        row.state, row.queued_at, row.enrolled_by = state, at, by
        row.save(update_fields=["state", "queued_at", "enrolled_by"])
    telling.tell_enrolled(session, row, by)
    return row


@requires_transaction
def withdraw(*, enrolment_id: int, at: dt.datetime) -> list[Enrolment]:
    """Give a seat back; return who moved up from the waiting list. Raises SessionNotOpen, CannotWithdraw."""
    session_id = Enrolment.objects.values_list("session_id", flat=True).get(pk=enrolment_id)
    session = _open_session(session_id, at)
    [row] = lock_rows(Enrolment.objects.filter(pk=enrolment_id))
    if row.state not in rules.OPEN:
        raise CannotWithdraw(_("There is no seat to give back."))
    row.state = EnrolmentState.WITHDRAWN
    row.save(update_fields=["state"])
    return _move_up(session)


@requires_transaction
def record_attendance(*, enrolment_id: int, came: bool, at: dt.datetime) -> Enrolment:
    """Record whether somebody came. Raises NotHeldYet."""
    [row] = lock_rows(Enrolment.objects.filter(pk=enrolment_id).select_related("session"))
    if row.session.starts_at > at or row.session.state != SessionState.PLANNED:
        raise NotHeldYet(_("Attendance can be recorded once the session has begun."))
    if row.state not in {EnrolmentState.ENROLLED, EnrolmentState.ATTENDED, EnrolmentState.NO_SHOW}:
        raise NotHeldYet(_("This person had no seat, or has completed the course."), code="no_seat")
    row.state = EnrolmentState.ATTENDED if came else EnrolmentState.NO_SHOW
    row.save(update_fields=["state"])
    return row


def _open_session(session_id: int, at: dt.datetime) -> CourseSession:
    """Lock a session before its enrolments, so that two people cannot take the last seat."""
    [session] = lock_rows(CourseSession.objects.filter(pk=session_id).select_related("course"))
    if session.state != SessionState.PLANNED:
        raise SessionNotOpen(_("This session is cancelled."))
    if session.starts_at <= at:
        raise SessionNotOpen(_("This session has begun."))
    return session


def _seated(session: CourseSession) -> int:
    return session.enrolments.filter(state__in=rules.SEATED).count()


def _move_up(session: CourseSession) -> list[Enrolment]:
    free = session.capacity - _seated(session)
    waiting = session.enrolments.filter(state=EnrolmentState.WAITING).order_by("queued_at", "pk")
    moved = list(waiting[: max(free, 0)])
    for row in moved:
        row.state = EnrolmentState.ENROLLED
        row.save(update_fields=["state"])
    telling.tell_moved_up(session, [row.person_id for row in moved])
    return moved
