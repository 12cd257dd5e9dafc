"""The nodes of a plan, their months and waivers."""

import datetime as dt
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import person_id_of, scope_of
from apps.calendars.models import FiscalPeriod
from apps.core import clock
from apps.core.money import bounded
from apps.core.names import NameField
from apps.org.models import Assignment, OrgUnit, Person, Position, PositionUnit
from apps.targets.enums import Grade, Method, Origin, PlanStatus
from apps.targets.models.plans import LIMIT, TargetPlan, amount_field


class TargetQuerySet(models.QuerySet):
    """Nodes of plans."""

    def in_force(self) -> Self:
        """Keep the nodes people are held to."""
        return self.filter(plan__status=PlanStatus.APPROVED)

    def held_by(self, person_id: int | None, on: dt.date) -> Self:
        """Keep the seats a person holds and the units they lead on a day."""
        if person_id is None:
            return self.none()
        mine = Assignment.objects.on(on).filter(person=person_id)
        leading = PositionUnit.objects.on(on).filter(is_lead=True, position__in=mine.values("position"))
        return self.filter(Q(position__in=mine.values("position")) | Q(unit__in=leading.values("unit")))

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the user's own targets and those in reach; of drafts only what they plan or approve."""
        day = on or clock.today()
        settled = Q(plan__status__in=[PlanStatus.APPROVED, PlanStatus.SUPERSEDED])
        drafted = self._reach(user, Permission.TARGET_EDIT, day) | self._reach(
            user, Permission.TARGET_APPROVE, day
        )
        return self.filter((settled & self._reach(user, Permission.TARGET_VIEW, day)) | drafted)

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep the targets in reach of a permission; to change a target, it must not be one's own."""
        day = on or clock.today()
        found = self.filter(self._reach(user, permission, day))
        if permission != Permission.TARGET_EDIT:
            return found
        own = Target.objects.held_by(person_id_of(user), day).values("pk")
        return found.exclude(pk__in=own)

    def _reach(self, user: User, permission: Permission, day: dt.date) -> Q:
        scope = scope_of(user, permission, day)
        if scope.everything:
            return Q(pk__isnull=False)
        if not scope:
            return Q(pk__in=[])
        # One array instead of a parameter per unit: hundreds of them take longer than the query.
        units = RawSQL("SELECT unnest(%s::bigint[])", [sorted(scope.unit_ids)])
        seats = PositionUnit.objects.on(day).filter(position=OuterRef("position"), unit__in=units)
        reach = Q(unit__in=units) | Q(Exists(seats), position__isnull=False)
        if scope.own_person_id is not None:
            own = Target.objects.held_by(scope.own_person_id, day)
            reach |= Q(pk__in=own.values("pk"))
        return reach


