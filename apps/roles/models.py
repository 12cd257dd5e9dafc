"""The role catalogue, who plays which role, and who answers for which step."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import may
from apps.core.effective import Dated, DatedQuerySet, no_overlap
from apps.core.money import bounded
from apps.core.names import NameField, WordsField
from apps.org.models import Position
from apps.roles.enums import Letter, Level, Phase


class CatalogueQuerySet(DatedQuerySet):
    """Rows of the open catalogue."""

    def visible_to(self, user: User, on: object = None) -> Self:
        """Keep all rows for somebody who may see the role catalogue, none for others."""
        return self.all() if may(user, Permission.ROLE_VIEW) else self.none()


class Skill(models.Model):
    """Something people can be good at."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = NameField(_("name"), max_length=120)
    description = WordsField(_("description"), blank=True)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")

    def __str__(self) -> str:
        return f"{self.name} (#{self.pk})"


class SalesRole(models.Model):
    """A role people play in selling. What it asks for is in its dated versions."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = NameField(_("name"), max_length=120)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = _("sales role")
        verbose_name_plural = _("sales roles")
        constraints = [
            models.CheckConstraint(name="roles_salesrole_named", condition=~Q(name="") & ~Q(code=""))
        ]

    def __str__(self) -> str:
        return f"{self.name} (#{self.pk})"


class RoleVersion(Dated):
    """What a role is for and may decide, from when to when; one version in force on any day."""

    role = models.ForeignKey(SalesRole, models.PROTECT, related_name="versions", verbose_name=_("role"))
    number = models.PositiveIntegerField(_("version"))
    purpose = WordsField(_("purpose"))
    authority = WordsField(_("authority and its limits"), blank=True)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = _("role version")
        verbose_name_plural = _("role versions")
        constraints = [
            no_overlap("roles_version_one_in_force", "role"),
            models.UniqueConstraint(name="roles_version_number", fields=["role", "number"]),
            models.CheckConstraint(
                name="roles_version_dated",
                condition=Q(valid__isempty=False) & Q(valid__startswith__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number} of role {self.role_id} (#{self.pk})"


class RoleDuty(models.Model):
    """One duty of a role."""

    version = models.ForeignKey(RoleVersion, models.CASCADE, related_name="duties")
    position = models.PositiveSmallIntegerField(_("order"))
    text = NameField(_("duty"), max_length=300)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        constraints = [models.UniqueConstraint(name="roles_duty_order", fields=["version", "position"])]

    def __str__(self) -> str:
        return f"duty {self.position} of version {self.version_id} (#{self.pk})"


class RoleSkill(models.Model):
    """A skill a role needs, and how well."""

    version = models.ForeignKey(RoleVersion, models.CASCADE, related_name="skills")
    skill = models.ForeignKey(Skill, models.PROTECT, related_name="+", verbose_name=_("skill"))
    level = models.PositiveSmallIntegerField(_("level"), choices=Level, default=Level.INDEPENDENT)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = _("skill of a role")
        verbose_name_plural = _("skills of roles")
        constraints = [
            models.UniqueConstraint(name="roles_roleskill_once", fields=["version", "skill"]),
            bounded("roles_roleskill_level", "level", low=1, high=5),
        ]

    def __str__(self) -> str:
        return f"skill {self.skill_id} at {self.level} for version {self.version_id} (#{self.pk})"


class RoleKpi(models.Model):
    """A measure a role is judged by. The weights of a version add up to 100 (a trigger checks it)."""

    version = models.ForeignKey(RoleVersion, models.CASCADE, related_name="kpis")
    measure = models.CharField(_("measure"), max_length=40)
    weight = models.DecimalField(_("weight, %"), max_digits=5, decimal_places=2)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = _("KPI of a role")
        verbose_name_plural = _("KPIs of roles")
        constraints = [
            models.UniqueConstraint(name="roles_rolekpi_once", fields=["version", "measure"]),
            bounded("roles_rolekpi_weight", "weight", low=1, high=100),
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.weight} of version {self.version_id} (#{self.pk})"


class PositionRole(Dated):
    """The role a position carries; its holder plays it."""

    position = models.ForeignKey(Position, models.PROTECT, related_name="roles", verbose_name=_("position"))
    role = models.ForeignKey(SalesRole, models.PROTECT, related_name="positions", verbose_name=_("role"))

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = _("role of a position")
        verbose_name_plural = _("roles of positions")
        constraints = [
            no_overlap("roles_positionrole_one", "position"),
            models.CheckConstraint(
                name="roles_positionrole_dated",
                condition=Q(valid__isempty=False) & Q(valid__startswith__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"role {self.role_id} on position {self.position_id} (#{self.pk})"


class ProcessStep(models.Model):
    """A step of the standard selling process."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = NameField(_("name"), max_length=120)
    phase = models.CharField(_("phase"), max_length=8, choices=Phase)
    position = models.PositiveSmallIntegerField(_("order"))
    description = WordsField(_("description"), blank=True)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = _("process step")
        verbose_name_plural = _("process steps")
        constraints = [
            models.CheckConstraint(name="roles_step_phase_known", condition=Q(phase__in=Phase.values))
        ]

    def __str__(self) -> str:
        return f"{self.name} (#{self.pk})"


class Responsibility(models.Model):
    """The part a role plays in a step; a step has at most one accountable role."""

    step = models.ForeignKey(ProcessStep, models.CASCADE, related_name="responsibilities")
    role = models.ForeignKey(SalesRole, models.PROTECT, related_name="responsibilities")
    letter = models.CharField(_("part"), max_length=1, choices=Letter)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = _("responsibility")
        verbose_name_plural = _("responsibilities")
        constraints = [
            models.UniqueConstraint(name="roles_responsibility_once", fields=["step", "role", "letter"]),
            models.UniqueConstraint(
                name="roles_responsibility_one_accountable",
                fields=["step"],
                condition=Q(letter=Letter.ACCOUNTABLE),
            ),
            models.CheckConstraint(name="roles_responsibility_letter", condition=Q(letter__in=Letter.values)),
        ]

    def __str__(self) -> str:
        return f"{self.letter} of role {self.role_id} in step {self.step_id} (#{self.pk})"
