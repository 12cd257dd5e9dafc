"""Deals: what may be sold, to whom, for how much, and who is credited."""

import datetime as dt
from decimal import Decimal
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.core.money import CurrencyField, MoneyField, bounded
from apps.customers.models import Account, Contact
from apps.org.models import Person
from apps.pipeline.enums import DealState, ForecastCategory
from apps.pipeline.models.catalogue import Product
from apps.pipeline.models.process import OutcomeReason, Stage
from apps.pipeline.rules import short_name


class OpportunityQuerySet(models.QuerySet):
    """Deals."""

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep deals whose owner is in the reach of the permission."""
        return self.filter(scope_of(user, permission, on).people("owner"))

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep deals owned by, or shared with, somebody in reach."""
        scope = scope_of(user, Permission.DEAL_VIEW, on)
        if scope.everything:
            return self.all()
        shared = OpportunitySplit.objects.filter(scope.people("person")).values("opportunity_id")
        return self.filter(scope.people("owner") | Q(pk__in=shared))

    def open(self) -> Self:
        """Keep deals that are not decided."""
        return self.filter(state=DealState.OPEN)

    def for_list(self) -> Self:
        """Join what one row of a list shows."""
        return self.select_related("account", "owner", "stage")

    def for_table(self) -> "models.QuerySet[Any, dict[str, Any]]":
        """Read what list and board show, as dicts: four model objects a row cost more than their page."""
        return self.values(
            "pk", "name", "account__name", "stage_id", "stage__name", "state", "amount", "currency",
            "closes_on", "owner__name", "next_step", "version", "next_step_on", "created_on", "base_amount",
            "push_count", "external_id",
        )  # fmt: skip


