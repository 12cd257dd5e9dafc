"""Pure rules of the organisation."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.core import pinyin

FULL_TIME = Decimal(100)
SPAN_LOW, SPAN_HIGH = 3, 9


def name_key(name: str) -> str:
    """Return how a name may be typed on a Latin keyboard: full spelling and initials (王芳 → "wangfang wf").

    A Latin name needs no key: the name itself is searched.
    """
    if name.isascii():
        return ""
    full = "".join(pinyin.syllables(name)).lower()
    return f"{full} {pinyin.initials(name).lower()}"[:300]


def fits_full_time(shares: Sequence[Decimal]) -> bool:
    """Tell whether shares of a full time, held at once, stay within one."""
    return sum(shares, Decimal(0)) <= FULL_TIME


@dataclass(frozen=True)
class SpanFigures:
    """Managers, their direct reports and the average span (None without managers)."""

    managers: int
    reports: int
    average: Decimal | None


def average_span(spans: Sequence[int]) -> SpanFigures:
    """Return Σ direct reports ÷ managers over those who have at least one report."""
    counted = [span for span in spans if span > 0]
    reports = sum(counted)
    return SpanFigures(
        managers=len(counted),
        reports=reports,
        average=Decimal(reports) / Decimal(len(counted)) if counted else None,
    )


def span_flag(filled: int, approved: int) -> str:
    """Return "chain" for a one-to-one line, "narrow" or "wide" outside the band, else an empty word."""
    if approved == 0:
        return ""
    if approved == 1 and filled <= 1:
        return "chain"
    if approved < SPAN_LOW:
        return "narrow"
    return "wide" if approved > SPAN_HIGH else ""
