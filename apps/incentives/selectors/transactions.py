"""The transactions behind ledger credits: what a plan may ask of their product and account."""

from collections.abc import Iterable
from typing import NamedTuple

from apps.customers.models import Account
from apps.pipeline.models import Product


class Refs(NamedTuple):
    """What a ledger credit points at."""

    product_id: int | None
    account_id: int | None


def fields_of(refs: Iterable[Refs]) -> dict[Refs, dict[str, str]]:
    """Return the fields of what credits point at, in two queries."""
    wanted = set(refs)
    products = Product.objects.in_bulk({one.product_id for one in wanted if one.product_id})
    accounts = Account.objects.in_bulk({one.account_id for one in wanted if one.account_id})
    return {one: _fields(products.get(one.product_id), accounts.get(one.account_id)) for one in wanted}


def _fields(product: Product | None, account: Account | None) -> dict[str, str]:
    fields: dict[str, str] = {}
    if product is not None:
        fields |= {"product": product.code, "series": product.series}
    if account is not None:
        fields |= {"account": account.external_id, "sector": account.sector, "country": account.country}
    return fields
