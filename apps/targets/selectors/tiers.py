"""The three tiers of a target, each with its attainment: 目标, 冲刺, 挑战."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.targets.models import TargetPlan
from apps.targets.rules.pacing import Attainment, quotient


@dataclass(frozen=True)
class TierLine:
    """One tier: what it asks for and how far the actual is."""

    code: str
    label: str | Promise
    quota: Decimal
    ratio: Fraction | None

    @property
    def is_reached(self) -> bool:
        """Whether the actual passes the tier."""
        return self.ratio is not None and self.ratio >= 1


_LABELS = {"base": _("Target"), "stretch": _("Stretch"), "challenge": _("Challenge")}


def tier_lines(plan: TargetPlan | None, standing: Attainment) -> list[TierLine]:
    """Return base, stretch and challenge of a standing; none for rates and without a target in force."""
    if plan is None or not plan.is_additive or standing.quota is None:
        return []
    raised = {
        "base": Fraction(0),
        "stretch": Fraction(plan.stretch_percent) / 100,
        "challenge": Fraction(plan.challenge_percent) / 100,
    }
    found = []
    for code, extra in raised.items():
        quota = Fraction(standing.quota) * (1 + extra)
        ratio = None if standing.actual is None else quotient(standing.actual, quota)
        found.append(TierLine(code, _LABELS[code], _rounded(quota, plan.decimals), ratio))
    return found


def _rounded(value: Fraction, places: int) -> Decimal:
    scaled = value * 10**places
    return Decimal((2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)).scaleb(-places)
