"""A half-written plan document: texts as typed, whole in its structure. Reading places, tidying, writing.

A tree has the names of the document and keeps every text a person typed, right or wrong. ``tidied`` makes
its structure whole: what must be there is there (empty if need be), what does not belong to the chosen kinds
is gone. ``document`` leaves out what is empty; whether the rest holds together is for ``parse_plan``.
"""

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from apps.incentives.rules.design.spec import Choice, Field, Group, Many, OneOf, Scalar, Spec, document_spec
from apps.incentives.rules.design.words import word_of
from apps.incentives.rules.plan.conditions import OF_CREDIT, AllOf, AnyOf, NoneOf

Tree = dict[str, Any]
Place = tuple[str | int, ...]
_STEP = re.compile(r"\.?([a-z_]+)|\[(\d+)\]")
PAID_BY = ("rate", "per_unit", "fixed")
_GROUPS = (AllOf, AnyOf, NoneOf)


@dataclass(frozen=True)
class Spot:
    """Where one is in a tree: the way there, and the objects on the way, outermost first."""

    place: Place = ()
    above: tuple[Mapping[str, Any], ...] = ()

    def into(self, here: Mapping[str, Any], *steps: str | int) -> "Spot":
        """Return a spot below an object."""
        return Spot((*self.place, *steps), (*self.above, here))

    @property
    def keys(self) -> tuple[str, ...]:
        """The names on the way."""
        return tuple(step for step in self.place if isinstance(step, str))

    @property
    def key(self) -> str:
        """The last name on the way."""
        return self.keys[-1] if self.keys else ""


def read_place(text: str) -> Place | None:
    """Read ``components[0].table`` as a place; None when it is none."""
    steps: list[str | int] = []
    end = 0
    for found in _STEP.finditer(text):
        if found.start() != end:
            return None
        end = found.end()
        steps.append(found.group(1) if found.group(1) is not None else int(found.group(2)))
    return tuple(steps) if end == len(text) and steps else None


def write_place(place: Place) -> str:
    """Write a place as the document's problems name it."""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def value_at(tree: Any, place: Place) -> Any:
    """Return what stands at a place; None when nothing does."""
    here = tree
    for step in place:
        if isinstance(step, int):
            here = here[step] if isinstance(here, list) and step < len(here) else None
        else:
            here = here.get(step) if isinstance(here, Mapping) else None
    return here


def spec_at(tree: Tree, place: Place) -> Spec | None:
    """Return what may stand at a place, given the kinds chosen on the way."""
    spec: Spec | None = document_spec()
    for index, step in enumerate(place):
        if isinstance(spec, OneOf):
            spec = spec.of((value_at(tree, place[:index]) or {}).get("kind"))
        if isinstance(step, int):
            spec = spec.item if isinstance(spec, Many) else None
        else:
            fields = {one.key: one.spec for one in spec.fields} if isinstance(spec, Group) else {}
            spec = fields.get(step)
        if spec is None:
            return None
    return spec


def kinds_at(spec: OneOf, spot: Spot) -> tuple[tuple[str, Group], ...]:
    """Return the kinds that make sense at a spot: conditions look at a deal, or at the payee."""
    is_condition = any(group.model in _GROUPS for _kind, group in spec.variants)
    if not is_condition:
        return spec.variants
    of_credit = bool({"where", "counts", "crediting"} & set(spot.keys))
    return tuple(
        (kind, group)
        for kind, group in spec.variants
        if group.model in _GROUPS or (group.model in OF_CREDIT) == of_credit
    )


def fixed_at(field: Field, spot: Spot) -> str | None:
    """Return what a field must say because of where it stands; None when there is a choice."""
    if field.key != "pays" or not isinstance(field.spec, Choice):
        return None
    is_factor = spot.key == "curve" or "modifiers" in spot.keys or "fund" in spot.keys
    return "share" if is_factor else None


def matters(field: Field, here: Mapping[str, Any], spot: Spot) -> bool | None:
    """Tell whether a field must (True), may (None) or must not (False) be there, by its neighbours."""
    name = f"{field.model.__name__}.{field.key}"
    if field.key == "axis":
        return spot.key != "curve"
    if field.key in PAID_BY and field.model.__name__ == "Tier":
        stated = [one for one in PAID_BY if one in here]
        return field.key in (stated or ["rate"])
    if name == "MatrixBonus.annual":
        return True if (here.get("table") or {}).get("pays") in {None, "share"} else None
    rule = _MATTERS.get(name)
    if rule is None:
        return True if field.is_required else None
    key, value, otherwise = rule
    if value == "":
        return True if str(here.get(key, "")).strip() else otherwise
    return otherwise if here.get(key) != value else _WANTED.get(name, True)


# field → (neighbour, what the neighbour says for this one to be needed, and what holds otherwise)
_MATTERS: dict[str, tuple[str, str, bool | None]] = {
    "Commission.rolling_periods": ("basis", "rolling", False),
    "Override.rolling_periods": ("basis", "rolling", False),
    "Draw.recovery_share": ("kind", "recoverable", False),
    "Draw.recovery_after": ("kind", "recoverable", False),
    "Draw.balance_cap": ("kind", "recoverable", False),
    "Payment.excess": ("maximum", "", False),
    "Pool.contribution": ("share_by", "contribution", False),
}
_WANTED: dict[str, bool | None] = {"Draw.recovery_after": None, "Draw.balance_cap": None}


