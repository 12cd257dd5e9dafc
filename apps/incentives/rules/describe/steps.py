"""The steps of a line's calculation in sentences."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from apps.incentives.rules.describe.figures import Names, amount, cents, percent, rounded

Step = Mapping[str, Any]


def step_sentence(step: Step, currency: str, names: Names) -> str:
    """Return what one step of a line's calculation says; nothing for a step that needs no words."""
    writer = _STEPS.get(str(step.get("op")))
    return writer(step, currency, names) if writer else ""


def _money(step: Step, currency: str, *fields: str) -> dict[str, str]:
    return {name: cents(step.get(name), currency) for name in fields}


def _measure(step: Step, names: Names) -> str:
    return names.get(step["measure"], step["measure"])


def _salary(step: Step, currency: str, names: Names) -> str:
    told = _money(step, currency, "annual", "value") | {"parts": step["parts"]}
    if "days" in step:
        text = _("%(annual)s a year ÷ %(parts)s × %(days)s of %(of)s days = %(value)s")
        return text % {**told, "days": step["days"], "of": step["of"]}
    text = _("%(annual)s a year ÷ %(parts)s × %(active)s = %(value)s")
    return text % {**told, "active": percent(step["active"])}


def _basis(step: Step, currency: str, names: Names) -> str:
    text = _("%(measure)s credited in this run: %(value)s in %(count)s credits")
    told = {"value": amount(step["new"]), "count": amount(str(step["count"]))}
    return text % {**told, "measure": _measure(step, names)}


def _to_date(step: Step, currency: str, names: Names) -> str:
    text = _("with %(before)s credited before, %(total)s to date")
    return text % {"before": amount(step["before"]), "total": amount(step["total"])}


def _quota(step: Step, currency: str, names: Names) -> str:
    text = _("Quota for %(measure)s: %(value)s")
    return text % {"measure": _measure(step, names), "value": rounded(step["value"])}


def _no_quota(step: Step, currency: str, names: Names) -> str:
    text = _("No quota for %(measure)s: nothing is paid")
    if step["counts_as_full"]:
        text = _("No quota for %(measure)s: it counts as reached")
    return text % {"measure": _measure(step, names)}


def _slice(step: Step, currency: str, names: Names) -> str:
    numbers = {
        "low": rounded(step["from"]),
        "high": rounded(step["to"]),
        "length": rounded(step["length"]),
        "rate": percent(step["rate"]),
        "value": cents(step["value"], currency),
    }
    if step["to"] is None:
        return _("%(length)s above %(low)s × %(rate)s = %(value)s") % numbers
    return _("%(length)s between %(low)s and %(high)s × %(rate)s = %(value)s") % numbers


def _part_of_tier(step: Step, currency: str, names: Names) -> str:
    text = _("%(length)s of the tier from %(low)s to %(high)s pays its share of %(amount)s = %(value)s")
    return text % {
        "low": rounded(step["from"]),
        "high": rounded(step["to"]),
        "length": rounded(step["length"]),
        **_money(step, currency, "amount", "value"),
    }


def _reached(step: Step, currency: str, names: Names) -> str:
    numbers = {"total": rounded(step["total"]), "low": rounded(step["from"]), "rate": percent(step["rate"])}
    if step.get("fixed", "0") != "0":
        text = _("%(total)s reaches the tier from %(low)s, which pays %(fixed)s")
        return text % {**numbers, "fixed": cents(step["fixed"], currency)}
    text = _("%(total)s reaches the tier from %(low)s: the whole × %(rate)s = %(value)s")
    return text % {**numbers, "value": cents(step["value"], currency)}


def _transactions(step: Step, currency: str, names: Names) -> str:
    text = _("%(count)s deals, each tiered by itself = %(value)s")
    return text % {"count": amount(str(step["count"])), "value": cents(step["value"], currency)}


def _kpi(step: Step, currency: str, names: Names) -> str:
    text = _("%(measure)s: %(actual)s ÷ %(against)s = %(attainment)s, weight %(weight)s%%")
    return text % {
        "measure": _measure(step, names),
        "actual": rounded(step["actual"]),
        "against": rounded(step["against"]),
        "attainment": percent(step["attainment"]),
        "weight": amount(step["weight"]),
    }


def _objective(step: Step, currency: str, names: Names) -> str:
    text = _("%(objective)s: grade %(grade)s, weight %(weight)s%%")
    told = {"grade": percent(step["grade"]), "weight": amount(step["weight"])}
    return text % {**told, "objective": step["objective"]}


