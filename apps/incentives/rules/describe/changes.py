"""What a new version of a plan changes against an earlier one: in sentences, and figure by figure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.incentives.rules.describe.components import component_sentences
from apps.incentives.rules.describe.figures import Names
from apps.incentives.rules.describe.whole import plan_sentences
from apps.incentives.rules.plan.document import PlanDocument


@dataclass(frozen=True)
class Change:
    """A part of a plan that says something else now. ``code`` is empty for pay as a whole."""

    code: str
    name: str
    is_new: bool
    is_gone: bool
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class Figure:
    """A place of the document that says something else now; None where nothing is said."""

    place: str
    before: str | None
    after: str | None


def plan_changes(old: PlanDocument, new: PlanDocument, names: Names) -> list[Change]:
    """Return the parts that say something else, the sentences that are gone and those that are new."""
    told = [_component(old, new, code, names) for code in _codes(old, new)]
    whole = _sentences("", "", plan_sentences(old, names), plan_sentences(new, names))
    return [one for one in [*told, whole] if one is not None]


def figure_changes(old: PlanDocument, new: PlanDocument) -> list[Figure]:
    """Return every place that says something else, components matched by their codes."""
    order = _codes(old, new)
    before, after = dict(_leaves(_by_code(old, order))), dict(_leaves(_by_code(new, order)))
    places = [*after, *(place for place in before if place not in after)]
    found = (Figure(place, before.get(place), after.get(place)) for place in places)
    return [one for one in found if one.before != one.after]


def _codes(old: PlanDocument, new: PlanDocument) -> list[str]:
    codes = [one.code for one in new.components]
    return codes + [one.code for one in old.components if one.code not in codes]


def _component(old: PlanDocument, new: PlanDocument, code: str, names: Names) -> Change | None:
    was = next((one for one in old.components if one.code == code), None)
    now = next((one for one in new.components if one.code == code), None)
    name = (now or was).name  # type: ignore[union-attr]  # the code is of one of them
    before = component_sentences(was, old.currency, names) if was is not None else []
    after = component_sentences(now, new.currency, names) if now is not None else []
    if was is None or now is None:
        return Change(code, name, was is None, now is None, tuple(before), tuple(after))
    if was.name != now.name:
        before, after = [was.name, *before], [now.name, *after]
    return _sentences(code, name, before, after)


def _sentences(code: str, name: str, before: Sequence[str], after: Sequence[str]) -> Change | None:
    gone = tuple(one for one in before if one not in after)
    fresh = tuple(one for one in after if one not in before)
    return Change(code, name, False, False, gone, fresh) if gone or fresh else None


def _by_code(plan: PlanDocument, order: Sequence[str]) -> dict[str, Any]:
    """Return the document with every component at the number its code has in both versions."""
    whole = plan.model_dump(mode="json", by_alias=True, exclude_none=True)
    found = {one["code"]: one for one in whole["components"]}
    return {**whole, "components": [found.get(code) for code in order]}


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _leaves(one, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _leaves(one, f"{place}[{index}]")
    elif value is not None:
        yield place, str(value)
