"""Positions apart from the people who hold them."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import may, scope_of
from apps.core.effective import Dated, no_overlap
from apps.core.money import bounded
from apps.core.names import NameField
from apps.org.enums import LineType
from apps.org.models.dating import DirectoryQuerySet, dated
from apps.org.models.people import Person
from apps.org.models.units import OrgUnit


class PositionQuerySet(models.QuerySet):
    """Positions."""

    def visible_to(self, user: User, on: object = None) -> Self:
        """Keep all positions for somebody who may see the directory, none for others."""
        return self.all() if may(user, Permission.DIRECTORY_VIEW) else self.none()

    def permitting(self, user: User, permission: Permission, on: object = None) -> Self:
        """Keep the positions that are in a unit in reach of a permission, on the day or later."""
        scope = scope_of(user, permission, on)  # type: ignore[arg-type]  # a date
        if scope.everything:
            return self.all()
        places = PositionUnit.objects.filter(position=models.OuterRef("pk"), unit__in=scope.unit_ids)
        return self.filter(models.Exists(places))

    def open_on(self, day: object) -> Self:
        """Keep the approved seats of a day."""
        return self.filter(
            models.Exists(PositionUnit.objects.filter(position=models.OuterRef("pk"), valid__contains=day))
        )


class Position(models.Model):
    """A seat independent of its holder. It is approved on the days on which it has a PositionUnit row."""

    code = models.CharField(_("code"), max_length=64, unique=True)
    title = NameField(_("title"), max_length=150)

    objects = PositionQuerySet.as_manager()

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        constraints = [
            models.CheckConstraint(name="org_position_named", condition=~Q(code="") & ~Q(title="")),
        ]

    def __str__(self) -> str:
        return f"{self.title} (#{self.pk})"


class PositionUnit(Dated):
    """The unit a position belongs to; ``is_lead`` makes its holder the manager of that unit."""

    position = models.ForeignKey(Position, models.PROTECT, related_name="places", verbose_name=_("position"))
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="seats", verbose_name=_("unit"))
    is_lead = models.BooleanField(_("leads the unit"), default=False)

    objects = DirectoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("place of a position")
        verbose_name_plural = _("places of positions")
        constraints = [
            dated("org_positionunit_dated"),
            no_overlap("org_positionunit_one_unit", "position"),
            no_overlap("org_positionunit_one_lead", "unit", condition=Q(is_lead=True)),
        ]

    def __str__(self) -> str:
        return f"position {self.position_id} in {self.unit_id} {self.valid} (#{self.pk})"


class Assignment(Dated):
    """Who holds a position: one holder and one acting holder a day, and one primary seat per person."""

    position = models.ForeignKey(
        Position, models.PROTECT, related_name="assignments", verbose_name=_("position")
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="assignments", verbose_name=_("person"))
    fte_percent = models.DecimalField(_("share of full time, %"), max_digits=5, decimal_places=2, default=100)
    is_primary = models.BooleanField(_("primary seat"), default=True)
    is_acting = models.BooleanField(_("acting holder"), default=False)

    objects = DirectoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            dated("org_assignment_dated"),
            no_overlap("org_assignment_one_primary", "person", condition=Q(is_primary=True)),
            no_overlap("org_assignment_one_holder", "position", condition=Q(is_acting=False)),
            no_overlap("org_assignment_one_acting", "position", condition=Q(is_acting=True)),
            no_overlap("org_assignment_once", "position", "person"),
            bounded("org_assignment_fte", "fte_percent", low=1, high=100),
            models.CheckConstraint(
                name="org_assignment_acting_not_primary", condition=~Q(is_acting=True, is_primary=True)
            ),
        ]

    def __str__(self) -> str:
        return f"person {self.person_id} on position {self.position_id} {self.valid} (#{self.pk})"


class ReportingLine(Dated):
    """A line between positions that differs from the structure: direct replaces it, dotted adds to it."""

    position = models.ForeignKey(Position, models.PROTECT, related_name="lines", verbose_name=_("position"))
    manager = models.ForeignKey(
        Position, models.PROTECT, related_name="report_lines", verbose_name=_("reports to")
    )
    line_type = models.CharField(_("kind of line"), max_length=8, choices=LineType, default=LineType.DIRECT)

    objects = DirectoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("reporting line")
        verbose_name_plural = _("reporting lines")
        constraints = [
            dated("org_reportingline_dated"),
            no_overlap("org_reportingline_one_direct", "position", condition=Q(line_type=LineType.DIRECT)),
            no_overlap("org_reportingline_once", "position", "manager"),
            models.CheckConstraint(name="org_reportingline_not_itself", condition=~Q(position=F("manager"))),
            models.CheckConstraint(
                name="org_reportingline_type_known", condition=Q(line_type__in=LineType.values)
            ),
        ]

    def __str__(self) -> str:
        return f"position {self.position_id} to {self.manager_id} {self.valid} (#{self.pk})"
