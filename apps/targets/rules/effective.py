"""What counts of a quota: Q_eff = Σ months Q × season × ramp × (active ÷ working days) − relief."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Relief:
    """What is taken off a month: an amount, or a share of the month."""

    amount: Decimal | None = None
    share: Decimal | None = None


def relieved(quota: Fraction, covered: Fraction, reliefs: Sequence[Relief]) -> Fraction:
    """Return what is left of a month's quota; never less than nothing.

    ``covered`` is the part of the month that is looked at: of an amount only that part is taken off,
    shares are of the quota itself.
    """
    shares = sum((Fraction(one.share) for one in reliefs if one.share is not None), Fraction(0))
    amounts = sum((Fraction(one.amount) for one in reliefs if one.amount is not None), Fraction(0))
    return max(quota * max(1 - shares, Fraction(0)) - amounts * covered, Fraction(0))
