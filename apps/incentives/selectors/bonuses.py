"""Target bonuses of a year: what a plan states, and which part of somebody's own each component has."""

from decimal import Decimal

from apps.core.money import split
from apps.incentives.rules.kinds import KpiBonus, MatrixBonus, Mbo
from apps.incentives.rules.plan.document import PlanDocument

BONUSES = (KpiBonus, MatrixBonus, Mbo)  # what a yearly target bonus pays


def target_bonus_of(plan: PlanDocument) -> Decimal | None:
    """Return the target bonus of a year that a plan states in all; a true-up pays none of its own."""
    annual = [one.annual for one in _bonuses_of(plan) if one.annual is not None]
    return sum(annual, Decimal(0)) if annual else None


def _bonuses_of(plan: PlanDocument) -> list[KpiBonus | MatrixBonus | Mbo]:
    return [
        one for one in plan.components if isinstance(one, BONUSES) and getattr(one, "true_up", None) is None
    ]


def bonus_parts(plan: PlanDocument, bonus: Decimal) -> dict[str, Decimal]:
    """Return what of somebody's own yearly bonus each bonus component has: parts as in the plan, in cents.

    A true-up has the parts of the components it looks at.
    """
    parts = _parts(plan, bonus)
    for one in plan.components:
        if isinstance(one, KpiBonus) and one.true_up is not None:
            own = [parts[code] for code in one.true_up.of if code in parts]
            parts[one.code] = sum(own, Decimal(0)) if own else bonus
    return parts


def _parts(plan: PlanDocument, bonus: Decimal) -> dict[str, Decimal]:
    found = _bonuses_of(plan)
    weights = [one.annual for one in found if one.annual]
    if len(found) < 2 or len(weights) < len(found):
        return {one.code: bonus for one in found}
    codes = [one.code for one in found]
    return dict(zip(codes, split(bonus, weights, currency=plan.currency, keys=codes), strict=True))
