"""When reviews fall due, who is told, and what counts as a deviation. Pure."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from apps.strategy.enums import Rhythm, Stage

MAX_WEEKS = 26
WATCH_FROM = Fraction(1, 12)
HOLD_AHEAD_DAYS = 14
_MONTHS = {Rhythm.MONTHLY: 1, Rhythm.QUARTERLY: 3}
_LOOK_AROUND = 15


def nominal_dates(rhythm: str, every: int, first_on: dt.date, until: dt.date) -> list[dt.date]:
    """Return the dates of a cadence up to and including ``until``, before working days are considered.

    Months count from the first date, so the 31st comes back after a short month.
    """
    found: list[dt.date] = []
    while (day := _nominal(rhythm, every, first_on, len(found))) <= until:
        found.append(day)
    return found


def _nominal(rhythm: str, every: int, first_on: dt.date, number: int) -> dt.date:
    if rhythm == Rhythm.WEEKS:
        return first_on + dt.timedelta(weeks=max(every, 1) * number)
    total = first_on.year * 12 + first_on.month - 1 + _MONTHS[Rhythm(rhythm)] * number
    return _clamped(total // 12, total % 12 + 1, first_on.day)


def _clamped(year: int, month: int, day: int) -> dt.date:
    following = dt.date(year + month // 12, month % 12 + 1, 1)
    last = (following - dt.timedelta(days=1)).day
    return dt.date(year, month, min(day, last))


def meeting_day(day: dt.date, is_working: Callable[[dt.date], bool]) -> dt.date:
    """Return the working day of a review: the next one, or the last of the month when the month is over."""
    ahead = _first_working(day, 1, is_working)
    if ahead is not None and (ahead.year, ahead.month) == (day.year, day.month):
        return ahead
    behind = _first_working(day, -1, is_working)
    if behind is not None and (behind.year, behind.month) == (day.year, day.month):
        return behind
    return ahead or behind or day


def _first_working(day: dt.date, step: int, is_working: Callable[[dt.date], bool]) -> dt.date | None:
    for distance in range(_LOOK_AROUND):
        candidate = day + dt.timedelta(days=distance * step)
        if is_working(candidate):
            return candidate
    return None


def stage(due_on: dt.date, on: dt.date) -> Stage | None:
    """Return which reminder applies on a day; None when the review is more than a week away."""
    left = (due_on - on).days
    if left > 7:
        return None
    if left > 1:
        return Stage.WEEK
    if left == 1:
        return Stage.DAY
    if left > -3:
        return Stage.TODAY
    return Stage.LATE if left > -7 else Stage.VERY_LATE


def recipients(
    stage: Stage, *, owner: int, participants: Iterable[int], chain: Sequence[int]
) -> dict[int, bool]:
    """Return who is told at a stage: person → whether it reaches them as an escalation.

    Before and on the day owner and participants; then the owner with their
    manager after three days and with the manager above as well after seven.
    """
    if stage in {Stage.WEEK, Stage.DAY, Stage.TODAY}:
        return dict.fromkeys([owner, *participants], False)
    above = chain[:1] if stage == Stage.LATE else chain[:2]
    return {**dict.fromkeys(above, True), owner: False}


def decision_recipients(stage: Stage, *, owner: int, steward: int, chain: Sequence[int]) -> dict[int, bool]:
    """Return who is told of a decision at a stage: person → whether it reaches them as an escalation.

    The day before and on the day who carries it out; after three days also who
    answers for the strategy, after seven the manager above who carries it out as well.
    """
    if stage == Stage.WEEK:
        return {}
    if stage in {Stage.DAY, Stage.TODAY}:
        return {owner: False}
    above = [steward] if stage == Stage.LATE else [steward, *chain[:1]]
    return {**dict.fromkeys(above, True), owner: False}


def deviates(pace: Fraction | None, elapsed: Fraction | None, threshold: Decimal) -> bool:
    """Tell whether a pace is worth a warning; early in a period nothing is."""
    if pace is None or (elapsed is not None and elapsed < WATCH_FROM):
        return False
    return pace < Fraction(threshold)


def weighted(parts: Iterable[tuple[int, Fraction | None]]) -> Fraction | None:
    """Return the mean of attainments by weight, each counted up to 100 %, over those that are known."""
    known = [(weight, ratio) for weight, ratio in parts if ratio is not None]
    total = sum(weight for weight, _ratio in known)
    if not total:
        return None
    reached = sum(
        (weight * min(max(ratio, Fraction(0)), Fraction(1)) for weight, ratio in known), Fraction(0)
    )
    return reached / total


def four_decimals(value: Fraction) -> Decimal:
    """Return a ratio as it is stored."""
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.0001"))
