"""A plan's blocks and a line's steps as sentences a person reads, in the reader's language."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from apps.incentives.rules.document import (
    BaseSalary,
    Commission,
    Component,
    Gate,
    KpiBonus,
    Override,
    RateTable,
)
from apps.ui.formatting import symbol

Names = Mapping[str, str]


def amount(value: Decimal | str | None, places: int | None = None) -> str:
    """Write a number with grouped thousands and no needless zeros."""
    if value is None:
        return "–"
    number = _plain(value)
    if places is not None:
        number = round(number, places)
    shown = format(number, ",f")
    whole, _point, rest = shown.partition(".")
    kept = rest.rstrip("0").ljust(places or 0, "0")
    return f"{whole}.{kept}" if kept else whole


def _sum(value: Decimal | str | None, currency: str, places: int | None = None) -> str:
    shown = amount(value, places)
    return f"-{symbol(currency)}{shown[1:]}" if shown.startswith("-") else f"{symbol(currency)}{shown}"


def percent(value: Decimal | str | None) -> str:
    """Write a share as a percentage with up to four decimals."""
    return "–" if value is None else _("%(value)s%%") % {"value": amount(round(_plain(value) * 100, 4))}


def _plain(value: Decimal | str) -> Decimal:
    top, _slash, bottom = str(value).partition("/")
    return Decimal(top) / Decimal(bottom) if bottom else Decimal(top)


def component_sentences(component: Component, currency: str, names: Names) -> list[str]:
    """Return the sentences of a building block."""
    if isinstance(component, BaseSalary):
        text = _("Pays a salary of %(amount)s a year in equal parts, by days in the plan.")
        return [text % {"amount": _sum(component.annual, currency)}]
    if isinstance(component, KpiBonus):
        sentences = _kpi_sentences(component, currency, names)
    elif isinstance(component, Override):
        sentences = [
            *_override_sentences(component, names),
            *_table_sentences(component.table, currency, names),
        ]
    else:
        sentences = [
            *_commission_sentences(component, names),
            *_table_sentences(component.table, currency, names),
        ]
    sentences += [_gate_sentence(gate, names) for gate in component.gates]
    if component.cap:
        text = _("Never more than %(amount)s; anything above is forfeited.")
        sentences.append(text % {"amount": _sum(component.cap.amount, currency)})
    return sentences


def _window(basis: str) -> str:
    return {
        "transaction": _("each deal by itself"),
        "period": _("all deals of the pay period together"),
        "quarter_to_date": _("all deals of the quarter to date together"),
        "year_to_date": _("all deals of the year to date together"),
    }[basis]


def _commission_sentences(component: Commission, names: Names) -> list[str]:
    credit = {
        "direct": _("own credit"),
        "overlay": _("overlay credit"),
        "all": _("own and overlay credit"),
    }[component.credits]
    text = _("Pays a share of %(measure)s (%(credit)s), looking at %(window)s.")
    measure = names.get(component.measure, component.measure)
    return [text % {"measure": measure, "credit": credit, "window": _window(component.basis)}]


def _override_sentences(component: Override, names: Names) -> list[str]:
    measure = names.get(component.measure, component.measure)
    text = _(
        "Pays a lead a share of %(measure)s of everybody below them on the day of the deal, "
        "each deal once, looking at %(window)s."
    )
    sentences = [text % {"measure": measure, "window": _window(component.basis)}]
    if component.level_to is not None and component.level_to == component.level_from:
        level = _("Only leads at level %(level)s above the seller take part.")
        sentences.append(level % {"level": component.level_from})
    elif component.level_to is not None or component.level_from > 1:
        level = _("Leads from level %(low)s to level %(high)s above the seller take part.")
        sentences.append(level % {"low": component.level_from, "high": component.level_to or "∞"})
    return sentences


def _table_sentences(table: RateTable, currency: str, names: Names) -> list[str]:
    if len(table.tiers) == 1:
        return [_("The rate is %(rate)s on everything.") % {"rate": percent(table.tiers[0].rate)}]
    sentences = []
    for tier in table.tiers:
        low, high = _edge(table, tier.low, currency), _edge(table, tier.high, currency)
        text = _("From %(low)s: %(rate)s.") if tier.high is None else _("From %(low)s to %(high)s: %(rate)s.")
        sentences.append(text % {"low": low, "high": high, "rate": percent(tier.rate)})
    if table.kind == "marginal":
        sentences.append(_("Each part of the amount is paid at the rate of its own tier."))
    elif table.edge == "upper":
        sentences.append(
            _("The reached tier sets the rate for the whole amount; an exact edge reaches the upper tier.")
        )
    else:
        sentences.append(
            _("The reached tier sets the rate for the whole amount; an exact edge stays in the lower tier.")
        )
    return sentences


def _edge(table: RateTable, value: Decimal | None, currency: str) -> str:
    if value is None:
        return ""
    if table.unit == "quota":
        return _("%(share)s of quota") % {"share": percent(value)}
    return _sum(value, currency)


def _kpi_sentences(component: KpiBonus, currency: str, names: Names) -> list[str]:
    text = _("Pays a target bonus of %(amount)s a year, in equal parts, by weighted attainment.")
    sentences = [text % {"amount": _sum(component.annual, currency)}]
    for part in component.parts:
        name = names.get(part.measure, part.measure)
        weight = amount(part.weight)
        if part.goal is None:
            line = _("%(measure)s against the target counts %(weight)s%%.")
            sentences.append(line % {"measure": name, "weight": weight})
        else:
            line = _("%(measure)s against a goal of %(goal)s counts %(weight)s%%.")
            sentences.append(line % {"measure": name, "goal": amount(part.goal), "weight": weight})
    for x, y in component.curve.points:
        line = _("At %(attainment)s attainment it pays %(share)s.")
        sentences.append(line % {"attainment": percent(x), "share": percent(y)})
    sentences.append(_beyond("below", component.curve.below))
    sentences.append(_beyond("above", component.curve.above))
    return sentences


def _beyond(side: str, behaviour: str) -> str:
    return {
        ("below", "zero"): _("Below the first point nothing is paid."),
        ("below", "hold"): _("Below the first point the payout stays level."),
        ("below", "extend"): _("Below the first point the line goes on, never below zero."),
        ("above", "zero"): _("Above the last point nothing is paid."),
        ("above", "hold"): _("Above the last point the payout stays level."),
        ("above", "extend"): _("Above the last point the line goes on."),
    }[side, behaviour]


def _gate_sentence(gate: Gate, names: Names) -> str:
    name = names.get(gate.measure, gate.measure)
    if gate.test == "attainment":
        text = _("Only when %(measure)s reaches %(share)s of its target.")
        return text % {"measure": name, "share": percent(gate.at_least)}
    return _("Only when %(measure)s reaches %(value)s.") % {"measure": name, "value": amount(gate.at_least)}


@dataclass(frozen=True)
class Telling:
    """How the steps of a line are told: its currency, what measures are called and which of them are money.

    ``base`` is the measure the line pays on; its credits are amounts where it is money, else numbers.
    """

    currency: str
    names: Names
    money: Collection[str] = ()
    base: str = ""

    def name(self, measure: str) -> str:
        """Return what a measure is called."""
        return self.names.get(measure, measure)

    def paid(self, value: str | None) -> str:
        """Write what is paid."""
        return _money(value, self.currency)

    def measured(self, value: str | None, measure: str = "") -> str:
        """Write a value of a measure, without one of the base, with the currency where it is money."""
        is_money = (measure or self.base) in self.money
        return _sum(value, self.currency) if is_money and value is not None else amount(value)


def base_of(steps: Iterable[Mapping[str, Any]]) -> str:
    """Return the measure whose credits a line pays on, empty when it pays on none."""
    return next((str(step["measure"]) for step in steps if step.get("op") in {"basis", "returns"}), "")


def step_sentence(step: Mapping[str, Any], how: Telling) -> str:
    """Return what one step of a line's calculation says."""
    writer = _STEPS.get(str(step.get("op")))
    return writer(step, how) if writer else ""


