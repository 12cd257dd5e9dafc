"""Skills required, held and missing, and what to learn next."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q

from apps.core import clock
from apps.org.models import Person
from apps.roles import selectors as roles
from apps.roles.models import SalesRole, Skill
from apps.training import rules
from apps.training.enums import SessionState
from apps.training.models import Completion, Course, CourseSession, CourseSkill, SkillAssessment


@dataclass
class SkillGap:
    """A skill a role needs, how well it is held, and the course to take next when something is missing."""

    skill: Skill
    required: int
    held: int
    course: Course | None = None
    session_on: dt.date | None = None

    @property
    def missing(self) -> int:
        """How many levels are missing."""
        return rules.gap(self.required, self.held)

    @property
    def dots(self) -> list[str]:
        """Five steps: held, missing up to the required one, or empty."""
        return [
            "held" if step <= self.held else "missing" if step <= self.required else ""
            for step in range(1, rules.HIGHEST + 1)
        ]


@dataclass
class Profile:
    """A person's role with its skills, largest gap first."""

    person: Person
    role: SalesRole | None
    skills: list[SkillGap] = field(default_factory=list)

    @property
    def missing(self) -> int:
        """How many levels are missing in all."""
        return sum(one.missing for one in self.skills)

    @property
    def open_gaps(self) -> list[SkillGap]:
        """The skills in which something is missing."""
        return [one for one in self.skills if one.missing]

    def of(self, skill_id: int) -> SkillGap | None:
        """Return one skill of the role."""
        return next((one for one in self.skills if one.skill.pk == skill_id), None)


def profile(person: Person, on: dt.date) -> Profile:
    """Return the skills of one person on a day, with suggested courses."""
    return profiles([person], on)[0]


def profiles(people: Iterable[Person], on: dt.date) -> list[Profile]:
    """Return the skills of people on a day, with suggested courses, at a constant cost per role."""
    found = list(people)
    ids = [person.pk for person in found]
    played = roles.roles_of(ids, on)
    needs = {
        role.pk: roles.required_skills(role.pk, on)
        for role in {role.pk: role for role in played.values()}.values()
    }
    held = held_levels(ids, on)
    offers, courses = _offers(on)
    result = []
    for person in found:
        role = played.get(person.pk)
        own = Profile(person, role)
        for need in needs[role.pk] if role else []:
            level = held.get((person.pk, need.skill.pk), 0)
            own.skills.append(_gap(need, level, offers[need.skill.pk], courses))
        own.skills.sort(key=lambda one: (-one.missing, -one.required, one.skill.name))
        result.append(own)
    return result


def held_levels(person_ids: Iterable[int], on: dt.date) -> dict[tuple[int, int], int]:
    """Return the level held per (person, skill) on a day. Three queries."""
    ids = list(person_ids)
    proofs: dict[tuple[int, int], list[rules.Proof]] = defaultdict(list)
    for row in SkillAssessment.objects.filter(person__in=ids, assessed_on__lte=on).order_by("pk"):
        proofs[row.person_id, row.skill_id].append(rules.Proof(row.level, row.assessed_on, True))
    taught: dict[int, list[CourseSkill]] = defaultdict(list)
    for link in CourseSkill.objects.order_by("pk"):
        taught[link.course_id].append(link)
    for done in Completion.objects.filter(person__in=ids, completed_on__lte=on).order_by("pk"):
        for link in taught[done.course_id]:
            proof = rules.Proof(link.level, done.completed_on, False, done.expires_on)
            proofs[done.person_id, link.skill_id].append(proof)
    return {key: rules.held_level(several, on) for key, several in proofs.items()}


def _gap(need: roles.SkillNeed, held: int, offers: list[rules.Offer], courses: dict[int, Course]) -> SkillGap:
    found = SkillGap(need.skill, need.level, held)
    if found.missing:
        best = rules.next_course(offers, held=held, required=need.level)
        if best is not None:
            found.course, found.session_on = courses[best.course_id], best.starts_on
    return found


def _offers(on: dt.date) -> tuple[dict[int, list[rules.Offer]], dict[int, Course]]:
    """Return the courses of each skill that are offered on a day, with their next session. Three queries."""
    offered = Course.objects.filter(Q(retired_on__isnull=True) | Q(retired_on__gt=on))
    courses = {course.pk: course for course in offered.order_by("pk")}
    coming = CourseSession.objects.filter(
        state=SessionState.PLANNED, course__in=courses, starts_at__date__gt=on
    )
    soonest: dict[int, dt.date] = {}
    for course_id, starts_at in coming.order_by("starts_at", "pk").values_list("course_id", "starts_at"):
        soonest.setdefault(course_id, clock.date_of(starts_at))
    found: dict[int, list[rules.Offer]] = defaultdict(list)
    for link in CourseSkill.objects.filter(course__in=courses).order_by("pk"):
        found[link.skill_id].append(rules.Offer(link.course_id, link.level, soonest.get(link.course_id)))
    return found, courses
