"""What figures on a home page mean: growth, coverage, ranks, and who or what needs attention."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

STALLED_AFTER_DAYS = 30
PUSHED_TOO_OFTEN = 2
QUIET_AFTER_DAYS = 14
BEHIND = Fraction(7, 10)


def figure(value: Fraction | Decimal | None) -> Decimal | None:
    """Return an exact fraction as a figure that can be written."""
    if value is None or isinstance(value, Decimal):
        return value
    with localcontext(prec=28):
        return Decimal(value.numerator) / Decimal(value.denominator)


def growth(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    """Return the change against an earlier figure as a ratio; None when there is nothing to compare with."""
    if now is None or before is None or before <= 0:
        return None
    return figure(Fraction(now) / Fraction(before) - 1)


_NEARLY = 50


@dataclass(frozen=True)
class Coverage:
    """Open amount that closes in the period ÷ what is still missing of the quota."""

    ratio: Decimal | None
    is_met: bool = False
    is_near: bool = False


def coverage(open_amount: Decimal, quota: Decimal | None, won: Decimal | None) -> Coverage:
    """Return the coverage; met when nothing is missing, unknown without a quota.

    With less than a fiftieth of the quota missing the ratio says nothing: near.
    """
    if quota is None or won is None:
        return Coverage(None)
    missing = quota - won
    if missing <= 0:
        return Coverage(None, is_met=True)
    if missing * _NEARLY < quota:
        return Coverage(None, is_near=True)
    return Coverage(figure(Fraction(open_amount) / Fraction(missing)))


def ranks(values: Sequence[Decimal | None]) -> list[int | None]:
    """Return the place of each figure, highest first; equals share a place and the next one is left out.

    A figure nobody knows has no place.
    """
    known = sorted((value for value in values if value is not None), reverse=True)
    return [None if value is None else known.index(value) + 1 for value in values]


@dataclass(frozen=True)
class DealFacts:
    """What of an open deal decides whether it needs attention."""

    expected_close_on: dt.date | None
    next_step: str
    next_step_on: dt.date | None
    stage_since: dt.date | None
    push_count: int


def concerns(deal: DealFacts, today: dt.date) -> list[str]:
    """Return why an open deal needs attention, the gravest first; empty when it does not."""
    found = []
    if deal.expected_close_on is not None and deal.expected_close_on < today:
        found.append("overdue")
    if deal.next_step_on is not None and deal.next_step_on < today:
        found.append("step_late")
    if not deal.next_step and deal.next_step_on is None:
        found.append("no_step")
    if deal.stage_since is not None and (today - deal.stage_since).days > STALLED_AFTER_DAYS:
        found.append("stalled")
    if deal.push_count >= PUSHED_TOO_OFTEN:
        found.append("pushed")
    return found


def person_concerns(*, pace: Fraction | None, is_active: bool, has_open_deals: bool) -> list[str]:
    """Return why a person needs attention; ``is_active`` means that they logged something lately."""
    found = []
    if pace is not None and pace < BEHIND:
        found.append("behind")
    if not is_active and has_open_deals:
        found.append("quiet")
    return found