class Target(models.Model):
    """What one unit or one seat has to reach in a plan's year.

    A seat keeps its target whoever holds it, so a vacancy carries it. ``method``
    and ``over_assignment`` say how the children's targets came from this one;
    ``history`` to ``high`` are the child's own claims in the split above it, kept
    so that any figure can be computed again (``capacity`` is full-time share ×
    ramp × productivity). ``months`` are the months of the year in order; of a node
    with children they follow from theirs.
    """

    plan = models.ForeignKey(TargetPlan, models.CASCADE, related_name="targets")
    parent = models.ForeignKey(
        "self", models.CASCADE, related_name="children", null=True, blank=True, verbose_name=_("part of")
    )
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", null=True, blank=True)
    position = models.ForeignKey(Position, models.PROTECT, related_name="+", null=True, blank=True)
    owner = models.ForeignKey(
        Person, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("answers for it")
    )
    depth = models.PositiveSmallIntegerField(pgettext_lazy("depth", "level"), default=0)
    place = models.PositiveIntegerField(_("order in the tree"), default=0)
    amount = amount_field(_("target"), default=0)
    months = ArrayField(amount_field(_("month")), verbose_name=_("months"), default=list)
    fixed_months = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("months set by hand"), default=list, blank=True
    )
    stretch_amount = amount_field(_("stretch target"), default=0)
    challenge_amount = amount_field(_("challenge target"), default=0)
    history = amount_field(_("last year"), default=0)
    capacity = models.DecimalField(_("capacity"), max_digits=9, decimal_places=4, default=1)
    potential = amount_field(_("potential"), default=0)
    bottom_up = amount_field(_("own figure"), null=True, blank=True)
    fte = models.DecimalField(_("full-time share"), max_digits=9, decimal_places=4, default=1)
    productivity = models.DecimalField(_("productivity"), max_digits=6, decimal_places=4, default=1)
    low = amount_field(_("lower limit"), default=0)
    high = amount_field(_("upper limit"), null=True, blank=True)
    method = models.CharField(_("method"), max_length=16, choices=Method, default=Method.HISTORY)
    # Sixteen decimals: figures kept below a changed total must sum to it to the cent.
    over_assignment = models.DecimalField(_("over-assignment"), max_digits=20, decimal_places=16, default=0)
    recipe = models.JSONField(_("own settings of the method"), default=dict, blank=True)
    origin = models.CharField(_("came about"), max_length=8, choices=Origin, default=Origin.METHOD)
    is_fixed = models.BooleanField(_("set by hand"), default=False)
    override_reason = models.CharField(_("reason"), max_length=300, blank=True)
    overridden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    overridden_at = models.DateTimeField(_("set at"), null=True, blank=True)
    smart = models.JSONField(_("SMART verdict"), default=list, blank=True)
    smart_grade = models.CharField(_("SMART grade"), max_length=8, choices=Grade, blank=True, default="")
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True)

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = _("target of a unit or seat")
        verbose_name_plural = _("targets of units and seats")
        constraints = [
            models.CheckConstraint(
                name="targets_target_unit_or_seat",
                condition=Q(unit__isnull=False, position__isnull=True)
                | Q(unit__isnull=True, position__isnull=False),
            ),
            models.UniqueConstraint(name="targets_target_unit_once", fields=["plan", "unit"]),
            models.UniqueConstraint(name="targets_target_seat_once", fields=["plan", "position"]),
            models.UniqueConstraint(
                name="targets_target_one_top", fields=["plan"], condition=Q(parent__isnull=True)
            ),
            models.CheckConstraint(
                name="targets_target_not_itself", condition=Q(parent__isnull=True) | ~Q(parent=F("pk"))
            ),
            models.CheckConstraint(
                name="targets_target_fixed_by_somebody",
                condition=Q(is_fixed=False) | Q(overridden_by__isnull=False, overridden_at__isnull=False),
            ),
            models.CheckConstraint(
                name="targets_target_limits", condition=Q(high__isnull=True) | Q(high__gte=F("low"))
            ),
            models.CheckConstraint(name="targets_target_method_known", condition=Q(method__in=Method.values)),
            models.CheckConstraint(name="targets_target_origin_known", condition=Q(origin__in=Origin.values)),
            bounded("targets_target_fte", "fte", low=0, high=10000),
            bounded("targets_target_productivity", "productivity", low=0, high=10),
            bounded("targets_target_over", "over_assignment", low=-1, high=1000),
            bounded("targets_target_capacity", "capacity", low=0, high=10000),
            *[
                bounded(f"targets_target_{field}", field, high=LIMIT)
                for field in ("amount", "stretch_amount", "challenge_amount", "potential", "bottom_up")
            ],
            bounded("targets_target_history", "history", low=-LIMIT, high=LIMIT),
            bounded("targets_target_low", "low", high=LIMIT),
            bounded("targets_target_high", "high", high=LIMIT),
        ]
        indexes = [models.Index(name="targets_target_in_order", fields=["plan", "place"])]

    def __str__(self) -> str:
        return f"target of {'unit' if self.unit_id else 'seat'} (#{self.pk})"


class OfTargetQuerySet(models.QuerySet):
    """Parts of a node."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the parts of the targets the user may see."""
        return self.filter(target__in=Target.objects.visible_to(user, on).values("pk"))


