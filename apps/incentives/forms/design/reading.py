"""From what was posted to a tree: every input is named by its place, some with a mark of how to read it.

``place[]`` is a list of ticked boxes, ``place~words`` a list divided by commas, ``tier~pays`` says under
which name a tier's figure stands.
"""

import re
from typing import Any

from django.http import QueryDict

from apps.incentives.rules.design.spec import document_spec
from apps.incentives.rules.design.tree import PAID_BY, Place, Tree, read_place
from apps.incentives.rules.design.units import Units, read_figures
from apps.ui import forms as kit

_TOP = {field.key for field in document_spec().fields}
_COMMAS = re.compile(r"[,，、;；\n]+")
_DEEPEST, _LONGEST = 24, 60


def read_tree(data: QueryDict, units: Units) -> Tree:
    """Return the tree that was posted; figures as the document keeps them, everything else as typed."""
    made: dict[Any, Any] = {}
    ways: list[tuple[Place, str]] = []
    for name in data:
        place = _place_of(name)
        if place is None:
            continue
        if name.endswith("~pays"):
            ways.append((place, data[name]))
        else:
            _put(made, place, _value(name, data))
    for place, way in ways:
        _pay_by(made, place, way)
    tree = _lists(made)
    return read_figures(tree, units, kit.ungrouped) if isinstance(tree, dict) else {}


def _place_of(name: str) -> Place | None:
    bare = name.removesuffix("[]").partition("~")[0]
    place = read_place(bare)
    if place is None or place[0] not in _TOP or len(place) > _DEEPEST:
        return None
    too_far = any(isinstance(step, int) and step > _LONGEST * 4 for step in place)
    return None if too_far else place


def _value(name: str, data: QueryDict) -> Any:
    if name.endswith("[]"):
        return [one for one in data.getlist(name) if one]
    if name.endswith("~words"):
        return [one.strip() for one in _COMMAS.split(data[name]) if one.strip()]
    return data[name]


def _put(made: dict[Any, Any], place: Place, value: Any) -> None:
    here = made
    for step in place[:-1]:
        below = here.setdefault(step, {})
        if not isinstance(below, dict):
            return
        here = below
    here.setdefault(place[-1], value)


def _pay_by(made: dict[Any, Any], place: Place, way: str) -> None:
    """Let a tier's figure stand under the name that was chosen for it."""
    here: Any = made
    for step in place:
        here = here.get(step) if isinstance(here, dict) else None
    if isinstance(here, dict) and way in PAID_BY and way not in here:
        figure = next((here.pop(one) for one in PAID_BY if one in here), "")
        here[way] = figure


def _lists(value: Any) -> Any:
    """Return objects whose names are all numbers as lists, in the order of the numbers."""
    if not isinstance(value, dict):
        return value
    made = {key: _lists(one) for key, one in value.items()}
    if made and all(isinstance(key, int) for key in made):
        return [made[key] for key in sorted(made)]
    return {key: one for key, one in made.items() if isinstance(key, str)}
