"""Versions of targets and how they are cut."""

import datetime as dt
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import may, scope_of
from apps.calendars.models import FiscalPeriod
from apps.core.money import CurrencyField, bounded
from apps.org.models import OrgUnit
from apps.targets.enums import ChangeKind, Method, PlanStatus, RampUse, Season

LIMIT = Decimal("99999999999999.9999")


def amount_field(label: object, **options: object) -> models.DecimalField:
    """Return a column for a figure of any measure: fourteen digits and four decimals."""
    return models.DecimalField(label, max_digits=18, decimal_places=4, **options)  # type: ignore[arg-type]


class TargetPlanQuerySet(models.QuerySet):
    """Versions of targets."""

    def in_force(self) -> Self:
        """Keep the versions that people are held to."""
        return self.filter(status=PlanStatus.APPROVED)

    def open(self) -> Self:
        """Keep drafts and versions that wait for approval."""
        return self.filter(status__in=[PlanStatus.DRAFT, PlanStatus.SUBMITTED])

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep what was approved for whoever sees targets; drafts only for those who plan or approve them."""
        if not may(user, Permission.TARGET_VIEW, on):
            return self.none()
        planning = any(
            may(user, permission, on) for permission in (Permission.TARGET_EDIT, Permission.TARGET_APPROVE)
        )
        return self if planning else self.filter(status__in=[PlanStatus.APPROVED, PlanStatus.SUPERSEDED])

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep the plans whose top unit is in reach of a permission."""
        return self.filter(scope_of(user, permission, on).units("root_unit"))


