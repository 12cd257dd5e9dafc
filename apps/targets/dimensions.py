"""What a target can be sliced by. A dimension is code with keys, so a new one needs no column.

Rooms above may register more (a channel, say) in ``AppConfig.ready``.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.registry import Registry
from apps.customers.models import Account
from apps.measures import registry
from apps.measures import selectors as figures
from apps.pipeline.models import Product


@dataclass(frozen=True)
class Subject:
    """Whose actuals are asked for."""

    unit_id: int | None = None
    person_id: int | None = None


Actuals = Callable[[str, dt.date, dt.date, Subject], Mapping[str, Decimal]]


@dataclass(frozen=True)
class Dimension:
    """A way to slice a target: its members by key, and what a subject brought by member."""

    code: str
    name: str | Promise
    members: Callable[[], Mapping[str, str]]
    actuals: Actuals


dimensions: Registry[Dimension] = Registry("dimension of targets")


def register(dimension: Dimension) -> None:
    """Add a dimension; called once when an app is ready."""
    dimensions.register(dimension.code, dimension)


def _query(measure: str, start: dt.date, end: dt.date, subject: Subject, key: str) -> dict[int, Decimal]:
    if measure not in registry.measures or end <= start:
        return {}
    rows = figures.query(measure, start, end, by=[key], unit_id=subject.unit_id, person_id=subject.person_id)
    return {
        int(row.keys[key]): row.value  # type: ignore[arg-type]  # an id
        for row in rows
        if row.keys[key] is not None and row.value is not None
    }


def _products() -> dict[str, str]:
    return {str(pk): name for pk, name in Product.objects.order_by("name", "pk").values_list("pk", "name")}


def _by_product(measure: str, start: dt.date, end: dt.date, subject: Subject) -> dict[str, Decimal]:
    return {str(key): value for key, value in _query(measure, start, end, subject, "product").items()}


def _segments() -> dict[str, str]:
    sectors = Account.objects.exclude(sector="").order_by("sector").values_list("sector", flat=True)
    return {sector: sector for sector in dict.fromkeys(sectors)}


def _by_segment(measure: str, start: dt.date, end: dt.date, subject: Subject) -> dict[str, Decimal]:
    accounts = _query(measure, start, end, subject, "account")
    sectors = dict(Account.objects.filter(pk__in=accounts).values_list("pk", "sector"))
    found: dict[str, Decimal] = {}
    for account_id, value in accounts.items():
        if sectors.get(account_id):
            found[sectors[account_id]] = found.get(sectors[account_id], Decimal(0)) + value
    return found


def _accounts() -> dict[str, str]:
    return {str(pk): name for pk, name in Account.objects.order_by("name", "pk").values_list("pk", "name")}


def _by_account(measure: str, start: dt.date, end: dt.date, subject: Subject) -> dict[str, Decimal]:
    return {str(key): value for key, value in _query(measure, start, end, subject, "account").items()}


def register_own() -> None:
    """Add products, segments and accounts; called once at start-up."""
    register(Dimension("product", _("Product"), _products, _by_product))
    register(Dimension("segment", _("Segment"), _segments, _by_segment))
    register(Dimension("account", _("Account"), _accounts, _by_account))
