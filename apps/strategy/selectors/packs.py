"""The data pack of a review as one reader may see it."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core.names import in_words, named
from apps.measures import registry
from apps.measures.links import why_url
from apps.strategy import rules
from apps.strategy.models import Decision, StrategyReview
from apps.strategy.selectors.standing import sees

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class PackLine:
    """One objective as it stood; figures are None where unknown or, with ``hidden``, out of reach."""

    title: str
    owner: str
    weight: int
    measure: str
    kind: str
    currency: str
    subject: str
    period: str
    actual: Decimal | None
    target: Decimal | None
    ratio: Decimal | None
    pace: Decimal | None
    elapsed: Decimal | None
    projection: Decimal | None
    hidden: str
    why: str
    tone: str

    @property
    def needs_talk(self) -> bool:
        """Tell whether the agenda should spend time on it."""
        return self.tone in {"bad", "warn"} or (not self.hidden and self.ratio is None)


@dataclass(frozen=True)
class Pack:
    """The figures of a review for one reader."""

    lines: list[PackLine]
    as_of: dt.date | None
    progress: Decimal | None


def pack_of(user: User, review: StrategyReview) -> Pack:
    """Return the frozen figures of a review; those a reader may not see are left out with the reason."""
    threshold = review.strategy.watch_below
    lines = [_line(user, one, review.pack_as_of, threshold) for one in review.pack]
    mean = rules.weighted(
        (one.weight, None if one.ratio is None else Fraction(one.ratio)) for one in lines if not one.hidden
    )
    progress = None if mean is None else rules.four_decimals(mean)
    return Pack(lines, review.pack_as_of, progress)


def _line(user: User, raw: dict[str, Any], as_of: dt.date | None, threshold: Decimal) -> PackLine:
    has_aim = bool(raw["measure"])
    hidden = ""
    if has_aim and not sees(user, raw["unit"], raw["person"]):
        hidden = _("Your role does not show figures of %(name)s.") % {"name": in_words(raw["subject"])}
    figures = {
        name: None if hidden or raw[name] is None else Decimal(raw[name])
        for name in ("actual", "target", "ratio", "pace", "elapsed", "projection")
    }
    known = raw["measure"] in registry.measures
    return PackLine(
        title=named(raw["title"]),
        owner=raw["owner"],
        weight=raw["weight"],
        measure=str(registry.measures.get(raw["measure"]).name) if known else raw["measure"],
        kind=raw["kind"],
        currency=raw["currency"],
        subject=named(raw["subject"]),
        period=raw["period"],
        hidden=hidden,
        why=_why(raw, as_of) if known and not hidden else "",
        tone=_tone(figures["ratio"] if figures["pace"] is None else figures["pace"], threshold),
        **figures,
    )


def _why(raw: dict[str, Any], as_of: dt.date | None) -> str:
    start, end = dt.date.fromisoformat(raw["start"]), dt.date.fromisoformat(raw["end"])
    if as_of is None or as_of < start:
        return ""
    return why_url(
        measure=raw["measure"],
        start=start,
        end=min(end, as_of + _DAY),
        unit=raw["unit"],
        person=raw["person"],
    )


def _tone(pace: Decimal | None, threshold: Decimal) -> str:
    if pace is None:
        return "muted"
    return "good" if pace >= 1 else "warn" if pace >= threshold else "bad"


def decisions_before(review: StrategyReview) -> list[Decision]:
    """Return the decisions of earlier reviews that were not carried out when this one came."""
    rows = Decision.objects.open().filter(strategy=review.strategy_id).exclude(review=review.pk)
    return list(rows.select_related("owner", "objective").order_by("due_on", "pk"))
