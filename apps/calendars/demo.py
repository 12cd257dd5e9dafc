"""The calendars of the demo company."""

import datetime as dt
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from apps.calendars import services
from apps.core.demo import DemoContext

FIRST_YEAR, LAST_YEAR = 2024, 2027
# What one US dollar bought, roughly, at the start of each quarter.
_PER_DOLLAR = {
    "USD": ["1"] * 12,
    "CNY": ["7.10", "7.22", "7.27", "7.02", "7.30", "7.25", "7.16", "7.12", "7.01", "6.94", "6.90", "6.88"],
    "EUR": ["0.91", "0.93", "0.93", "0.90", "0.97", "0.93", "0.85", "0.85", "0.85", "0.85", "0.85", "0.84"],
}


def load(context: DemoContext) -> None:
    """Create fiscal years, the Chinese and American working calendars and quarterly exchange rates."""
    with transaction.atomic():
        services.ensure_years(FIRST_YEAR, max(LAST_YEAR, context.today.year + 1))
        years = range(FIRST_YEAR, LAST_YEAR + 1)
        china = services.ensure_working_calendar(
            code="cn", name="China · 中国", country="CN", years=years, is_default=True
        )
        america = services.ensure_working_calendar(code="us", name="United States", country="US", years=years)
        for currency in _PER_DOLLAR:
            if currency != settings.COMPANY_CURRENCY:
                _load_rates(currency)
    context.extra["working_calendars"] = {"cn": china, "us": america}


def _load_rates(currency: str) -> None:
    base = _PER_DOLLAR.get(settings.COMPANY_CURRENCY)
    if base is None:
        return
    for index, (home, foreign) in enumerate(zip(base, _PER_DOLLAR[currency], strict=True)):
        on = dt.date(FIRST_YEAR + index // 4, index % 4 * 3 + 1, 1)
        rate = (Decimal(home) / Decimal(foreign)).quantize(Decimal("0.00000001"))
        services.set_rate(currency=currency, on=on, rate=rate)
