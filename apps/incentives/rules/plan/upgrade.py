"""Read a document of ``salesorg.plan/1`` as one of ``salesorg.plan/2``; it pays the same to the cent."""

from collections.abc import Mapping
from typing import Any

OLD = "salesorg.plan/1"
NEW = "salesorg.plan/2"


def upgrade(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document in the new form; a new document is returned as it is."""
    if document.get("schema", OLD) != OLD:
        return dict(document)
    new = {**document, "schema": NEW}
    if document.get("cap"):
        new["cap"] = _cap(document["cap"])
    new["components"] = [_component(one) for one in document.get("components", ())]
    return {name: value for name, value in new.items() if value is not None}


def _component(old: Mapping[str, Any]) -> dict[str, Any]:
    new = {name: value for name, value in old.items() if name not in {"gates", "cap"} and value is not None}
    if old.get("cap"):
        new["cap"] = _cap(old["cap"])
    gates = [_gate(gate, old.get("basis", "period")) for gate in old.get("gates", ())]
    if gates:
        new["gate"] = gates[0] if len(gates) == 1 else {"kind": "all", "of": gates}
    if "table" in old:
        new["table"] = _table(old["table"], old["basis"])
    if "curve" in old:
        curve = old["curve"]
        points = [{"at": at, "pays": pays} for at, pays in curve["points"]]
        new["curve"] = {**curve, "kind": "curve", "pays": "share", "points": points}
    return new


def _cap(old: Mapping[str, Any]) -> dict[str, Any]:
    return {"limit": {"kind": "amount", "amount": old["amount"]}, "excess": {"kind": "forfeit"}}


def _of(basis: str) -> str:
    return "period" if basis in {"transaction", "period"} else "cumulative"


def _gate(old: Mapping[str, Any], basis: str) -> dict[str, Any]:
    if old["test"] == "attainment":
        return {
            "kind": "attainment",
            "measure": old["measure"],
            "of": _of(basis),
            "at_least": old["at_least"],
        }
    span = "period" if basis in {"transaction", "period"} else basis
    return {"kind": "value", "measure": old["measure"], "of": span, "at_least": old["at_least"]}


def _table(old: Mapping[str, Any], basis: str) -> dict[str, Any]:
    unit = {"kind": "quota", "of": _of(basis)} if old.get("unit") == "quota" else {"kind": "amount"}
    new = {"kind": old["kind"], "edge": old.get("edge", "upper"), "unit": unit, "tiers": old["tiers"]}
    if basis == "transaction":
        new |= {"kind": "per_transaction", "inner": old["kind"]}
    return new
