"""Units and the dated edges between them."""

from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import may, scope_of
from apps.core.effective import Dated, no_overlap
from apps.core.names import NameField
from apps.org.enums import UnitKind
from apps.org.models.dating import DirectoryQuerySet, dated


class OrgUnitQuerySet(models.QuerySet):
    """Units; everybody in the company may see that they exist."""

    def visible_to(self, user: User, on: object = None) -> Self:
        """Keep all units for somebody who may see the directory, none for others."""
        return self.all() if may(user, Permission.DIRECTORY_VIEW) else self.none()

    def permitting(self, user: User, permission: Permission, on: object = None) -> Self:
        """Keep the units in which the user holds a permission on the day."""
        return self.filter(scope_of(user, permission, on).units(""))  # type: ignore[arg-type]  # a date

    def existing(self, day: object) -> Self:
        """Keep the units that are part of the structure on a day."""
        return self.filter(
            models.Exists(UnitParent.objects.filter(unit=models.OuterRef("pk"), valid__contains=day))
        )


class OrgUnit(models.Model):
    """A node of the formal structure. It exists on the days on which it has a UnitParent row."""

    code = models.CharField(_("code"), max_length=64, unique=True)
    name = NameField(_("name"), max_length=150)
    kind = models.CharField(_("kind"), max_length=12, choices=UnitKind, default=UnitKind.TEAM)

    objects = OrgUnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        constraints = [
            models.CheckConstraint(name="org_unit_kind_known", condition=Q(kind__in=UnitKind.values)),
            models.CheckConstraint(name="org_unit_named", condition=~Q(name="") & ~Q(code="")),
        ]

    def __str__(self) -> str:
        return f"{self.name} (#{self.pk})"


class UnitParent(Dated):
    """The place of a unit in the structure; without a parent it is the top of the company.

    A trigger refuses cycles, and the closure is rebuilt by the service that writes here.
    """

    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="places", verbose_name=_("unit"))
    parent = models.ForeignKey(
        OrgUnit, models.PROTECT, related_name="child_places", null=True, blank=True, verbose_name=_("part of")
    )

    objects = DirectoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("place of a unit")
        verbose_name_plural = _("places of units")
        constraints = [
            dated("org_unitparent_dated"),
            no_overlap("org_unitparent_no_overlap", "unit"),
            ExclusionConstraint(
                name="org_unitparent_one_root",
                index_type="GIST",
                expressions=[("valid", RangeOperators.OVERLAPS)],
                condition=Q(parent__isnull=True),
            ),
            models.CheckConstraint(name="org_unitparent_not_itself", condition=~Q(parent=F("unit"))),
        ]

    def __str__(self) -> str:
        return f"place {self.unit_id} in {self.parent_id} {self.valid} (#{self.pk})"


class UnitClosure(Dated):
    """Derived: which unit is above which, how far, from when to when (each is its own ancestor at 0)."""

    ancestor = models.ForeignKey(OrgUnit, models.CASCADE, related_name="+")
    descendant = models.ForeignKey(OrgUnit, models.CASCADE, related_name="+")
    depth = models.PositiveSmallIntegerField()

    objects = DirectoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("unit in unit")
        verbose_name_plural = _("units in units")
        constraints = [dated("org_unitclosure_dated")]
        indexes = [
            models.Index(name="org_closure_down", fields=["ancestor", "descendant"]),
            models.Index(name="org_closure_up", fields=["descendant", "depth"]),
            GistIndex(name="org_closure_valid", fields=["valid"]),
        ]

    def __str__(self) -> str:
        return f"{self.descendant_id} in {self.ancestor_id} at {self.depth} {self.valid} (#{self.pk})"
