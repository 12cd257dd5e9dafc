"""Changes of roles and responsibilities."""

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from psycopg2.extras import DateRange

from apps.access.models import User
from apps.core.db import advisory_lock, requires_transaction
from apps.core.effective import span
from apps.core.errors import DomainError
from apps.measures.registry import measures
from apps.org.models import PositionUnit
from apps.roles import rules
from apps.roles.enums import Letter, Level
from apps.roles.models import (
    PositionRole,
    ProcessStep,
    Responsibility,
    RoleDuty,
    RoleKpi,
    RoleSkill,
    RoleVersion,
    SalesRole,
    Skill,
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RoleContent:
    """What a version of a role says: KPIs are (measure code, weight), skills (skill code, level)."""

    purpose: str
    authority: str = ""
    duties: Sequence[str] = ()
    skills: Sequence[tuple[str, int]] = ()
    kpis: Sequence[tuple[str, Decimal]] = ()


class RoleCodeTaken(DomainError):
    """Another role has this code."""


class WeightsIncomplete(DomainError):
    """The KPI weights do not add up to 100."""


class UnknownMeasure(DomainError):
    """No room measures this."""


class UnknownSkill(DomainError):
    """The skill is not in the catalogue, or its level does not exist."""


class VersionOrder(DomainError):
    """A newer version exists already."""


class PositionUnknown(DomainError):
    """The position is not approved on that day."""


class SeveralAccountable(DomainError):
    """A step has exactly one accountable role."""


class NothingResponsible(DomainError):
    """A step needs somebody who does it and somebody who answers for it."""


@requires_transaction
def create_role(
    *, code: str, name: str, content: RoleContent, on: dt.date, by: User | None = None
) -> SalesRole:
    """Add a role to the catalogue with its first version.

    Raises RoleCodeTaken, WeightsIncomplete, UnknownMeasure, UnknownSkill.
    """
    advisory_lock("roles.catalogue")
    if SalesRole.objects.filter(code=code).exists():
        text = _("The code %(code)s is taken. Choose another.") % {"code": code}
        raise RoleCodeTaken(text, fields={"code": text})
    role = SalesRole.objects.create(code=code, name=name)
    _write_version(role, 1, content, on)
    logger.info("role created", extra={"role_id": role.pk, "by": by and by.pk})
    return role


@requires_transaction
def revise_role(
    *, role_id: int, content: RoleContent, on: dt.date, name: str = "", by: User | None = None
) -> RoleVersion:
    """Put a new version of a role in force from a day on; the older stays readable for its days.

    Raises VersionOrder when a version starts on that day or later, and what ``create_role`` raises.
    """
    advisory_lock("roles.catalogue")
    role = SalesRole.objects.get(pk=role_id)
    versions = list(role.versions.order_by("number"))
    if versions[-1].valid.lower >= on:
        text = _("A version starts on %(day)s already. Choose a later day.")
        text %= {"day": versions[-1].valid.lower.isoformat()}
        raise VersionOrder(text, fields={"on": text})
    latest = versions[-1]
    latest.valid = DateRange(latest.valid.lower, on, "[)")
    latest.save(update_fields=["valid"])
    if name and name != role.name:
        role.name = name
        role.save(update_fields=["name"])
    version = _write_version(role, latest.number + 1, content, on)
    logger.info("role revised", extra={"role_id": role.pk, "by": by and by.pk})
    return version


@requires_transaction
def set_position_role(*, position_id: int, role_id: int, on: dt.date, by: User | None = None) -> PositionRole:
    """Let a position carry a role from a day on, instead of the one before. Raises PositionUnknown."""
    advisory_lock("roles.catalogue")
    if not PositionUnit.objects.on(on).filter(position=position_id).exists():
        text = _("The position is not approved on %(day)s. Choose another position or day.")
        raise PositionUnknown(
            text % {"day": on.isoformat()}, fields={"position": text % {"day": on.isoformat()}}
        )
    for row in PositionRole.objects.from_day(on).filter(position=position_id):
        if row.valid.lower >= on:
            row.delete()
        else:
            row.valid = DateRange(row.valid.lower, on, "[)")
            row.save(update_fields=["valid"])
    carried = PositionRole.objects.create(position_id=position_id, role_id=role_id, valid=span(on))
    logger.info("position role set", extra={"position_id": position_id, "by": by and by.pk})
    return carried


@requires_transaction
def create_step(
    *, code: str, name: str, phase: str, position: int, description: str = "", by: User | None = None
) -> ProcessStep:
    """Add a step to the standard selling process. Raises RoleCodeTaken when its code is taken."""
    advisory_lock("roles.catalogue")
    if ProcessStep.objects.filter(code=code).exists():
        text = _("The code %(code)s is taken. Choose another.") % {"code": code}
        raise RoleCodeTaken(text, fields={"code": text})
    step = ProcessStep.objects.create(
        code=code, name=name, phase=phase, position=position, description=description
    )
    logger.info("process step created", extra={"step_id": step.pk, "by": by and by.pk})
    return step


@requires_transaction
def set_responsibilities(
    *, step_id: int, parts: Sequence[tuple[int, str]], by: User | None = None
) -> list[Responsibility]:
    """Say which role plays which part (role id, letter) in a step, instead of what was said before.

    Raises SeveralAccountable and NothingResponsible: exactly one A, at least one R.
    """
    advisory_lock("roles.catalogue")
    step = ProcessStep.objects.get(pk=step_id)
    letters = [letter for _role, letter in set(parts)]
    if letters.count(Letter.ACCOUNTABLE) > 1:
        raise SeveralAccountable(
            _("“%(step)s” has several accountable roles. Keep one.") % {"step": step.name}
        )
    if Letter.ACCOUNTABLE not in letters or Letter.RESPONSIBLE not in letters:
        text = _("“%(step)s” needs one role that answers for it (A) and at least one that does it (R).")
        raise NothingResponsible(text % {"step": step.name})
    step.responsibilities.all().delete()
    rows = [Responsibility(step=step, role_id=role, letter=letter) for role, letter in sorted(set(parts))]
    logger.info("responsibilities set", extra={"step_id": step.pk, "by": by and by.pk})
    return Responsibility.objects.bulk_create(rows)


@requires_transaction
def define_skill(*, code: str, name: str, description: str = "") -> Skill:
    """Add a skill to the catalogue, or give an existing one its name and description."""
    skill, _created = Skill.objects.update_or_create(
        code=code, defaults={"name": name, "description": description}
    )
    return skill


def _write_version(role: SalesRole, number: int, content: RoleContent, on: dt.date) -> RoleVersion:
    _refuse_bad_kpis(content)
    skills = Skill.objects.in_bulk([code for code, _level in content.skills], field_name="code")
    for code, level in content.skills:
        if code not in skills or level not in Level.values:
            text = _("The skill “%(code)s” or its level is unknown. Choose from the list.") % {"code": code}
            raise UnknownSkill(text, fields={"skills": text})
    version = RoleVersion.objects.create(
        role=role, number=number, purpose=content.purpose, authority=content.authority, valid=span(on)
    )
    RoleDuty.objects.bulk_create(
        RoleDuty(version=version, position=place, text=text) for place, text in enumerate(content.duties, 1)
    )
    RoleSkill.objects.bulk_create(
        RoleSkill(version=version, skill=skills[code], level=level) for code, level in content.skills
    )
    RoleKpi.objects.bulk_create(
        RoleKpi(version=version, measure=measure, weight=weight) for measure, weight in content.kpis
    )
    return version


def _refuse_bad_kpis(content: RoleContent) -> None:
    for measure, _weight in content.kpis:
        if measure not in measures:
            text = _("“%(code)s” is not a measure. Choose one from the list.") % {"code": measure}
            raise UnknownMeasure(text, fields={"kpis": text})
    weights = [Decimal(weight) for _measure, weight in content.kpis]
    if not rules.weights_complete(weights) or any(weight < 1 for weight in weights):
        total = sum(weights, Decimal(0))
        text = _("The weights add up to %(total)s. Make them at least 1 each and 100 together.")
        raise WeightsIncomplete(text % {"total": total}, fields={"kpis": text % {"total": total}})
    if len({measure for measure, _weight in content.kpis}) != len(weights):
        text = _("A measure appears twice. Keep one of the lines.")
        raise WeightsIncomplete(text, fields={"kpis": text}, code="measure_twice")
