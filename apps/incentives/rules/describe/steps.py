"""The steps of a line's calculation in sentences."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from apps.core.names import in_words
from apps.incentives.rules.describe.figures import amount, cents, money, percent, rounded
from apps.incentives.rules.describe.settled import SETTLED
from apps.incentives.rules.describe.telling import Step, Telling, money_of


def step_sentence(step: Step, how: Telling) -> str:
    """Return what one step of a line's calculation says; nothing for a step that needs no words."""
    writer = _STEPS.get(str(step.get("op")))
    return writer(step, how) if writer else ""


def _salary(step: Step, how: Telling) -> str:
    told = money_of(step, how, "annual", "value") | {"parts": step["parts"]}
    if "periods" in step:
        text = _("%(annual)s a year ÷ %(parts)s × %(periods)s pay periods × %(active)s = %(value)s")
        return text % {**told, "periods": step["periods"], "active": percent(step["active"])}
    if "away" in step:
        return _with_leave(step["unit"]) % {**told, **_days(step)}
    if "days" in step:
        text = _("%(annual)s a year ÷ %(parts)s × %(days)s of %(of)s days = %(value)s")
        return text % {**told, "days": step["days"], "of": step["of"]}
    text = _("%(annual)s a year ÷ %(parts)s × %(active)s = %(value)s")
    return text % {**told, "active": percent(step["active"])}


def _payout(step: Step, how: Telling) -> str:
    told = {
        "amount": cents(step["amount"], step["source"]),
        "value": cents(step["value"], step["target"]),
        "rate": rounded(step["rate"]),
    }
    if step["part"] == "salary":
        return _("Salary of %(amount)s × %(rate)s = %(value)s, at the rate of the period's last day") % told
    return _("Variable pay of %(amount)s × %(rate)s = %(value)s, at the rate of the period's last day") % told


def _with_leave(unit: str) -> str:
    if unit == "working_days":
        return _(
            "%(annual)s a year ÷ %(parts)s × %(days)s of %(of)s working days (%(away)s unpaid leave)"
            " = %(value)s"
        )
    if unit == "months":
        return _(
            "%(annual)s a year ÷ %(parts)s × %(days)s of %(of)s months (%(away)s unpaid leave) = %(value)s"
        )
    return _("%(annual)s a year ÷ %(parts)s × %(days)s of %(of)s days (%(away)s unpaid leave) = %(value)s")


def _days(step: Step) -> dict[str, str]:
    """Write lengths of time in few digits; the step keeps them exact."""
    return {name: rounded(step[name]) for name in ("days", "of", "away")}


def _basis(step: Step, how: Telling) -> str:
    text = _("%(measure)s credited in this run: %(value)s in %(count)s credits")
    told = {"value": how.measured(step["new"]), "count": amount(str(step["count"]))}
    return text % {**told, "measure": how.name(step["measure"])}


def _to_date(step: Step, how: Telling) -> str:
    text = _("with %(before)s credited before, %(total)s to date")
    return text % {"before": how.measured(step["before"]), "total": how.measured(step["total"])}


def _quota(step: Step, how: Telling) -> str:
    text = _("Quota for %(measure)s: %(value)s")
    return text % {
        "measure": how.name(step["measure"]),
        "value": how.measured(step["value"], step["measure"]),
    }


def _no_quota(step: Step, how: Telling) -> str:
    text = _("No quota for %(measure)s: nothing is paid")
    if step["counts_as_full"]:
        text = _("No quota for %(measure)s: it counts as reached")
    return text % {"measure": how.name(step["measure"])}


def _slice(step: Step, how: Telling) -> str:
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


def _part_of_tier(step: Step, how: Telling) -> str:
    text = _("%(length)s of the tier from %(low)s to %(high)s pays its share of %(amount)s = %(value)s")
    return text % {
        "low": how.measured(step["from"]),
        "high": how.measured(step["to"]),
        "length": how.measured(step["length"]),
        **money_of(step, how, "amount", "value"),
    }


