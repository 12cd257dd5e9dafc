"""Split a parent's target over its children: ideal shares, bounds, then whole minor units."""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter
from typing import NamedTuple

from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.core.money import round_units, split_units, whole_numbers
from apps.targets.enums import Basis, Method

ZERO, ONE = Fraction(0), Fraction(1)


class DoesNotFit(DomainError):
    """The bounds or fixed amounts leave no room for the total."""


class WrongWeights(DomainError):
    """The weights of an index are negative or do not sum to one."""


class Claim(NamedTuple):
    """What is known of one child when its parent's target is split.

    ``capacity`` is FTE × ramp × productivity; ``fixed`` is an amount set by hand,
    which the others have to work around.
    """

    key: Hashable
    history: Decimal = Decimal(0)
    capacity: Decimal = Decimal(1)
    potential: Decimal = Decimal(0)
    bottom_up: Decimal | None = None
    low: Decimal = Decimal(0)
    high: Decimal | None = None
    fixed: Decimal | None = None


@dataclass(frozen=True)
class Recipe:
    """A method with its settings. ``top_down`` is the λ of the hybrid."""

    method: Method = Method.HISTORY
    growth: Fraction | None = None
    weights: Mapping[Basis, Fraction] = field(default_factory=dict)
    top_down: Fraction = Fraction(1, 2)


def shares(values: Sequence[Decimal | Fraction]) -> list[Fraction]:
    """Return each value's part of the sum; equal parts when all are zero."""
    exact = [max(Fraction(value), ZERO) for value in values]
    whole = sum(exact, ZERO)
    if whole == 0:
        return [Fraction(1, len(exact)) for _value in exact]
    return [value / whole for value in exact]


def _equal(total: Fraction, claims: Sequence[Claim], recipe: Recipe) -> list[Fraction]:
    return [total / len(claims) for _claim in claims]


def _history(total: Fraction, claims: Sequence[Claim], recipe: Recipe) -> list[Fraction]:
    return [total * share for share in shares([claim.history for claim in claims])]


def _capacity(total: Fraction, claims: Sequence[Claim], recipe: Recipe) -> list[Fraction]:
    return [total * share for share in shares([claim.capacity for claim in claims])]


def _potential(total: Fraction, claims: Sequence[Claim], recipe: Recipe) -> list[Fraction]:
    return [total * share for share in shares([claim.potential for claim in claims])]


def _same_growth(total: Fraction, claims: Sequence[Claim], recipe: Recipe) -> list[Fraction]:
    """H_i(1+g) for those with history; what is left goes to the newcomers by capacity.

    Without newcomers, or when the growth asked for leaves them nothing, the
    growth is the one the total implies.
    """
    grown = [Fraction(claim.history) * (1 + (recipe.growth or ZERO)) for claim in claims]
    newcomers = [claim for claim in claims if claim.history <= 0]
    rest = total - sum((value for value in grown if value > 0), ZERO)
    if recipe.growth is None or not newcomers or rest < 0:
        return _history(total, claims, recipe)
    extra = dict(
        zip(
            [claim.key for claim in newcomers],
            shares([claim.capacity for claim in newcomers]),
            strict=True,
        )
    )
    return [
        rest * extra[claim.key] if claim.history <= 0 else value
        for claim, value in zip(claims, grown, strict=True)
    ]


def _same_increment(total: Fraction, claims: Sequence[Claim], recipe: Recipe) -> list[Fraction]:
    before = [Fraction(claim.history) for claim in claims]
    step = (total - sum(before, ZERO)) / len(claims)
    return [value + step for value in before]


def _weighted(total: Fraction, claims: Sequence[Claim], recipe: Recipe) -> list[Fraction]:
    check_weights(recipe.weights)
    values: dict[Basis, list[Fraction]] = {
        Basis.EQUAL: shares([ONE for _claim in claims]),
        Basis.HISTORY: shares([claim.history for claim in claims]),
        Basis.CAPACITY: shares([claim.capacity for claim in claims]),
        Basis.POTENTIAL: shares([claim.potential for claim in claims]),
    }
    return [
        total * sum((weight * values[basis][index] for basis, weight in recipe.weights.items()), ZERO)
        for index in range(len(claims))
    ]


