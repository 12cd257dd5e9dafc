"""Dates of reviews and the figures they are held on."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

from apps.calendars import selectors as calendars
from apps.core import clock
from apps.core.db import requires_transaction
from apps.measures import registry
from apps.strategy.enums import ReviewState, StrategyState
from apps.strategy.models import ReviewCadence, Strategy, StrategyReview
from apps.strategy.rules import meeting_day, nominal_dates
from apps.strategy.selectors.standing import Standing, objectives_of, standings

HORIZON = dt.timedelta(days=130)


@requires_transaction
def schedule(*, strategy: Strategy, cadence: ReviewCadence, on: dt.date) -> list[StrategyReview]:
    """Create the reviews of the next months that do not exist yet; return the new ones.

    None lies after the strategy's last day, and dates that were over before it was activated are left out.
    """
    if strategy.state != StrategyState.ACTIVE or strategy.activated_at is None:
        return []
    since = clock.date_of(strategy.activated_at)
    until = min(on + HORIZON, strategy.last_day)
    known = StrategyReview.objects.filter(strategy=strategy).values_list("nominal_on", "due_on")
    nominal, taken = {row[0] for row in known}, {row[1] for row in known}
    workdays = calendars.workdays()
    rows = []
    for day in nominal_dates(cadence.rhythm, cadence.every, cadence.first_on, until):
        due_on = meeting_day(day, workdays.is_working)
        if day < since or day in nominal or due_on in taken:  # holidays push two dates onto one working day
            continue
        taken.add(due_on)
        rows.append(StrategyReview(strategy=strategy, nominal_on=day, due_on=due_on))
    StrategyReview.objects.bulk_create(rows)
    return rows


@requires_transaction
def unschedule(*, strategy_id: int, on: dt.date) -> int:
    """Take back the reviews that have not come near; return how many."""
    waiting = StrategyReview.objects.filter(
        strategy=strategy_id, state=ReviewState.SCHEDULED, due_on__gt=on, frozen_at__isnull=True
    )
    gone, _by_model = waiting.filter(decisions__isnull=True).delete()
    return gone


def freeze(review: StrategyReview, *, as_of: dt.date, at: dt.datetime) -> None:
    """Put the figures of a day into a review that has none; the caller saves it."""
    if review.frozen_at is not None:
        return
    found = standings(objectives_of([review.strategy_id]), as_of)
    review.pack = [_line(one) for one in found.values()]
    review.pack_as_of, review.frozen_at = as_of, at


PACK_FIELDS = ("pack", "pack_as_of", "frozen_at")


def _line(found: Standing) -> dict[str, Any]:
    """Return one objective as JSON: figures as text, ratios as exact decimals."""
    aim, figure = found.aim, found.attainment
    measure = registry.measures.get(aim.measure) if aim else None
    return {
        "objective": found.objective.pk,
        "title": found.objective.title,
        "weight": found.objective.weight,
        "owner": found.objective.owner.name if found.objective.owner else "",
        "measure": aim.measure if aim else "",
        "kind": measure.kind if measure else "",
        "currency": aim.currency if aim else "",
        "unit": aim.unit_id if aim else None,
        "person": aim.person_id if aim else None,
        "subject": aim.name if aim else "",
        "start": aim.period.starts_on.isoformat() if aim else "",
        "end": aim.period.ends_before.isoformat() if aim else "",
        "period": aim.period.code if aim else "",
        "actual": _text(figure.actual),
        "target": _text(figure.quota),
        "ratio": _text(figure.ratio),
        "pace": _text(figure.pace),
        "elapsed": _text(figure.elapsed),
        "projection": _text(figure.projection),
    }


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, Fraction):
        value = (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.000001"))
    return str(value)
