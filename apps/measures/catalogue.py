"""The selling measures every company has. Rooms above add their own through :mod:`apps.measures.registry`.

Definitions: win rate is won ÷ (won + lost) among deals decided in the period,
"no decision" counting as lost; the sales cycle is won date − created date of
deals won in the period (mean over deals, weighted by credited share).
"""

from django.utils.translation import gettext_lazy as _

from apps.measures.registry import Measure, register

STANDARD = (
    Measure(
        code="revenue",
        name=_("Revenue booked"),
        kind="money",
        decimals=2,
        formula=_("Sum of the credited amounts of deals won, in company currency."),
    ),
    Measure(code="deals_won", name=_("Deals won"), kind="count", formula=_("Number of deals won, by share.")),
    Measure(
        code="deals_lost",
        name=_("Deals lost"),
        kind="count",
        direction="down",
        formula=_("Number of deals lost, by share; “no decision” counts as lost."),
        is_target_worthy=False,
    ),
    Measure(
        code="deals_decided",
        name=_("Deals decided"),
        kind="count",
        source="sum",
        parts=("deals_won", "deals_lost"),
        formula=_("Deals won plus deals lost."),
        is_target_worthy=False,
    ),
    Measure(
        code="cycle_days",
        name=_("Days from creation to win"),
        kind="days",
        direction="down",
        formula=_("Sum of the days from creation to win of deals won, by share."),
        is_target_worthy=False,
    ),
    Measure(
        code="new_customers",
        name=_("New customers"),
        kind="count",
        formula=_("Accounts that were won for the first time, by share."),
    ),
    Measure(
        code="activities",
        name=_("Activities logged"),
        kind="count",
        formula=_("Calls, visits, meetings and messages logged."),
    ),
    Measure(
        code="win_rate",
        name=_("Win rate"),
        kind="ratio",
        source="ratio",
        numerator="deals_won",
        denominator="deals_decided",
        decimals=4,
        is_proportion=True,
        formula=_("Deals won ÷ deals decided in the period."),
    ),
    Measure(
        code="average_deal",
        name=_("Average deal"),
        kind="money",
        source="ratio",
        numerator="revenue",
        denominator="deals_won",
        decimals=2,
        formula=_("Revenue booked ÷ deals won."),
    ),
    Measure(
        code="sales_cycle",
        name=_("Sales cycle"),
        kind="days",
        source="ratio",
        direction="down",
        numerator="cycle_days",
        denominator="deals_won",
        decimals=2,
        formula=_("Days from creation to win ÷ deals won."),
    ),
)


def register_standard() -> None:
    """Put the standard measures into the catalogue."""
    for measure in STANDARD:
        register(measure)
