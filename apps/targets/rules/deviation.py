"""When a target is off its course."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from apps.targets.enums import AlertKind
from apps.targets.rules.pacing import Attainment


@dataclass(frozen=True)
class Rule:
    """When one kind of deviation is reported: below which share, after which share of the year's weight."""

    kind: AlertKind
    below: Decimal
    after: Decimal
    window: int = 20
    is_on: bool = True


DEFAULTS = {
    AlertKind.PACE: Rule(AlertKind.PACE, Decimal("0.90"), Decimal("0.20")),
    AlertKind.PROJECTION: Rule(AlertKind.PROJECTION, Decimal("0.95"), Decimal("0.40")),
    AlertKind.DROP: Rule(AlertKind.DROP, Decimal("0.50"), Decimal("0.15"), window=20),
}


@dataclass(frozen=True)
class Run:
    """What was sold in a stretch of working days and what its season asked for."""

    actual: Decimal
    expected: Fraction

    @property
    def pace(self) -> Fraction | None:
        """Sold ÷ expected."""
        return Fraction(self.actual) / self.expected if self.expected > 0 else None


@dataclass(frozen=True)
class Situation:
    """Where a target stands: attainment, and the last stretch of working days beside the one before."""

    standing: Attainment
    lately: Run | None = None
    before: Run | None = None


def deviates(rule: Rule, situation: Situation) -> Fraction | None:
    """Return the share that is too low when a rule is broken, else None.

    Behind the pace: actual ÷ expected. Projected to miss: projection ÷ quota. A
    sudden drop: the pace of the last working days ÷ the pace of those before, and
    only while the last days are below their own expectation too, so that a calm
    stretch after a big deal is no alarm.
    """
    standing = situation.standing
    if not rule.is_on or standing.quota is None or standing.quota <= 0 or standing.elapsed is None:
        return None
    if standing.elapsed < Fraction(rule.after) or (standing.ratio is not None and standing.ratio >= 1):
        return None
    share = _share(rule.kind, situation)
    return share if share is not None and share < Fraction(rule.below) else None


def broken_rules(rules: Iterable[Rule], situation: Situation) -> dict[AlertKind, Fraction]:
    """Return which rules are broken, and the share of each.

    Pace and projection are the same share of the same quota, so who is behind the
    pace is not reported once more as projected to miss.
    """
    found = {rule.kind: share for rule in rules if (share := deviates(rule, situation)) is not None}
    if AlertKind.PACE in found:
        found.pop(AlertKind.PROJECTION, None)
    return found


def _share(kind: AlertKind, situation: Situation) -> Fraction | None:
    if kind == AlertKind.PACE:
        return situation.standing.pace
    if kind == AlertKind.PROJECTION:
        return situation.standing.projected_ratio
    return _drop(situation.lately, situation.before)


def _drop(lately: Run | None, before: Run | None) -> Fraction | None:
    if lately is None or before is None:
        return None
    now, then = lately.pace, before.pace
    if now is None or not then or now >= 1:
        return None
    return now / then
