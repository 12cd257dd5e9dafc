"""Courses and their sessions."""

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.core.db import advisory_lock, lock_rows, requires_transaction
from apps.core.errors import DomainError, StaleVersion
from apps.training.enums import EnrolmentState, Format, SessionState
from apps.training.models import Course, CourseSession, CourseSkill
from apps.training.rules import OPEN
from apps.training.services import telling

logger = logging.getLogger(__name__)


class CodeTaken(DomainError):
    """Another course has this code."""


class InvalidCourse(DomainError):
    """What is said about a course does not hold together."""


class InvalidSession(DomainError):
    """The times or seats of a session make no sense."""


@dataclass(frozen=True)
class SkillOfCourse:
    """A skill by id and the level a course leads to."""

    skill_id: int
    level: int


@requires_transaction
def create_course(
    *,
    code: str,
    name: str,
    hours: Decimal,
    skills: Sequence[SkillOfCourse],
    format: str = Format.CLASSROOM,  # the field's own name
    summary: str = "",
    provider: str = "",
    materials_url: str = "",
    valid_months: int | None = None,
    pass_score: int | None = None,
) -> Course:
    """Add a course to the catalogue. Raises CodeTaken, InvalidCourse."""
    advisory_lock(f"training.course.{code}")
    if Course.objects.filter(code=code).exists():
        text = _("Another course has the code %(code)s.") % {"code": code}
        raise CodeTaken(text, fields={"code": text})
    _check(hours, skills)
    course = Course.objects.create(
        code=code,
        name=name,
        hours=hours,
        format=format,
        summary=summary,
        provider=provider,
        materials_url=materials_url,
        valid_months=valid_months,
        pass_score=pass_score,
    )
    _teach(course, skills)
    return course


@requires_transaction
def update_course(
    *,
    course_id: int,
    version: int,
    name: str,
    hours: Decimal,
    skills: Sequence[SkillOfCourse],
    format: str,  # the field's own name
    summary: str = "",
    provider: str = "",
    materials_url: str = "",
    valid_months: int | None = None,
    pass_score: int | None = None,
    retired_on: dt.date | None = None,
) -> Course:
    """Change a course; completions keep the expiry they were given. Raises StaleVersion, InvalidCourse."""
    [course] = lock_rows(Course.objects.filter(pk=course_id))
    if course.version != version:
        raise StaleVersion(
            _("Somebody else changed this course meanwhile. Open it again and repeat your change.")
        )
    _check(hours, skills)
    changed: dict[str, object] = {
        "name": name,
        "hours": hours,
        "format": format,
        "summary": summary,
        "provider": provider,
        "materials_url": materials_url,
        "valid_months": valid_months,
        "pass_score": pass_score,
        "retired_on": retired_on,
        "version": version + 1,
    }
    for field, value in changed.items():
        setattr(course, field, value)
    course.save(update_fields=list(changed))
    course.skills.all().delete()
    _teach(course, skills)
    return course


@requires_transaction
def plan_session(
    *,
    course_id: int,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    place: str,
    capacity: int,
    trainer_id: int | None = None,
    today: dt.date,
) -> CourseSession:
    """Plan a session of a course that is offered. Raises InvalidSession."""
    [course] = lock_rows(Course.objects.filter(pk=course_id))
    if not course.is_offered(today):
        raise InvalidSession(_("This course is no longer offered."))
    if ends_at <= starts_at:
        text = _("The end must come after the start.")
        raise InvalidSession(text, fields={"ends_at": text})
    if not 1 <= capacity <= 5000:
        text = _("A session has between 1 and 5,000 seats.")
        raise InvalidSession(text, fields={"capacity": text})
    return CourseSession.objects.create(
        course=course,
        starts_at=starts_at,
        ends_at=ends_at,
        place=place,
        capacity=capacity,
        trainer_id=trainer_id,
    )


@requires_transaction
def cancel_session(*, session_id: int, at: dt.datetime) -> CourseSession:
    """Cancel a session that has not begun and tell whoever had or wanted a seat. Raises InvalidSession."""
    [session] = lock_rows(CourseSession.objects.filter(pk=session_id).select_related("course"))
    if session.state == SessionState.CANCELLED:
        raise InvalidSession(_("This session is cancelled already."), code="cancelled")
    if session.starts_at <= at:
        raise InvalidSession(_("This session has begun; it cannot be cancelled."), code="begun")
    session.state = SessionState.CANCELLED
    session.save(update_fields=["state"])
    open_seats = session.enrolments.filter(state__in=OPEN)
    people = list(open_seats.order_by("pk").values_list("person_id", flat=True))
    open_seats.update(state=EnrolmentState.WITHDRAWN)
    telling.tell_cancelled(session, people)
    logger.info("session cancelled", extra={"session_id": session.pk, "people": len(people)})
    return session


def _check(hours: Decimal, skills: Sequence[SkillOfCourse]) -> None:
    if not 0 < hours <= 1000:
        text = _("A course takes more than 0 and at most 1,000 hours.")
        raise InvalidCourse(text, fields={"hours": text})
    if len({skill.skill_id for skill in skills}) != len(skills):
        text = _("A skill appears twice. Keep one of the lines.")
        raise InvalidCourse(text, fields={"skills": text})


def _teach(course: Course, skills: Sequence[SkillOfCourse]) -> None:
    CourseSkill.objects.bulk_create(
        CourseSkill(course=course, skill_id=skill.skill_id, level=skill.level) for skill in skills
    )
