"""People and what they were granted."""

from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.access.matrix import needs_two
from apps.access.models import User
from apps.access.permissions import GRANTABLE_ROLES, Permission, Role
from apps.access.scope import may, scope_of
from apps.core.effective import Dated, DatedQuerySet, KeyRange
from apps.org.enums import RequestState
from apps.org.models.dating import WordRange, dated
from apps.org.models.units import OrgUnit

TWO_ADMINISTRATORS = [role.value for role in GRANTABLE_ROLES if needs_two(role)]


class PersonQuerySet(models.QuerySet):
    """People; names and titles are open to everybody in the company."""

    def visible_to(self, user: User, on: object = None) -> Self:
        """Keep everybody for somebody who may see the directory, nobody for others."""
        return self.all() if may(user, Permission.DIRECTORY_VIEW) else self.none()

    def permitting(self, user: User, permission: Permission, on: object = None) -> Self:
        """Keep the people in reach of a permission on the day."""
        return self.filter(scope_of(user, permission, on).people(""))  # type: ignore[arg-type]  # a date

    def employed(self, day: object) -> Self:
        """Keep the people hired by a day and not gone yet."""
        return self.filter(Q(left_on__isnull=True) | Q(left_on__gt=day), hired_on__lte=day)

    def matching(self, text: str) -> Self:
        """Keep the people whose name, spelling, number or e-mail holds a text."""
        words = text.split()
        condition = Q()
        for word in words:
            condition &= (
                Q(name__icontains=word)
                | Q(name_key__icontains=word)
                | Q(external_id__icontains=word)
                | Q(email__icontains=word)
            )
        return self.filter(condition)


class Person(models.Model):
    """Somebody who works, or worked, for the company; ``left_on`` is the first day they no longer do."""

    external_id = models.CharField(_("personnel number"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=150)
    name_key = models.CharField(_("spelling for search"), max_length=300, blank=True, editable=False)
    email = models.EmailField(_("e-mail"), blank=True)
    user = models.OneToOneField(
        User, models.PROTECT, related_name="person", null=True, blank=True, verbose_name=_("sign-in")
    )
    hired_on = models.DateField(_("hired on"))
    left_on = models.DateField(_("left on"), null=True, blank=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(name="org_person_named", condition=~Q(name="") & ~Q(external_id="")),
            models.CheckConstraint(
                name="org_person_leaves_after_hire",
                condition=Q(left_on__isnull=True) | Q(left_on__gt=F("hired_on")),
            ),
        ]
        indexes = [models.Index(name="org_person_name", fields=["name"])]

    def __str__(self) -> str:
        return f"{self.name} (#{self.pk})"

    @property
    def initials(self) -> str:
        """One or two letters for the avatar."""
        words = self.name.split()
        if not self.name.isascii():
            return self.name[-1:]
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


class RoleGrantQuerySet(DatedQuerySet):
    """Grants."""

    def visible_to(self, user: User, on: object = None) -> Self:
        """Keep the user's own grants, and all for those who manage users or read the audit trail."""
        if may(user, Permission.USER_ADMIN) or may(user, Permission.AUDIT_VIEW):
            return self.all()
        return self.filter(user=user)

    def permitting(self, user: User, permission: Permission, on: object = None) -> Self:
        """Keep the grants in units in reach of a permission."""
        return self.filter(scope_of(user, permission, on).units("unit"))  # type: ignore[arg-type]  # a date


class RoleGrant(Dated):
    """A role somebody holds in a unit and everything below it, from when to when."""

    user = models.ForeignKey(User, models.PROTECT, related_name="grants", verbose_name=_("user"))
    role = models.CharField(_("role"), max_length=12, choices=Role)
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    granted_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("granted by")
    )

    approved_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("approved by")
    )

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("role grant")
        verbose_name_plural = _("role grants")
        constraints = [
            dated("org_rolegrant_dated"),
            ExclusionConstraint(
                name="org_rolegrant_once",
                index_type="GIST",
                expressions=[
                    (KeyRange("user"), RangeOperators.OVERLAPS),
                    (KeyRange("unit"), RangeOperators.OVERLAPS),
                    (WordRange("role"), RangeOperators.OVERLAPS),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="org_rolegrant_grantable", condition=Q(role__in=[role.value for role in GRANTABLE_ROLES])
            ),
            models.CheckConstraint(
                name="org_rolegrant_not_oneself",
                condition=Q(granted_by__isnull=True) | ~Q(granted_by=F("user")),
            ),
            # The first administrator and data loads come without a person who grants.
            models.CheckConstraint(
                name="org_rolegrant_two_administrators",
                condition=~Q(role__in=TWO_ADMINISTRATORS)
                | Q(granted_by__isnull=True)
                | Q(approved_by__isnull=False) & ~Q(approved_by=F("granted_by")) & ~Q(approved_by=F("user")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.user} (#{self.pk})"


class RoleRequestQuerySet(models.QuerySet):
    """Requests for roles."""

    def visible_to(self, user: User, on: object = None) -> Self:
        """Keep what concerns the user, and all for those who manage users or read the audit trail."""
        if may(user, Permission.USER_ADMIN) or may(user, Permission.AUDIT_VIEW):
            return self.all()
        return self.filter(Q(user=user) | Q(requested_by=user))

    def permitting(self, user: User, permission: Permission, on: object = None) -> Self:
        """Keep the requests for units in reach of a permission."""
        return self.filter(scope_of(user, permission, on).units("unit"))  # type: ignore[arg-type]  # a date

    def waiting(self) -> Self:
        """Keep those nobody has decided."""
        return self.filter(state=RequestState.WAITING)


class RoleRequest(models.Model):
    """One administrator asks for a role that moves money or hands out rights; another one decides."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("user"))
    role = models.CharField(_("role"), max_length=12, choices=Role)
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    starts_on = models.DateField(_("from"))
    ends_before = models.DateField(_("until"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=RequestState, default=RequestState.WAITING)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    requested_at = models.DateTimeField(_("asked at"))
    decided_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    grant = models.OneToOneField(
        RoleGrant, models.PROTECT, related_name="request", null=True, blank=True, verbose_name=_("role grant")
    )

    objects = RoleRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("role request")
        verbose_name_plural = _("role requests")
        constraints = [
            models.CheckConstraint(name="org_rolerequest_guarded", condition=Q(role__in=TWO_ADMINISTRATORS)),
            models.CheckConstraint(name="org_rolerequest_not_oneself", condition=~Q(requested_by=F("user"))),
            models.CheckConstraint(
                name="org_rolerequest_second_person",
                condition=~Q(state="granted") | (~Q(decided_by=F("requested_by")) & ~Q(decided_by=F("user"))),
            ),
            models.CheckConstraint(
                name="org_rolerequest_decided",
                condition=Q(state="waiting", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(state="waiting") & Q(decided_by__isnull=False, decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="org_rolerequest_with_grant",
                condition=Q(state="granted", grant__isnull=False)
                | (~Q(state="granted") & Q(grant__isnull=True)),
            ),
            models.UniqueConstraint(
                name="org_rolerequest_once",
                fields=["user", "role", "unit"],
                condition=Q(state="waiting"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} for {self.user_id} in {self.unit_id}, {self.state} (#{self.pk})"
