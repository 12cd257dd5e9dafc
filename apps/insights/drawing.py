"""Charts of home and the team page."""

from collections.abc import Sequence
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from apps.calendars.models import FiscalPeriod
from apps.insights.selectors.standing import Months
from apps.ui import charts

CENT = Decimal("0.01")


def month_names(months: Sequence[FiscalPeriod]) -> list[str]:
    """Return short names of fiscal months, the same in every language."""
    return [f"{month.number:02d}" for month in months]


def pace(months: Months, periods: Sequence[FiscalPeriod]) -> charts.Chart:
    """Draw the year's revenue added up against the target added up."""
    series = [charts.Series(_("Actual"), _rounded(months.cumulated), tone="accent", area=True)]
    if months.quota:
        series.insert(
            0, charts.Series(_("Target"), _rounded(months.cumulated_quota), tone="muted", dashed=True)
        )
    return charts.line(
        _("Revenue through the year"),
        month_names(periods),
        series,
        format="money",
        currency=settings.COMPANY_CURRENCY,
        height="sm",
    )


def trend(months: Months, periods: Sequence[FiscalPeriod], links: Sequence[str] = ()) -> charts.Chart:
    """Draw revenue by month with last year's and the target."""
    series = [charts.Series(_("This year"), _rounded(months.actual), tone="accent")]
    if months.earlier:
        series.append(charts.Series(_("Last year"), _rounded(months.earlier), tone="muted"))
    if months.quota:
        series.append(
            charts.Series(_("Target"), _rounded(months.quota), tone="warn", kind="line", dashed=True)
        )
    return charts.bar(
        _("Revenue by month"),
        month_names(periods),
        series,
        format="money",
        currency=settings.COMPANY_CURRENCY,
        links=links,
    )


def _rounded(values: Sequence[Decimal | None]) -> list[Decimal | None]:
    return [None if value is None else value.quantize(CENT) for value in values]
