"""What the pages of training show."""

import datetime as dt
from dataclasses import dataclass, field
from fractions import Fraction

from django.db.models import Count, Min, Q, QuerySet

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.org.models import Person
from apps.roles.models import Skill
from apps.training import rules
from apps.training.enums import EnrolmentState, SessionState
from apps.training.models import Completion, Course, CourseSession, Enrolment
from apps.training.selectors.skills import Profile, profiles

SOON = dt.timedelta(days=60)


def catalogue(viewer: User, at: dt.datetime, today: dt.date) -> QuerySet[Course]:
    """Return the courses that are offered, with their next session and how many people passed them."""
    planned = Q(sessions__state=SessionState.PLANNED, sessions__starts_at__gt=at)
    offered = Course.objects.visible_to(viewer).filter(Q(retired_on__isnull=True) | Q(retired_on__gt=today))
    return offered.annotate(
        next_session=Min("sessions__starts_at", filter=planned),
        passed=Count("completions", distinct=True),
    ).prefetch_related("skills__skill")


@dataclass
class SessionCard:
    """A session as a page shows it: seats taken, who waits, and where the viewer stands."""

    session: CourseSession
    taken: int
    waiting: int
    mine: Enrolment | None
    is_open: bool
    people: list[Enrolment] = field(default_factory=list)

    @property
    def fill(self) -> Fraction:
        """The share of seats taken."""
        return Fraction(self.taken, self.session.capacity)

    @property
    def has_begun(self) -> bool:
        """Tell whether attendance can be recorded."""
        return not self.is_open and self.session.state == SessionState.PLANNED


def sessions_of(course: Course, viewer: User, at: dt.datetime) -> list[SessionCard]:
    """Return the sessions of a course, coming ones first, then the latest past ones. Two queries."""
    own = scope_of(viewer, Permission.TRAINING_VIEW).own_person_id
    counted = course.sessions.select_related("trainer").annotate(
        taken=Count("enrolments", filter=Q(enrolments__state__in=rules.SEATED)),
        queue=Count("enrolments", filter=Q(enrolments__state=EnrolmentState.WAITING)),
    )
    visible = Enrolment.objects.visible_to(viewer).exclude(state=EnrolmentState.WITHDRAWN)
    seats = (
        visible.filter(session__course=course).select_related("person").order_by("state", "queued_at", "pk")
    )
    by_session: dict[int, list[Enrolment]] = {}
    for row in seats:
        by_session.setdefault(row.session_id, []).append(row)
    cards = []
    for session in counted.order_by("starts_at", "pk"):
        rows = by_session.get(session.pk, [])
        mine = next((row for row in rows if row.person_id == own), None)
        is_open = session.state == SessionState.PLANNED and session.starts_at > at
        cards.append(SessionCard(session, session.taken, session.queue, mine, is_open, rows))  # type: ignore[attr-defined]  # annotated
    coming = [card for card in cards if card.session.starts_at > at]
    past = [card for card in cards if card.session.starts_at <= at]
    return [*coming, *past[::-1]]


def learning_of(person: Person, at: dt.datetime) -> tuple[list[Enrolment], list[Completion]]:
    """Return the coming seats and the completions of a person, latest last and first. Two queries."""
    coming = Enrolment.objects.filter(person=person, state__in=rules.OPEN, session__starts_at__gt=at)
    done = Completion.objects.filter(person=person).select_related("course")
    return (
        list(coming.select_related("session__course").order_by("session__starts_at", "pk")),
        list(done.order_by("-completed_on", "-pk")),
    )


@dataclass(frozen=True)
class SkillMap:
    """People against skills: what each role needs, who holds it."""

    skills: list[Skill]
    rows: list[Profile]

    @property
    def cells(self) -> list[tuple[Profile, list[object]]]:
        """Each person with one entry per skill, None where the role does not need it."""
        return [(row, [row.of(skill.pk) for skill in self.skills]) for row in self.rows]

    @property
    def missing(self) -> int:
        """How many people miss something."""
        return sum(1 for row in self.rows if row.missing)

    @property
    def covered(self) -> Fraction | None:
        """The share of required skills that are held at the required level."""
        needed = [one for row in self.rows for one in row.skills]
        return Fraction(sum(1 for one in needed if not one.missing), len(needed)) if needed else None


def skill_map(viewer: User, on: dt.date, unit_id: int | None = None) -> SkillMap:
    """Return the skill map of the people whose training somebody looks after, largest gaps first."""
    people = Person.objects.permitting(viewer, Permission.TRAINING_EDIT, on).employed(on)
    if unit_id is not None:
        people = people.filter(
            assignments__valid__contains=on,
            assignments__position__places__valid__contains=on,
            assignments__position__places__unit=unit_id,
        )
    rows = [row for row in profiles(people.order_by("name", "pk").distinct(), on) if row.skills]
    rows.sort(key=lambda row: (-row.missing, row.person.name, row.person.pk))
    skills = {one.skill.pk: one.skill for row in rows for one in row.skills}
    return SkillMap(sorted(skills.values(), key=lambda skill: (skill.name, skill.pk)), rows)


def expiring(viewer: User, on: dt.date) -> list[Completion]:
    """Return the completions in reach that end to count within 60 days and were not renewed."""
    rows = Completion.objects.permitting(viewer, Permission.TRAINING_EDIT, on)
    soon = rows.filter(expires_on__gte=on, expires_on__lte=on + SOON).select_related("person", "course")
    renewed = set(
        rows.filter(Q(expires_on__gt=on + SOON) | Q(expires_on__isnull=True)).values_list(
            "person_id", "course_id"
        )
    )
    return [row for row in soon.order_by("expires_on", "pk") if (row.person_id, row.course_id) not in renewed]
