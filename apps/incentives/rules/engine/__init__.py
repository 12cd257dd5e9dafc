"""From credits to pay lines. Exact, blind to order and batches, without database or clock.

One call pays one component in one window (a period, or the year to date):
what the window is worth now, less what was posted for it before. The same
call therefore pays a first run, a later instalment of a cumulative plan and
the delta of a late credit.
"""

from apps.incentives.rules.engine.numbers import RAW_PLACES, as_decimal, stored, sum_exact, text
from apps.incentives.rules.engine.paying import pay_component, plan_cap_line
from apps.incentives.rules.engine.shapes import (
    CreditIn,
    LineOut,
    NotPayable,
    Posted,
    Standing,
    Traced,
    WindowIn,
)

__all__ = [
    "RAW_PLACES",
    "CreditIn",
    "LineOut",
    "NotPayable",
    "Posted",
    "Standing",
    "Traced",
    "WindowIn",
    "as_decimal",
    "pay_component",
    "plan_cap_line",
    "stored",
    "sum_exact",
    "text",
]
