"""The exchange rates a statement was calculated with, in words."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import Max, Sum
from django.utils.translation import gettext as _

from apps.core.money import round_money
from apps.incentives.models import Statement
from apps.incentives.models.lines import StatementQuerySet
from apps.incentives.rules.describe.figures import rounded
from apps.incentives.rules.engine.currency import ExchangeRate
from apps.incentives.selectors.exchange import MONTH, PAYOUT, SPOT, YEAR, company_currency, read_rates
from apps.ui import formatting


def rates_of_period(statement: Statement) -> list[ExchangeRate]:
    """Return the pinned rates that hold on days of the statement's period."""
    period = statement.run.period
    pinned = read_rates(statement.inputs.get("rates", ()))
    return [one for one in pinned if one.start < period.ends_before and one.before > period.starts_on]


def rates_told(statement: Statement) -> list[str]:
    """Return what credits, targets and pay were brought into another currency with."""
    start = statement.run.period.starts_on
    told = []
    rates = rates_of_period(statement)
    for one in rates:
        is_apart = any(other.target == one.target and other.kind in {MONTH, SPOT} for other in rates)
        yearly = _("fiscal year, for targets") if is_apart else _("fiscal year")
        names = {YEAR: yearly, MONTH: _("mean of the month"), PAYOUT: _("payout")}
        told.append(
            _("1 %(source)s = %(rate)s %(target)s from %(day)s (%(kind)s)")
            % {
                "source": one.source,
                "target": one.target,
                "rate": rounded(f"{one.rate:f}"),
                "day": formatting.day(max(one.start, start)),
                "kind": names.get(one.kind, _("rate of the day")),
            }
        )
    return told


@dataclass(frozen=True)
class Worth:
    """What statements pay in one currency, at which rate, and what that is in the company's."""

    currency: str
    total: Decimal
    rate: Decimal
    worth: Decimal


def worth_of(statements: StatementQuerySet) -> list[Worth]:
    """Return what statements of a run pay by currency."""
    rows = statements.filter(exception="").order_by("currency").values("currency")
    sums = rows.annotate(sum=Sum("total"), at=Max("rate")).values_list("currency", "sum", "at")
    return [
        Worth(currency, total, rate, round_money(Fraction(total) * Fraction(rate), company_currency()))
        for currency, total, rate in sums
    ]
