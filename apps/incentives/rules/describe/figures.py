"""Figures inside sentences: grouped, without needless zeros, shares as percentages."""

from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.ui.formatting import symbol

Names = Mapping[str, str]


class MeasureNames(dict[str, str]):
    """What measures are called, and of which kind each is: an amount of money, a share, a number."""

    def __init__(self, names: Names, kinds: Mapping[str, str]) -> None:
        super().__init__(names)
        self.kinds = kinds


def amount(value: Decimal | str | None, places: int | None = None) -> str:
    """Write a number with grouped thousands and no needless zeros."""
    if value is None:
        return "–"
    number = _plain(value)
    if places is not None:
        number = round(number, places)
    shown = format(number, ",f")
    whole, _point, rest = shown.partition(".")
    kept = rest.rstrip("0").ljust(places or 0, "0")
    return f"{whole}.{kept}" if kept else whole


def money(value: Decimal | str | None, currency: str, places: int | None = None) -> str:
    """Write an amount of money; parts of a unit have at least two digits."""
    shown = amount(value, places)
    if shown[-2:-1] == ".":
        shown += "0"
    return f"-{symbol(currency)}{shown[1:]}" if shown.startswith("-") else f"{symbol(currency)}{shown}"


def cents(value: str | None, currency: str) -> str:
    """Write an amount of money to the cent."""
    return money(value, currency, 2) if value is not None else "–"


def percent(value: Decimal | str | None) -> str:
    """Write a share as a percentage with up to four decimals."""
    return "–" if value is None else _("%(value)s%%") % {"value": amount(round(_plain(value) * 100, 4))}


def measured(value: Decimal, measure: str, currency: str, names: Names) -> str:
    """Write a value of a measure as its kind reads: money, a percentage or a number."""
    kind = names.kinds.get(measure) if isinstance(names, MeasureNames) else None
    if kind == "money":
        return money(value, currency)
    return percent(value) if kind == "ratio" else amount(value)


def rounded(value: str | None) -> str:
    """Write a number of any kind with up to six decimals."""
    return "–" if value is None else amount(round(_plain(value), 6))


def _plain(value: Decimal | str) -> Decimal:
    top, _slash, bottom = str(value).partition("/")
    return Decimal(top) / Decimal(bottom) if bottom else Decimal(top)
