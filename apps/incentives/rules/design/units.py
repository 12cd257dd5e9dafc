"""In what a figure is counted where it stands, and how it is typed: 5 for five per cent, kept as 0.05."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.incentives.rules.design.spec import Field, Group, Many, OneOf, Scalar, Spec, document_spec
from apps.incentives.rules.design.tree import Spot, Tree
from apps.incentives.rules.design.words import word_of
from apps.incentives.rules.plan.values import NUMBER, plain

PERCENT, MONEY, TIMES, WEIGHT, NUMBERS = "percent", "money", "times", "weight", "number"
_PLAIN = {PERCENT, MONEY, TIMES, WEIGHT}
_BY_KIND = {"money": MONEY, "ratio": PERCENT}


@dataclass(frozen=True)
class Units:
    """Which kinds the measures of the catalogue are of."""

    kinds: Mapping[str, str]

    def of(self, field: Field, spot: Spot) -> str:
        """Return in what a field is counted; ``spot`` is that of the object it stands in."""
        asked = word_of(field.model, field.key).unit if field.key != "kind" else ""
        if not asked or asked in _PLAIN:
            return asked
        here = spot.above
        return {
            "edge": self._edge,
            "at": self._at,
            "pays": self._pays,
            "row": lambda found: self._axis(found[-1].get("row_axis")),
            "column": lambda found: self._axis(found[-1].get("column_axis")),
            "bound": self._bound,
            "goal": lambda found: self._measure(found[-1].get("measure")),
        }[asked](here)

    def _measure(self, code: object) -> str:
        return _BY_KIND.get(self.kinds.get(str(code), "money"), NUMBERS)

    def _axis(self, axis: object) -> str:
        given = axis if isinstance(axis, Mapping) else {}
        return (
            PERCENT
            if given.get("kind", "attainment") == "attainment"
            else self._measure(given.get("measure"))
        )

    def _edge(self, here: tuple[Mapping[str, Any], ...]) -> str:
        unit = here[-2].get("unit")
        if isinstance(unit, Mapping) and unit.get("kind") == "quota":
            return PERCENT
        return self._measure(next((one["measure"] for one in reversed(here) if "measure" in one), ""))

    def _at(self, here: tuple[Mapping[str, Any], ...]) -> str:
        return self._axis(here[-2].get("axis"))

    def _pays(self, here: tuple[Mapping[str, Any], ...]) -> str:
        table = here[-1] if "cells" in here[-1] else here[-2]
        return MONEY if table.get("pays") == "amount" else PERCENT

    def _bound(self, here: tuple[Mapping[str, Any], ...]) -> str:
        kind = here[-1].get("kind")
        if kind == "attainment":
            return PERCENT
        return self._measure(here[-1].get("measure")) if kind == "value" else MONEY


def kept(text: str, unit: str) -> str:
    """Return a typed figure as the document keeps it; what is no figure stays as typed."""
    told = text.removesuffix("%").removesuffix("％").strip() if unit == PERCENT else text
    if told.startswith("."):
        told = f"0{told}"
    if not NUMBER.match(told):
        return text
    return plain(Decimal(told) / 100) if unit == PERCENT else plain(Decimal(told))


def typed(text: str, unit: str) -> str:
    """Return a kept figure as a person types it."""
    if unit != PERCENT or not NUMBER.match(text):
        return text
    return plain(Decimal(text) * 100)


def read_figures(tree: Tree, units: Units, ungroup: Any) -> Tree:
    """Return a tree of typed texts with its figures as the document keeps them."""
    read = _Reader(units, ungroup).read(tree, document_spec(), Spot())
    assert isinstance(read, dict)  # noqa: S101  # it was one
    return read


@dataclass(frozen=True)
class _Reader:
    units: Units
    ungroup: Any

    def read(self, value: Any, spec: Spec | None, spot: Spot) -> Any:
        if isinstance(value, Mapping):
            group = spec.of(value.get("kind")) if isinstance(spec, OneOf) else spec
            fields = {one.key: one for one in group.fields} if isinstance(group, Group) else {}
            return {
                key: self._field(one, fields[key], spot.into(value, key)) if key in fields else one
                for key, one in value.items()
            }
        if isinstance(value, list) and isinstance(spec, Many):
            rows = enumerate(value)
            return [self.read(one, spec.item, Spot((*spot.place, i), spot.above)) for i, one in rows]
        return value

    def _field(self, value: Any, field: Field, spot: Spot) -> Any:
        spec = field.spec
        while isinstance(spec, Many):
            spec = spec.item
        if not isinstance(spec, Scalar):
            return self.read(value, field.spec, spot)
        return self._figure(value, field, spec, spot) if spec.kind in {"number", "whole"} else value

    def _figure(self, value: Any, field: Field, spec: Scalar, spot: Spot) -> Any:
        if isinstance(value, list):
            return [self._figure(one, field, spec, spot) for one in value]
        unit = self.units.of(field, spot)
        return kept(str(self.ungroup(str(value))).strip(), unit)
