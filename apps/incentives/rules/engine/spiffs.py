"""SPIFF awards across all payees: the budget is used up in the order of booking, the last award truncated."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal, localcontext

from apps.incentives.rules.engine.conditions import matches
from apps.incentives.rules.engine.crediting import Offered
from apps.incentives.rules.engine.numbers import EXACT
from apps.incentives.rules.engine.shapes import Award, Key
from apps.incentives.rules.kinds import Spiff
from apps.incentives.rules.kinds.spiff import PerDeal, PerUnit

_ZERO = Decimal(0)


def award_spiff(
    component: Spiff, credits: Iterable[Offered], spent: Decimal = _ZERO
) -> dict[Key, list[Award]]:
    """Return the awards of each payee. ``spent`` is what earlier runs used up of the budget."""
    with localcontext(EXACT):
        left = None if component.budget is None else max(_ZERO, component.budget - spent)
        awards: dict[Key, list[Award]] = defaultdict(list)
        for one in sorted(_eligible(component, credits), key=lambda credit: credit.booked_order):
            wanted = _award(component, one)
            given = wanted if left is None else min(wanted, left)
            if left is not None:
                left -= given
            if wanted:
                awards[one.payee].append(Award(one.id, one.amount, given, wanted - given))
        return dict(awards)


def _eligible(component: Spiff, credits: Iterable[Offered]) -> list[Offered]:
    """Keep own credits inside the window that fit; a sale that came back is left out with its return."""
    rows = [one for one in credits if one.measure == component.measure and not one.level]
    gone = {one.reverses for one in rows if one.reverses is not None}
    return [
        one
        for one in rows
        if one.reverses is None
        and one.id not in gone
        and component.from_ <= one.on < component.before
        and matches(component.where, one.deal.fields, one.on, one.deal.amount)
    ]


def _award(component: Spiff, one: Offered) -> Decimal:
    award = component.award
    if isinstance(award, PerUnit):
        return max(_ZERO, one.amount) * award.amount
    if isinstance(award, PerDeal):
        return award.amount * one.share
    return max(_ZERO, one.amount) * award.rate
