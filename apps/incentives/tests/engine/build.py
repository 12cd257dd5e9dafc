"""Short ways to write plans and what is given, for tests of the rules. No database."""

import datetime as dt
from decimal import Decimal as D
from fractions import Fraction
from typing import Any

from apps.incentives.rules.engine.settle import settle
from apps.incentives.rules.engine.shapes import (
    Cell,
    CreditIn,
    PayeeGiven,
    PayeeOutcome,
    Posted,
    Segment,
    Standing,
)
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.parsing import parse_plan

RUN = dt.date(2026, 7, 1)
TIERS = [
    {"from": "0", "to": "1000", "rate": "0.03"},
    {"from": "1000", "to": "5000", "rate": "0.05"},
    {"from": "5000", "rate": "0.0725"},
]
FLAT = [{"from": "0", "rate": "0.1"}]


def document(*components: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A quarterly plan in dollars."""
    return {
        "schema": "salesorg.plan/2",
        "currency": "USD",
        "period": "quarter",
        "components": list(components),
        **more,
    }


def plan(*components: dict[str, Any], **more: Any) -> PlanDocument:
    return parse_plan(document(*components, **more))


def commission(
    kind: str = "marginal", tiers: Any = None, basis: str = "period", **more: Any
) -> dict[str, Any]:
    """A commission on revenue."""
    table = {"kind": kind, "tiers": tiers or TIERS, **more.pop("table", {})}
    if kind == "per_transaction":
        basis = "transaction"
    return {
        "kind": "commission",
        "code": "c",
        "name": "Commission",
        "measure": "revenue",
        "basis": basis,
        "table": table,
        **more,
    }


def curve(*points: tuple[str, str], below: str = "zero", above: str = "hold", **more: Any) -> dict[str, Any]:
    told = [{"at": at, "pays": pays} for at, pays in points]
    return {"kind": "curve", "pays": "share", "points": told, "below": below, "above": above, **more}


def bonus(**more: Any) -> dict[str, Any]:
    """A yearly bonus of 12,000 on revenue against quota."""
    return {
        "kind": "kpi_bonus",
        "code": "k",
        "name": "Bonus",
        "annual": "12000",
        "measures": [{"measure": "revenue", "weight": "100"}],
        "curve": curve(("0.7", "0.5"), ("1", "1"), ("1.5", "2")),
        **more,
    }


def credits(*amounts: Any, start: int = 1, **more: Any) -> list[CreditIn]:
    return [CreditIn(start + i, D(a), f"t{start + i}", **more) for i, a in enumerate(amounts)]


def standing(
    actual: Any, quota: Any = None, measure: str = "revenue", span: str = "period"
) -> dict[Any, Any]:
    told = [None if value is None else D(value) for value in (actual, quota)]
    return {(measure, span): Standing(*told)}


def given(document: PlanDocument, cells: Any = None, **more: Any) -> PayeeGiven:
    """What is given for one payee; the names of a segment go to the segment."""
    names = {"standings", "annual", "grades", "awards", "pool_shares", "active"}
    own = {name: more.pop(name) for name in names & set(more)}
    segment = Segment(document, cells=cells or {}, **own)
    return PayeeGiven("p", "w", [segment], more.pop("run_date", RUN), **more)


def pay(document: PlanDocument, amounts: Any = (), **more: Any) -> PayeeOutcome:
    """Settle one payee on credits of these amounts for the component ``c``."""
    told = amounts if amounts and isinstance(amounts[0], CreditIn) else credits(*amounts)
    return settle(document, given(document, {"c": [Cell("w", told)]}, **more))


def amounts_of(outcome: PayeeOutcome) -> dict[str, D]:
    """What each component pays, and the settlement's own lines."""
    totals: dict[str, D] = {}
    for line in outcome.lines:
        totals[line.component] = totals.get(line.component, D(0)) + line.rounded
    return totals


def posted_from(*lines: Any, known: Any = ()) -> Posted:
    """What a next run finds posted after these lines."""
    return Posted(
        basis=sum((line.basis for line in lines), D(0)),
        raw=sum((line.raw for line in lines), Fraction(0)),
        rounded=sum((line.rounded for line in lines), D(0)),
        credits=tuple(known),
        exists=bool(lines),
    )


def balance(outcome: PayeeOutcome, name: str) -> D:
    return next((one.closing for one in outcome.balances if one.name == name), D(0))
