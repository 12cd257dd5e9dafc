"""What tables pay: tiers as an object, curves, steps, matrices. Exact, both edges."""

import bisect
import itertools
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from apps.incentives.rules.engine.book import Given, Steps
from apps.incentives.rules.engine.numbers import in_unit, text, unit_for
from apps.incentives.rules.engine.shapes import Number
from apps.incentives.rules.plan.tables import AttainmentAxis, Axis, Curve, Matrix, Step, Tier


class Tiers:
    """Contiguous tiers in amounts, computed in one kind of number.

    ``scale`` turns edges that are shares of a quota into amounts. Sources: the rate tables of the
    calculation rules: M(x) = Σ rᵢ · length of x in tier i; the reached tier's rate on the whole; a part of an
    interpolated tier pays its share.
    """

    def __init__(
        self, tiers: Sequence[Tier], edge: str, scale: Number = Decimal(1), unit: Any = None
    ) -> None:
        self.unit: Any = unit or unit_for(scale)
        factor = in_unit(scale, self.unit)
        edges = [in_unit(tier.low, self.unit) * factor for tier in tiers]
        self.lows = edges
        self.highs = [*edges[1:], None]
        last = tiers[-1].high
        if last is not None:
            self.highs[-1] = in_unit(last, self.unit) * factor
        self.rates = [in_unit(tier.factor, self.unit) for tier in tiers]
        self.fixed = [in_unit(tier.fixed or Decimal(0), self.unit) for tier in tiers]
        self.has_fixed = any(self.fixed)
        self.edge = edge
        self.zero: Any = self.unit(0)
        self.bases = self._bases()

    def _bases(self) -> list[Any]:
        """Return what all lower tiers pay in full, for each tier."""
        bases = [self.zero]
        for index in range(len(self.lows) - 1):
            length = self.lows[index + 1] - self.lows[index]
            bases.append(bases[index] + length * self.rates[index])
        return bases

    def reached(self, amount: Any) -> int:
        """Return which tier an amount reaches; an exact edge goes to the side the table says."""
        find = bisect.bisect_right if self.edge == "upper" else bisect.bisect_left
        return max(0, find(self.lows, amount) - 1)

    def marginal(self, amount: Any) -> Any:
        """Return M(x); below zero the first rate holds."""
        if amount <= 0:
            return amount * self.rates[0]
        index = bisect.bisect_right(self.lows, amount) - 1
        due = self.bases[index] + (amount - self.lows[index]) * self.rates[index]
        if self.has_fixed:
            due += sum(self.fixed[: self.reached(amount) + 1], self.zero)
        return due

    def retroactive(self, amount: Any) -> Any:
        """Return the reached tier's rate on the whole, or its fixed amount."""
        index = self.reached(amount)
        due = amount * self.rates[index]
        return due + self.fixed[index] if self.fixed[index] and amount > 0 else due

    def interpolated(self, amount: Any) -> Any:
        """Return the amounts of all tiers passed and the share of the one reached; held above the last."""
        due = self.zero
        for low, high, fixed in zip(self.lows, self.highs, self.fixed, strict=True):
            if amount <= low:
                break
            due += fixed if amount >= high else fixed * (amount - low) / (high - low)
        return due

    def slices(self, amount: Any) -> list[tuple[int, Any]]:
        """Return the tiers an amount runs through, each with the length inside it."""
        if amount <= 0:
            return [(0, amount)]
        found = []
        for index, (low, high) in enumerate(zip(self.lows, self.highs, strict=True)):
            if amount <= low:
                break
            top = amount if high is None or amount < high else high
            found.append((index, top - low))
        return found


def read_points(table: Curve | Step, at: Fraction, steps: Steps) -> Fraction:
    """Return what a curve or a step table pays at a point, noted as a step."""
    value = on_curve(table, at) if isinstance(table, Curve) else on_step(table, at)
    steps.append({"op": table.kind, "at": text(at), "pays": table.pays, "value": text(value)})
    return value


