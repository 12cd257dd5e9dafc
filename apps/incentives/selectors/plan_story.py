"""What the designer and the plan page tell beside the blocks: a worked example of pay as a whole, changes."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from apps.incentives.enums import LineKind
from apps.incentives.models import PlanVersion
from apps.incentives.names import in_words
from apps.incentives.rules.describe import figures
from apps.incentives.rules.describe.changes import Change, figure_changes, plan_changes
from apps.incentives.rules.design.names import place_name
from apps.incentives.rules.design.shown import value_shown
from apps.incentives.rules.design.story import Chapter, story
from apps.incentives.rules.design.units import Units
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.selectors.pages import own_label
from apps.incentives.selectors.plan_pages import measure_names
from apps.measures.registry import measures
from apps.ui import formatting


@dataclass(frozen=True)
class StoryRow:
    """A row of the worked example: what it is, a figure for each period, how it is shown."""

    label: str
    cells: Sequence[str]
    tone: str = ""


@dataclass(frozen=True)
class Story:
    """The worked example: three pay periods side by side, and why one could not be paid."""

    heads: Sequence[tuple[str, str]]
    rows: Sequence[StoryRow]
    problems: Sequence[str]


@dataclass(frozen=True)
class FigureShown:
    """A place that says something else, in the words of the designer."""

    place: str
    before: str
    after: str


@dataclass(frozen=True)
class Changed:
    """What a version changes against another one."""

    against: int
    parts: Sequence[Change]
    figures: Sequence[FigureShown]

    def __bool__(self) -> bool:
        return bool(self.parts or self.figures)


def measure_kinds() -> dict[str, str]:
    """Return the kind of each measure of the catalogue."""
    return {measure.code: measure.kind for measure in measures.values()}


def story_of(plan: PlanDocument, first: dt.date) -> Story | None:
    """Return three pay periods under a plan, paid by the engine; None where nothing can be told."""
    kinds = measure_kinds()
    chapters = story(plan, kinds, first)
    if not chapters:
        return None
    names = measure_names()
    rows = [*_sold(chapters, names, kinds, plan.currency), *_lines(chapters, plan)]
    paid = [_money(one.paid, plan.currency) for one in chapters]
    rows.append(StoryRow(_("Paid out"), paid, "total"))
    rows += _balances(chapters, plan.currency)
    heads = [(_head(index), _of_quota(one)) for index, one in enumerate(chapters)]
    return Story(heads, rows, sorted({one.problem for one in chapters if one.problem}))


def _head(index: int) -> str:
    return [_("A weak period"), _("A strong period"), _("A usual period")][index]


def _of_quota(chapter: Chapter) -> str:
    return _("%(share)s of the quota") % {"share": formatting.percent(chapter.share, 0)}


def _sold(
    chapters: Sequence[Chapter], names: Mapping[str, str], kinds: Mapping[str, str], currency: str
) -> list[StoryRow]:
    rows = []
    for code in sorted({code for one in chapters for code in one.sold}):
        cells = [
            _figure(one.sold.get(code, Decimal(0)), kinds.get(code, "money"), currency) for one in chapters
        ]
        rows.append(StoryRow(names.get(code, code), cells, "given"))
    for code in sorted({code for one in chapters for code in one.returned}):
        cells = [
            _figure(-one.returned[code], kinds.get(code, "money"), currency) if code in one.returned else "–"
            for one in chapters
        ]
        label = _("%(measure)s that customers return") % {"measure": names.get(code, code)}
        rows.append(StoryRow(label, cells, "given"))
    return rows


def _figure(value: Decimal, kind: str, currency: str) -> str:
    return _money(value, currency) if kind == "money" else formatting.number(value)


def _money(value: Decimal, currency: str) -> str:
    """Write an amount, its cents only where there are any."""
    return figures.money(value, currency, None if value == value.to_integral_value() else 2)


def _lines(chapters: Sequence[Chapter], plan: PlanDocument) -> list[StoryRow]:
    order = [one.code for one in plan.components]
    keys = {(line.component, line.kind): None for one in chapters for line in one.lines}
    ranked = sorted(keys, key=lambda key: order.index(key[0]) if key[0] in order else len(order))
    return [
        StoryRow(
            _label(plan, component, kind), [_sum(one, component, kind, plan.currency) for one in chapters]
        )
        for component, kind in ranked
    ]


def _label(plan: PlanDocument, component: str, kind: str) -> str:
    own = own_label(component)
    name = own or in_words(next((one.name for one in plan.components if one.code == component), component))
    if own or kind == LineKind.EARNED:
        return name
    return _("%(name)s: %(kind)s") % {"name": name, "kind": LineKind(kind).label}


def _sum(chapter: Chapter, component: str, kind: str, currency: str) -> str:
    found = [one.amount for one in chapter.lines if (one.component, one.kind) == (component, kind)]
    return _money(sum(found, Decimal(0)), currency) if found else "–"


def _balances(chapters: Sequence[Chapter], currency: str) -> list[StoryRow]:
    labels = {
        "draw": _("Draw still owed"),
        "recovery": _("Clawback still to come"),
        "carried": _("Carried forward"),
    }
    return [
        StoryRow(
            label,
            [_money(one.balances[name], currency) if name in one.balances else "–" for one in chapters],
            "left",
        )
        for name, label in labels.items()
        if any(name in one.balances for one in chapters)
    ]


def changes_before(shown: PlanVersion, versions: Sequence[PlanVersion]) -> Changed | None:
    """Return what a version changes against the one before it; None for the first."""
    before = next((one for one in versions if one.number < shown.number), None)
    return changes_of(before.plan_document, shown.plan_document, before.number) if before else None


def changes_of(old: PlanDocument, new: PlanDocument, against: int) -> Changed:
    """Return what a document changes against that of the version numbered ``against``."""
    whole = new.model_dump(mode="json", by_alias=True, exclude_none=True)
    past = old.model_dump(mode="json", by_alias=True, exclude_none=True)
    codes = [one["code"] for one in whole["components"]]
    whole["components"] += [one for one in past["components"] if one["code"] not in codes]
    was = {one["code"]: one for one in past["components"]}
    past["components"] = [was.get(one["code"], {}) for one in whole["components"]]
    names, units = measure_names(), Units(measure_kinds())

    def told(tree: Mapping[str, Any], place: str, value: str | None) -> str:
        return "–" if value is None else value_shown(tree, place, value, units, names)

    shown = [
        FigureShown(
            place_name(past if one.after is None else whole, one.place),
            told(past, one.place, one.before),
            told(whole, one.place, one.after),
        )
        for one in figure_changes(old, new)
    ]
    return Changed(against, plan_changes(old, new, names), shown)
