"""Product lines: when a deal has lines, its amount is their sum."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from apps.core.db import lock_rows, requires_transaction
from apps.core.errors import DomainError
from apps.core.money import MAX_AMOUNT
from apps.pipeline import rules
from apps.pipeline.models import Opportunity, OpportunityLine, Price, Product
from apps.pipeline.selectors.rates import in_base, rate_on
from apps.pipeline.services.locking import locked_open_deal

MAX_QUANTITY = Decimal(1_000_000)


class InvalidLine(DomainError):
    """Quantity, price or discount is out of bounds, or the product is not sold any more."""


@dataclass(frozen=True)
class NewLine:
    """A line to write; without ``unit_price`` the list price of the day applies."""

    product_id: int
    quantity: Decimal = Decimal(1)
    unit_price: Decimal | None = None
    discount: Decimal = Decimal(0)


@requires_transaction
def add_line(*, opportunity_id: int, version: int | None, line: NewLine, today: dt.date) -> OpportunityLine:
    """Add a product to an open deal; its amount becomes the sum of its lines.

    Raises InvalidLine, StaleVersion, DealClosed.
    """
    deal = locked_open_deal(opportunity_id, version)
    row = _built(deal, line, today)
    row.save(force_insert=True)
    _resum(deal, today)
    return row


@requires_transaction
def change_line(
    *, line_id: int, version: int | None, changes: Mapping[str, Decimal], today: dt.date
) -> OpportunityLine:
    """Change quantity, unit price or discount of a line. Raises InvalidLine, StaleVersion, DealClosed."""
    known = OpportunityLine.objects.get(pk=line_id)
    deal = locked_open_deal(known.opportunity_id, version)
    [row] = lock_rows(OpportunityLine.objects.filter(pk=line_id))
    for field in ("quantity", "unit_price", "discount"):
        setattr(row, field, changes.get(field, getattr(row, field)))
    _price(row, deal.currency)
    row.save(update_fields=["quantity", "unit_price", "discount", "amount"])
    _resum(deal, today)
    return row


@requires_transaction
def remove_line(*, line_id: int, version: int | None, today: dt.date) -> Opportunity:
    """Take a line out of an open deal. The amount stays when it was the last one."""
    known = OpportunityLine.objects.get(pk=line_id)
    deal = locked_open_deal(known.opportunity_id, version)
    OpportunityLine.objects.filter(pk=line_id).delete()
    _resum(deal, today)
    return deal


def write_lines(deal: Opportunity, lines: Sequence[NewLine]) -> Decimal:
    """Write the first lines of a new deal and return their sum. Raises InvalidLine."""
    rows = [_built(deal, line, deal.created_on or dt.date.min) for line in lines]
    OpportunityLine.objects.bulk_create(rows)
    return sum((row.amount for row in rows), Decimal(0))


def spread_amount(deal: Opportunity, amount: Decimal, currency: str) -> None:
    """Spread a new amount over the deal's lines as they stand; quantity and discount keep, prices follow."""
    rows = list(deal.lines.order_by("pk"))
    if not rows:
        return
    parts = rules.spread_over_lines(amount, line_amounts(rows), currency)
    for row, part in zip(rows, parts, strict=True):
        row.quantity, row.unit_price, row.discount, row.amount = Decimal(1), part, Decimal(0), part
    OpportunityLine.objects.bulk_update(rows, ["quantity", "unit_price", "discount", "amount"])


def line_amounts(rows: Sequence[OpportunityLine]) -> list[rules.LineAmount]:
    """Return what the rules need of lines."""
    return [rules.LineAmount(row.pk, row.product_id, row.amount) for row in rows]


def _built(deal: Opportunity, line: NewLine, on: dt.date) -> OpportunityLine:
    product = Product.objects.filter(pk=line.product_id).first()
    if product is None or (product.retired_on and product.retired_on <= on):
        text = _("Choose a product that is still sold.")
        raise InvalidLine(text, fields={"product": text})
    price = line.unit_price
    if price is None:
        price = list_price(product.pk, deal.currency, on)
    row = OpportunityLine(
        opportunity=deal,
        product=product,
        quantity=line.quantity,
        unit_price=price,
        discount=line.discount,
    )
    _price(row, deal.currency)
    return row


def list_price(product_id: int, currency: str, on: dt.date) -> Decimal:
    """Return the list price of a product on a day. Raises InvalidLine when there is none."""
    price = Price.objects.on(on).filter(product_id=product_id, currency=currency).order_by("pk").first()
    if price is None:
        text = _("There is no list price in %(currency)s on that day. Enter the unit price.") % {
            "currency": currency
        }
        raise InvalidLine(text, fields={"unit_price": text})
    return price.amount


def _price(row: OpportunityLine, currency: str) -> None:
    row.unit_price = rules.checked_amount(row.unit_price, currency, field="unit_price")
    _within(row.quantity, Decimal("0.01"), MAX_QUANTITY, "quantity")
    _within(row.discount, Decimal(0), rules.WHOLE, "discount")
    row.amount = rules.line_amount(
        quantity=row.quantity, unit_price=row.unit_price, discount=row.discount, currency=currency
    )
    _within(row.amount, Decimal(0), MAX_AMOUNT, "unit_price")


def _within(value: Decimal, low: Decimal, high: Decimal, field: str) -> None:
    if not value.is_finite() or not low <= value <= high or value != round(value, 2):
        text = _("Enter a number from %(low)s to %(high)s with at most two decimals.") % {
            "low": low,
            "high": high,
        }
        raise InvalidLine(text, fields={field: text})


def _resum(deal: Opportunity, today: dt.date) -> None:
    amounts = list(deal.lines.order_by("pk").values_list("amount", flat=True))
    if amounts:
        deal.amount = rules.checked_amount(sum(amounts, Decimal(0)), deal.currency)
    deal.rate = rate_on(deal.currency, today)
    deal.base_amount = in_base(deal.amount, deal.rate)
    deal.version += 1
    deal.updated_at = Now()
    deal.save(update_fields=["amount", "rate", "base_amount", "version", "updated_at"])
