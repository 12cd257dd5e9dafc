"""Money: exact amounts, one rounding, splits that add up.

Amounts are ``Decimal`` in major units (``Decimal("12.34")``) with an ISO 4217
currency code beside them. Nothing here touches the database or the clock.
"""

import math
from collections.abc import Hashable, Sequence
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Literal

from django.db import models

Rounding = Literal["half_up", "half_even"]

MAX_AMOUNT = Decimal("999999999999.99")
_WIDE = Context(prec=60)
_ROUNDING = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN}
_MINOR_UNITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "BHD": 3, "KWD": 3, "TND": 3, "OMR": 3, "JOD": 3}
CURRENCIES = (
    "USD", "CNY", "EUR", "GBP", "JPY", "HKD", "SGD", "AUD", "CAD", "CHF", "KRW", "INR", "TWD", "BRL",
    "MXN", "SEK", "NOK", "DKK", "NZD", "VND", "BHD", "KWD", "TND", "OMR", "JOD", "CLP",
)  # fmt: skip


class UnknownCurrency(ValueError):
    """The code is not one of the supported ISO 4217 currencies."""


def minor_units(currency: str) -> int:
    """Return the number of decimal places of a currency. Raises UnknownCurrency."""
    if currency not in CURRENCIES:
        raise UnknownCurrency(currency)
    return _MINOR_UNITS.get(currency, 2)


def round_money(amount: Decimal | Fraction, currency: str, rounding: Rounding = "half_up") -> Decimal:
    """Round to the currency's minor unit, half away from zero unless told otherwise.

    An exact ``Fraction`` stays exact until this one rounding.
    """
    return round_units(amount, minor_units(currency), rounding)


def round_units(amount: Decimal | Fraction, places: int, rounding: Rounding = "half_up") -> Decimal:
    """Round any quantity kept with ``places`` decimals; see :func:`round_money`."""
    if isinstance(amount, Fraction):
        return _round_fraction(amount, places, rounding)
    return amount.quantize(Decimal(1).scaleb(-places), rounding=_ROUNDING[rounding], context=_WIDE)


def _round_fraction(value: Fraction, places: int, rounding: Rounding) -> Decimal:
    above, below = value.numerator, value.denominator  # whole numbers are much faster than fractions
    whole, rest = divmod(abs(above) * 10**places, below)
    twice = 2 * rest
    up = twice > below or (twice == below and (rounding == "half_up" or whole % 2 == 1))
    units = whole + int(up)
    return Decimal(-units if above < 0 else units).scaleb(-places)


def split(
    total: Decimal,
    weights: Sequence[Decimal | Fraction | int],
    *,
    currency: str,
    keys: Sequence[Hashable] | None = None,
) -> list[Decimal]:
    """Split an amount by weights so that the parts add up to it exactly.

    Largest remainder in minor units; ties go to the smaller key (``keys`` are
    stable ids, by default the index), so the order of the list does not matter.
    A negative total mirrors its positive to the cent. Raises ValueError when
    the weights are empty, negative or all zero, or the total has fractions of
    a minor unit.
    """
    places = minor_units(currency)
    return split_units(total, weights, places=places, keys=keys)


def split_units(
    total: Decimal,
    weights: Sequence[Decimal | Fraction | int],
    *,
    places: int,
    keys: Sequence[Hashable] | None = None,
) -> list[Decimal]:
    """Split any quantity kept with ``places`` decimals; see :func:`split`."""
    exact = whole_numbers(weights)
    if not exact or min(exact) < 0:
        raise ValueError("Weights must be one or more numbers of at least zero.")
    if not any(exact):
        raise ValueError("At least one weight must be greater than zero.")
    numerator, denominator = abs(total).as_integer_ratio()
    units, rest = divmod(numerator * 10**places, denominator)
    if rest:
        raise ValueError(f"{total} has more than {places} decimal places.")
    order = None if keys is None else sorted(range(len(exact)), key=keys.__getitem__)  # type: ignore[arg-type]  # keys of one kind compare
    unit, sign = Decimal(1).scaleb(-places), -1 if total < 0 else 1
    return [unit * (sign * part) for part in split_whole(units, exact, order)]


def split_whole(units: int, weights: Sequence[int], order: Sequence[int] | None = None) -> list[int]:
    """Split whole units by whole weights, not all zero; ties go to whoever comes first in ``order``.

    The heart of :func:`split` for callers that split thousands of times by the same weights.
    """
    whole = sum(weights)
    shares = [units * weight for weight in weights]
    floors = [share // whole for share in shares]
    left = units - sum(floors)
    if left:
        rests = [share % whole for share in shares]
        ranked = sorted(order or range(len(rests)), key=rests.__getitem__, reverse=True)  # stable
        for i in ranked[:left]:
            floors[i] += 1
    return floors


def whole_numbers(weights: Sequence[Decimal | Fraction | int]) -> list[int]:
    """Scale weights to integers in the same proportions, which divide exactly and fast."""
    if set(map(type, weights)) <= {int}:
        return list(weights)  # type: ignore[arg-type]  # just checked
    ratios = [weight.as_integer_ratio() for weight in weights]
    scale = math.lcm(*(denominator for _numerator, denominator in ratios))
    return [numerator * (scale // denominator) for numerator, denominator in ratios]


class MoneyField(models.DecimalField):
    """An amount with two decimals and sixteen digits before them."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("max_digits", 18)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # the field takes any keyword


class CurrencyField(models.CharField):
    """An ISO 4217 code."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("max_length", 3)
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # the field takes any keyword


def bounded(
    name: str, field: str, *, low: Decimal | int = 0, high: Decimal | int = MAX_AMOUNT
) -> models.CheckConstraint:
    """Return a constraint that bounds a numeric column on both sides, which also keeps NaN out.

    PostgreSQL orders NaN above every number, so an upper bound refuses it. NULL passes.
    """
    return models.CheckConstraint(
        name=name, condition=models.Q(**{f"{field}__gte": low, f"{field}__lte": high})
    )