class TargetPlan(models.Model):
    """One version of a year's target on one measure, cascaded over a unit and everything below it.

    At most one version of a measure and year is in force; ``revision`` rises
    with every change and guards against lost updates; ``touched`` belongs to the
    database trigger that proves the sums at commit.
    """

    name = models.CharField(_("name"), max_length=120)
    measure = models.CharField(_("measure"), max_length=40)
    period = models.ForeignKey(FiscalPeriod, models.PROTECT, related_name="+", verbose_name=_("fiscal year"))
    root_unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", verbose_name=_("top unit"))
    structure_on = models.DateField(_("structure as of"))
    currency = CurrencyField(_("currency"), blank=True, default="")
    decimals = models.PositiveSmallIntegerField(_("decimals"), default=2)
    is_additive = models.BooleanField(_("parts add up to the whole"), default=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    revision = models.PositiveIntegerField(_("revision"), default=1)
    status = models.CharField(_("status"), max_length=10, choices=PlanStatus, default=PlanStatus.DRAFT)
    baseline = models.ForeignKey(
        FiscalPeriod, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("base year")
    )
    baseline_amount = amount_field(_("base figure"), null=True, blank=True)
    growth = models.DecimalField(_("growth"), max_digits=9, decimal_places=6, null=True, blank=True)
    season = models.CharField(_("months"), max_length=16, choices=Season, default=Season.WORKING_DAYS)
    stretch_percent = models.DecimalField(_("stretch, %"), max_digits=5, decimal_places=2, default=10)
    challenge_percent = models.DecimalField(_("challenge, %"), max_digits=5, decimal_places=2, default=20)
    ramp = models.JSONField(
        _("ramp"),
        default=list,
        blank=True,
        help_text=_("What a newcomer can reach in the first, second … month, as parts of 1; then all."),
    )
    ramp_use = models.CharField(_("newcomers"), max_length=10, choices=RampUse, default=RampUse.RELIEF)
    reason = models.TextField(_("reason"), max_length=1000, blank=True)
    previous = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="next_versions",
        null=True,
        blank=True,
        verbose_name=_("replaces"),
    )
    touched = models.BigIntegerField(default=0, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("created at"))
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    superseded_at = models.DateTimeField(_("replaced at"), null=True, blank=True)

    objects = TargetPlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        constraints = [
            models.UniqueConstraint(
                name="targets_plan_one_in_force",
                fields=["measure", "period"],
                condition=Q(status=PlanStatus.APPROVED),
            ),
            models.UniqueConstraint(
                name="targets_plan_version_once", fields=["measure", "period", "version"]
            ),
            models.CheckConstraint(
                name="targets_plan_status_known", condition=Q(status__in=PlanStatus.values)
            ),
            models.CheckConstraint(
                name="targets_plan_approved_pair",
                condition=Q(
                    status__in=[PlanStatus.APPROVED, PlanStatus.SUPERSEDED],
                    approved_by__isnull=False,
                    approved_at__isnull=False,
                )
                | Q(
                    status__in=[PlanStatus.DRAFT, PlanStatus.SUBMITTED],
                    approved_by__isnull=True,
                    approved_at__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="targets_plan_four_eyes",
                condition=Q(approved_by__isnull=True)
                | (~Q(approved_by=F("created_by")) & ~Q(approved_by=F("submitted_by"))),
            ),
            models.CheckConstraint(
                name="targets_plan_superseded_pair",
                condition=Q(status=PlanStatus.SUPERSEDED, superseded_at__isnull=False)
                | (~Q(status=PlanStatus.SUPERSEDED) & Q(superseded_at__isnull=True)),
            ),
            bounded("targets_plan_growth", "growth", low=-1, high=100),
            bounded("targets_plan_baseline", "baseline_amount", low=-LIMIT, high=LIMIT),
            bounded("targets_plan_decimals", "decimals", low=0, high=4),
            bounded("targets_plan_stretch", "stretch_percent", low=0, high=500),
            bounded("targets_plan_challenge", "challenge_percent", low=0, high=500),
            models.CheckConstraint(name="targets_plan_ramp_use", condition=Q(ramp_use__in=RampUse.values)),
            models.CheckConstraint(
                name="targets_plan_tiers_rise", condition=Q(challenge_percent__gte=F("stretch_percent"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version} (#{self.pk})"

    @property
    def is_open(self) -> bool:
        """Whether it may still be changed."""
        return self.status == PlanStatus.DRAFT


class OfPlanQuerySet(models.QuerySet):
    """Parts of a plan."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the parts of the plans the user may see."""
        return self.filter(plan__in=TargetPlan.objects.visible_to(user, on).values("pk"))


class PlanLevel(models.Model):
    """How the nodes of one depth split their target over their children."""

    plan = models.ForeignKey(TargetPlan, models.CASCADE, related_name="levels")
    depth = models.PositiveSmallIntegerField(pgettext_lazy("depth", "level"))
    method = models.CharField(_("method"), max_length=16, choices=Method, default=Method.HISTORY)
    over_assignment = models.DecimalField(_("over-assignment"), max_digits=6, decimal_places=4, default=0)
    growth = models.DecimalField(_("growth"), max_digits=9, decimal_places=6, null=True, blank=True)
    weights = models.JSONField(_("weights of the index"), default=dict, blank=True)
    top_down = models.DecimalField(_("weight of top-down"), max_digits=5, decimal_places=4, default="0.5")

    objects = OfPlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("level of a target")
        verbose_name_plural = _("levels of targets")
        constraints = [
            models.UniqueConstraint(name="targets_level_once", fields=["plan", "depth"]),
            models.CheckConstraint(name="targets_level_method_known", condition=Q(method__in=Method.values)),
            bounded("targets_level_over", "over_assignment", low=0, high=1),
            bounded("targets_level_growth", "growth", low=-1, high=100),
            bounded("targets_level_top_down", "top_down", low=0, high=1),
        ]

    def __str__(self) -> str:
        return f"level {self.depth} of {self.plan_id} (#{self.pk})"


class PlanMonth(models.Model):
    """The weight of one month of the year, and its working days."""

    plan = models.ForeignKey(TargetPlan, models.CASCADE, related_name="months")
    month = models.ForeignKey(FiscalPeriod, models.PROTECT, related_name="+", verbose_name=_("month"))
    position = models.PositiveSmallIntegerField(_("number within the year"))
    weight = models.DecimalField(_("weight"), max_digits=18, decimal_places=12)
    working_days = models.PositiveSmallIntegerField(_("working days"))

    objects = OfPlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("month of a target")
        verbose_name_plural = _("months of a target")
        constraints = [
            models.UniqueConstraint(name="targets_planmonth_once", fields=["plan", "month"]),
            models.UniqueConstraint(name="targets_planmonth_position", fields=["plan", "position"]),
            bounded("targets_planmonth_weight", "weight", low=0, high=1000),
        ]

    def __str__(self) -> str:
        return f"month {self.position} of {self.plan_id} (#{self.pk})"


class PlanChange(models.Model):
    """One recorded change of a draft: what was before and after, so that it can be undone exactly.

    ``about`` says in codes and figures what happened, for the history that
    people read; an undone change may be made again until something else is changed.
    Until its ``PendingStep`` is written, ``before`` and ``after`` are empty.
    """

    plan = models.ForeignKey(TargetPlan, models.CASCADE, related_name="changes")
    number = models.PositiveIntegerField(_("number"))
    revision = models.PositiveIntegerField(_("revision"))
    kind = models.CharField(_("change"), max_length=14, choices=ChangeKind)
    about = models.JSONField(_("about"), default=dict, blank=True)
    before = models.JSONField(_("before"), default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(_("after"), default=dict, encoder=DjangoJSONEncoder)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("changed at"))
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)

    objects = OfPlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of a target plan")
        verbose_name_plural = _("changes of target plans")
        constraints = [
            models.UniqueConstraint(name="targets_change_numbered", fields=["plan", "number"]),
            models.CheckConstraint(name="targets_change_kind_known", condition=Q(kind__in=ChangeKind.values)),
            models.CheckConstraint(
                name="targets_change_undone_pair",
                condition=Q(undone_by__isnull=True, undone_at__isnull=True)
                | Q(undone_by__isnull=False, undone_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"change {self.number} of plan {self.plan_id} (#{self.pk})"


class PendingStep(models.Model):
    """A change, undo or redo that was answered and whose rows follow right after, in order (ADR-0010).

    ``act`` and ``order`` say what has to be written; ``states`` what the nodes it moved are now, for the
    next answer. Empty, and not in the document of the change either, nothing is answered before the
    step is written. ``revision`` is the plan's once it is.
    """

    plan = models.ForeignKey(TargetPlan, models.CASCADE, related_name="steps")
    change = models.ForeignKey(PlanChange, models.CASCADE, related_name="steps")
    number = models.PositiveIntegerField(_("number"))
    revision = models.PositiveIntegerField(_("revision"))
    act = models.CharField(_("act"), max_length=20)
    order = models.JSONField(_("still to be written"), default=dict)
    states = models.TextField(_("figures as answered"), blank=True)

    objects = OfPlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("change still to be written")
        verbose_name_plural = _("changes still to be written")
        constraints = [models.UniqueConstraint(name="targets_step_numbered", fields=["plan", "number"])]

    def __str__(self) -> str:
        return f"step {self.number} of plan {self.plan_id} (#{self.pk})"