class Opportunity(models.Model):
    """A possible sale (a deal).

    ``state`` repeats the kind of the stage so that lists need no join. ``rate``
    and ``base_amount`` follow today's rate while the deal is open and are
    frozen when it closes. Without ``OpportunitySplit`` rows the owner holds
    100 %. ``decisions`` counts closings, so that a deal won again after being
    reopened posts credit under new keys. ``created_on`` is empty only for
    imported deals whose start nobody knows. References of deals, lines and
    stage changes are checked per statement, see ``core.references``.
    """

    external_id = models.CharField(_("external id"), max_length=80, blank=True, default="")
    name = models.CharField(_("name"), max_length=200)
    account = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("account"),
        db_constraint=False,
    )
    contact = models.ForeignKey(
        Contact,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("contact"),
        db_index=False,
        db_constraint=False,
    )
    owner = models.ForeignKey(
        Person, models.PROTECT, related_name="+", verbose_name=_("owner"), db_index=False, db_constraint=False
    )
    stage = models.ForeignKey(
        Stage, models.PROTECT, related_name="+", verbose_name=_("stage"), db_index=False, db_constraint=False
    )
    state = models.CharField(_("state"), max_length=4, choices=DealState, default=DealState.OPEN)
    amount = MoneyField(_("amount"), default=0)
    currency = CurrencyField(_("currency"))
    rate = models.DecimalField(pgettext_lazy("currency", "rate"), max_digits=18, decimal_places=8, default=1)
    base_amount = MoneyField(_("amount in company currency"), default=0)
    forecast_category = models.CharField(
        _("forecast category"),
        max_length=12,
        choices=ForecastCategory,
        blank=True,
        default=ForecastCategory.NONE,
    )
    created_on = models.DateField(_("created on"), null=True, blank=True)
    expected_close_on = models.DateField(_("expected close"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    closes_on = models.GeneratedField(
        expression=Coalesce("closed_on", "expected_close_on"),
        output_field=models.DateField(_("closes on"), null=True),
        db_persist=True,
    )
    stage_since = models.DateField(_("in this stage since"), null=True, blank=True)
    reason = models.ForeignKey(
        OutcomeReason,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reason"),
        db_index=False,
        db_constraint=False,
    )
    reason_note = models.CharField(_("in your words"), max_length=500, blank=True, default="")
    next_step = models.CharField(_("next step"), max_length=200, blank=True, default="")
    next_step_on = models.DateField(_("next step on"), null=True, blank=True)
    push_count = models.PositiveSmallIntegerField(_("times pushed"), default=0)
    note = models.TextField(_("note"), blank=True, default="", max_length=4000)
    decisions = models.PositiveSmallIntegerField(_("times decided"), default=0)
    version = models.PositiveIntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    updated_at = models.DateTimeField(_("updated at"), db_default=Now())

    objects = OpportunityQuerySet.as_manager()

    class Meta:
        verbose_name = _("deal")
        verbose_name_plural = _("deals")
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~Q(external_id=""),
                name="pipeline_deal_external_id_once",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="pipeline_deal_named"),
            models.CheckConstraint(condition=Q(state__in=DealState.values), name="pipeline_deal_state_known"),
            models.CheckConstraint(
                condition=Q(state=DealState.OPEN, closed_on__isnull=True, reason__isnull=True)
                | (~Q(state=DealState.OPEN) & Q(closed_on__isnull=False, created_on__isnull=False)),
                name="pipeline_deal_closed_with_date",
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("created_on")),
                name="pipeline_deal_closed_after_created",
            ),
            bounded("pipeline_deal_amount_bounds", "amount"),
            bounded("pipeline_deal_base_amount_bounds", "base_amount"),
            bounded("pipeline_deal_rate_bounds", "rate", high=1_000_000),
        ]
        indexes = [
            models.Index(fields=["owner", "-created_on", "-id"], name="pipeline_deal_of_owner"),
            models.Index(F("created_on").desc(nulls_last=True), F("id").desc(), name="pipeline_deal_newest"),
            models.Index(fields=["stage", "-closes_on", "-id"], name="pipeline_deal_board"),
            models.Index(fields=["-closes_on", "-id"], name="pipeline_deal_closing"),
            models.Index(
                fields=["-base_amount", "-id"],
                condition=Q(state=DealState.OPEN),
                name="pipeline_deal_largest_open",
            ),
            models.Index(  # deals without a date would have to be skipped one by one
                fields=["-base_amount", "-id"],
                condition=Q(state=DealState.OPEN, closes_on__isnull=False),
                name="pipeline_deal_largest_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} (#{self.pk})"

    @property
    def short_name(self) -> str:
        """The name without that of the account at its end, for where the account stands beside it."""
        return short_name(self.name, self.account.name if self.account else None)

    @property
    def is_open(self) -> bool:
        """Whether the deal is undecided."""
        return self.state == DealState.OPEN


class ThroughDealQuerySet(models.QuerySet):
    """Rows that are seen by whoever sees their deal."""

    def permitting(self, user: User, permission: Permission, on: dt.date | None = None) -> Self:
        """Keep rows of deals in the reach of the permission."""
        return self.filter(scope_of(user, permission, on).people("opportunity__owner"))

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep rows of deals the user may see."""
        if scope_of(user, Permission.DEAL_VIEW, on).everything:
            return self.all()
        return self.filter(opportunity__in=Opportunity.objects.visible_to(user, on))


class OpportunityLine(models.Model):
    """One product in a deal. When a deal has lines its amount is their sum."""

    opportunity = models.ForeignKey(
        Opportunity, models.CASCADE, related_name="lines", verbose_name=_("deal"), db_constraint=False
    )
    product = models.ForeignKey(
        Product, models.PROTECT, related_name="+", verbose_name=_("product"), db_constraint=False
    )
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=2, default=1)
    unit_price = MoneyField(_("unit price"))
    discount = models.DecimalField(_("discount %"), max_digits=5, decimal_places=2, default=0)
    amount = MoneyField(_("amount"))

    objects = ThroughDealQuerySet.as_manager()

    class Meta:
        verbose_name = _("product line")
        verbose_name_plural = _("product lines")
        constraints = [
            bounded("pipeline_line_quantity_bounds", "quantity", high=1_000_000),
            bounded("pipeline_line_price_bounds", "unit_price"),
            bounded("pipeline_line_discount_bounds", "discount", high=100),
            bounded("pipeline_line_amount_bounds", "amount"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × product {self.product_id} (#{self.pk})"


class OpportunitySplit(models.Model):
    """One person's share of a deal, in percent. A deferred trigger keeps the sum of a deal at 100.00."""

    opportunity = models.ForeignKey(
        Opportunity, models.CASCADE, related_name="splits", verbose_name=_("deal")
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("person"))
    share = models.DecimalField(_("share %"), max_digits=5, decimal_places=2)

    objects = ThroughDealQuerySet.as_manager()

    class Meta:
        verbose_name = _("split")
        verbose_name_plural = _("splits")
        constraints = [
            models.UniqueConstraint(fields=["opportunity", "person"], name="pipeline_split_once"),
            bounded("pipeline_split_share_bounds", "share", low=Decimal("0.01"), high=100),
        ]

    def __str__(self) -> str:
        return f"{self.share} % for person {self.person_id} (#{self.pk})"


class StageChange(models.Model):
    """A step in a deal's life. ``override_reason`` says why exit criteria were waived, if they were."""

    opportunity = models.ForeignKey(
        Opportunity, models.CASCADE, related_name="changes", verbose_name=_("deal"), db_constraint=False
    )
    from_stage = models.ForeignKey(
        Stage,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("from"),
        db_index=False,
        db_constraint=False,
    )
    to_stage = models.ForeignKey(
        Stage, models.PROTECT, related_name="+", verbose_name=_("to"), db_index=False, db_constraint=False
    )
    changed_on = models.DateField(_("changed on"), null=True)
    by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
        db_index=False,
        db_constraint=False,
    )
    override_reason = models.CharField(_("why criteria were waived"), max_length=200, blank=True, default="")
    created_at = models.DateTimeField(_("recorded at"), db_default=Now())

    objects = ThroughDealQuerySet.as_manager()

    class Meta:
        verbose_name = _("stage change")
        verbose_name_plural = _("stage changes")

    def __str__(self) -> str:
        return f"deal {self.opportunity_id} to stage {self.to_stage_id} (#{self.pk})"


class PipelineCellQuerySet(models.QuerySet):
    """Sums of deals by owner."""

    def visible_to(self, user: User, on: dt.date | None = None) -> Self:
        """Keep the sums of owners whose deals the user may see."""
        scope = scope_of(user, Permission.DEAL_VIEW, on)
        return self.all() if scope.everything else self.filter(owner_id__in=scope.person_ids)


class PipelineCell(models.Model):
    """Counts and sums of deals by owner, stage, currency and the month they close in.

    ``without_step``, ``without_account`` and ``without_amount`` count those among them that lack it.
    Written by a trigger on deals: every statement appends the difference it
    made, so writers never wait for each other, and readers add the rows up.
    ``services.cells.fold`` merges them from time to time.
    """

    owner_id = models.BigIntegerField()
    stage_id = models.BigIntegerField()
    currency = CurrencyField()
    month = models.DateField(null=True)
    deals = models.BigIntegerField()
    amount = models.DecimalField(max_digits=24, decimal_places=2)
    base_amount = models.DecimalField(max_digits=24, decimal_places=2)
    without_step = models.BigIntegerField(default=0)
    without_account = models.BigIntegerField(default=0)
    without_amount = models.BigIntegerField(default=0)

    objects = PipelineCellQuerySet.as_manager()

    class Meta:
        verbose_name = _("pipeline cell")
        verbose_name_plural = _("pipeline cells")

    def __str__(self) -> str:
        return f"{self.deals} deals of {self.owner_id} in {self.stage_id} (#{self.pk})"
