"""Decisions about deals: amounts, shares, gates, moves. Pure."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.core.money import CURRENCIES, MAX_AMOUNT, minor_units, round_money, split, split_units
from apps.pipeline.enums import GateField

WHOLE = Decimal(100)
SHARE_PLACES = 2


def short_name(name: str, account: str | None) -> str:
    """Return a deal's name without that of the account at its end, for where the account stands beside it."""
    return name.removesuffix(account).rstrip(" ·-–—:：|/,，") or name if account else name


class InvalidAmount(DomainError):
    """The amount is not a number, negative, too large, or finer than the currency's minor unit."""


class UnknownCurrency(DomainError):
    """The currency code is not supported."""


class InvalidShares(DomainError):
    """The shares of a deal do not sum to 100.00 %, repeat a person or are not positive."""


@dataclass(frozen=True)
class Step:
    """What a rule needs to know of a stage."""

    stage_id: int
    order: int
    kind: str
    gates: tuple[str, ...] = ()


@dataclass(frozen=True)
class LineAmount:
    """A product line's part of a deal."""

    line_id: int
    product_id: int
    amount: Decimal


@dataclass(frozen=True)
class Share:
    """A person's part of a deal in percent."""

    person_id: int
    percent: Decimal


@dataclass(frozen=True)
class RevenueShare:
    """One exact part of a deal's revenue."""

    line_id: int
    product_id: int | None
    person_id: int
    amount: Decimal


def checked_currency(code: object) -> str:
    """Return a supported currency code in capitals. Raises UnknownCurrency."""
    text = str(code or "").strip().upper()
    if text not in CURRENCIES:
        sentence = _("“%(code)s” is not a currency we know. Use a code such as USD or CNY.") % {"code": text}
        raise UnknownCurrency(sentence, fields={"currency": sentence})
    return text


def checked_amount(value: object, currency: str, *, field: str = "amount") -> Decimal:
    """Return an amount from 0 to the largest one we keep, in whole minor units. Raises InvalidAmount."""
    if isinstance(value, Decimal) and value.is_finite() and 0 <= value <= MAX_AMOUNT:
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and -exponent <= minor_units(currency):
            return value
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        text = _("Enter the amount as a number, for example 12500.00.")
        raise InvalidAmount(text, fields={field: text})
    if not 0 <= amount <= MAX_AMOUNT:
        text = _("The amount must lie between 0 and 999,999,999,999.99.")
        raise InvalidAmount(text, fields={field: text})
    if amount != round_money(amount, currency):
        text = _("%(currency)s amounts have at most %(places)s decimal places.") % {
            "currency": currency,
            "places": minor_units(currency),
        }
        raise InvalidAmount(text, fields={field: text})
    return round_money(amount, currency)


def checked_shares(shares: Sequence[Share]) -> list[Share]:
    """Return the shares when each is positive with two decimals, nobody repeats, and they sum to 100.00.

    Raises InvalidShares.
    """
    people = [share.person_id for share in shares]
    if len(set(people)) != len(people):
        raise _bad_shares(_("Each person can have one share only."))
    for share in shares:
        if not share.percent.is_finite() or not 0 < share.percent <= WHOLE:
            raise _bad_shares(_("Each share must be above 0 % and at most 100 %."))
        if share.percent != round(share.percent, SHARE_PLACES):
            raise _bad_shares(_("Shares have at most two decimal places."))
    total = sum((share.percent for share in shares), Decimal(0))
    if total != WHOLE:
        raise _bad_shares(_("The shares sum to %(total)s %%; they must sum to 100.00 %%.") % {"total": total})
    return list(shares)


def _bad_shares(text: str) -> InvalidShares:
    return InvalidShares(text, fields={"splits": text})


def line_amount(*, quantity: Decimal, unit_price: Decimal, discount: Decimal, currency: str) -> Decimal:
    """Return quantity × unit price less discount percent, rounded once."""
    return round_money(quantity * unit_price * (WHOLE - discount) / WHOLE, currency)


def spread_over_lines(total: Decimal, lines: Sequence[LineAmount], currency: str) -> list[Decimal]:
    """Split a new total over lines as they stand; equally when all are zero."""
    weights = [line.amount for line in lines]
    if not any(weights):
        weights = [Decimal(1)] * len(lines)
    return split(total, weights, currency=currency, keys=[line.line_id for line in lines])


def revenue_shares(
    base: Decimal, lines: Sequence[LineAmount], shares: Sequence[Share], currency: str
) -> list[RevenueShare]:
    """Split a deal's revenue over its lines and each line over the people; the parts add up to it exactly."""
    parts: list[RevenueShare] = []
    whole = [LineAmount(0, 0, base)]
    for line, amount in zip(lines or whole, spread_over_lines(base, lines or whole, currency), strict=True):
        amounts = split(
            amount,
            [share.percent for share in shares],
            currency=currency,
            keys=[share.person_id for share in shares],
        )
        parts.extend(
            RevenueShare(line.line_id, line.product_id or None, share.person_id, part)
            for share, part in zip(shares, amounts, strict=True)
        )
    return parts


def count_shares(value: int, shares: Sequence[Share]) -> list[tuple[int, Decimal]]:
    """Split a whole number (one deal, its cycle days) over people, exact to six decimals."""
    parts = split_units(
        Decimal(value),
        [share.percent for share in shares],
        places=6,
        keys=[share.person_id for share in shares],
    )
    return [(share.person_id, part) for share, part in zip(shares, parts, strict=True)]


def main_product(lines: Sequence[LineAmount]) -> int | None:
    """Return the product of the largest line, the earliest of equals."""
    if not lines:
        return None
    return min(lines, key=lambda line: (-line.amount, line.line_id)).product_id


def gates_on_the_way(current: Step, target: Step, steps: Iterable[Step]) -> tuple[str, ...]:
    """Return what must be true to go forward from one stage to another: every gate passed, once, in order.

    Going back or losing asks for nothing; winning passes the gates of all open stages left.
    """
    if target.kind == "lost" or (target.kind == "open" and target.order <= current.order):
        return ()
    passed = [
        step
        for step in steps
        if step.kind == "open"
        and step.order >= current.order
        and (target.kind == "won" or step.order < target.order)
    ]
    passed.sort(key=lambda step: step.order)
    return tuple(dict.fromkeys(gate for step in passed for gate in step.gates))


def unmet(gates: Iterable[str], *, facts: "dict[str, bool]") -> list[GateField]:
    """Return the gates whose fact is not true."""
    return [GateField(gate) for gate in gates if not facts.get(gate)]


def is_skip(current: Step, target: Step, steps: Iterable[Step]) -> bool:
    """Tell whether a move forward jumps over an open stage."""
    return any(step.kind == "open" and current.order < step.order < target.order for step in steps)


def is_push(before: dt.date | None, after: dt.date | None) -> bool:
    """Tell whether an expected close date moved later."""
    return before is not None and after is not None and after > before
