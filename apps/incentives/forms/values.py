"""From a plan document back to the values of the form."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from apps.incentives.forms.blocks import KPI_ROWS, POINT_ROWS, TIER_ROWS
from apps.incentives.forms.fields import plain_text


def form_values(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the form's values for a document, or None when it says more than the form can."""
    values: dict[str, Any] = {"period": document["period"], "rounding": document.get("rounding", "half_up")}
    if document.get("cap"):
        values["plan_cap"] = Decimal(document["cap"]["amount"])
    seen: set[str] = set()
    for component in document["components"]:
        kind = component["kind"]
        if kind in seen or component.get("gates") or component.get("credits", "direct") != "direct":
            return None
        seen.add(kind)
        own = _VALUES[kind](component)
        if own is None:
            return None
        values.update({f"{kind}_{name}": value for name, value in own.items()})
        values[f"{kind}_on"], values[f"{kind}_label"] = True, component["name"]
        if component.get("cap"):
            values[f"{kind}_cap"] = Decimal(component["cap"]["amount"])
    return values


def _salary_values(component: Mapping[str, Any]) -> dict[str, Any]:
    return {"annual": Decimal(component["annual"])}


def _table_values(component: Mapping[str, Any]) -> dict[str, Any] | None:
    table = component["table"]
    if len(table["tiers"]) > TIER_ROWS:
        return None
    factor = 100 if table.get("unit") == "quota" else 1
    values: dict[str, Any] = {
        "measure": component["measure"],
        "basis": component["basis"],
        "table": table["kind"],
        "unit": table.get("unit", "amount"),
        "edge": table.get("edge", "upper"),
    }
    for row, tier in enumerate(table["tiers"]):
        values[f"from{row}"] = plain_text(Decimal(tier["from"]) * factor)
        values[f"rate{row}"] = plain_text(Decimal(tier["rate"]) * 100)
    levels = component.get("levels") or {}
    if levels:
        values["low"], values["high"] = levels.get("from", 1), levels.get("to")
    return values


def _kpi_values(component: Mapping[str, Any]) -> dict[str, Any] | None:
    curve = component["curve"]
    if len(component["measures"]) > KPI_ROWS or len(curve["points"]) > POINT_ROWS:
        return None
    values: dict[str, Any] = {
        "annual": Decimal(component["annual"]),
        "zero": component.get("zero_quota", "error"),
        "below": curve["below"],
        "above": curve["above"],
    }
    for row, part in enumerate(component["measures"]):
        values[f"measure{row}"], values[f"weight{row}"] = part["measure"], part["weight"]
        values[f"goal{row}"] = part.get("goal")
    for row, (x, y) in enumerate(curve["points"]):
        values[f"x{row}"], values[f"y{row}"] = plain_text(Decimal(x) * 100), plain_text(Decimal(y) * 100)
    return values


_VALUES: dict[str, Callable[[Mapping[str, Any]], dict[str, Any] | None]] = {
    "base_salary": _salary_values,
    "commission": _table_values,
    "override": _table_values,
    "kpi_bonus": _kpi_values,
}