def _money(value: str | None, currency: str) -> str:
    return _sum(value, currency, 2) if value is not None else "–"


def _salary(step: Mapping[str, Any], how: Telling) -> str:
    text = _("%(annual)s a year ÷ %(parts)s × %(days)s of %(of)s days = %(value)s")
    return text % {
        "annual": how.paid(step["annual"]),
        "parts": step["parts"],
        "days": step["days"],
        "of": step["of"],
        "value": how.paid(step["value"]),
    }


def _basis(step: Mapping[str, Any], how: Telling) -> str:
    text = _("%(measure)s credited in this run: %(value)s in %(count)s credits")
    measure = how.name(step["measure"])
    return text % {
        "measure": measure,
        "value": how.measured(step["new"]),
        "count": amount(str(step["count"])),
    }


def _to_date(step: Mapping[str, Any], how: Telling) -> str:
    text = _("with %(before)s credited before, %(total)s to date")
    return text % {"before": how.measured(step["before"]), "total": how.measured(step["total"])}


def _quota(step: Mapping[str, Any], how: Telling) -> str:
    text = _("Quota for %(measure)s: %(value)s")
    return text % {
        "measure": how.name(step["measure"]),
        "value": how.measured(step["value"], step["measure"]),
    }


def _slice(step: Mapping[str, Any], how: Telling) -> str:
    numbers = {
        "low": how.measured(step["from"]),
        "high": how.measured(step["to"]),
        "length": how.measured(step["length"]),
        "rate": percent(step["rate"]),
        "value": how.paid(step["value"]),
    }
    if step["to"] is None:
        return _("%(length)s above %(low)s × %(rate)s = %(value)s") % numbers
    return _("%(length)s between %(low)s and %(high)s × %(rate)s = %(value)s") % numbers