def _hybrid(total: Fraction, claims: Sequence[Claim], recipe: Recipe) -> list[Fraction]:
    """λ·top-down + (1−λ)·bottom-up; who has not answered counts with the top-down figure."""
    top_down = _history(total, claims, recipe)
    mixed = [
        recipe.top_down * value
        + (1 - recipe.top_down) * (value if claim.bottom_up is None else Fraction(claim.bottom_up))
        for claim, value in zip(claims, top_down, strict=True)
    ]
    return [total * share for share in shares(mixed)]


_METHODS: dict[Method, Callable[[Fraction, Sequence[Claim], Recipe], list[Fraction]]] = {
    Method.EQUAL: _equal,
    Method.HISTORY: _history,
    Method.CAPACITY: _capacity,
    Method.POTENTIAL: _potential,
    Method.SAME_GROWTH: _same_growth,
    Method.SAME_INCREMENT: _same_increment,
    Method.WEIGHTED: _weighted,
    Method.HYBRID: _hybrid,
}


_BASES: dict[Method, Basis] = {
    Method.EQUAL: Basis.EQUAL,
    Method.HISTORY: Basis.HISTORY,
    Method.CAPACITY: Basis.CAPACITY,
    Method.POTENTIAL: Basis.POTENTIAL,
}
_CLAIMED: dict[Basis, Callable[[Claim], Decimal]] = {
    Basis.HISTORY: attrgetter("history"),
    Basis.CAPACITY: attrgetter("capacity"),
    Basis.POTENTIAL: attrgetter("potential"),
}


