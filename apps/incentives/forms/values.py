"""From a plan document back to the values of the form."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from apps.incentives.forms.blocks import KPI_ROWS, POINT_ROWS, TIER_ROWS
from apps.incentives.forms.fields import plain_text
from apps.incentives.rules.plan.upgrade import upgrade

_PLAIN_CAP = ("amount", "forfeit")
# What the form can say about a document, a component, a measure of a bonus; anything more is shown as text.
_DOCUMENT = {"schema", "currency", "period", "rounding", "components", "cap"}
_COMPONENT = {"kind", "code", "name", "cap"}
_KPI_PART = {"measure", "weight", "goal"}


def form_values(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the form's values for a document, or None when it says more than the form can."""
    document = upgrade(document)
    if set(document) - _DOCUMENT or not _is_plain(document.get("cap")):
        return None
    values: dict[str, Any] = {"period": document["period"], "rounding": document.get("rounding", "half_up")}
    if document.get("cap"):
        values["plan_cap"] = Decimal(document["cap"]["limit"]["amount"])
    seen: set[str] = set()
    for component in document["components"]:
        kind = component["kind"]
        if kind in seen or kind not in _VALUES or not _is_plain(component.get("cap")):
            return None
        seen.add(kind)
        fields, read = _VALUES[kind]
        own = None if set(component) - _COMPONENT - fields else read(component)
        if own is None:
            return None
        values.update({f"{kind}_{name}": value for name, value in own.items()})
        values[f"{kind}_on"], values[f"{kind}_label"] = True, component["name"]
        if component.get("cap"):
            values[f"{kind}_cap"] = Decimal(component["cap"]["limit"]["amount"])
    return values


def _is_plain(cap: Mapping[str, Any] | None) -> bool:
    return not cap or (cap["limit"]["kind"], cap["excess"]["kind"]) == _PLAIN_CAP


def _salary_values(component: Mapping[str, Any]) -> dict[str, Any]:
    return {"annual": Decimal(component["annual"])}


def _table_values(component: Mapping[str, Any]) -> dict[str, Any] | None:
    table = component["table"]
    tiers = table.get("tiers", ())
    names = {name for tier in tiers for name in tier} - {"from", "to"}
    unit = table.get("unit") or {"kind": "amount"}
    of = "period" if component["basis"] in {"transaction", "period"} else "cumulative"
    is_known = table["kind"] in {"marginal", "retroactive", "per_transaction"} and len(names) == 1
    if not is_known or "fixed" in names or not 0 < len(tiers) <= TIER_ROWS:
        return None
    if unit.get("of", of) != of or component["basis"] in {"half_to_date", "rolling"}:
        return None
    factor = 100 if unit["kind"] == "quota" else 1
    values: dict[str, Any] = {
        "measure": component["measure"],
        "basis": component["basis"],
        "table": table.get("inner", table["kind"]),
        "unit": unit["kind"],
        "edge": table.get("edge", "upper"),
    }
    times = 1 if names == {"per_unit"} else 100
    for row, tier in enumerate(tiers):
        values[f"from{row}"] = plain_text(Decimal(tier["from"]) * factor)
        values[f"rate{row}"] = plain_text(Decimal(tier[next(iter(names))]) * times)
    levels = component.get("levels") or {}
    if levels:
        values["low"], values["high"] = levels.get("from", 1), levels.get("to")
    return values


def _kpi_values(component: Mapping[str, Any]) -> dict[str, Any] | None:
    curve, parts = component.get("curve"), component["measures"]
    if not curve or curve["kind"] != "curve" or any(set(part) - _KPI_PART for part in parts):
        return None
    if len(parts) > KPI_ROWS or len(curve["points"]) > POINT_ROWS:
        return None
    values: dict[str, Any] = {
        "annual": Decimal(component["annual"]),
        "zero": component.get("zero_quota", "error"),
        "below": curve["below"],
        "above": curve["above"],
    }
    for row, part in enumerate(parts):
        values[f"measure{row}"], values[f"weight{row}"] = part["measure"], part["weight"]
        values[f"goal{row}"] = part.get("goal")
    for row, point in enumerate(curve["points"]):
        values[f"x{row}"] = plain_text(Decimal(point["at"]) * 100)
        values[f"y{row}"] = plain_text(Decimal(point["pays"]) * 100)
    return values


_Read = Callable[[Mapping[str, Any]], dict[str, Any] | None]
_VALUES: dict[str, tuple[set[str], _Read]] = {
    "base_salary": ({"annual"}, _salary_values),
    "commission": ({"measure", "basis", "table"}, _table_values),
    "override": ({"measure", "basis", "table", "levels"}, _table_values),
    "kpi_bonus": ({"annual", "measures", "curve", "zero_quota"}, _kpi_values),
}
