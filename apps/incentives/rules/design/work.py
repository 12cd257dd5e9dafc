"""What one may do to a half-written plan: add, remove, move and copy parts, and follow a changed kind."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext

from apps.incentives.rules.design.choices import kind_label
from apps.incentives.rules.design.spec import Group, Many, OneOf, Scalar, Spec
from apps.incentives.rules.design.starters import RATES, STARTERS
from apps.incentives.rules.design.tree import (
    PAID_BY,
    Place,
    Spot,
    Tree,
    kinds_at,
    read_place,
    spec_at,
    tidied,
    value_at,
)

ACTS = ("add", "remove", "up", "down", "copy")


def work(tree: Tree, asked: str, changed: str = "") -> Tree:
    """Return the tree after an act such as ``add:draw``, ``add:components:kicker``, ``up:components[1]``.

    ``changed`` names a field whose new value asks others to follow. What cannot be done leaves the tree.
    """
    made: Tree = copy.deepcopy(tree)
    place = read_place(changed) if changed else None
    if place:
        _follow(made, place)
    act, _colon, rest = asked.partition(":")
    text, _colon, kind = rest.partition(":")
    place = read_place(text) if act in ACTS else None
    if place:
        _ACTS[act](made, place, kind)
    made = tidied(made)
    _name_all(made)
    return tidied(made)


def start(spec: Spec, kind: str = "", spot: Spot | None = None) -> Any:
    """Return what a new part begins with."""
    if isinstance(spec, OneOf):
        kinds = dict(kinds_at(spec, spot or Spot()))
        chosen = kind if kind in kinds else next(iter(kinds))
        made = {"kind": chosen, **copy.deepcopy(STARTERS.get(kinds[chosen].model.__name__, {}))}
        if chosen in {"all", "any", "none"}:
            made["of"] = [start(spec, "", spot)]
        return made
    if isinstance(spec, Group):
        return copy.deepcopy(STARTERS.get(spec.model.__name__, {}))
    if isinstance(spec, Many):
        return [] if isinstance(spec.item, Scalar) else [start(spec.item, kind, spot)]
    return ""


def _add(tree: Tree, place: Place, kind: str) -> None:
    spec = spec_at(tree, place)
    parent = value_at(tree, place[:-1])
    if spec is None or not isinstance(parent, dict):
        return
    key, spot = place[-1], Spot(place)
    here = parent.get(key)
    if not isinstance(spec, Many):
        parent.setdefault(key, start(spec, kind, spot))
    elif not here:
        parent[key] = [start(spec.item, kind, spot)]
    elif isinstance(here, list) and len(here) < spec.most:
        here.append(_next_row(here, spec.item, kind, spot))


def _next_row(rows: list[Any], item: Spec, kind: str, spot: Spot) -> Any:
    last = rows[-1]
    if spot.key == "tiers":
        way = next((one for one in PAID_BY if one in last), "rate")
        return {"from": last.get("to") or "", "to": "", way: ""}
    if spot.key == "schedule":
        return {"from_month": last.get("before_month") or "", "rate": ""}
    return start(item, kind, spot)


def _remove(tree: Tree, place: Place, _kind: str) -> None:
    parent, step = value_at(tree, place[:-1]), place[-1]
    if isinstance(parent, dict):
        parent.pop(step, None)
    elif isinstance(parent, list) and isinstance(step, int) and step < len(parent):
        del parent[step]
        _mend(tree, place[:-1], parent, step)


def _mend(tree: Tree, place: Place, rows: list[Any], gone: int) -> None:
    """Close the gap that a removed tier leaves; take the cells of a removed row or column along."""
    table = value_at(tree, place[:-1])
    if place[-1] == "tiers" and rows:
        if gone == 0:
            rows[0]["from"] = "0"
        elif gone == len(rows) and table.get("kind") != "interpolated":
            rows[-1]["to"] = ""
        elif gone < len(rows):
            rows[gone - 1]["to"] = rows[gone]["from"]
    cells = table.get("cells") if isinstance(table, dict) else None
    if place[-1] == "rows" and isinstance(cells, list):
        del cells[gone : gone + 1]
    if place[-1] == "columns" and isinstance(cells, list):
        for line in cells:
            del line[gone : gone + 1]


def _move(by: int) -> Any:
    def act(tree: Tree, place: Place, _kind: str) -> None:
        rows, index = value_at(tree, place[:-1]), place[-1]
        if isinstance(rows, list) and isinstance(index, int) and 0 <= index + by < len(rows):
            rows[index], rows[index + by] = rows[index + by], rows[index]

    return act


def _copy(tree: Tree, place: Place, _kind: str) -> None:
    rows, index = value_at(tree, place[:-1]), place[-1]
    if isinstance(rows, list) and isinstance(index, int) and index < len(rows):
        twin = copy.deepcopy(rows[index])
        if isinstance(twin, dict) and "code" in twin:
            twin["code"] = ""
        rows.insert(index + 1, twin)


_ACTS: dict[str, Any] = {"add": _add, "remove": _remove, "up": _move(-1), "down": _move(1), "copy": _copy}


def _follow(tree: Tree, place: Place) -> None:
    """Let what depends on a changed field follow it, so that switching a kind never leaves half a form."""
    parent, key, value = value_at(tree, place[:-1]), place[-1], value_at(tree, place)
    if not isinstance(parent, dict):
        return
    if key == "basis":
        table = parent.get("table")
        if isinstance(table, dict) and value == "transaction" and table.get("kind") != "per_transaction":
            inner = "retroactive" if table.get("kind") == "retroactive" else "marginal"
            table.update({"kind": "per_transaction", "inner": inner})
            table["tiers"] = table.get("tiers") or copy.deepcopy(STARTERS["PerTransaction"]["tiers"])
        elif isinstance(table, dict) and value != "transaction" and table.get("kind") == "per_transaction":
            table["kind"] = table.get("inner") or "marginal"
    if key == "kind":
        _new_kind(tree, place[:-1], parent)


def _new_kind(tree: Tree, place: Place, parent: dict[str, Any]) -> None:
    spec = spec_at(tree, place)
    group = spec.of(parent.get("kind")) if isinstance(spec, OneOf) else None
    if group is None or not isinstance(spec, OneOf):
        return
    suggested = start(spec, str(parent["kind"]), Spot(place))
    for name, value in suggested.items():
        kept = parent.get(name)
        if _is_blank(kept) or isinstance(value, list | dict) != isinstance(kept, list | dict):
            parent[name] = value
    if "tiers" in parent:
        _new_tiers(parent, suggested)
    component = value_at(tree, place[:-1]) if place[-1] == "table" else None
    if isinstance(component, dict) and "basis" in component:
        _new_table(component, parent)


def _is_blank(value: Any) -> bool:
    """Tell whether nothing is said: an empty text, or a part with nothing but empty texts in it."""
    if isinstance(value, Mapping):
        return all(_is_blank(one) for key, one in value.items() if key not in {"kind", "of"})
    if isinstance(value, list):
        return all(_is_blank(one) for one in value)
    return not value


def _new_tiers(table: dict[str, Any], suggested: dict[str, Any]) -> None:
    is_fixed = table["kind"] == "interpolated"
    if is_fixed and not table["tiers"][-1].get("to"):
        table["tiers"] = suggested["tiers"]
    elif not is_fixed:
        table["tiers"][-1]["to"] = ""


def _new_table(component: dict[str, Any], table: dict[str, Any]) -> None:
    """Keep the window and the table of a component together."""
    if table["kind"] == "per_transaction":
        component["basis"] = "transaction"
    elif component["basis"] == "transaction":
        component["basis"] = "period"
    if table.get("pays") == "share":
        table["pays"] = "rate"
    for name, rates in RATES.items():
        if table.get(name) == STARTERS["Matrix" if name == "cells" else "Curve"][name]:
            table[name] = copy.deepcopy(rates)


def _name_all(tree: Tree) -> None:
    """Give every component, objective and rule without a code one of its own."""
    for component in tree.get("components", ()):
        if not component.get("name"):
            spec = spec_at(tree, ("components", 0))
            group = spec.of(component.get("kind")) if isinstance(spec, OneOf) else None
            component["name"] = gettext(str(kind_label(group.model))) if group else ""
    for rows in _coded(tree):
        taken = {row.get("code") for row in rows}
        for row in rows:
            if not row.get("code"):
                row["code"] = _free(str(row.get("kind") or "rule"), taken)
                taken.add(row["code"])


def _coded(tree: Tree) -> Iterator[list[dict[str, Any]]]:
    yield tree.get("components") or []
    yield (tree.get("crediting") or {}).get("rules") or []
    for component in tree.get("components") or ():
        if isinstance(component, Mapping) and component.get("objectives"):
            yield component["objectives"]


def _free(base: str, taken: set[Any]) -> str:
    if base not in taken and base != "draw":
        return base
    number = 2
    while f"{base}_{number}" in taken:
        number += 1
    return f"{base}_{number}"