def tidied(tree: Any) -> Tree:
    """Return a tree whose structure is whole; nothing typed is lost that still has a place."""
    whole = _group(tree if isinstance(tree, Mapping) else {}, document_spec(), Spot())
    whole["schema"] = "salesorg.plan/2"
    return whole


def _tidy(value: Any, spec: Spec, spot: Spot) -> Any:
    if isinstance(spec, Group):
        return _group(value if isinstance(value, Mapping) else {}, spec, spot)
    if isinstance(spec, OneOf):
        given = value if isinstance(value, Mapping) else {}
        kinds = kinds_at(spec, spot)
        kind = str(given.get("kind") or kinds[0][0])
        group = spec.of(kind)
        if group is None:
            kind, group = kinds[0]
        return _group({**given, "kind": kind}, group, spot)
    if isinstance(spec, Many):
        return _many(value if isinstance(value, list | tuple) else [], spec, spot)
    if isinstance(spec, Choice):
        text = str(value or "")
        return text or spec.values[0]
    return "" if value is None else str(value)


def _group(value: Mapping[str, Any], group: Group, spot: Spot) -> Tree:
    out: Tree = {}
    here: Mapping[str, Any] = {**value}
    for field in group.fields:
        need = matters(field, here, spot)
        fixed = fixed_at(field, spot)
        if need is False:
            continue
        given = fixed or value.get(field.key)
        if given is None and (need or field.default is not None or word_is_always(field)):
            given = copy.deepcopy(field.default) if field.default is not None else ""
        if given is None:
            continue
        options = field.spec.values if isinstance(field.spec, Choice) else ()
        if field.key == "kind" and len(options) == 1:
            out["kind"] = options[0]
            continue
        if options and given == "" and not field.is_required:
            out[field.key] = ""
            continue
        made = _tidy(given, field.spec, spot.into(here, field.key))
        if made == [] and not field.is_required:
            continue
        out[field.key] = made
    _shape(out, group)
    return out


def word_is_always(field: Field) -> bool:
    """Tell whether an optional field is shown without being asked for."""
    return field.key != "kind" and word_of(field.model, field.key).always


def _many(value: Any, spec: Many, spot: Spot) -> list[Any]:
    rows = [_tidy(one, spec.item, Spot((*spot.place, index), spot.above)) for index, one in enumerate(value)]
    while len(rows) < spec.least and not isinstance(spec.item, Scalar) and spot.key != "components":
        rows.append(_tidy(None, spec.item, Spot((*spot.place, len(rows)), spot.above)))
    return rows


def _shape(out: Tree, group: Group) -> None:
    """Close what belongs together: edges of tiers that only one side states, the cells of a matrix."""
    name = group.model.__name__
    if "tiers" in out:
        tiers = out["tiers"]
        for tier, following in pairwise(tiers):
            tier["to"] = tier.get("to") or following.get("from", "")
            following["from"] = following.get("from") or tier["to"]
        if name == "Interpolated":
            for tier in tiers:
                stated = next((tier.pop(one) for one in PAID_BY if tier.get(one)), "")
                for one in PAID_BY:
                    tier.pop(one, None)
                tier["fixed"] = stated
    if name == "Matrix":
        out["rows"], out["columns"] = out["rows"] or [""], out["columns"] or [""]
        given = out.get("cells") or []
        lines = [line if isinstance(line, list) else [] for line in given]
        lines += [[] for _line in range(len(out["rows"]) - len(lines))]
        width = len(out["columns"])
        out["cells"] = [[*line, *([""] * (width - len(line)))] for line in lines]


def document(tree: Tree) -> dict[str, Any]:
    """Return the document a tree stands for: nothing empty, whole numbers as numbers."""
    made = _filled(tree, document_spec())
    return made if isinstance(made, dict) else {}


def _filled(value: Any, spec: Spec | None) -> Any:
    if isinstance(spec, OneOf):
        spec = spec.of(value.get("kind")) if isinstance(value, Mapping) else None
    if isinstance(value, Mapping):
        specs = {one.key: one.spec for one in spec.fields} if isinstance(spec, Group) else {}
        made = {key: _filled(one, specs.get(key)) for key, one in value.items()}
        return {key: one for key, one in made.items() if one not in ("", None, [])}
    if isinstance(value, list | tuple):
        return [_filled(one, spec.item if isinstance(spec, Many) else None) for one in value]
    if isinstance(spec, Scalar) and spec.kind == "whole" and re.fullmatch(r"\d{1,9}", str(value)):
        return int(value)
    return value


def is_held(given: Any) -> bool:
    """Tell whether the blocks can show a document in full: nothing of it would be lost."""
    if not isinstance(given, Mapping):
        return False
    kept = document(tidied(given))
    return all(_same(value, value_at(kept, place)) for place, value in _leaves(given))


def _leaves(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _leaves(one, (*place, str(key)))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _leaves(one, (*place, index))
    else:
        yield place, value


def _same(given: Any, kept: Any) -> bool:
    return given in (None, "") or str(given) == str(kept)
