"""Incentive plans, their versions, and who is under them when."""

import datetime as dt
from collections.abc import Collection
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import may, scope_of
from apps.core import clock
from apps.core.effective import Dated, DatedQuerySet, no_overlap
from apps.core.money import MoneyField, bounded
from apps.core.names import NameField, WordsField
from apps.incentives.enums import PayFrequency, VersionAct, VersionStatus
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.parsing import parse_plan
from apps.incentives.rules.plan.upgrade import upgrade
from apps.org.models import Assignment, Person, Position
from apps.roles.models import PositionRole, SalesRole


class IncentivePlanQuerySet(models.QuerySet):
    """Plans."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the plans of people whose plans the user may see; their own among them."""
        return self.permitting(user, Permission.PLAN_VIEW, on)

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep the plans that reach somebody in reach of a permission; granted at the top, all plans."""
        day = on or clock.today()
        scope = scope_of(user, permission, day)
        if scope.everything:
            return self.all()
        if not scope:
            return self.none()
        people = scope.person_ids
        return self.filter(Exists(PlanAssignment.objects.reaching(people, day).filter(plan=OuterRef("pk"))))


class IncentivePlan(models.Model):
    """A way of paying people, known by a code; what it says is in its versions."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = NameField(_("name"), max_length=120)
    purpose = WordsField(_("what it is for"), max_length=1000, blank=True)
    frequency = models.CharField(_("pays"), max_length=8, choices=PayFrequency, default=PayFrequency.QUARTER)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created at"))

    objects = IncentivePlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("incentive plan")
        verbose_name_plural = _("incentive plans")
        constraints = [
            models.CheckConstraint(name="incentives_plan_named", condition=~Q(name="") & ~Q(code="")),
            models.CheckConstraint(
                name="incentives_plan_frequency_known", condition=Q(frequency__in=PayFrequency.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} (#{self.pk})"


class PlanVersionQuerySet(DatedQuerySet):
    """Versions of plans."""

    def approved(self) -> Self:
        """Keep the versions people are paid by."""
        return self.filter(status=VersionStatus.APPROVED)

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep approved versions of visible plans; drafts only for those who write or approve plans."""
        found = self.filter(plan__in=IncentivePlan.objects.visible_to(user, on).values("pk"))
        if may(user, Permission.PLAN_EDIT, on) or may(user, Permission.PLAN_APPROVE, on):
            return found
        return found.filter(status=VersionStatus.APPROVED)

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep the versions of plans in reach of a permission."""
        return self.filter(plan__in=IncentivePlan.objects.permitting(user, permission, on).values("pk"))


class PlanVersion(Dated):
    """What a plan says from a day on: a typed document, frozen by hash once a second person approved."""

    plan = models.ForeignKey(IncentivePlan, models.PROTECT, related_name="versions", verbose_name=_("plan"))
    number = models.PositiveSmallIntegerField(_("version"))
    document = models.JSONField(_("document"))
    document_hash = models.CharField(_("hash"), max_length=64)
    status = models.CharField(_("status"), max_length=10, choices=VersionStatus, default=VersionStatus.DRAFT)
    note = NameField(_("what changed"), max_length=300, blank=True)
    revision = models.PositiveIntegerField(_("edit"), default=1)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("created at"))
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    submitted_at = models.DateTimeField(_("submitted at"), null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    approved_at = models.DateTimeField(_("approved at"), null=True)

    objects = PlanVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan version")
        verbose_name_plural = _("plan versions")
        constraints = [
            models.UniqueConstraint(name="incentives_version_number", fields=["plan", "number"]),
            models.UniqueConstraint(
                name="incentives_version_one_open", fields=["plan"], condition=~Q(status="approved")
            ),
            no_overlap("incentives_version_one_in_force", "plan", condition=Q(status="approved")),
            models.CheckConstraint(
                name="incentives_version_status_known", condition=Q(status__in=VersionStatus.values)
            ),
            models.CheckConstraint(
                name="incentives_version_approved_pair",
                condition=Q(status="approved", approved_by__isnull=False, approved_at__isnull=False)
                | (~Q(status="approved") & Q(approved_by__isnull=True, approved_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="incentives_version_two_people",
                condition=Q(approved_by__isnull=True)
                | (~Q(approved_by=F("created_by")) & ~Q(approved_by=F("submitted_by"))),
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number} of plan {self.plan_id} (#{self.pk})"

    @cached_property
    def plan_document(self) -> PlanDocument:
        """The document, read."""
        return parse_plan(upgrade(self.document))


class VersionStepQuerySet(models.QuerySet):
    """Steps of plan versions."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the steps of visible versions, for those who write or approve plans."""
        if not (may(user, Permission.PLAN_EDIT, on) or may(user, Permission.PLAN_APPROVE, on)):
            return self.none()
        return self.filter(version__in=PlanVersion.objects.visible_to(user, on).values("pk"))


class VersionStep(models.Model):
    """One step a plan version took: what was done, by whom, when, and why where it was sent back."""

    version = models.ForeignKey(
        PlanVersion, models.CASCADE, related_name="steps", verbose_name=_("plan version")
    )
    act = models.CharField(_("what was done"), max_length=10, choices=VersionAct)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    note = models.CharField(_("note"), max_length=500, blank=True)

    objects = VersionStepQuerySet.as_manager()

    class Meta:
        verbose_name = _("step of a plan version")
        verbose_name_plural = _("steps of plan versions")
        constraints = [
            models.CheckConstraint(
                name="incentives_version_act_known", condition=Q(act__in=VersionAct.values)
            ),
            models.CheckConstraint(
                name="incentives_version_back_with_reason", condition=~Q(act="sent_back") | ~Q(note="")
            ),
        ]
        indexes = [models.Index(name="incentives_step_of_version", fields=["version", "at"])]

    def __str__(self) -> str:
        return f"version {self.version_id} {self.act} (#{self.pk})"


class PlanAssignmentQuerySet(DatedQuerySet):
    """Assignments of plans."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the assignments that reach people whose statements the user may see."""
        day = on or clock.today()
        scope = scope_of(user, Permission.STATEMENT_VIEW, day)
        if scope.everything:
            return self.all()
        return self.reaching(scope.person_ids, day)

    def reaching(self, person_ids: Collection[int], day: dt.date) -> Self:
        """Keep the assignments that name one of the people, their positions or their roles of a day."""
        seats = Assignment.objects.on(day).filter(person__in=person_ids).values("position_id")
        roles = PositionRole.objects.on(day).filter(position__in=seats).values("role_id")
        return self.filter(Q(person__in=person_ids) | Q(position__in=seats) | Q(role__in=roles))


class PlanAssignment(Dated):
    """Who is under a plan, from when to when: a person, whoever holds a position, or everybody in a role.

    On each day the narrower assignment wins (person, position, role), so nobody
    is ever paid twice. The amounts, where given, replace the plan's own.
    """

    plan = models.ForeignKey(
        IncentivePlan, models.PROTECT, related_name="assignments", verbose_name=_("plan")
    )
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("person")
    )
    position = models.ForeignKey(
        Position, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("position")
    )
    role = models.ForeignKey(
        SalesRole, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("role")
    )
    annual_salary = MoneyField(_("yearly salary"), null=True, blank=True)
    annual_bonus = MoneyField(_("yearly target bonus"), null=True, blank=True)

    objects = PlanAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan assignment")
        verbose_name_plural = _("plan assignments")
        constraints = [
            models.CheckConstraint(
                name="incentives_assignment_one_target",
                condition=Q(person__isnull=False, position__isnull=True, role__isnull=True)
                | Q(person__isnull=True, position__isnull=False, role__isnull=True)
                | Q(person__isnull=True, position__isnull=True, role__isnull=False),
            ),
            models.CheckConstraint(
                name="incentives_assignment_dated",
                condition=Q(valid__isempty=False) & Q(valid__startswith__isnull=False),
            ),
            no_overlap("incentives_assignment_person", "person", condition=Q(person__isnull=False)),
            no_overlap("incentives_assignment_position", "position", condition=Q(position__isnull=False)),
            no_overlap("incentives_assignment_role", "role", condition=Q(role__isnull=False)),
            bounded("incentives_assignment_salary", "annual_salary"),
            bounded("incentives_assignment_bonus", "annual_bonus"),
        ]

    def __str__(self) -> str:
        return f"plan {self.plan_id} from {self.valid} (#{self.pk})"
