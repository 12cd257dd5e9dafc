"""Writing a figure the way its measure reads."""

from decimal import Decimal
from typing import Any

from django import template
from django.conf import settings

from apps.measures.registry import Measure
from apps.ui import formatting

register = template.Library()


@register.filter
def figure(value: Decimal | None, measure: Measure) -> Any:
    """Write a value in its measure's kind: money with currency, share as percent, days, or a plain number."""
    if value is None:
        return "–"
    if measure.kind == "money":
        return formatting.money(value, settings.COMPANY_CURRENCY)
    if measure.kind == "ratio":
        return formatting.percent(value, 2)
    places = measure.decimals if measure.source == "ratio" else None
    if places is None and round(value, 2) != value:
        places = 2  # a share of a deal, or the mean of some quarters
    return formatting.days(value, places) if measure.kind == "days" else formatting.number(value, places)
