"""The credit ledger and its cells."""

from decimal import Decimal
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.core.money import CurrencyField, bounded
from apps.org.models import OrgUnit, Person, Position

VALUE_LIMIT = Decimal("999999999999.99")


def _reference(model: type[models.Model]) -> Any:
    """Return a reference that neither the database checks row by row nor anybody looks up by."""
    return models.ForeignKey(
        model, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )


class CreditQuerySet(models.QuerySet):
    """Rows of the ledger."""

    def visible_to(self, user: User) -> Self:
        """Keep the credits of the people whose figures the user may see."""
        return self.filter(scope_of(user, Permission.MEASURE_VIEW).people("person"))

    def of_source(self, source_type: str, source_id: int) -> Self:
        """Keep the rows that one source posted."""
        return self.filter(source_type=source_type, source_id=source_id)

    def standing(self) -> Self:
        """Keep postings that have not been reversed, leaving the reversals out as well."""
        return self.filter(reverses__isnull=True, reversal__isnull=True)


class Credit(models.Model):
    """One credited share of one fact, stamped with the organisation as it was on that date.

    Append-only: a database trigger refuses UPDATE and DELETE, and refuses rows
    booked into a closed period. A correction is a second row with ``reverses``
    set and its own booking date. Its references are checked per statement, see
    ``core.references``.
    """

    measure = models.CharField(_("measure"), max_length=40)
    key = models.CharField(_("key"), max_length=120)
    credited_on = models.DateField(_("credited on"))
    booked_on = models.DateField(_("booked on"))
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=6)
    currency = CurrencyField(_("currency"), blank=True, default="")
    person = _reference(Person)
    position = _reference(Position)
    unit = _reference(OrgUnit)
    product_id = models.BigIntegerField(_("product"), null=True)
    account_id = models.BigIntegerField(_("account"), null=True)
    is_overlay = models.BooleanField(_("overlay credit"), default=False)
    source_type = models.CharField(_("source"), max_length=40)
    source_id = models.BigIntegerField(_("source row"))
    reverses = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        related_name="reversal",
        verbose_name=_("reverses"),
        db_constraint=False,
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    objects = CreditQuerySet.as_manager()

    class Meta:
        verbose_name = _("credit")
        verbose_name_plural = _("credits")
        constraints = [
            models.UniqueConstraint(fields=["key"], name="measures_credit_key_once"),
            bounded("measures_credit_value_bounds", "value", low=-VALUE_LIMIT, high=VALUE_LIMIT),
        ]
        indexes = [
            models.Index(fields=["measure", "credited_on", "person"], name="measures_credit_by_person"),
            models.Index(fields=["account_id", "measure", "credited_on"], name="measures_credit_by_account"),
            models.Index(fields=["source_type", "source_id"], name="measures_credit_by_source"),
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.value} (#{self.pk})"


class PendingCreditQuerySet(models.QuerySet):
    """Credits that are not in a cell yet."""

    def visible_to(self, user: User) -> Self:
        """Keep those of visible credits."""
        return self.filter(credit__in=Credit.objects.visible_to(user).values("pk"))


class PendingCredit(models.Model):
    """A credit that is not in a cell yet. Reads add it; folding moves it into its cell."""

    credit = models.OneToOneField(Credit, models.CASCADE, primary_key=True, related_name="+")

    objects = PendingCreditQuerySet.as_manager()

    class Meta:
        verbose_name = _("pending credit")
        verbose_name_plural = _("pending credits")

    def __str__(self) -> str:
        return f"pending credit #{self.pk}"


class MeasureCellQuerySet(models.QuerySet):
    """Stored sums."""

    def visible_to(self, user: User) -> Self:
        """Keep the sums of the people whose figures the user may see."""
        return self.filter(scope_of(user, Permission.MEASURE_VIEW).people("person"))


class MeasureCell(models.Model):
    """The stored sum of one measure for one person, seat, unit and product over one cell of time.

    A cell runs from ``bucket_on`` to the end of its fiscal month or to the next
    change of structure inside the month, whichever comes first, so that the
    dated unit closure holds one answer for all of its days. It refers to what
    its credits refer to, so the database does not check it again.
    """

    measure = models.CharField(_("measure"), max_length=40)
    bucket_on = models.DateField(_("from"))
    person = _reference(Person)
    position = _reference(Position)
    unit = _reference(OrgUnit)
    product_id = models.BigIntegerField(_("product"), null=True)
    is_overlay = models.BooleanField(_("overlay credit"), default=False)
    value = models.DecimalField(_("value"), max_digits=24, decimal_places=6)
    n = models.BigIntegerField(_("rows"))

    objects = MeasureCellQuerySet.as_manager()

    class Meta:
        verbose_name = _("measure cell")
        verbose_name_plural = _("measure cells")
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "bucket_on", "person", "position", "unit", "product_id", "is_overlay"],
                name="measures_cell_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure} from {self.bucket_on} (#{self.pk})"


class CellMonth(models.Model):
    """A fiscal month that has cells, with the cuts they were made by.

    When the structure changes later inside the month, the cuts no longer match
    and reads go to the ledger until the month is rebuilt: never a stale number.
    """

    starts_on = models.DateField(_("from"), primary_key=True)
    ends_before = models.DateField(_("to"))
    cuts = ArrayField(models.DateField(), verbose_name=_("cuts"))

    class Meta:
        verbose_name = _("month with cells")
        verbose_name_plural = _("months with cells")

    def __str__(self) -> str:
        return f"cells of {self.starts_on} (#{self.pk})"
