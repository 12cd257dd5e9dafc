"""What we sell and for how much."""

from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import may
from apps.core.effective import DatedQuerySet, KeyRange
from apps.core.money import CurrencyField, MoneyField, bounded
from apps.core.names import NameField


class CatalogueQuerySet(models.QuerySet):
    """Reference rows: everybody who sees deals sees them."""

    def visible_to(self, user: User) -> Self:
        """Keep all rows for somebody who may see deals, none for others."""
        return self.all() if may(user, Permission.DEAL_VIEW) else self.none()


class Product(models.Model):
    """Something we sell."""

    code = models.CharField(_("code"), max_length=60)
    name = NameField(_("name"), max_length=160)
    series = NameField(_("series"), max_length=80, blank=True, default="")
    description = models.TextField(_("description"), blank=True, default="", max_length=2000)
    retired_on = models.DateField(_("retired on"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            models.UniqueConstraint(fields=["code"], name="pipeline_product_code_once"),
            models.CheckConstraint(condition=~Q(code="") & ~Q(name=""), name="pipeline_product_named"),
        ]

    def __str__(self) -> str:
        return f"{self.name} (#{self.pk})"


class TextRange(Func):
    """A short code as a range of its hash, for an exclusion constraint on core PostgreSQL."""

    template = "int4range(hashtext(%(expressions)s), hashtext(%(expressions)s), '[]')"

    def __init__(self, field: str) -> None:
        super().__init__(F(field), output_field=models.TextField())


class PriceQuerySet(DatedQuerySet):
    """Dated list prices."""

    def visible_to(self, user: User) -> Self:
        """Keep all rows for somebody who may see deals, none for others."""
        return self.all() if may(user, Permission.DEAL_VIEW) else self.none()


class Price(models.Model):
    """The list price of a product in one currency, from a day up to another."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="prices", verbose_name=_("product"))
    currency = CurrencyField(_("currency"))
    amount = MoneyField(_("price"))
    valid = DateRangeField(_("in force"))

    objects = PriceQuerySet.as_manager()

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        constraints = [
            bounded("pipeline_price_amount_bounds", "amount"),
            ExclusionConstraint(
                name="pipeline_price_one_at_a_time",
                index_type="GIST",
                expressions=[
                    (KeyRange("product"), RangeOperators.OVERLAPS),
                    (TextRange("currency"), RangeOperators.OVERLAPS),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} (#{self.pk})"
