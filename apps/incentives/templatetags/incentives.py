"""What templates of pay need besides the page kit."""

from decimal import Decimal

from django import template
from django.utils.translation import gettext as _

from apps.incentives.models import Statement
from apps.incentives.selectors import as_issued
from apps.ui import formatting

register = template.Library()


@register.filter
def plans_of(statement: Statement) -> str:
    """Name the plans a statement was paid under, as they were called then."""
    return as_issued.plans_of(statement)


@register.simple_tag
def change_note(change: Decimal, currency: str, period: str) -> str:
    """Say how much more or less something pays than in another period."""
    if not change:
        return _("the same as %(period)s") % {"period": period}
    text = _("%(amount)s more than %(period)s") if change > 0 else _("%(amount)s less than %(period)s")
    return text % {"amount": formatting.money(abs(change), currency), "period": period}


@register.simple_tag
def amount(value: Decimal, currency: str, places: int) -> str:
    """Write an amount that may need more places than its currency has: a part of what is rounded once."""
    return formatting.money(value, currency, places=places)
