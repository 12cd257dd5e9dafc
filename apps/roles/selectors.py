"""Reads of roles: who plays which, what it asks, where responsibilities gape or overlap."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.db.models import Count

from apps.core import clock
from apps.core.names import in_words
from apps.org import selectors as org
from apps.org.models import Assignment
from apps.roles import rules
from apps.roles.enums import Phase
from apps.roles.models import (
    PositionRole,
    ProcessStep,
    Responsibility,
    RoleKpi,
    RoleVersion,
    SalesRole,
    Skill,
)


@dataclass(frozen=True)
class Kpi:
    """A measure code and its weight in percent."""

    measure: str
    weight: Decimal


@dataclass(frozen=True)
class SkillNeed:
    """A skill and the level a role needs."""

    skill: Skill
    level: int


@dataclass
class StepRow:
    """A step with the letters of every role (in the order of the roles) and what is wrong."""

    step: ProcessStep
    letters: list[str]
    findings: list[rules.Finding] = field(default_factory=list)


@dataclass
class Matrix:
    """The responsibility matrix of a day."""

    roles: list[SalesRole]
    filled: dict[str, int]
    phases: list[tuple[Phase, list[StepRow]]]
    findings: list[rules.Finding]
    idle_roles: list[SalesRole]


def role_of(person_id: int, on: dt.date) -> SalesRole | None:
    """Return the role of a person's primary seat on a day, or None."""
    return roles_of([person_id], on).get(person_id)


def roles_of(person_ids: Iterable[int], on: dt.date) -> dict[int, SalesRole]:
    """Return the roles of people's primary seats on a day; people without one are left out. Two queries."""
    seats = org.seats_of(person_ids, on)
    by_position = roles_of_positions((seat.position_id for seat in seats.values()), on)
    return {
        person: by_position[seat.position_id]
        for person, seat in seats.items()
        if seat.position_id in by_position
    }


def roles_of_positions(position_ids: Iterable[int], on: dt.date) -> dict[int, SalesRole]:
    """Return the roles of positions on a day. One query."""
    rows = PositionRole.objects.on(on).filter(position__in=list(position_ids)).select_related("role")
    return {row.position_id: row.role for row in rows}


def version_of(role_id: int, on: dt.date | None = None) -> RoleVersion | None:
    """Return the version of a role in force on a day (by default today)."""
    return RoleVersion.objects.on(on or clock.today()).filter(role=role_id).select_related("role").first()


def kpis_of(role_id: int, on: dt.date | None = None) -> list[Kpi]:
    """Return the KPI set of a role in force on a day, heaviest first; its weights add up to 100."""
    rows = RoleKpi.objects.filter(version__role=role_id, version__valid__contains=on or clock.today())
    return [Kpi(row.measure, row.weight) for row in rows.order_by("-weight", "measure")]


def required_skills(role_id: int, on: dt.date | None = None) -> list[SkillNeed]:
    """Return the skills a role needs on a day, highest level first."""
    version = version_of(role_id, on)
    if version is None:
        return []
    rows = version.skills.select_related("skill").order_by("-level", "skill__name", "pk")
    return [SkillNeed(row.skill, row.level) for row in rows]


def people_with_role(role_id: int, on: dt.date) -> list[Assignment]:
    """Return who plays a role on a day, with person and position, by name."""
    positions = PositionRole.objects.on(on).filter(role=role_id).values("position_id")
    held = Assignment.objects.on(on).filter(position__in=positions)
    return list(held.select_related("person", "position").order_by("person__name", "pk"))


def filled_seats(on: dt.date) -> dict[str, int]:
    """Return how many seats of each role somebody holds on a day, by role code."""
    held = Assignment.objects.on(on).values("position_id")
    rows = PositionRole.objects.on(on).filter(position__in=held).values_list("role__code")
    return dict(rows.annotate(seats=Count("pk")))


def matrix(on: dt.date) -> Matrix:
    """Return the responsibility matrix of a day with its gaps and overlaps. Four queries."""
    roles = list(SalesRole.objects.order_by("name", "pk"))
    names = {role.code: in_words(role.name) for role in roles}
    filled = filled_seats(on)
    parts: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for row in Responsibility.objects.select_related("role").order_by("letter", "pk"):
        parts[row.step_id].append((row.role.code, row.letter))
    phases: dict[Phase, list[StepRow]] = {phase: [] for phase in Phase}
    findings: list[rules.Finding] = []
    for step in ProcessStep.objects.order_by("position", "pk"):
        letters = ["".join(letter for code, letter in parts[step.pk] if code == role.code) for role in roles]
        found = [
            replace(one, roles=tuple(names[code] for code in one.roles))
            for one in rules.check_step(step.name, parts[step.pk], filled)
        ]
        findings += found
        phases[Phase(step.phase)].append(StepRow(step, letters, found))
    busy = {code for rows in parts.values() for code, _letter in rows}
    return Matrix(
        roles=roles,
        filled=filled,
        phases=[(phase, rows) for phase, rows in phases.items() if rows],
        findings=findings,
        idle_roles=[role for role in roles if role.code not in busy],
    )


@dataclass(frozen=True)
class RoleCard:
    """A role in the catalogue: its version of the day, KPI and holder counts."""

    role: SalesRole
    version: RoleVersion | None
    holders: int


def catalogue(on: dt.date) -> list[RoleCard]:
    """Return the roles of a day by name. Three queries."""
    versions = {version.role_id: version for version in RoleVersion.objects.on(on).order_by("pk")}
    holders = filled_seats(on)
    roles = SalesRole.objects.order_by("name", "pk")
    return [RoleCard(role, versions.get(role.pk), holders.get(role.code, 0)) for role in roles]


def parts_of(role_id: int) -> list[Responsibility]:
    """Return the part a role plays in every step, in the order of the process."""
    rows = Responsibility.objects.filter(role=role_id).select_related("step")
    return list(rows.order_by("step__position", "letter", "pk"))