def _reached(step: Step, how: Telling) -> str:
    numbers = {
        "total": how.measured(step["total"]),
        "low": how.measured(step["from"]),
        "rate": percent(step["rate"]),
    }
    if step.get("fixed", "0") != "0":
        text = _("%(total)s reaches the tier from %(low)s, which pays %(fixed)s")
        return text % {**numbers, "fixed": how.paid(step["fixed"])}
    text = _("%(total)s reaches the tier from %(low)s: the whole × %(rate)s = %(value)s")
    return text % {**numbers, "value": how.paid(step["value"])}


def _transactions(step: Step, how: Telling) -> str:
    text = _("%(count)s deals, each tiered by itself = %(value)s")
    return text % {"count": amount(str(step["count"])), "value": how.paid(step["value"])}


def _kpi(step: Step, how: Telling) -> str:
    text = _("%(measure)s: %(actual)s ÷ %(against)s = %(attainment)s, weight %(weight)s%%")
    return text % {
        "measure": how.name(step["measure"]),
        "actual": how.measured(step["actual"], step["measure"]),
        "against": how.measured(step["against"], step["measure"]),
        "attainment": percent(step["attainment"]),
        "weight": amount(step["weight"]),
    }


def _objective(step: Step, how: Telling) -> str:
    text = _("%(objective)s: grade %(grade)s, weight %(weight)s%%")
    told = {"grade": percent(step["grade"]), "weight": amount(step["weight"])}
    return text % {**told, "objective": how.words.get(step["objective"], step["objective"])}


def _points(step: Step, how: Telling) -> str:
    if "share" in step:  # lines of the first plan format
        text = _("%(attainment)s attainment pays %(share)s of the target bonus = %(value)s")
        told = {"attainment": percent(step["attainment"]), "share": percent(step["share"])}
        return text % {**told, "value": how.paid(step["value"])}
    pays = how.paid(step["value"]) if step["pays"] == "amount" else percent(step["value"])
    return _("The table pays %(pays)s at %(at)s") % {"pays": pays, "at": rounded(step["at"])}


def _share(step: Step, how: Telling) -> str:
    text = _("%(share)s of the target = %(value)s")
    return text % {"share": percent(step["share"]), "value": how.paid(step["value"])}


def _matrix(step: Step, how: Telling) -> str:
    text = _("The matrix pays %(value)s at %(row)s and %(column)s")
    return text % {name: rounded(step[name]) for name in ("value", "row", "column")}


def _gate(step: Step, how: Telling) -> str:
    kind = step.get("kind") or step.get("test")
    shown = percent if kind == "attainment" else rounded
    subject = how.name(step.get("measure") or step.get("component") or _("Pay period"))
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


def _gate_result(step: Step, how: Telling) -> str:
    return _("The gate is open") if step["open"] else _("The gate is closed, so nothing is paid")


def _factor(step: Step, how: Telling) -> str:
    return _("times %(factor)s") % {"factor": rounded(step["factor"])}


def _extra_rate(step: Step, how: Telling) -> str:
    return _("%(rate)s more on everything credited") % {"rate": percent(step["rate"])}


def _kicker(step: Step, how: Telling) -> str:
    return _("%(amount)s on top") % money_of(step, how, "amount")


def _kicker_share(step: Step, how: Telling) -> str:
    text = _("%(share)s of %(base)s = %(value)s")
    return text % {"share": percent(step["share"]), **money_of(step, how, "base", "value")}


def _floor(step: Step, how: Telling) -> str:
    return _("Raised from %(due)s to at least %(floor)s") % money_of(step, how, "due", "floor")


def _cap(step: Step, how: Telling) -> str:
    excess = step.get("excess", "forfeit")
    told = {
        "limit": how.paid(step["limit"]),
        "over": how.paid(step.get("over", step.get("forfeit"))),
    }
    if excess == "carry":
        return _("Capped at %(limit)s; %(over)s is carried") % told
    if excess == "decelerate":
        return _("Above %(limit)s only a part goes on; %(over)s is not paid") % told
    return _("Capped at %(limit)s; %(over)s is forfeited") % told


