"""The exchange rates a statement was calculated with, in words."""

from django.utils.translation import gettext as _

from apps.incentives.models import PayRun, Statement
from apps.incentives.rules.describe.figures import rounded
from apps.incentives.rules.engine.currency import ExchangeRate
from apps.incentives.selectors.exchange import MONTH, PAYOUT, YEAR, read_rates
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
    for one in rates_of_period(statement):
        names = {YEAR: _("fiscal year"), MONTH: _("mean of the month"), PAYOUT: _("payout")}
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


def worth_told(run: PayRun) -> list[str]:
    """Return at which rates the currencies of a run were added up in the company's."""
    rows = Statement.objects.filter(run=run, exception="").exclude(currency=run.currency)
    pairs = rows.order_by("currency").values_list("currency", "rate").distinct()
    return [
        _("1 %(source)s = %(rate)s %(target)s")
        % {"source": currency, "rate": rounded(f"{rate:f}"), "target": run.currency}
        for currency, rate in pairs
    ]
