"""Exact numbers: added without rounding, written plainly, stored to 18 decimals."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation, Overflow
from fractions import Fraction
from typing import Any

Number = Decimal | Fraction

# Sums and products of amounts and rates need far fewer digits; anything inexact is a mistake, not a rounding.
EXACT = Context(prec=120, traps=[Inexact, InvalidOperation, Overflow])
RAW_PLACES = Decimal("1e-18")
_WIDE = EXACT.copy()
_WIDE.clear_traps()
_WIDE.rounding = ROUND_HALF_UP


def text(value: Decimal | Fraction) -> str:
    """Write a number plainly: a decimal without needless zeros, or a fraction when it never ends."""
    if not isinstance(value, Decimal):  # asking for a Fraction is slow: it is an abstract number
        ending = as_decimal(value)
        return f"{value.numerator}/{value.denominator}" if ending is None else text(ending)
    plain = format(value, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def as_decimal(value: Fraction) -> Decimal | None:
    """Return the fraction as a decimal when it ends, otherwise None."""
    rest = value.denominator
    if rest == 1:
        return Decimal(value.numerator)
    twos, fives = (rest & -rest).bit_length() - 1, 0
    rest >>= twos
    while rest % 5 == 0:
        rest //= 5
        fives += 1
    if rest != 1 or max(twos, fives) > 60:
        return None
    places = max(twos, fives)
    return Decimal(value.numerator * 10**places // value.denominator).scaleb(-places, EXACT)


def stored(value: Fraction) -> Decimal:
    """Return a raw value as the ledger stores it, to 18 decimals; the trace keeps the exact one."""
    ending = as_decimal(value)
    if ending is not None and ending == ending.quantize(RAW_PLACES, context=_WIDE):
        return ending
    scaled_up = abs(value) * 10**18
    units = (2 * scaled_up.numerator + scaled_up.denominator) // (2 * scaled_up.denominator)
    return Decimal(-units if value < 0 else units).scaleb(-18)


def sum_exact(values: Iterable[Decimal]) -> Decimal:
    """Add decimals without ever rounding."""
    total = Decimal(0)
    add = EXACT.add
    for value in values:
        total = add(total, value)
    return total


def unit_for(*values: Number | None) -> type:
    """Return Decimal when every value ends, otherwise Fraction: the kind of number a cell is computed in."""
    for value in values:
        if type(value) is Fraction and as_decimal(value) is None:
            return Fraction
    return Decimal


def in_unit(value: Number, unit: type) -> Any:
    """Return the same number as a Decimal or a Fraction. A Decimal is asked for only when it ends."""
    if unit is Fraction:
        return Fraction(value)
    return value if isinstance(value, Decimal) else as_decimal(value) or Decimal(0)
