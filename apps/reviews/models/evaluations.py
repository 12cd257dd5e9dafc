"""The evaluation of one person for one period: whose it is, in which roles, and its KPI scores."""

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import person_id_of, scope_of
from apps.core.money import bounded
from apps.org.models import OrgUnit, Person, Position
from apps.reviews.enums import Flag, Rating, Stage, TargetSource
from apps.reviews.models.cycles import EvaluationCycle
from apps.reviews.rules import SHARED
from apps.roles.models import SalesRole

LIMIT = 99_999_999_999_999


class EvaluationQuerySet(models.QuerySet):
    """Evaluations; the most private rows next to pay."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep what a person may read.

        Their own once it is shared, whatever else they are; those of people in
        reach of the permission to assess or to run cycles at any stage; those of
        people in reach of mere viewing once they are shared.
        """
        view = scope_of(user, Permission.REVIEW_VIEW, on)
        if not view:
            return self.none()
        mine, shared = Q(person_id=person_id_of(user)), Q(stage__in=SHARED)
        readable = shared
        for permission in (Permission.REVIEW_EDIT, Permission.REVIEW_ADMIN):
            scope = scope_of(user, permission, on)
            if scope.everything:  # an empty condition joined by "or" would vanish
                readable |= Q(pk__isnull=False)
            elif scope:
                readable |= scope.people("person")
        return self.filter(view.people("person")).filter((readable & ~mine) | (mine & shared))

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep the evaluations of other people in reach of a permission: nobody acts on their own here."""
        others = self.filter(scope_of(user, permission, on).people("person"))
        return others.exclude(person_id=person_id_of(user))

    def own(self, user: User) -> Self:
        """Keep the user's own evaluations at any stage: to write the self part and to acknowledge."""
        scope = scope_of(user, Permission.REVIEW_VIEW)
        return self.filter(person_id=scope.own_person_id) if scope.own_person_id else self.none()


class Evaluation(models.Model):
    """How one person did in one period.

    ``kpi_score`` and ``kpi_rating`` follow from the ledger; ``rating`` is what
    the manager proposes and calibration settles. ``manager`` is who had to
    assess when the period ended. Kept as it was once it is approved.
    """

    cycle = models.ForeignKey(
        EvaluationCycle, models.PROTECT, related_name="evaluations", verbose_name=_("cycle")
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("person"))
    role = models.ForeignKey(SalesRole, models.PROTECT, related_name="+", verbose_name=_("role"))
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    manager = models.ForeignKey(
        Person, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("manager")
    )
    stage = models.CharField(_("stage"), max_length=12, choices=Stage, default=Stage.DRAFT)
    kpi_score = models.DecimalField(_("KPI score"), max_digits=12, decimal_places=8, null=True, blank=True)
    kpi_rating = models.CharField(_("rating by KPIs"), max_length=14, choices=Rating, blank=True)
    rating = models.CharField(_("rating"), max_length=14, choices=Rating, blank=True)
    achievements = models.TextField(_("what went well"), blank=True)
    difficulties = models.TextField(_("what was hard"), blank=True)
    support = models.TextField(_("support needed"), blank=True)
    self_submitted_at = models.DateTimeField(_("self-assessment signed at"), null=True, blank=True)
    strengths = models.TextField(_("strengths"), blank=True)
    growth = models.TextField(_("to develop"), blank=True)
    summary = models.TextField(_("overall judgement"), blank=True)
    assessed_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("assessed by")
    )
    manager_submitted_at = models.DateTimeField(_("manager signed at"), null=True, blank=True)
    approved_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    shared_at = models.DateTimeField(_("shared at"), null=True, blank=True)
    reply = models.TextField(_("reply"), blank=True)
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        verbose_name = _("evaluation")
        verbose_name_plural = _("evaluations")
        constraints = [
            models.UniqueConstraint(name="reviews_evaluation_once", fields=["cycle", "person"]),
            models.CheckConstraint(
                name="reviews_evaluation_stage_known", condition=Q(stage__in=Stage.values)
            ),
            models.CheckConstraint(
                name="reviews_evaluation_ratings_known",
                condition=Q(rating__in=["", *Rating.values], kpi_rating__in=["", *Rating.values]),
            ),
            bounded("reviews_evaluation_score", "kpi_score", low=0, high=5),
            models.CheckConstraint(
                name="reviews_evaluation_scored", condition=Q(kpi_score__isnull=True) | ~Q(kpi_rating="")
            ),
            models.CheckConstraint(
                name="reviews_evaluation_not_by_oneself",
                condition=Q(manager__isnull=True) | ~Q(manager=F("person")),
            ),
            models.CheckConstraint(
                name="reviews_evaluation_approved",
                condition=Q(approved_at__isnull=True, approved_by__isnull=True)
                | Q(approved_at__isnull=False, approved_by__isnull=False),
            ),
            models.CheckConstraint(
                name="reviews_evaluation_four_eyes",
                condition=Q(approved_by__isnull=True)
                | Q(assessed_by__isnull=True)
                | ~Q(approved_by=F("assessed_by")),
            ),
            models.CheckConstraint(
                name="reviews_evaluation_signed_in_order",
                condition=Q(stage__in=[Stage.DRAFT, Stage.SELF, Stage.MANAGER, Stage.CALIBRATION])
                | Q(approved_at__isnull=False),
            ),
        ]
        indexes = [models.Index(name="reviews_evaluation_person", fields=["person", "stage"])]

    def __str__(self) -> str:
        return f"evaluation of {self.person_id} in {self.cycle_id} (#{self.pk})"

    @property
    def is_shared(self) -> bool:
        """Tell whether the person may read it."""
        return self.stage in SHARED