def check_weights(weights: Mapping[Basis, Fraction]) -> None:
    """Raise WrongWeights unless every weight is at least zero and they sum to one."""
    ratios = [weight.as_integer_ratio() for weight in weights.values()]
    common = math.lcm(*(below for _above, below in ratios))
    sound = sum(above * (common // below) for above, below in ratios) == common
    if not sound or any(above < 0 for above, _below in ratios):
        raise WrongWeights(_("The weights of the index must be at least 0 % and sum to 100 %."))


def ideal(total: Decimal | Fraction, claims: Sequence[Claim], recipe: Recipe) -> list[Fraction]:
    """Return each child's exact share before bounds and rounding; they sum to the total."""
    return _METHODS[recipe.method](Fraction(total), claims, recipe)


def clamp(
    total: Fraction, wanted: Sequence[Fraction], bounds: Sequence[tuple[Fraction, Fraction | None]]
) -> list[Fraction]:
    """Keep each part within its bounds and redistribute the rest among the others until stable.

    The parts inside their bounds keep their proportions. Raises DoesNotFit
    when the bounds allow no solution.
    """
    lows = sum((low for low, _high in bounds), ZERO)
    highs = [high for _low, high in bounds]
    ceiling = None if None in highs else sum((high for high in highs if high is not None), ZERO)
    if lows > total or (ceiling is not None and ceiling < total):
        raise DoesNotFit(
            _("The lower and upper limits allow between %(low)s and %(high)s, but %(total)s has to be split.")
            % {
                "low": _plain(lows),
                "high": _("any amount") if ceiling is None else _plain(ceiling),
                "total": _plain(total),
            }
        )
    result: list[Fraction] = [ZERO] * len(wanted)
    active = list(range(len(wanted)))
    rest = total
    while active:
        parts = dict(zip(active, shares([wanted[i] for i in active]), strict=True))
        trial = {i: rest * parts[i] for i in active}
        kept = {i: _within(trial[i], bounds[i]) for i in active}
        excess = sum((kept[i] - trial[i] for i in active), ZERO)
        frozen = [i for i in active if _to_freeze(kept[i] - trial[i], excess)]
        for i in frozen:
            result[i] = kept[i]
            rest -= kept[i]
        active = [i for i in active if i not in set(frozen)]
    return result


def _within(value: Fraction, bound: tuple[Fraction, Fraction | None]) -> Fraction:
    low, high = bound
    value = max(value, low)
    return value if high is None else min(value, high)


def _to_freeze(violation: Fraction, excess: Fraction) -> bool:
    """All when the violations balance, otherwise those that were pushed in the direction of the excess."""
    return excess == 0 or (violation > 0 if excess > 0 else violation < 0)


def _plain(value: Fraction) -> str:
    return f"{round_units(value, 2):,f}"


def allocate(total: Decimal, claims: Sequence[Claim], recipe: Recipe, *, places: int) -> list[Decimal]:
    """Split a total over the children by a recipe, in whole minor units that add up to it.

    Fixed amounts stay, bounds hold, ties go to the smaller key. Raises
    DoesNotFit when fixed amounts or bounds leave no solution.
    """
    free = [claim for claim in claims if claim.fixed is None]
    rest = total - sum((claim.fixed for claim in claims if claim.fixed is not None), Decimal(0))
    if rest < 0 or (rest > 0 and not free):
        raise DoesNotFit(
            _("Fixed amounts sum to %(fixed)s, but %(total)s has to be split. Release or change one of them.")
            % {"fixed": _plain(Fraction(total - rest)), "total": _plain(Fraction(total))}
        )
    parts: dict[Hashable, Decimal] = {claim.key: claim.fixed for claim in claims if claim.fixed is not None}
    if free:
        keys = [claim.key for claim in free]
        parts.update(zip(keys, _whole(rest, free, keys, recipe, places), strict=True))
    return [parts[claim.key] for claim in claims]


def _whole(
    rest: Decimal, free: Sequence[Claim], keys: Sequence[Hashable], recipe: Recipe, places: int
) -> list[Decimal]:
    """Split what is left over those not set by hand; without limits straight by their weights."""
    weights = None if any(claim.low or claim.high is not None for claim in free) else plain(free, recipe)
    if rest and weights is not None:
        return split_units(rest, weights, places=places, keys=keys)
    bounds = [(Fraction(claim.low), None if claim.high is None else Fraction(claim.high)) for claim in free]
    exact = ideal(rest, free, recipe)
    if _binds(bounds, exact):
        exact = clamp(Fraction(rest), exact, bounds)
    return split_units(rest, exact, places=places, keys=keys) if rest else [Decimal(0)] * len(free)


def plain(claims: Sequence[Claim], recipe: Recipe) -> list[Decimal] | list[int] | None:
    """Return numbers in the proportions of ``ideal`` when a method splits by proportions alone, else None.

    Fractions of a whole plan cost more than everything else about it; these numbers need none.
    """
    if recipe.method == Method.WEIGHTED:
        check_weights(recipe.weights)
        return _mixed(claims, recipe.weights)
    basis = _BASES.get(recipe.method)
    return None if basis is None else _values(claims, basis)


def _values(claims: Sequence[Claim], basis: Basis) -> list[Decimal] | list[int]:
    if basis == Basis.EQUAL:
        return [1] * len(claims)
    claimed = _CLAIMED[basis]
    values = [claimed(claim) for claim in claims]
    if min(values) < 0:
        values = [max(value, Decimal(0)) for value in values]
    return values if any(values) else [1] * len(claims)


def _mixed(claims: Sequence[Claim], weights: Mapping[Basis, Fraction]) -> list[int]:
    """Return Σ weight × share per claim in whole numbers: every share over one common denominator."""
    columns = []
    for basis, weight in weights.items():
        numbers = whole_numbers(_values(claims, basis))
        columns.append((weight.numerator, weight.denominator * sum(numbers), numbers))
    common = math.lcm(*(below for _above, below, _numbers in columns))
    factors = [above * (common // below) for above, below, _numbers in columns]
    weighed = [
        [factor * one for one in numbers]
        for factor, (_above, _below, numbers) in zip(factors, columns, strict=True)
    ]
    return [sum(row) for row in zip(*weighed, strict=True)]


def _binds(bounds: Sequence[tuple[Fraction, Fraction | None]], exact: Sequence[Fraction]) -> bool:
    """Tell whether limits, or shares below nothing, keep the shares from being split as they are."""
    return any(low or high is not None for low, high in bounds) or min(exact) < 0 or not any(exact)


def with_over_assignment(amount: Decimal, over: Decimal | Fraction, *, places: int) -> Decimal:
    """Return what the children have to sum to: parent × (1 + over-assignment), half-up to minor units."""
    above, below = amount.as_integer_ratio()
    more, of = over.as_integer_ratio()
    whole, parts = above * (of + more) * 10**places, below * of
    return Decimal((2 * whole + parts) // (2 * parts)).scaleb(-places)


def compounded(overs: Sequence[Decimal | Fraction]) -> Fraction:
    """Return the over-assignment that the levels add up to: Π(1 + o) − 1."""
    product = ONE
    for over in overs:
        product *= 1 + Fraction(over)
    return product - 1
