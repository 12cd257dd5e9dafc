"""The transactions behind ledger credits: what a plan may ask of them."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from apps.customers.models import Account
from apps.incentives.rules.engine.shapes import Deal
from apps.incentives.rules.plan.runnable import Needs
from apps.incentives.selectors.facts import NOTHING, deal_days, deal_sizes
from apps.pipeline.models import Product


class Refs(NamedTuple):
    """What a ledger credit points at."""

    product_id: int | None
    account_id: int | None


class Behind(NamedTuple):
    """A ledger credit whose transaction is asked for."""

    credit_id: int
    transaction: str
    on: dt.date
    refs: Refs


def deals_behind(credits: Sequence[Behind], needs: Needs, at: dt.datetime | None = None) -> dict[int, Deal]:
    """Return by credit what plans need to know of its transaction, as of a moment, in a few queries.

    A contract nobody has told the first day of was sold on the day of the credit.
    """
    fields = fields_of(one.refs for one in credits) if needs.fields else {}
    days = deal_days({one.transaction for one in credits}, at) if needs.days else {}
    sizes = deal_sizes([one.credit_id for one in credits]) if needs.size else {}
    found = {}
    for one in credits:
        known = days.get(one.transaction, NOTHING)
        found[one.credit_id] = Deal(
            fields.get(one.refs, {}),
            known.milestones,
            known.sold_on or one.on,
            known.ended_on,
            sizes.get(one.credit_id),
        )
    return found


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