def _points(step: Step, currency: str, names: Names) -> str:
    if "share" in step:  # lines of the first plan format
        text = _("%(attainment)s attainment pays %(share)s of the target bonus = %(value)s")
        told = {"attainment": percent(step["attainment"]), "share": percent(step["share"])}
        return text % {**told, "value": cents(step["value"], currency)}
    pays = cents(step["value"], currency) if step["pays"] == "amount" else percent(step["value"])
    return _("The table pays %(pays)s at %(at)s") % {"pays": pays, "at": rounded(step["at"])}


def _share(step: Step, currency: str, names: Names) -> str:
    text = _("%(share)s of the target = %(value)s")
    return text % {"share": percent(step["share"]), "value": cents(step["value"], currency)}


def _matrix(step: Step, currency: str, names: Names) -> str:
    text = _("The matrix pays %(value)s at %(row)s and %(column)s")
    return text % {name: rounded(step[name]) for name in ("value", "row", "column")}


def _gate(step: Step, currency: str, names: Names) -> str:
    kind = step.get("kind") or step.get("test")
    shown = percent if kind == "attainment" else rounded
    subject = names.get(
        step.get("measure", ""), step.get("measure") or step.get("component") or _("Pay period")
    )
    told = {"subject": subject, "found": shown(step["found"]), "bounds": _bounds(step, shown)}
    if step["passed"]:
        return _("Holds: %(subject)s at %(found)s, wanted %(bounds)s") % told
    return _("Does not hold: %(subject)s at %(found)s, wanted %(bounds)s") % told


def _bounds(step: Step, shown: Callable[[str], str]) -> str:
    bounds = {
        "at_least": _("at least %(value)s"),
        "above": _("above %(value)s"),
        "at_most": _("at most %(value)s"),
        "below": _("below %(value)s"),
    }
    return _(" and ").join(
        text % {"value": shown(step[name])} for name, text in bounds.items() if name in step
    )


def _gate_result(step: Step, currency: str, names: Names) -> str:
    return _("The gate is open") if step["open"] else _("The gate is closed, so nothing is paid")


def _factor(step: Step, currency: str, names: Names) -> str:
    return _("times %(factor)s") % {"factor": rounded(step["factor"])}


def _extra_rate(step: Step, currency: str, names: Names) -> str:
    return _("%(rate)s more on everything credited") % {"rate": percent(step["rate"])}


def _kicker(step: Step, currency: str, names: Names) -> str:
    return _("%(amount)s on top") % _money(step, currency, "amount")


def _kicker_share(step: Step, currency: str, names: Names) -> str:
    text = _("%(share)s of %(base)s = %(value)s")
    return text % {"share": percent(step["share"]), **_money(step, currency, "base", "value")}


def _floor(step: Step, currency: str, names: Names) -> str:
    return _("Raised from %(due)s to at least %(floor)s") % _money(step, currency, "due", "floor")


def _cap(step: Step, currency: str, names: Names) -> str:
    excess = step.get("excess", "forfeit")
    told = {
        "limit": cents(step["limit"], currency),
        "over": cents(step.get("over", step.get("forfeit")), currency),
    }
    if excess == "carry":
        return _("Capped at %(limit)s; %(over)s is carried") % told
    if excess == "decelerate":
        return _("Above %(limit)s only a part goes on; %(over)s is not paid") % told
    return _("Capped at %(limit)s; %(over)s is forfeited") % told


def _plan_cap_delta(step: Step, currency: str, names: Names) -> str:
    return _("The plan's cap of %(window)s holds late changes as well") % {"window": step["window"]}


def _carried_in(step: Step, currency: str, names: Names) -> str:
    text = _("%(value)s of %(opening)s carried from earlier periods fits below the cap")
    return text % _money(step, currency, "value", "opening")


def _posted(step: Step, currency: str, names: Names) -> str:
    return _("less %(value)s already posted") % _money(step, currency, "value")


def _returns(step: Step, currency: str, names: Names) -> str:
    text = _("%(count)s returned credits of %(amount)s take back what they were paid")
    return text % {"count": step["count"], "amount": amount(step["amount"])}


def _return(step: Step, currency: str, names: Names) -> str:
    if step["share"] == "1" and step["cancelled"] == "0":
        return ""
    text = _("%(paid)s paid, %(cancelled)s of it not due yet; %(share)s is taken back: %(value)s")
    return text % {**_money(step, currency, "paid", "cancelled", "value"), "share": percent(step["share"])}


