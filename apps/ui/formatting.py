"""How numbers, money, dates and names read in each language. Pure: no database, no clock."""

import datetime as dt
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache

from babel.numbers import get_currency_symbol
from django.utils import timezone
from django.utils.translation import get_language, ngettext

from apps.core.money import CURRENCIES, minor_units

NOTHING = "–"  # an en dash says "no figure"
_WIDE = Context(prec=60)
_COMPACT_EN = ((Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "K"))
_COMPACT_ZH = ((Decimal(10) ** 8, "亿"), (Decimal(10) ** 4, "万"))
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Figure = Decimal | int | float | str | None


def chinese() -> bool:
    """Tell whether the page is in Chinese."""
    return (get_language() or "en").startswith("zh")


def exact(value: object) -> Decimal | None:
    """Return a figure as Decimal, or None when it is none or not finite."""
    if type(value) is Decimal:
        return value if value.is_finite() else None
    if value is None or value == "" or isinstance(value, bool):
        return None
    if isinstance(value, Fraction):
        return _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))
    try:
        figure = Decimal(str(value))
    except InvalidOperation:
        return None
    return figure if figure.is_finite() else None


def number(value: object, places: int | None = None) -> str:
    """Group thousands; keep the figure's own decimals unless ``places`` says how many."""
    figure = exact(value)
    if figure is None:
        return NOTHING
    if places is None:
        figure = figure.normalize() if figure != figure.to_integral_value() else figure.quantize(Decimal(1))
        return f"{figure:,f}"
    return f"{_rounded(figure, places):,f}"


def compact(value: object) -> str:
    """Shorten a figure: 1.2M in English, 120万 in Chinese."""
    figure = exact(value)
    if figure is None:
        return NOTHING
    for size, unit in _COMPACT_ZH if chinese() else _COMPACT_EN:
        if abs(figure) >= size:
            scaled = figure / size
            places = 0 if abs(scaled) >= 1000 else 1 if abs(scaled) >= 10 else 2
            text = f"{_rounded(scaled, places):,f}"
            return (text.rstrip("0").rstrip(".") if "." in text else text) + unit
    return number(figure, 0 if figure == figure.to_integral_value() else 2)


def money(value: object, currency: str = "", *, short: bool = False, places: int | None = None) -> str:
    """Write an amount with its currency, in more ``places`` than it has where asked; without one, bare."""
    figure = exact(value)
    if figure is None:
        return NOTHING
    usual = minor_units(currency) if currency in CURRENCIES else 2
    places = usual if places is None else max(usual, places)
    text = compact(abs(figure)) if short else f"{_rounded(abs(figure), places):,f}"
    sign = "-" if figure < 0 and text.strip("0.,") else ""
    return f"{sign}{symbol(currency)}{text}"


def percent(value: object, places: int = 1) -> str:
    """Write a ratio as percent: 0.6315 reads 63.2%."""
    figure = exact(value)
    return NOTHING if figure is None else f"{_rounded(figure * 100, places):,f}%"


def delta(value: object, places: int = 1) -> str:
    """Write a change of a ratio with its sign: +2.5%, -0.4%."""
    figure = exact(value)
    if figure is None:
        return NOTHING
    return f"{'+' if figure > 0 else ''}{percent(figure, places)}"


def day(value: object) -> str:
    """Write a date: 5 Mar 2026 or 2026年3月5日. An instant is written in the reader's zone."""
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value) if timezone.is_aware(value) else value
    if not isinstance(value, dt.date):
        return NOTHING
    if chinese():
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def moment(value: object) -> str:
    """Write an instant in the reader's zone: 5 Mar 2026, 14:05."""
    if not isinstance(value, dt.datetime):
        return day(value)
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{day(local)} {local:%H:%M}" if chinese() else f"{day(local)}, {local:%H:%M}"


def month(value: object) -> str:
    """Write a month: Mar 2026 or 2026年3月."""
    if not isinstance(value, dt.date):
        return NOTHING
    return f"{value.year}年{value.month}月" if chinese() else f"{_MONTHS[value.month - 1]} {value.year}"


def month_name(value: dt.date) -> str:
    """Write a month where its year is known: Mar or 3月."""
    return f"{value.month}月" if chinese() else _MONTHS[value.month - 1]


def days(value: object, places: int | None = None) -> str:
    """Write a number of days with its unit: 61.7 days."""
    figure = exact(value)
    if figure is None:
        return NOTHING
    text = number(figure, places)
    return ngettext("%(n)s day", "%(n)s days", 1 if text == "1" else 2) % {"n": text}


def initials(name: str) -> str:
    """Return what an avatar shows: two initials, or the last two characters of a Chinese name."""
    words = name.split()
    if not words:
        return "?"
    if any("\u4e00" <= char <= "\u9fff" for char in name):
        plain = "".join(char for char in name if "\u4e00" <= char <= "\u9fff")
        return plain[-2:] if len(plain) > 2 else plain
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def symbol(currency: str) -> str:
    """Return the sign of a currency as the language writes it ($, US$, ¥)."""
    if not currency:
        return ""
    return _symbol(currency, "zh" if chinese() else "en")


@lru_cache(maxsize=256)
def _symbol(currency: str, locale: str) -> str:
    sign = get_currency_symbol(currency, locale=locale)
    return f"{sign} " if sign == currency else sign


def _rounded(figure: Decimal, places: int) -> Decimal:
    return figure.quantize(_step(places), rounding=ROUND_HALF_UP, context=_WIDE)


@lru_cache(maxsize=32)
def _step(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)
