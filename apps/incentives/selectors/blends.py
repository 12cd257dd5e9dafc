"""A move between plans that is blended: every plan pays its share, by days, of what the whole period pays."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from apps.incentives.rules.segments import Days

Parts = Mapping[tuple[int, int, str], tuple[Days, ...]]  # of a person, a plan and a span: the days


@dataclass(frozen=True)
class Blend:
    """A segment's share of a blended period, which part of it was worked, and all days that are blended."""

    weight: Fraction
    active: Fraction
    days: tuple[Days, ...]

    def pinned(self) -> dict[str, Any]:
        """Return it as a statement keeps it."""
        return {
            "weight": str(self.weight),
            "active": str(self.active),
            "days": [[one.start.isoformat(), one.end.isoformat()] for one in self.days],
        }


def blend_in(segments: Sequence[Mapping[str, Any]]) -> Blend | None:
    """Return how pinned segments of one plan are blended with others, as one; None where they are not."""
    told = [segment["blend"] for segment in segments if "blend" in segment]
    if not told:
        return None
    days = tuple(Days(*map(dt.date.fromisoformat, pair)) for pair in told[0]["days"])
    weight = sum((Fraction(one["weight"]) for one in told), Fraction(0))
    return Blend(weight, Fraction(told[0]["active"]), days)