def _plan_cap_delta(step: Step, how: Telling) -> str:
    return _("The plan's cap of %(window)s holds late changes as well") % {"window": step["window"]}


def _plan_factor_delta(step: Step, how: Telling) -> str:
    text = _("The plan's factor of %(window)s, %(factor)s, holds for late changes and returns as well")
    return text % {"window": step["window"], "factor": rounded(step["factor"])}


def _carried_in(step: Step, how: Telling) -> str:
    text = _("%(value)s of %(opening)s carried from earlier periods fits below the cap")
    return text % money_of(step, how, "value", "opening")


def _carried_back(step: Step, how: Telling) -> str:
    text = _("%(value)s was carried above the cap for what came back, and paid since")
    return text % money_of(step, how, "value")


def _posted(step: Step, how: Telling) -> str:
    return _("less %(value)s already posted") % money_of(step, how, "value")


def _returns(step: Step, how: Telling) -> str:
    text = _("%(count)s returned credits of %(amount)s take back what they were paid")
    return text % {"count": step["count"], "amount": how.measured(step["amount"])}


def _return(step: Step, how: Telling) -> str:
    if step["share"] == "1" and step["cancelled"] == "0":
        return ""
    text = _("%(paid)s paid, %(cancelled)s of it not due yet; %(share)s is taken back: %(value)s")
    return text % {**money_of(step, how, "paid", "cancelled", "value"), "share": percent(step["share"])}


def _round(step: Step, how: Telling) -> str:
    text = _("rounded once from %(raw)s to %(value)s")
    raw = money(step["raw"], how.currency, None if "/" not in step["raw"] else 6)
    return text % {"raw": raw, "value": how.paid(step["value"])}


def _variable(step: Step, how: Telling) -> str:
    return _("Variable pay before this: %(value)s") % money_of(step, how, "value")


def _reason(step: Step, how: Telling) -> str:
    return _("Reason: %(text)s") % {"text": in_words(step["text"])}


def _blended(step: Step, how: Telling) -> str:
    text = _("%(share)s of the %(whole)s that the whole period would pay = %(value)s")
    return text % {"share": percent(step["share"]), **money_of(step, how, "whole", "value")}


def _awards(step: Step, how: Telling) -> str:
    text = _("%(count)s awards = %(value)s; the budget cut %(cut)s")
    return text % {
        "count": step["count"],
        "value": how.paid(step["value"]),
        "cut": how.paid(step["cut_by_budget"]),
    }


def _pool(step: Step, how: Telling) -> str:
    text = _("%(weight)s of %(of)s parts of a fund of %(fund)s = %(value)s")
    return text % {
        "weight": rounded(step["weight"]),
        "of": rounded(step["of"]),
        **money_of(step, how, "fund", "value"),
    }


def _true_up(step: Step, how: Telling) -> str:
    told = money_of(step, how, "worth", "paid", "value")
    if step["value"] == "0" and step["worth"] != step["paid"]:
        return _("The window is worth %(worth)s, %(paid)s were paid in it: nothing is left open") % told
    return _("The window is worth %(worth)s, %(paid)s were paid in it: %(value)s are left") % told


def _true_up_waits(step: Step, how: Telling) -> str:
    return _("It pays with the last pay period of its window")


_STEPS: dict[str, Callable[[Step, Telling], str]] = {
    "salary": _salary,
    "payout": _payout,
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
    "true_up": _true_up,
    "true_up_waits": _true_up_waits,
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
    "plan_factor_delta": _plan_factor_delta,
    "carried_in": _carried_in,
    "carried_back": _carried_back,
    "posted": _posted,
    "returns": _returns,
    "return": _return,
    "round": _round,
    "variable": _variable,
    "reason": _reason,
    "blended": _blended,
    "awards": _awards,
    "pool": _pool,
    **SETTLED,
}