class TargetSlice(models.Model):
    """The part of a target that falls to one member of a dimension: a product, a segment, an account …

    The slices of a dimension sum to their target. Dimensions are code
    (``targets.dimensions``) and members are their keys, so a new kind of slice
    needs no column. ``weight`` is the figure as planned: when the target moves,
    the amount follows in the same proportions.
    """

    target = models.ForeignKey(Target, models.CASCADE, related_name="slices")
    dimension = models.CharField(_("dimension"), max_length=20)
    member = models.CharField(_("member"), max_length=80)
    label = models.CharField(_("name"), max_length=200)
    weight = amount_field(_("weight"))
    amount = amount_field(_("target"))

    objects = OfTargetQuerySet.as_manager()

    class Meta:
        verbose_name = _("slice of a target")
        verbose_name_plural = _("slices of targets")
        constraints = [
            models.UniqueConstraint(name="targets_slice_once", fields=["target", "dimension", "member"]),
            models.CheckConstraint(
                name="targets_slice_named", condition=~Q(dimension="") & ~Q(member="") & ~Q(label="")
            ),
            bounded("targets_slice_amount", "amount", high=LIMIT),
            bounded("targets_slice_weight", "weight", high=LIMIT),
        ]

    def __str__(self) -> str:
        return f"{self.dimension} {self.member} of target {self.target_id} (#{self.pk})"


class TargetWaiver(models.Model):
    """Why a target may be approved although letters of its SMART check are not met."""

    target = models.OneToOneField(Target, models.CASCADE, related_name="waiver")
    letters = models.CharField(_("letters"), max_length=5)
    reason = NameField(_("reason"), max_length=500)
    waived_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    waived_at = models.DateTimeField(_("waived at"))

    objects = OfTargetQuerySet.as_manager()

    class Meta:
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        constraints = [
            models.CheckConstraint(name="targets_waiver_says_why", condition=~Q(reason="") & ~Q(letters=""))
        ]

    def __str__(self) -> str:
        return f"waiver of {self.letters} for target {self.target_id} (#{self.pk})"


class QuotaReliefQuerySet(models.QuerySet):
    """Reliefs."""

    def standing(self) -> Self:
        """Keep those that were not taken back."""
        return self.filter(revoked_at__isnull=True)

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the reliefs of the people whose targets the user may see."""
        return self.permitting(user, Permission.TARGET_VIEW, on)

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep the reliefs of people in reach of a permission."""
        return self.filter(scope_of(user, permission, on).people("person"))


class QuotaRelief(models.Model):
    """What is taken off a person's quota for a month: an amount, or a share of the month.

    It belongs to the person, not to a version of a target, so it survives the next version.
    """

    measure = models.CharField(_("measure"), max_length=40)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("person"))
    month = models.ForeignKey(FiscalPeriod, models.PROTECT, related_name="+", verbose_name=_("month"))
    amount = amount_field(_("amount"), null=True, blank=True)
    share = models.DecimalField(_("share"), max_digits=5, decimal_places=4, null=True, blank=True)
    on_top = models.BooleanField(
        _("on top of absences"),
        default=False,
        help_text=_("Otherwise the larger of relief and recorded absences counts."),
    )
    reason = NameField(_("reason"), max_length=300)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(_("granted at"))
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    revoked_at = models.DateTimeField(_("taken back at"), null=True, blank=True)

    objects = QuotaReliefQuerySet.as_manager()

    class Meta:
        verbose_name = _("quota relief")
        verbose_name_plural = _("quota reliefs")
        constraints = [
            models.CheckConstraint(
                name="targets_relief_amount_or_share",
                condition=Q(amount__isnull=False, share__isnull=True)
                | Q(amount__isnull=True, share__isnull=False),
            ),
            models.CheckConstraint(name="targets_relief_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="targets_relief_revoked_pair",
                condition=Q(revoked_by__isnull=True, revoked_at__isnull=True)
                | Q(revoked_by__isnull=False, revoked_at__isnull=False),
            ),
            bounded("targets_relief_amount", "amount", high=LIMIT),
            bounded("targets_relief_share", "share", low=0, high=1),
        ]
        indexes = [models.Index(name="targets_relief_of", fields=["person", "measure"])]

    def __str__(self) -> str:
        return f"relief of person {self.person_id} (#{self.pk})"
