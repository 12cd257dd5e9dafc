"""What people have learned: completions and assessed levels."""

import datetime as dt

from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core.db import advisory_lock, lock_rows, requires_transaction
from apps.core.errors import DomainError
from apps.training import rules
from apps.training.enums import EnrolmentState
from apps.training.models import Completion, Course, CourseSession, Enrolment, SkillAssessment


class InvalidCompletion(DomainError):
    """The completion lies in the future, fails the score, or belongs to another course."""


class AlreadyCompleted(DomainError):
    """This completion is recorded."""


@requires_transaction
def record_completion(
    *,
    course_id: int,
    person_id: int,
    completed_on: dt.date,
    today: dt.date,
    score: int | None = None,
    session_id: int | None = None,
    by: User | None,
) -> Completion:
    """Record that somebody passed a course; its expiry follows from the course.

    Raises InvalidCompletion, AlreadyCompleted.
    """
    [course] = lock_rows(Course.objects.filter(pk=course_id))
    _check(course, completed_on, today, score)
    if session_id is not None:
        _finish_seat(course, session_id, person_id)
    advisory_lock(f"training.completion.{person_id}.{course_id}")
    if Completion.objects.filter(course=course, person=person_id, completed_on=completed_on).exists():
        raise AlreadyCompleted(_("This completion is recorded already."))
    return Completion.objects.create(
        course=course,
        person_id=person_id,
        session_id=session_id,
        completed_on=completed_on,
        score=score,
        expires_on=rules.expiry(completed_on, course.valid_months),
        recorded_by=by,
    )


@requires_transaction
def assess_skill(
    *,
    person_id: int,
    skill_id: int,
    level: int,
    on: dt.date,
    today: dt.date,
    note: str = "",
    by: User | None,
) -> SkillAssessment:
    """Record how good somebody is at a skill; a second judgement on one day replaces the first.

    Raises InvalidCompletion for a day to come or a level that does not exist.
    """
    if on > today:
        text = _("The day lies in the future.")
        raise InvalidCompletion(text, fields={"on": text}, code="future")
    if not 0 <= level <= rules.HIGHEST:
        text = _("Levels go from 0 to 5.")
        raise InvalidCompletion(text, fields={"level": text}, code="level")
    row, _created = SkillAssessment.objects.update_or_create(
        person_id=person_id,
        skill_id=skill_id,
        assessed_on=on,
        defaults={"level": level, "note": note, "assessed_by": by},
    )
    return row


def _check(course: Course, completed_on: dt.date, today: dt.date, score: int | None) -> None:
    if completed_on > today:
        text = _("The day lies in the future.")
        raise InvalidCompletion(text, fields={"completed_on": text}, code="future")
    if score is not None and not 0 <= score <= 100:
        text = _("Scores go from 0 to 100.")
        raise InvalidCompletion(text, fields={"score": text}, code="score")
    if course.pass_score is not None and (score is None or score < course.pass_score):
        text = _("The course asks for a score of at least %(score)s.") % {"score": course.pass_score}
        raise InvalidCompletion(text, fields={"score": text}, code="not_passed")


def _finish_seat(course: Course, session_id: int, person_id: int) -> None:
    session = CourseSession.objects.filter(pk=session_id, course=course).first()
    if session is None:
        text = _("This session belongs to another course.")
        raise InvalidCompletion(text, fields={"session": text}, code="other_course")
    seat = lock_rows(Enrolment.objects.filter(session=session, person=person_id))
    if seat and seat[0].state in {EnrolmentState.ENROLLED, EnrolmentState.ATTENDED}:
        seat[0].state = EnrolmentState.COMPLETED
        seat[0].save(update_fields=["state"])
