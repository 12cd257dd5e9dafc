"""What a deal is worth in company currency."""

import datetime as dt
from decimal import Decimal

from django.conf import settings

from apps.calendars import selectors as calendars
from apps.core.money import round_money


def rate_on(currency: str, on: dt.date) -> Decimal:
    """Return the rate to company currency on a day. Raises MissingRate."""
    if currency == settings.COMPANY_CURRENCY:
        return Decimal(1)
    return calendars.rate(currency, on)


def in_base(amount: Decimal, rate: Decimal) -> Decimal:
    """Return an amount in company currency, rounded once."""
    return round_money(amount * rate, settings.COMPANY_CURRENCY)
