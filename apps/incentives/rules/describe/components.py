"""A component in sentences."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from apps.incentives.rules.describe.conditions import (
    against,
    cap_sentence,
    condition_words,
    limit_words,
    points_sentences,
    table_sentences,
)
from apps.incentives.rules.describe.figures import Names, amount, measured, money, percent
from apps.incentives.rules.kinds import (
    BaseSalary,
    Commission,
    Component,
    Kicker,
    KpiBonus,
    MatrixBonus,
    Mbo,
    OnCredits,
    Override,
    Pool,
    ShareKick,
    Spiff,
    Trail,
    Variable,
)
from apps.incentives.rules.plan.parts import AddAmount, AddRate, FundShare, Multiply, MultiplyBy, OnMilestone

Sentences = list[str]


def component_sentences(component: Component, currency: str, names: Names) -> Sentences:
    """Return the sentences of a component."""
    sentences = _OWN[type(component)](component, currency, names)
    if isinstance(component, OnCredits):
        sentences += _credits(component, currency, names)
    if isinstance(component, Variable):
        sentences += _shared(component, currency, names)
    return sentences


def _credits(component: OnCredits, currency: str, names: Names) -> Sentences:
    told = []
    if component.where is not None:
        words = condition_words(component.where, currency, names)
        told.append(_("Only credits with: %(condition)s.") % {"condition": words})
    for counts in component.counts:
        text = _("Credits with %(condition)s count %(factor)s times.")
        words = condition_words(counts.when, currency, names)
        told.append(text % {"condition": words, "factor": amount(counts.factor)})
    if component.deal_cap is not None:
        text = _("No single deal pays more than %(amount)s.")
        told.append(text % {"amount": limit_words(component.deal_cap.limit, currency)})
    for part in component.instalments:
        if isinstance(part, OnMilestone):
            text = _("%(share)s is paid when %(milestone)s is reached.")
            told.append(text % {"share": percent(part.share), "milestone": part.milestone})
        else:
            text = _("%(share)s is paid %(months)s months after the credit.")
            told.append(text % {"share": percent(part.share), "months": part.months})
    return told


def _shared(component: Variable, currency: str, names: Names) -> Sentences:
    told = []
    if component.gate is not None:
        words = condition_words(component.gate, currency, names)
        told.append(_("Only while %(condition)s.") % {"condition": words})
    told += [modifier_sentence(modifier, currency, names) for modifier in component.modifiers]
    if component.floor is not None:
        told.append(_("Never less than %(amount)s.") % {"amount": money(component.floor, currency)})
    if component.cap is not None:
        told.append(cap_sentence(component.cap, currency))
    told += {
        "error": [_("Without a quota it is an exception.")],
        "full": [_("A missing quota counts as reached in full.")],
        "skip": [_("Without a quota it is left out.")],
    }.get(component.zero_quota or "", [])
    return told


def modifier_sentence(modifier: Any, currency: str, names: Names) -> str:
    """Return what a modifier does."""
    if isinstance(modifier, MultiplyBy):
        rows = " ".join(points_sentences(modifier.table, currency, names))
        return _("The pay is multiplied. %(rows)s") % {"rows": rows}
    words = {"condition": condition_words(modifier.when, currency, names)}
    if isinstance(modifier, Multiply):
        return _("Times %(factor)s while %(condition)s.") % {**words, "factor": amount(modifier.factor)}
    if isinstance(modifier, AddRate):
        text = _("%(rate)s more on everything while %(condition)s.")
        return text % {**words, "rate": percent(modifier.rate)}
    assert isinstance(modifier, AddAmount), modifier  # noqa: S101  # the only one left
    text = _("%(amount)s on top while %(condition)s.")
    return text % {**words, "amount": money(modifier.amount, currency)}


def _salary(component: BaseSalary, currency: str, names: Names) -> Sentences:
    text = _("Pays a salary of %(amount)s a year in equal parts, by days in the plan.")
    return [text % {"amount": money(component.annual, currency)}]


def _window(component: Any) -> str:
    return {
        "transaction": _("each deal by itself"),
        "period": _("all deals of the pay period together"),
        "quarter_to_date": _("all deals of the quarter to date together"),
        "half_to_date": _("all deals of the half-year to date together"),
        "year_to_date": _("all deals of the year to date together"),
        "rolling": _("all deals of the last %(count)s pay periods together")
        % {"count": getattr(component, "rolling_periods", None) or ""},
    }[component.basis]


def _commission(component: Commission, currency: str, names: Names) -> Sentences:
    credit = {
        "direct": _("own credit"),
        "overlay": _("overlay credit"),
        "all": _("own and overlay credit"),
    }[component.credits]
    text = _("Pays a share of %(measure)s (%(credit)s), looking at %(window)s.")
    measure = names.get(component.measure, component.measure)
    head = text % {"measure": measure, "credit": credit, "window": _window(component)}
    return [head, *table_sentences(component.table, currency, names)]


def _override(component: Override, currency: str, names: Names) -> Sentences:
    measure = names.get(component.measure, component.measure)
    text = _(
        "Pays a lead a share of %(measure)s of everybody below them on the day of the deal, "
        "each deal once, looking at %(window)s."
    )
    sentences = [text % {"measure": measure, "window": _window(component)}]
    low, high = component.levels.low, component.levels.high
    if high is not None and high == low:
        level = _("Only leads at level %(level)s above the seller take part.")
        sentences.append(level % {"level": low})
    elif high is not None or low > 1:
        level = _("Leads from level %(low)s to level %(high)s above the seller take part.")
        sentences.append(level % {"low": low, "high": high or "∞"})
    return sentences + table_sentences(component.table, currency, names)


def _trail(component: Trail, currency: str, names: Names) -> Sentences:
    measure = names.get(component.measure, component.measure)
    told = [_("Pays on recurring %(measure)s as long as the contract runs.") % {"measure": measure}]
    for step in component.schedule:
        text = _("From month %(low)s to %(high)s after the sale: %(rate)s.")
        told.append(text % {"low": step.low, "high": step.high or "∞", "rate": percent(step.rate)})
    return told


def _kpi(component: KpiBonus, currency: str, names: Names) -> Sentences:
    text = _("Pays a target bonus of %(amount)s a year, in equal parts, by weighted attainment.")
    sentences = [text % {"amount": money(component.annual, currency)}]
    for part in component.measures:
        measure = names.get(part.measure, part.measure)
        weight = amount(part.weight)
        if part.goal is None:
            line = _("%(measure)s against the target (%(of)s) counts %(weight)s%%.")
            sentences.append(line % {"measure": measure, "of": against(part.of), "weight": weight})
        else:
            line = _("%(measure)s against a goal of %(goal)s counts %(weight)s%%.")
            goal = measured(part.goal, part.measure, currency, names)
            sentences.append(line % {"measure": measure, "goal": goal, "weight": weight})
        if part.curve is not None:
            sentences += points_sentences(part.curve, currency, names)
    sentences += points_sentences(component.curve, currency, names) if component.curve else []
    return sentences + _bonus_window(component)


def _bonus_window(component: KpiBonus) -> Sentences:
    told = {
        "quarter_to_date": [_("It looks at the quarter to date and takes off what it paid before.")],
        "half_to_date": [_("It looks at the half-year to date and takes off what it paid before.")],
        "year_to_date": [_("It looks at the year to date and takes off what it paid before.")],
    }.get(component.basis, [])
    if component.true_up is None:
        return told
    text = _("It pays once, with the last pay period, what %(components)s left open; nothing is taken back.")
    if component.true_up.shortfall == "taken_back":
        text = _("It pays once, with the last pay period, what %(components)s left open, or takes it back.")
    return [*told, text % {"components": ", ".join(component.true_up.of)}]


def _matrix(component: MatrixBonus, currency: str, names: Names) -> Sentences:
    told = []
    if component.annual is not None:
        text = _("Pays a share of %(amount)s a year, in equal parts.")
        told.append(text % {"amount": money(component.annual, currency)})
    return told + table_sentences(component.table, currency, names)


def _mbo(component: Mbo, currency: str, names: Names) -> Sentences:
    text = _("Pays a target of %(amount)s a year, in equal parts, by the grades of objectives.")
    told = [text % {"amount": money(component.annual, currency)}]
    for one in component.objectives:
        line = _("%(objective)s counts %(weight)s%%.")
        if one.kind == "milestone":
            line = _("%(objective)s counts %(weight)s%%, and only when it is reached in full.")
        told.append(line % {"objective": one.name, "weight": amount(one.weight)})
    return told + (points_sentences(component.curve, currency, names) if component.curve else [])


def _spiff(component: Spiff, currency: str, names: Names) -> Sentences:
    award = component.award
    each = {
        "unit": _("%(amount)s for every unit"),
        "deal": _("%(amount)s for every deal"),
        "rate": _("%(amount)s of the amount"),
    }[award.kind]
    figure = percent(award.rate) if award.kind == "rate" else money(award.amount, currency)
    text = _("Awards %(each)s of %(measure)s from %(first)s until before %(last)s.")
    told = [
        text
        % {
            "each": each % {"amount": figure},
            "measure": names.get(component.measure, component.measure),
            "first": component.from_,
            "last": component.before,
        }
    ]
    if component.budget is not None:
        line = _("While %(budget)s last, in the order of booking.")
        told.append(line % {"budget": money(component.budget, currency)})
    return told


def _pool(component: Pool, currency: str, names: Names) -> Sentences:
    fund = component.fund
    if isinstance(fund, FundShare):
        text = _("The fund is %(share)s of the team's %(measure)s.")
        told = [text % {"share": percent(fund.share), "measure": names.get(fund.measure, fund.measure)}]
    else:
        told = [_("The fund is %(amount)s a pay period.") % {"amount": money(fund.amount, currency)}]
        told += points_sentences(fund.table, currency, names) if fund.table else []
    by = {
        "equal": _("It is shared equally."),
        "weights": _("It is shared by agreed weights."),
        "contribution": _("It is shared by what each member brought."),
        "target_incentive": _("It is shared by target incentive."),
        "days": _("It is shared by days in the team."),
    }[component.share_by]
    return [*told, by]


def _kicker(component: Kicker, currency: str, names: Names) -> Sentences:
    if isinstance(component.pays, ShareKick):
        text = _("Pays %(share)s of %(components)s on top.")
        return [text % {"share": percent(component.pays.share), "components": ", ".join(component.pays.of)}]
    return [_("Pays %(amount)s on top.") % {"amount": money(component.pays.amount, currency)}]


_OWN: dict[type, Callable[[Any, str, Names], Sentences]] = {
    BaseSalary: _salary,
    Commission: _commission,
    Override: _override,
    Trail: _trail,
    KpiBonus: _kpi,
    MatrixBonus: _matrix,
    Mbo: _mbo,
    Spiff: _spiff,
    Pool: _pool,
    Kicker: _kicker,
}