def _round(step: Step, currency: str, names: Names) -> str:
    text = _("rounded once from %(raw)s to %(value)s")
    raw = amount(step["raw"], None if "/" not in step["raw"] else 6)
    return text % {"raw": raw, "value": cents(step["value"], currency)}


def _variable(step: Step, currency: str, names: Names) -> str:
    return _("Variable pay before this: %(value)s") % _money(step, currency, "value")


def _reason(step: Step, currency: str, names: Names) -> str:
    return _("Reason: %(text)s") % {"text": step["text"]}


def _blended(step: Step, currency: str, names: Names) -> str:
    text = _("%(share)s of the %(whole)s that the whole period would pay = %(value)s")
    return text % {"share": percent(step["share"]), **_money(step, currency, "whole", "value")}


def _awards(step: Step, currency: str, names: Names) -> str:
    text = _("%(count)s awards = %(value)s; the budget cut %(cut)s")
    return text % {
        "count": step["count"],
        "value": cents(step["value"], currency),
        "cut": cents(step["cut_by_budget"], currency),
    }


def _pool(step: Step, currency: str, names: Names) -> str:
    text = _("%(weight)s of %(of)s parts of a fund of %(fund)s = %(value)s")
    return text % {
        "weight": rounded(step["weight"]),
        "of": rounded(step["of"]),
        **_money(step, currency, "fund", "value"),
    }


def _guarantee(step: Step, currency: str, names: Names) -> str:
    text = _("%(guaranteed)s are guaranteed, %(earned)s earned: %(value)s on top")
    return text % _money(step, currency, "guaranteed", "earned", "value")


def _draw(step: Step, currency: str, names: Names) -> str:
    told = _money(step, currency, "draw", "earned", "short", "repaid", "balance")
    if step["repaid"] != "0":
        return _("%(earned)s earned, %(repaid)s of the draw paid back; %(balance)s left") % told
    return _("%(earned)s earned, %(short)s drawn up to %(draw)s; balance %(balance)s") % told


def _draw_end(step: Step, currency: str, names: Names) -> str:
    return _("The draw has ended: the balance of %(balance)s is deducted") % _money(step, currency, "balance")


def _recovery(step: Step, currency: str, names: Names) -> str:
    text = _("%(opening)s owed before, %(taken)s new; at most %(limit)s now: %(value)s taken, %(left)s left")
    return text % _money(step, currency, "opening", "taken", "limit", "value", "left")


def _payment(step: Step, currency: str, names: Names) -> str:
    text = _("%(earned)s earned, %(before)s carried before: %(paid)s paid out, %(carried)s carried")
    return text % _money(step, currency, "earned", "before", "paid", "carried")


def _holdback(step: Step, currency: str, names: Names) -> str:
    text = _("%(share)s of %(payable)s is held back = %(value)s")
    return text % {"share": percent(step["share"]), **_money(step, currency, "payable", "value")}


def _instalments(step: Step, currency: str, names: Names) -> str:
    text = _("%(count)s instalments are still to come = %(value)s")
    return text % {"count": step["count"], "value": cents(step["value"], currency)}


def _released(step: Step, currency: str, names: Names) -> str:
    return _("%(value)s from earlier periods is due now") % _money(step, currency, "value")


_STEPS: dict[str, Callable[[Step, str, Names], str]] = {
    "salary": _salary,
    "target_bonus": _salary,
    "basis": _basis,
    "to_date": _to_date,
    "quota": _quota,
    "no_quota": _no_quota,
    "slice": _slice,
    "part_of_tier": _part_of_tier,
    "reached": _reached,
    "transactions": _transactions,
    "kpi": _kpi,
    "objective": _objective,
    "curve": _points,
    "step": _points,
    "share_of_target": _share,
    "matrix": _matrix,
    "gate": _gate,
    "gate_result": _gate_result,
    "factor": _factor,
    "extra_rate": _extra_rate,
    "kicker": _kicker,
    "kicker_share": _kicker_share,
    "floor": _floor,
    "cap": _cap,
    "plan_cap": _cap,
    "plan_cap_delta": _plan_cap_delta,
    "carried_in": _carried_in,
    "posted": _posted,
    "returns": _returns,
    "return": _return,
    "round": _round,
    "variable": _variable,
    "reason": _reason,
    "blended": _blended,
    "awards": _awards,
    "pool": _pool,
    "guarantee": _guarantee,
    "draw": _draw,
    "draw_end": _draw_end,
    "recovery": _recovery,
    "payment": _payment,
    "holdback": _holdback,
    "instalments": _instalments,
    "released": _released,
}
