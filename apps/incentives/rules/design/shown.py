"""What stands at a place of a document, as a person reads it: 0.05 as 5 %, a code as what it is called."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from apps.incentives.rules.describe import figures
from apps.incentives.rules.design.choices import choice_label, kind_label
from apps.incentives.rules.design.spec import Choice, Field, Group, Many, OneOf, Scalar, Spec, document_spec
from apps.incentives.rules.design.tree import Spot, read_place
from apps.incentives.rules.design.units import MONEY, PERCENT, TIMES, WEIGHT, Units

Names = Mapping[str, str]


def value_shown(tree: Mapping[str, Any], place: str, value: str, units: Units, names: Names) -> str:
    """Return a value of a document as a person reads it; as it is kept where nothing is known of it."""
    found = _field_at(tree, place)
    if found is None:
        return value
    field, group, spot = found
    spec: Spec = field.spec
    while isinstance(spec, Many):
        spec = spec.item
    if field.key == "kind":
        return str(kind_label(group.model))
    if field.key in {"measure", "contribution"}:
        return names.get(value, value)
    if field.key == "component":
        return next((str(one["name"]) for one in tree["components"] if one.get("code") == value), value)
    if isinstance(spec, Choice):
        return value if field.key == "schema" else str(choice_label(field.model, field.key, value))
    if isinstance(spec, Scalar) and spec.kind in {"number", "whole"}:
        return _figure(value, units.of(field, spot), str(tree.get("currency") or ""))
    return value


def _figure(value: str, unit: str, currency: str) -> str:
    if unit == PERCENT:
        return figures.percent(value)
    if unit == MONEY:
        return figures.money(value, currency)
    if unit == WEIGHT:
        return _("%(value)s%%") % {"value": figures.amount(value)}
    return f"× {figures.amount(value)}" if unit == TIMES else figures.amount(value)


def _field_at(tree: Any, place: str) -> tuple[Field, Group, Spot] | None:
    """Return the field at a place, the group it is of, and its spot."""
    spec: Spec | None = document_spec()
    here, spot = tree, Spot()
    found: tuple[Field, Group] | None = None
    for step in read_place(place) or ():
        if isinstance(spec, OneOf):
            spec = spec.of(here.get("kind")) if isinstance(here, Mapping) else None
        if isinstance(step, int):
            here = here[step] if isinstance(here, list) and step < len(here) else None
            spec, spot = (
                (spec.item if isinstance(spec, Many) else None),
                Spot((*spot.place, step), spot.above),
            )
            continue
        field = (
            next((one for one in spec.fields if one.key == step), None) if isinstance(spec, Group) else None
        )
        if field is None or not isinstance(here, Mapping):
            return None
        found = (field, spec)  # type: ignore[assignment]  # it has fields
        spec, spot, here = field.spec, spot.into(here, step), here.get(step)
    return (*found, spot) if found else None
