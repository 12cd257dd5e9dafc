"""What a request states, in the shapes of the engine: measures, quotas, what was posted."""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from apps.incentives.rules.engine.proration import Bucket, Range
from apps.incentives.rules.engine.shapes import Posted, PostedCredit
from apps.incentives.rules.preview.request import MeasureIn, PostedIn, QuotaIn

_ZERO = Decimal(0)


def zoned(at: dt.datetime | None) -> dt.datetime | None:
    """Return a moment with a zone; one without is meant in UTC."""
    return at if at is None or at.tzinfo else at.replace(tzinfo=dt.UTC)


def given_actual(stated: Sequence[MeasureIn], name: str, days: Sequence[Range]) -> Decimal | None:
    """Return a measure over a span: as stated for it, or what happened on its days."""
    dated = [one for one in stated if one.on is not None]
    whole = [one.value for one in stated if one.on is None and (one.of or "period") == name]
    if whole:
        return sum(whole, _ZERO)
    if not dated:
        return None
    inside = (one.value for one in dated if any(part.start <= one.on < part.end for part in days))  # type: ignore[operator]  # dated
    return sum(inside, _ZERO)


def buckets(quotas: Iterable[QuotaIn]) -> list[Bucket]:
    """Return quotas as buckets of days."""
    return [Bucket(Range(one.from_, one.before), Fraction(one.amount)) for one in quotas]


def posted_of(one: PostedIn) -> Posted:
    """Return what was posted for a cell."""
    return Posted(
        basis=one.basis,
        raw=one.raw,
        rounded=one.amount,
        credits=tuple(PostedCredit(c.id, c.amount, c.transaction, c.paid) for c in one.credits),
        returned_raw=one.returned_raw,
        returned_rounded=one.returned_amount,
        exists=True,
    )