class OfEvaluationQuerySet(models.QuerySet):
    """Parts of evaluations, as visible as the evaluation."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the parts of evaluations a person may read."""
        return self.filter(evaluation__in=Evaluation.objects.visible_to(user, on))


class EvaluationSegment(models.Model):
    """A part of the period in which the person had one seat, role and manager."""

    evaluation = models.ForeignKey(Evaluation, models.CASCADE, related_name="segments")
    starts_on = models.DateField(_("from"))
    ends_before = models.DateField(_("ends before"))
    working_days = models.PositiveSmallIntegerField(_("working days"))
    position = models.ForeignKey(Position, models.PROTECT, related_name="+", verbose_name=_("position"))
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    role = models.ForeignKey(SalesRole, models.PROTECT, related_name="+", verbose_name=_("role"))
    manager = models.ForeignKey(
        Person, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("manager")
    )

    objects = OfEvaluationQuerySet.as_manager()

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        constraints = [
            models.UniqueConstraint(name="reviews_segment_once", fields=["evaluation", "starts_on"]),
            models.CheckConstraint(name="reviews_segment_dates", condition=Q(ends_before__gt=F("starts_on"))),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on} to {self.ends_before} of {self.evaluation_id} (#{self.pk})"

    @property
    def last_day(self) -> dt.date:
        """The last day of the segment."""
        return self.ends_before - dt.timedelta(days=1)


def figure_field(label: object) -> models.DecimalField:
    """Return a column for a figure of any measure."""
    return models.DecimalField(label, max_digits=24, decimal_places=8, null=True, blank=True)  # type: ignore[arg-type]


class KpiScore(models.Model):
    """One KPI of a role over the days it was played: actual from the ledger, target, score.

    ``unit`` is set for somebody who led a unit: then the figure is the unit's.
    ``working_days`` weighs the stretch when the role changed within the period.
    """

    evaluation = models.ForeignKey(Evaluation, models.CASCADE, related_name="scores")
    role = models.ForeignKey(SalesRole, models.PROTECT, related_name="+", verbose_name=_("role"))
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("unit led")
    )
    starts_on = models.DateField(_("from"))
    ends_before = models.DateField(_("ends before"))
    working_days = models.PositiveSmallIntegerField(_("working days"))
    measure = models.CharField(_("measure"), max_length=40)
    weight = models.DecimalField(_("weight, %"), max_digits=5, decimal_places=2)
    actual = figure_field(_("actual"))
    numerator = figure_field(_("numerator"))
    denominator = figure_field(_("denominator"))
    row_count = models.PositiveIntegerField(_("rows behind"), default=0)
    target = figure_field(_("target"))
    target_source = models.CharField(_("target from"), max_length=8, choices=TargetSource)
    floor = figure_field(_("floor or worst"))
    cap = models.DecimalField(_("highest score"), max_digits=5, decimal_places=4)
    score = models.DecimalField(_("score"), max_digits=12, decimal_places=8, null=True, blank=True)
    uncapped = models.DecimalField(
        _("score before bounds"), max_digits=18, decimal_places=8, null=True, blank=True
    )
    flag = models.CharField(_("note"), max_length=10, choices=Flag, default=Flag.COUNTED)

    objects = OfEvaluationQuerySet.as_manager()

    class Meta:
        verbose_name = _("KPI score")
        verbose_name_plural = _("KPI scores")
        constraints = [
            models.UniqueConstraint(name="reviews_score_once", fields=["evaluation", "measure", "starts_on"]),
            models.CheckConstraint(name="reviews_score_dates", condition=Q(ends_before__gt=F("starts_on"))),
            bounded("reviews_score_weight", "weight", low=0, high=100),
            bounded("reviews_score_score", "score", low=0, high=5),
            bounded("reviews_score_uncapped", "uncapped", low=-9_999_999_999, high=9_999_999_999),
            bounded("reviews_score_actual", "actual", low=-LIMIT, high=LIMIT),
            bounded("reviews_score_target", "target", low=0, high=LIMIT),
            models.CheckConstraint(
                name="reviews_score_flagged",
                condition=Q(flag=Flag.COUNTED, score__isnull=False)
                | (~Q(flag=Flag.COUNTED) & Q(score__isnull=True)),
            ),
            models.CheckConstraint(
                name="reviews_score_target_from",
                condition=Q(target_source=TargetSource.NONE, target__isnull=True)
                | (~Q(target_source=TargetSource.NONE) & Q(target__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure} of {self.evaluation_id} (#{self.pk})"
