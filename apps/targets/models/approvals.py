"""Who has to agree to a target before it is in force, and what parts of it are asked back."""

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission, Role
from apps.access.scope import may, scope_of
from apps.core.money import bounded
from apps.core.names import WordsField
from apps.org.enums import UnitKind
from apps.org.models import OrgUnit
from apps.targets.enums import Approver, Below, Decision
from apps.targets.models.nodes import OfTargetQuerySet, Target
from apps.targets.models.plans import LIMIT, OfPlanQuerySet, TargetPlan, amount_field


class ApprovalStepQuerySet(models.QuerySet):
    """Steps of the company's approval chain."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the steps for whoever plans or approves targets."""
        allowed = may(user, Permission.TARGET_EDIT, on) or may(user, Permission.TARGET_APPROVE, on)
        return self if allowed else self.none()

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep the steps for whoever holds a permission for the whole company."""
        return self if scope_of(user, permission, on).everything else self.none()


class ApprovalStep(models.Model):
    """One step on the way of a target into force; steps are taken in their order.

    Either the leads of all units of one kind that take part agree, each for the
    own unit, or one holder of a role over the target's top unit.
    """

    order = models.PositiveSmallIntegerField(_("order"))
    who = models.CharField(_("who approves"), max_length=8, choices=Approver)
    unit_kind = models.CharField(_("units"), max_length=12, choices=UnitKind, blank=True, default="")
    role = models.CharField(_("role"), max_length=12, choices=Role, blank=True, default="")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(_("set at"))

    objects = ApprovalStepQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval step")
        verbose_name_plural = _("approval steps")
        constraints = [
            models.UniqueConstraint(
                name="targets_step_order_once", fields=["order"], deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                name="targets_step_leads_or_role",
                condition=(Q(who="leads", role="") & ~Q(unit_kind=""))
                | (Q(who="role", unit_kind="") & ~Q(role="")),
            ),
        ]

    def __str__(self) -> str:
        return f"step {self.order}: {self.unit_kind or self.role} (#{self.pk})"


class PlanApproval(models.Model):
    """One agreement that a submitted version needs, as the steps stood when it was submitted."""

    plan = models.ForeignKey(TargetPlan, models.CASCADE, related_name="approvals", verbose_name=_("target"))
    attempt = models.PositiveSmallIntegerField(_("submission"))
    order = models.PositiveSmallIntegerField(_("order"))
    who = models.CharField(_("who approves"), max_length=8, choices=Approver)
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", null=True, blank=True)
    role = models.CharField(_("role"), max_length=12, choices=Role, blank=True, default="")
    state = models.CharField(_("status"), max_length=10, choices=Decision, default=Decision.WAITING)
    comment = WordsField(_("comment"), max_length=1000, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    objects = OfPlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval of a target")
        verbose_name_plural = _("approvals of targets")
        constraints = [
            models.UniqueConstraint(
                name="targets_approval_once",
                fields=["plan", "attempt", "order", "unit"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="targets_approval_lead_or_role",
                condition=Q(who="leads", unit__isnull=False, role="")
                | (Q(who="role", unit__isnull=True) & ~Q(role="")),
            ),
            models.CheckConstraint(
                name="targets_approval_decided",
                condition=Q(
                    state__in=["waiting", "dropped"], decided_by__isnull=True, decided_at__isnull=True
                )
                | Q(state__in=["approved", "returned"], decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="targets_approval_return_says_why", condition=~Q(state="returned") | ~Q(comment="")
            ),
        ]

    def __str__(self) -> str:
        return f"approval {self.order} of plan {self.plan_id}, {self.state} (#{self.pk})"


class ShareRequestQuerySet(OfTargetQuerySet):
    """Questions about figures below a changed total."""

    def waiting(self) -> Self:
        """Keep those nobody answered and no undo took back."""
        return self.filter(answered_at__isnull=True, withdrawn_at__isnull=True)


class ShareRequest(models.Model):
    """A total was changed and whoever leads the unit is asked what becomes of the figures below it.

    Undoing the change withdraws the question; making it again asks once more.
    """

    target = models.ForeignKey(Target, models.CASCADE, related_name="share_requests")
    before = amount_field(_("before"))
    after = amount_field(_("after"))
    reason = WordsField(_("reason"), max_length=500)
    due_on = models.DateField(_("due on"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked at"))
    choice = models.CharField(_("answer"), max_length=8, choices=Below, blank=True, default="")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    objects = ShareRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("question about the figures below")
        verbose_name_plural = _("questions about the figures below")
        constraints = [
            models.UniqueConstraint(
                name="targets_request_one_open",
                fields=["target"],
                condition=Q(answered_at__isnull=True, withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(
                name="targets_request_answered",
                condition=Q(choice="", answered_by__isnull=True, answered_at__isnull=True)
                | (~Q(choice="") & Q(answered_by__isnull=False, answered_at__isnull=False)),
            ),
            models.CheckConstraint(name="targets_request_says_why", condition=~Q(reason="")),
            bounded("targets_request_before", "before", high=LIMIT),
            bounded("targets_request_after", "after", high=LIMIT),
        ]

    def __str__(self) -> str:
        return f"question about target {self.target_id} (#{self.pk})"
