"""Charts as data: builders return what the browser draws and a table that says the same.

Figures arrive as Decimal and leave as float at this edge only; nothing computes with them after.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.core.names import in_words
from apps.ui import formatting

_HARMLESS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&"}

Label = Promise | str
Figures = Sequence[Decimal | int | float | None]
_ids = count(1)


@dataclass(frozen=True)
class Series:
    """A named row of figures. ``tone``: accent, muted, good, warn, bad or a number of the palette."""

    name: Label
    values: Figures
    tone: str = ""
    area: bool = False
    dashed: bool = False
    stack: str = ""
    kind: str = ""


@dataclass
class Chart:
    """One chart: type, title, categories, series, and how its figures read."""

    type: str
    title: Label
    categories: Sequence[Any] = ()
    series: Sequence[Series] = ()
    format: str = "number"
    currency: str = ""
    links: Sequence[str] = ()
    options: dict[str, Any] = field(default_factory=dict)
    height: str = "md"
    header: Sequence[Label] = ()
    body: Sequence[Sequence[Any]] = ()
    id: str = field(default_factory=lambda: f"chart-{next(_ids)}")

    @property
    def empty(self) -> bool:
        """Tell whether there is nothing to draw."""
        return not any(value is not None for one in self.series for value in one.values)

    @property
    def spec(self) -> dict[str, Any]:
        """What the browser needs to draw."""
        return {
            "type": self.type,
            "title": str(self.title),
            "categories": [in_words(str(one)) for one in self.categories],
            "series": [_series(one) for one in self.series],
            "format": self.format,
            "symbol": formatting.symbol(self.currency),
            "language": get_language() or "en",
            "links": list(self.links),
            **_floats(self.options),
        }

    @property
    def spec_text(self) -> SafeString:
        """The specification as text that may stand inside an element; swapped-in scripts are not allowed."""
        text = json.dumps(self.spec, cls=DjangoJSONEncoder, ensure_ascii=False)
        return mark_safe(text.translate(_HARMLESS))  # noqa: S308  # markup is written as escapes

    @property
    def table_header(self) -> list[str]:
        """The headings of the data table."""
        if self.header:
            return [str(one) for one in self.header]
        return ["", *(in_words(str(one.name)) for one in self.series)]

    @property
    def table_rows(self) -> list[list[str]]:
        """The rows of the data table, figures as people read them."""
        if self.body:
            return [[str(cell) for cell in row] for row in self.body]
        return [
            [
                in_words(str(category)),
                *(self.read(one.values[i] if i < len(one.values) else None) for one in self.series),
            ]
            for i, category in enumerate(self.categories)
        ]

    def read(self, value: Any) -> str:
        """Write a figure of this chart."""
        if self.format == "money":
            return formatting.money(value, self.currency)
        return formatting.percent(value) if self.format == "percent" else formatting.number(value)


def line(
    title: Label,
    categories: Sequence[Any],
    series: Sequence[Series],
    *,
    band: tuple[Figures, Figures] | None = None,
    band_name: Label = "",
    **style: Any,
) -> Chart:
    """Return lines over time; ``band`` shades between a lower and an upper row of figures."""
    options = style.pop("options", {})
    if band is not None:
        options = {**options, "band": {"low": list(band[0]), "high": list(band[1]), "name": str(band_name)}}
    return Chart("line", title, categories, series, options=options, **style)


def bar(
    title: Label,
    categories: Sequence[Any],
    series: Sequence[Series],
    *,
    stacked: bool = False,
    horizontal: bool = False,
    **style: Any,
) -> Chart:
    """Return bars beside or upon each other, upright or lying."""
    options = {**style.pop("options", {}), "stacked": stacked, "horizontal": horizontal}
    return Chart("bar", title, categories, series, options=options, **style)


def funnel(title: Label, stages: Sequence[tuple[Label, Any]], **style: Any) -> Chart:
    """Return stages from wide to narrow, each with the share that reached it."""
    names, values = [str(name) for name, _value in stages], [value for _name, value in stages]
    return Chart("funnel", title, names, [Series(title, values)], **style)


def bridge(
    title: Label, start: tuple[Label, Any], steps: Sequence[tuple[Label, Any]], end: Label, **style: Any
) -> Chart:
    """Return a waterfall from a start over changes to the end they add up to."""
    first = Decimal(str(start[1]))
    changes = [(str(name), Decimal(str(value))) for name, value in steps]
    last = first + sum((value for _name, value in changes), Decimal(0))
    names = [str(start[0]), *(name for name, _value in changes), str(end)]
    values = [first, *(value for _name, value in changes), last]
    return Chart("bridge", title, names, [Series(_("Amount"), values)], **style)


def scatter(
    title: Label,
    points: Sequence[tuple[Label, Any, Any]],
    x: Label,
    y: Label,
    *,
    x_format: str = "number",
    **style: Any,
) -> Chart:
    """Return named points; ``format`` is that of the upright axis."""
    chart = Chart(
        "scatter",
        title,
        [str(name) for name, _x, _y in points],
        [Series(x, [one[1] for one in points]), Series(y, [one[2] for one in points])],
        options={**style.pop("options", {}), "x": str(x), "y": str(y), "xFormat": x_format},
        **style,
    )
    sideways = Chart("", "", format=x_format, currency=chart.currency)
    chart.header = [_("Name"), x, y]
    chart.body = [[name, sideways.read(across), chart.read(up)] for name, across, up in points]
    return chart


def payout_curve(
    title: Label, points: Sequence[tuple[Any, Any]], *, here: tuple[Any, Any] | None = None, **style: Any
) -> Chart:
    """Return pay over attainment; two points at one attainment draw a cliff, ``here`` marks today."""
    style.setdefault("format", "money")
    chart = Chart(
        "curve",
        title,
        [formatting.percent(across, 0) for across, _up in points],
        [Series(_("Attainment"), [one[0] for one in points]), Series(_("Pay"), [one[1] for one in points])],
        options={**style.pop("options", {}), "here": list(here) if here else None, "xFormat": "percent"},
        **style,
    )
    chart.header = [_("Attainment"), _("Pay")]
    chart.body = [[formatting.percent(across, 0), chart.read(up)] for across, up in points]
    return chart


@dataclass(frozen=True)
class Gauge:
    """An arc drawn by the server: no script needed."""

    text: str
    arc: str
    mark: tuple[float, float, float, float] | None
    tone: str
    known: bool


def gauge(value: Any, expected: Any = None) -> Gauge:
    """Return attainment as a half circle to 150 %; tones follow pace when ``expected`` is given."""
    figure, due = formatting.exact(value), formatting.exact(expected)
    share = min(max(float(figure or 0) / 1.5, 0.0), 1.0)
    mark = _tick(min(max(float(due) / 1.5, 0.0), 1.0)) if due is not None else None
    return Gauge(
        formatting.percent(figure, 0 if figure is None or figure >= 1 else 1),
        f"{share * 100:.2f} 100",
        mark,
        pace_tone(figure, due),
        figure is not None,
    )


def pace_tone(value: Decimal | None, expected: Decimal | None) -> str:
    """Return good at or above the expected figure, warn within a tenth below it, bad under that."""
    due = Decimal(1) if expected is None else expected
    if value is None:
        return "muted"
    return "good" if value >= due else "warn" if value >= due * Decimal("0.9") else "bad"


def spark_points(values: Figures) -> str:
    """Return the points of a sparkline in a box of 100 by 28."""
    known = [float(value) if value is not None else 0.0 for value in values]
    if not known:
        return "0,27 100,27"
    if len(known) == 1:
        known = known * 2
    low, high = min([0.0, *known]), max(known)
    span = (high - low) or 1.0
    step = 100 / (len(known) - 1)
    return " ".join(f"{i * step:.1f},{26 - (value - low) / span * 24:.1f}" for i, value in enumerate(known))


def _tick(share: float) -> tuple[float, float, float, float]:
    angle = math.pi * (1 - share)
    across, up = math.cos(angle), math.sin(angle)
    return tuple(round(part, 2) for part in (60 + 40 * across, 60 - 40 * up, 60 + 58 * across, 60 - 58 * up))  # type: ignore[return-value]  # four parts


def _series(one: Series) -> dict[str, Any]:
    return {
        "name": in_words(str(one.name)),
        "values": _floats(list(one.values)),
        "tone": one.tone,
        "area": one.area,
        "dashed": one.dashed,
        "stack": one.stack,
        "kind": one.kind,
    }


def _floats(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value) if value.is_finite() else None
    if isinstance(value, dict):
        return {key: _floats(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_floats(one) for one in value]
    return str(value) if isinstance(value, Promise) else value
