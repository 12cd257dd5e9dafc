"""Blocks of figures as spreadsheets hand them over: tabs and line ends, as people write numbers."""

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from django.utils.translation import gettext as _

MAX_CELLS = 20_000
_SCALES = {
    "万亿": Decimal(10) ** 12,
    "亿": Decimal(10) ** 8,
    "千万": Decimal(10) ** 7,
    "百万": Decimal(10) ** 6,
    "万": Decimal(10) ** 4,
    "千": Decimal(10) ** 3,
    "k": Decimal(10) ** 3,
    "w": Decimal(10) ** 4,
    "m": Decimal(10) ** 6,
    "mn": Decimal(10) ** 6,
    "bn": Decimal(10) ** 9,
}
_UNITS = re.compile(r"^(?P<figure>.*?)(?P<unit>万亿|千万|百万|亿|万|千|bn|mn|k|w|m)?元?$", re.IGNORECASE)
_SYMBOLS = re.compile(r"(?:[$€£¥]|rmb|cny|usd|eur|元)", re.IGNORECASE)
_GROUPED = re.compile(r"^[+-]?(?:\d{1,3}(?:[,']\d{3})+|\d{1,4}(?:,\d{4})+)(?:\.\d+)?$")


class NotAFigure(ValueError):
    """A cell that does not hold a figure; the message is the fix."""


@dataclass(frozen=True)
class Figure:
    """What a cell says: a value, or a change by a share of what is there (+5 %)."""

    value: Decimal = Decimal(0)
    change: Decimal | None = None

    def on(self, now: Decimal, places: int) -> Decimal:
        """Return the figure for a cell that holds ``now``, half-up to its decimals."""
        if self.change is None:
            return self.value
        scaled = Fraction(now) * (1 + Fraction(self.change)) * 10**places
        return Decimal((2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)).scaleb(
            -places
        )


def block(text: str) -> list[list[str]]:
    """Read a copied block: rows by line, cells by tab, quoted cells as spreadsheets quote them."""
    cleaned = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    rows = list(csv.reader(io.StringIO(cleaned), delimiter="\t"))
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    return rows


def figure(text: str, *, is_additive: bool, places: int) -> Figure:
    """Read a figure as people write it. Raises NotAFigure with the fix.

    Thousands separators, currency signs, full-width digits, 万 and 亿, k and m are understood; a signed
    percentage changes what is there, a plain one is a rate.
    """
    plain = unicodedata.normalize("NFKC", text).strip().replace("\u00a0", " ").replace("−", "-")
    if plain.startswith("(") and plain.endswith(")"):
        raise NotAFigure(_("A target is at least 0. Take the brackets away."))
    plain = _SYMBOLS.sub("", plain).replace(" ", "")
    if plain.endswith("%"):
        return _percentage(plain[:-1], is_additive=is_additive, places=places)
    match = _UNITS.match(plain)
    unit = (match["unit"] or "").lower() if match else ""
    value = _number(match["figure"] if match else plain) * _SCALES.get(unit, Decimal(1))
    if value < 0:
        raise NotAFigure(_("A target is at least 0. Write the target itself, or a change such as -5%."))
    return Figure(_whole(value, places))


def _percentage(text: str, *, is_additive: bool, places: int) -> Figure:
    value = _number(text) / 100
    if text.startswith(("+", "-")):
        if value < -1:
            raise NotAFigure(_("A target is at least 0, so it cannot fall by more than 100 %."))
        return Figure(change=value)
    if is_additive:
        raise NotAFigure(_("Write +5% to raise what is there by 5 %, or the figure itself."))
    return Figure(_whole(value, places))


def _number(text: str) -> Decimal:
    plain = text.replace(",", "").replace("'", "") if _GROUPED.match(text) else text
    try:
        value = Decimal(plain)
    except InvalidOperation:
        raise NotAFigure(_("This is not a number. Write it like 1,234.50 or 12.5万.")) from None
    if not value.is_finite() or abs(value) > Decimal(10) ** 16:
        raise NotAFigure(_("This figure is too large to be a target."))
    return value


def _whole(value: Decimal, places: int) -> Decimal:
    if value != value.quantize(Decimal(1).scaleb(-places)):
        raise NotAFigure(_("At most %(places)s decimals. Round the figure.") % {"places": places})
    return value


@dataclass(frozen=True)
class Landed:
    """A cell of the block with where it falls; ``row`` and ``column`` count from 1 within the block."""

    row: int
    column: int
    text: str
    target_id: int
    grid_column: str


@dataclass(frozen=True)
class Outside:
    """A cell of the block that falls beside the grid."""

    row: int
    column: int
    text: str
    reason: str


def land(
    rows: Sequence[Sequence[str]], target_ids: Sequence[int], columns: Sequence[str]
) -> tuple[list[Landed], list[Outside]]:
    """Lay a block over the rows and columns from the chosen cell on; one value fills the whole choice.

    Empty cells leave what is there.
    """
    if len(rows) == 1 and len(rows[0]) == 1 and target_ids and columns:
        return [
            Landed(row, column, rows[0][0], target_id, name)
            for row, target_id in enumerate(target_ids, start=1)
            for column, name in enumerate(columns, start=1)
        ], []
    landed, outside = [], []
    for row, cells in enumerate(rows, start=1):
        for column, text in enumerate(cells, start=1):
            if not text.strip():
                continue
            if row > len(target_ids):
                outside.append(Outside(row, column, text, _("There is no row here. Start further up.")))
            elif column > len(columns):
                outside.append(Outside(row, column, text, _("There is no column here. Start further left.")))
            else:
                landed.append(Landed(row, column, text, target_ids[row - 1], columns[column - 1]))
    return landed, outside