def _reached(step: Mapping[str, Any], how: Telling) -> str:
    text = _("%(total)s reaches the tier from %(low)s: the whole × %(rate)s = %(value)s")
    return text % {
        "total": how.measured(step["total"]),
        "low": how.measured(step["from"]),
        "rate": percent(step["rate"]),
        "value": how.paid(step["value"]),
    }


def _transactions(step: Mapping[str, Any], how: Telling) -> str:
    text = _("%(count)s deals, each tiered by itself = %(value)s")
    return text % {"count": amount(str(step["count"])), "value": how.paid(step["value"])}


def _kpi(step: Mapping[str, Any], how: Telling) -> str:
    text = _("%(measure)s: %(actual)s ÷ %(against)s = %(attainment)s, weight %(weight)s%%")
    return text % {
        "measure": how.name(step["measure"]),
        "actual": how.measured(step["actual"], step["measure"]),
        "against": how.measured(step["against"], step["measure"]),
        "attainment": percent(step["attainment"]),
        "weight": amount(step["weight"]),
    }


def _curve(step: Mapping[str, Any], how: Telling) -> str:
    text = _("%(attainment)s attainment pays %(share)s of the target bonus = %(value)s")
    return text % {
        "attainment": percent(step["attainment"]),
        "share": percent(step["share"]),
        "value": how.paid(step["value"]),
    }


def _gate(step: Mapping[str, Any], how: Telling) -> str:
    shown = percent if step["test"] == "attainment" else amount
    numbers = {
        "measure": how.name(step["measure"]),
        "found": shown(step["found"]),
        "least": shown(step["at_least"]),
    }
    if step["passed"]:
        return _("Gate open: %(measure)s at %(found)s, at least %(least)s needed") % numbers
    return _("Gate closed: %(measure)s at %(found)s, at least %(least)s needed, so nothing is paid") % numbers


def _cap(step: Mapping[str, Any], how: Telling) -> str:
    text = _("Capped at %(limit)s; %(forfeit)s is forfeited")
    return text % {"limit": how.paid(step["limit"]), "forfeit": how.paid(step["forfeit"])}


def _posted(step: Mapping[str, Any], how: Telling) -> str:
    return _("less %(value)s already posted") % {"value": how.paid(step["value"])}


def _returns(step: Mapping[str, Any], how: Telling) -> str:
    text = _("%(count)s returned credits of %(amount)s take back exactly what they were paid")
    return text % {"count": step["count"], "amount": how.measured(step["amount"])}


def _round(step: Mapping[str, Any], how: Telling) -> str:
    text = _("rounded once from %(raw)s to %(value)s")
    return text % {
        "raw": _sum(step["raw"], how.currency, None if "/" not in step["raw"] else 6),
        "value": how.paid(step["value"]),
    }


def _variable(step: Mapping[str, Any], how: Telling) -> str:
    return _("Variable pay before the plan's cap: %(value)s") % {"value": how.paid(step["value"])}


def _reason(step: Mapping[str, Any], how: Telling) -> str:
    return _("Reason: %(text)s") % {"text": step["text"]}


_STEPS = {
    "salary": _salary,
    "target_bonus": _salary,
    "basis": _basis,
    "to_date": _to_date,
    "quota": _quota,
    "slice": _slice,
    "reached": _reached,
    "transactions": _transactions,
    "kpi": _kpi,
    "curve": _curve,
    "gate": _gate,
    "cap": _cap,
    "plan_cap": _cap,
    "posted": _posted,
    "returns": _returns,
    "round": _round,
    "variable": _variable,
    "reason": _reason,
}
