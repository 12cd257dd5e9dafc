"""Keeping products and prices."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.core.db import lock_rows, requires_transaction
from apps.core.effective import span
from apps.core.errors import DomainError, StaleVersion
from apps.pipeline import rules
from apps.pipeline.models import Price, Product


class ProductCodeTaken(DomainError):
    """Another product has this code."""


class InvalidProduct(DomainError):
    """Code and name are needed."""


@requires_transaction
def create_product(*, code: str, name: str, series: str = "", description: str = "") -> Product:
    """Create a product. Raises InvalidProduct, ProductCodeTaken."""
    _check(code, name)
    try:
        with transaction.atomic():
            return Product.objects.create(
                code=code.strip(), name=name.strip(), series=series.strip(), description=description.strip()
            )
    except IntegrityError as error:
        raise _taken(code) from error


@requires_transaction
def update_product(*, product_id: int, version: int, changes: Mapping[str, object]) -> Product:
    """Change code, name, series, description or the retirement day. Raises StaleVersion, ProductCodeTaken."""
    [product] = lock_rows(Product.objects.filter(pk=product_id))
    if product.version != version:
        raise StaleVersion(
            _("Somebody changed “%(name)s” in the meantime. Look at their changes and save again.")
            % {"name": product.name}
        )
    for field, value in changes.items():
        setattr(product, field, value.strip() if isinstance(value, str) else value)
    _check(product.code, product.name)
    product.version += 1
    try:
        with transaction.atomic():
            product.save(update_fields=[*changes, "version"])
    except IntegrityError as error:
        raise _taken(product.code) from error
    return product


@requires_transaction
def set_price(*, product_id: int, currency: str, amount: Decimal, from_day: dt.date) -> Price:
    """Set the list price from a day on; the price in force that day ends the day before.

    Later prices already planned stay. Raises InvalidAmount, UnknownCurrency.
    """
    code = rules.checked_currency(currency)
    value = rules.checked_amount(amount, code)
    lock_rows(Product.objects.filter(pk=product_id))
    prices = Price.objects.filter(product_id=product_id, currency=code)
    later = prices.filter(valid__startswith__gt=from_day).order_by("valid").first()
    current = prices.on(from_day).order_by("pk").first()
    if current is not None and current.valid.lower == from_day:
        current.amount = value
        current.save(update_fields=["amount"])
        return current
    end = later.valid.lower if later else None
    if current is not None:
        end = current.valid.upper
        current.valid = span(current.valid.lower, from_day)
        current.save(update_fields=["valid"])
    return Price.objects.create(product_id=product_id, currency=code, amount=value, valid=span(from_day, end))


def _check(code: str, name: str) -> None:
    if not code.strip():
        raise InvalidProduct(_("Enter a code."), fields={"code": _("Enter a code.")})
    if not name.strip():
        raise InvalidProduct(_("Enter a name."), fields={"name": _("Enter a name.")})


def _taken(code: str) -> ProductCodeTaken:
    text = _("Another product has the code %(code)s.") % {"code": code}
    return ProductCodeTaken(text, fields={"code": text})
