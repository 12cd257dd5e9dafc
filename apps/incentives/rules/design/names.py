"""A place of a document in the words of the page: ``components[0].table.tiers[1].from`` → Commission › …"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from apps.incentives.rules.design.spec import Field, Group, Many, OneOf, Spec, document_spec
from apps.incentives.rules.design.tree import read_place
from apps.incentives.rules.design.words import word_of


def place_name(tree: Any, place: str) -> str:
    """Return a place as a person would say it; as it is written where nothing is known of it."""
    steps = read_place(place)
    if steps is None or place == "as_text":
        return _("The plan as text (JSON)") if place == "as_text" else place
    told: list[str] = []
    spec: Spec | None = document_spec()
    here = tree
    for step in steps:
        if isinstance(spec, OneOf):
            spec = spec.of(here.get("kind")) if isinstance(here, Mapping) else None
        if isinstance(step, int):
            here = here[step] if isinstance(here, list) and step < len(here) else None
            spec = spec.item if isinstance(spec, Many) else None
            _number(told, step, here)
            continue
        field = _field(spec, step)
        if step == "kind" or (field is not None and field.key == "cells"):
            told += [_("Kind")] if step == "kind" else [_("Cells")]
        elif field is not None:
            told.append(str(word_of(field.model, field.key).label))
        else:
            told.append(step)
        here = here.get(step) if isinstance(here, Mapping) else None
        spec = field.spec if field is not None else None
    return " › ".join(told)


def _number(told: list[str], step: int, here: Any) -> None:
    """Say which entry of a list it is; a part of the plan goes by its name."""
    name = here.get("name") if isinstance(here, Mapping) else ""
    if len(told) == 1 and name:
        told[0] = str(name)
    else:
        told[-1] = _("%(list)s, no. %(number)s") % {"list": told[-1], "number": step + 1}


def _field(spec: Spec | None, key: str) -> Field | None:
    found = [one for one in spec.fields if one.key == key] if isinstance(spec, Group) else []
    return found[0] if found else None
