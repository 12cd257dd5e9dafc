"""Turning cells into dates and numbers, or into a problem a person can fix. Pure."""

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from django.utils.translation import gettext_noop as _

from apps.core import days
from apps.core.money import MAX_AMOUNT
from apps.integrations.imports.sentences import Sentence

KEPT = 20_000  # days and amounts repeat: a file of a million rows has some thousand of each
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_SLASHED = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_NUMBER = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")


class BadValue(ValueError):
    """The cell cannot be used; the sentence names the fix."""

    def __init__(self, sentence: str, /, **values: object) -> None:
        self.sentence = Sentence(sentence, values)
        super().__init__(sentence)

    def __str__(self) -> str:
        return str(self.sentence)


@dataclass(frozen=True)
class Problem:
    """Something about a file that a person should know or fix.

    ``level`` is ``error`` (the row cannot be imported), or ``note`` (it was
    understood, and this is how). ``row`` 0 means the file as a whole; ``times``
    counts rows with the same problem.
    """

    file: str
    row: int
    field: str
    value: str
    message: Sentence
    level: str = "error"
    times: int = 1
    suggestion: str = ""


@lru_cache(maxsize=KEPT)
def to_date(text: str, order: str) -> dt.date | None:
    """Read a date written in the declared order (iso, mdy, dmy); blank is None. Raises BadValue."""
    if not text:
        return None
    pattern = _ISO if order == "iso" else _SLASHED
    match = pattern.fullmatch(text) or (_ISO.fullmatch(text) if order != "iso" else None)
    if match is None:
        samples = {"iso": "2017-03-31", "mdy": "3/31/2017", "dmy": "31/3/2017"}
        raise BadValue(_("“%(text)s” is not a date like %(sample)s."), text=text, sample=samples[order])
    parts = [int(part) for part in match.groups()]
    if match.re is _ISO:
        year, month, day = parts
    elif order == "mdy":
        month, day, year = parts
    else:
        day, month, year = parts
    try:
        found = dt.date(year, month, day)
    except ValueError:
        raise BadValue(_("“%(text)s” is not a day of the calendar."), text=text) from None
    if not days.is_plausible(found):
        raise BadValue(_("“%(text)s” lies outside the years 1950 to 2150."), text=text)
    return found


def to_decimal(text: str) -> Decimal | None:
    """Read a number such as 1234.5 or 1,234.50; blank is None. Raises BadValue."""
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise BadValue(_("“%(text)s” is not a number like 1234.50."), text=text)
    return Decimal(text.replace(",", ""))


@lru_cache(maxsize=KEPT)
def to_amount(text: str) -> Decimal | None:
    """Read an amount of money: at least 0, below one trillion, at most two decimals. Raises BadValue."""
    number = to_decimal(text)
    if number is None:
        return None
    if number < 0:
        raise BadValue(_("“%(text)s” is negative. Enter returns as corrections of a deal."), text=text)
    if number > MAX_AMOUNT:
        raise BadValue(_("“%(text)s” is not below one trillion."), text=text)
    exact = number.quantize(Decimal("0.01"))
    if exact != number:
        raise BadValue(_("“%(text)s” has more than two decimals."), text=text)
    return exact


def to_whole(text: str, *, low: int, high: int) -> int | None:
    """Read a whole number between two bounds; blank is None. Raises BadValue."""
    number = to_decimal(text)
    if number is None:
        return None
    if number != int(number) or not low <= number <= high:
        raise BadValue(
            _("“%(text)s” is not a whole number from %(low)s to %(high)s."), text=text, low=low, high=high
        )
    return int(number)