def on_curve(curve: Curve, at: Fraction) -> Fraction:
    """Return the value of a curve: straight between points, as stated beyond the ends."""
    points = [(Fraction(point.at), Fraction(point.pays)) for point in curve.points]
    if at < points[0][0]:
        return _beyond(curve.below, points[0], points[1], at)
    if at > points[-1][0]:
        return _beyond(curve.above, points[-1], points[-2], at)
    for left, right in itertools.pairwise(points):
        if left[0] <= at <= right[0]:
            return _line(left, right, at)
    raise AssertionError("The points cover the range between the ends.")


def on_step(table: Step, at: Fraction) -> Fraction:
    """Return the value of the last point reached; nothing below the first."""
    places = [Fraction(point.at) for point in table.points]
    find = bisect.bisect_right if table.edge == "upper" else bisect.bisect_left
    index = find(places, at) - 1
    return Fraction(table.points[index].pays) if index >= 0 else Fraction(0)


_Point = tuple[Fraction, Fraction]


def _beyond(behaviour: str, end: _Point, inner: _Point, at: Fraction) -> Fraction:
    if behaviour == "zero":
        return Fraction(0)
    return end[1] if behaviour == "hold" else max(Fraction(0), _line(end, inner, at))


def _line(left: _Point, right: _Point, at: Fraction) -> Fraction:
    slope = (right[1] - left[1]) / (right[0] - left[0])
    return left[1] + slope * (at - left[0])


def on_axis(axis: Axis, given: Given) -> Fraction | None:
    """Return where the payee stands on an axis; None when there is no figure. Raises NotPayable."""
    if isinstance(axis, AttainmentAxis):
        return given.attainment(axis.measure, axis.of)
    actual = given.facts.standing(axis.measure, axis.of).actual
    return None if actual is None else Fraction(actual)


def read_table(table: Curve | Step, given: Given, steps: Steps) -> Fraction | None:
    """Return what a table with an axis of its own pays; None when there is no figure to read it at."""
    assert table.axis is not None, "checked when the plan was read"  # noqa: S101  # a promise of the parser
    at = on_axis(table.axis, given)
    return None if at is None else read_points(table, at, steps)


def read_matrix(table: Matrix, given: Given, steps: Steps) -> Fraction | None:
    """Return what a matrix pays; None when an axis has no figure. Raises NotPayable."""
    row, column = on_axis(table.row_axis, given), on_axis(table.column_axis, given)
    value = None if row is None or column is None else in_matrix(table, row, column)
    steps.append(
        {
            "op": "matrix",
            "read": table.read,
            "row": None if row is None else text(row),
            "column": None if column is None else text(column),
            "pays": table.pays,
            "value": None if value is None else text(value),
        }
    )
    return value


def in_matrix(table: Matrix, row: Fraction, column: Fraction) -> Fraction:
    """Return a cell: exactly met, by the last edges reached, or straight between four cells."""
    rows, columns = ([Fraction(v) for v in edges] for edges in (table.rows, table.columns))
    cells = table.cells
    if table.read == "bilinear":
        i, u = _between(rows, row)
        j, v = _between(columns, column)
        near = [[Fraction(cells[a][b]) for b in (j, min(j + 1, len(columns) - 1))] for a in _pair(i, rows)]
        top = near[0][0] * (1 - v) + near[0][1] * v
        return top * (1 - u) + (near[1][0] * (1 - v) + near[1][1] * v) * u
    if table.read == "exact":
        met = row in rows and column in columns
        return Fraction(cells[rows.index(row)][columns.index(column)]) if met else Fraction(0)
    i, j = bisect.bisect_right(rows, row) - 1, bisect.bisect_right(columns, column) - 1
    return Fraction(cells[i][j]) if i >= 0 and j >= 0 else Fraction(0)


def _pair(index: int, edges: Sequence[Fraction]) -> tuple[int, int]:
    return index, min(index + 1, len(edges) - 1)


def _between(edges: Sequence[Fraction], at: Fraction) -> tuple[int, Fraction]:
    """Return the edge at or below a place and how far it is towards the next, held at both ends."""
    if at <= edges[0]:
        return 0, Fraction(0)
    if at >= edges[-1]:
        return len(edges) - 1, Fraction(0)
    index = bisect.bisect_right(edges, at) - 1
    return index, (at - edges[index]) / (edges[index + 1] - edges[index])
