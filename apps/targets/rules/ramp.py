"""What a newcomer can reach in the first months."""

import datetime as dt
import itertools
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from apps.core.errors import DomainError

MAX_STEPS = 36


class WrongRamp(DomainError):
    """The steps of a ramp are not parts of 1 that never fall."""


def check_ramp(steps: Sequence[Decimal]) -> list[Decimal]:
    """Return the steps. Raises WrongRamp unless each is between 0 and 1 and none is below the one before."""
    rising = all(first <= second for first, second in itertools.pairwise(steps))
    if len(steps) > MAX_STEPS or not rising or any(not 0 <= step <= 1 for step in steps):
        raise WrongRamp(
            _("Give the ramp as shares between 0 % and 100 % that never fall, for at most 36 months."),
            fields={"ramp": _("For example: 0 25 50 75.")},
        )
    return list(steps)


def share_in(month: dt.date, hired_on: dt.date | None, steps: Sequence[Decimal]) -> Fraction:
    """Return what somebody hired on a day can reach in the month that begins on ``month``.

    The first step holds in the month of hiring, the next in the month after it, and so on.
    """
    if hired_on is None or not steps:
        return Fraction(1)
    served = (month.year - hired_on.year) * 12 + month.month - hired_on.month
    return Fraction(steps[max(served, 0)]) if served < len(steps) else Fraction(1)


def share_of_year(
    months: Sequence[dt.date],
    weights: Sequence[Fraction | int],
    hired_on: dt.date | None,
    steps: Sequence[Decimal],
) -> Fraction:
    """Return what of a whole year somebody can reach, its months weighted by the season."""
    whole = sum(weights)
    if not whole:
        return Fraction(1)
    reached = sum(
        Fraction(weight) * share_in(month, hired_on, steps)
        for month, weight in zip(months, weights, strict=True)
    )
    return Fraction(reached) / whole
