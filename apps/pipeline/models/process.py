"""How we sell: processes, their stages and what a stage asks for."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.money import bounded
from apps.core.names import NameField, WordsField
from apps.pipeline.enums import DealState, ForecastCategory, GateField
from apps.pipeline.models.catalogue import CatalogueQuerySet


class SalesProcess(models.Model):
    """An ordered way from first contact to a decision."""

    code = models.CharField(_("code"), max_length=40)
    name = NameField(_("name"), max_length=120)
    description = WordsField(_("description"), blank=True, default="", max_length=2000)
    is_default = models.BooleanField(_("used when none is chosen"), default=False)
    allows_skip = models.BooleanField(_("stages may be skipped"), default=True)
    allows_back = models.BooleanField(_("deals may go back a stage"), default=True)
    retired_on = models.DateField(_("retired on"), null=True, blank=True)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = _("sales process")
        verbose_name_plural = _("sales processes")
        constraints = [
            models.UniqueConstraint(fields=["code"], name="pipeline_process_code_once"),
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="pipeline_process_one_default"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} (#{self.pk})"


class Stage(models.Model):
    """A step of a process. Each process has one won and one lost stage."""

    process = models.ForeignKey(
        SalesProcess, models.PROTECT, related_name="stages", verbose_name=_("process")
    )
    code = models.CharField(_("code"), max_length=40)
    name = NameField(_("name"), max_length=80)
    order = models.PositiveSmallIntegerField(_("order"))
    kind = models.CharField(_("kind"), max_length=4, choices=DealState, default=DealState.OPEN)
    probability = models.DecimalField(_("probability"), max_digits=5, decimal_places=2)
    forecast_category = models.CharField(
        _("forecast category"),
        max_length=12,
        choices=ForecastCategory,
        blank=True,
        default=ForecastCategory.PIPELINE,
    )
    guidance = WordsField(_("what good looks like"), blank=True, default="", max_length=1000)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        constraints = [
            models.UniqueConstraint(fields=["process", "code"], name="pipeline_stage_code_once"),
            models.UniqueConstraint(
                fields=["process", "order"],
                name="pipeline_stage_order_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.UniqueConstraint(
                fields=["process", "kind"],
                condition=~Q(kind=DealState.OPEN),
                name="pipeline_stage_one_end_of_a_kind",
            ),
            bounded("pipeline_stage_probability_bounds", "probability", high=100),
            models.CheckConstraint(
                condition=Q(kind=DealState.OPEN)
                | Q(kind=DealState.WON, probability=100)
                | Q(kind=DealState.LOST, probability=0),
                name="pipeline_stage_ends_are_certain",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} (#{self.pk})"

    @property
    def is_open(self) -> bool:
        """Whether deals in this stage are still open."""
        return self.kind == DealState.OPEN


class StageGate(models.Model):
    """What a deal must have before it leaves a stage forwards."""

    stage = models.ForeignKey(Stage, models.CASCADE, related_name="gates", verbose_name=_("stage"))
    field = models.CharField(_("asks for"), max_length=20, choices=GateField)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = _("exit criterion")
        verbose_name_plural = _("exit criteria")
        constraints = [models.UniqueConstraint(fields=["stage", "field"], name="pipeline_gate_once")]

    def __str__(self) -> str:
        return f"{self.field} (#{self.pk})"


class OutcomeReason(models.Model):
    """Why a deal was won or lost. Reasons that do not count leave the win rate alone (a duplicate, say)."""

    code = models.CharField(_("code"), max_length=40)
    name = NameField(_("name"), max_length=120)
    kind = models.CharField(
        _("kind"), max_length=4, choices=[(DealState.WON, _("Won")), (DealState.LOST, _("Lost"))]
    )
    counts = models.BooleanField(_("counts in the win rate"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    retired_on = models.DateField(_("retired on"), null=True, blank=True)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = _("outcome reason")
        verbose_name_plural = _("outcome reasons")
        constraints = [
            models.UniqueConstraint(fields=["code"], name="pipeline_reason_code_once"),
            models.CheckConstraint(
                condition=Q(kind__in=[DealState.WON, DealState.LOST]), name="pipeline_reason_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(counts=True) | Q(kind=DealState.LOST), name="pipeline_reason_won_always_counts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} (#{self.pk})"
