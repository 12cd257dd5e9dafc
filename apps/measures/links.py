"""Addresses of the page that explains a figure."""

import datetime as dt
from urllib.parse import urlencode

from django.urls import reverse


def why_url(
    *,
    measure: str,
    start: dt.date,
    end: dt.date,
    unit: int | None = None,
    person: int | None = None,
    product: int | None = None,
    account: int | None = None,
    structure: str = "as_was",
    as_of: dt.date | None = None,
) -> str:
    """Return the address of "why?" for a figure over ``[start, end)``."""
    given: dict[str, object] = {"measure": measure, "start": start.isoformat(), "end": end.isoformat()}
    optional = {"unit": unit, "person": person, "product": product, "account": account}
    given.update({key: value for key, value in optional.items() if value is not None})
    if structure != "as_was":
        given["structure"] = structure
    if as_of is not None:
        given["as_of"] = as_of.isoformat()
    return f"{reverse('measures:why')}?{urlencode(given)}"
