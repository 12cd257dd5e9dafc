"""Conditions, tables and limits in words."""

from typing import Any

from django.utils.translation import gettext as _

from apps.incentives.rules.describe.figures import Names, amount, measured, money, percent
from apps.incentives.rules.plan.conditions import (
    AllOf,
    AnyOf,
    Attainment,
    CreditedOn,
    DealAmount,
    FieldIn,
    Group,
    Pay,
    Tenure,
)
from apps.incentives.rules.plan.parts import AmountLimit, Carry, Decelerate, TargetLimit
from apps.incentives.rules.plan.tables import (
    Curve,
    Interpolated,
    Marginal,
    Matrix,
    PerTransaction,
    QuotaUnit,
    Step,
)


def condition_words(condition: Any, currency: str, names: Names) -> str:
    """Return a condition as a clause."""
    if isinstance(condition, Group):
        parts = [condition_words(part, currency, names) for part in condition.of]
        if isinstance(condition, AllOf):
            return _(" and ").join(parts)
        joined = _(" or ").join(parts)
        return joined if isinstance(condition, AnyOf) else _("none of: %(parts)s") % {"parts": joined}
    what, write = _subject(condition, currency, names)
    if isinstance(condition, FieldIn | CreditedOn):
        return what
    bounds = {
        "at_least": _("at least %(value)s"),
        "above": _("above %(value)s"),
        "at_most": _("at most %(value)s"),
        "below": _("below %(value)s"),
    }
    stated = [
        text % {"value": write(getattr(condition, name))}
        for name, text in bounds.items()
        if getattr(condition, name, None) is not None
    ]
    return _("%(what)s is %(bounds)s") % {"what": what, "bounds": _(" and ").join(stated)}


def _subject(condition: Any, currency: str, names: Names) -> tuple[str, Any]:
    if isinstance(condition, Attainment):
        text = _("%(measure)s attainment (%(of)s)")
        return text % {
            "measure": names.get(condition.measure, condition.measure),
            "of": against(condition.of),
        }, percent
    if isinstance(condition, Pay):
        return _("pay of “%(component)s”") % {"component": condition.component}, lambda v: money(v, currency)
    if isinstance(condition, Tenure):
        return _("pay period in the plan"), str
    if isinstance(condition, FieldIn):
        values = ", ".join(condition.is_in)
        return _("%(field)s is %(values)s") % {"field": condition.name, "values": values}, str
    if isinstance(condition, CreditedOn):
        days = {"first": condition.from_ or "…", "last": condition.before or "…"}
        return _("credited from %(first)s until before %(last)s") % days, str
    if isinstance(condition, DealAmount):
        return _("the deal's amount"), lambda v: money(v, currency)
    measure = condition.measure
    return names.get(measure, measure), lambda value: measured(value, measure, currency, names)


def against(of: str) -> str:
    """Return which quota an attainment is held against."""
    return {
        "period": _("of the period"),
        "cumulative": _("to date"),
        "annual": _("of the year"),
    }.get(of, of)


def limit_words(limit: Any, currency: str) -> str:
    """Return the most that is paid."""
    if isinstance(limit, AmountLimit):
        return money(limit.amount, currency)
    if isinstance(limit, TargetLimit):
        return _("%(multiple)s times the target") % {"multiple": amount(limit.multiple)}
    return _("%(share)s of what was credited") % {"share": percent(limit.share)}


def cap_sentence(cap: Any, currency: str) -> str:
    """Return a cap and what happens to the excess."""
    limit = limit_words(cap.limit, currency)
    if isinstance(cap.excess, Carry):
        return _("Never more than %(amount)s; anything above is carried into the next period.") % {
            "amount": limit
        }
    if isinstance(cap.excess, Decelerate):
        text = _("Above %(amount)s only %(rate)s of what would be paid goes on.")
        return text % {"amount": limit, "rate": percent(cap.excess.rate)}
    return _("Never more than %(amount)s; anything above is forfeited.") % {"amount": limit}


def table_sentences(table: Any, currency: str, names: Names) -> list[str]:
    """Return what a table pays, row by row."""
    if isinstance(table, Matrix):
        return _matrix(table, currency, names)
    if isinstance(table, Curve | Step):
        return points_sentences(table, currency, names)
    if len(table.tiers) == 1 and table.tiers[0].rate is not None:
        return [_("The rate is %(rate)s on everything.") % {"rate": percent(table.tiers[0].rate)}]
    sentences = [_tier(table, tier, currency) for tier in table.tiers]
    return [*sentences, _reading(table)]


def _tier(table: Any, tier: Any, currency: str) -> str:
    numbers = {"low": _edge(table, tier.low, currency), "high": _edge(table, tier.high, currency)}
    pays = _pays(tier, currency)
    text = _("From %(low)s: %(rate)s.") if tier.high is None else _("From %(low)s to %(high)s: %(rate)s.")
    return text % {**numbers, "rate": pays}


def _pays(tier: Any, currency: str) -> str:
    if tier.rate is not None:
        return percent(tier.rate)
    if tier.per_unit is not None:
        return _("%(amount)s per unit") % {"amount": money(tier.per_unit, currency)}
    return _("%(amount)s in all") % {"amount": money(tier.fixed, currency)}


def _edge(table: Any, value: Any, currency: str) -> str:
    if value is None:
        return ""
    if isinstance(table.unit, QuotaUnit):
        return _("%(share)s of quota") % {"share": percent(value)}
    is_count = any(tier.per_unit is not None for tier in table.tiers)
    return amount(value) if is_count else money(value, currency)


def _reading(table: Any) -> str:
    if isinstance(table, Interpolated):
        return _("Each tier carries an amount; a part of a tier pays its share.")
    kind = table.inner if isinstance(table, PerTransaction) else table.kind
    if kind == "marginal" or isinstance(table, Marginal):
        return _("Each part of the amount is paid at the rate of its own tier.")
    if table.edge == "upper":
        return _("The reached tier sets the rate for the whole amount; an exact edge reaches the upper tier.")
    return _("The reached tier sets the rate for the whole amount; an exact edge stays in the lower tier.")


def points_sentences(table: Any, currency: str, names: Names) -> list[str]:
    """Return the points of a curve or step table, and what holds beyond them."""
    is_attainment = table.axis is None or table.axis.kind == "attainment"
    told = []
    if table.axis is not None:
        measure = names.get(table.axis.measure, table.axis.measure)
        told.append(_("It is read from %(measure)s.") % {"measure": measure})
    for point in table.points:
        pays = money(point.pays, currency) if table.pays == "amount" else percent(point.pays)
        if is_attainment:
            line = _("At %(attainment)s attainment it pays %(share)s.")
            told.append(line % {"attainment": percent(point.at), "share": pays})
        else:
            value = measured(point.at, table.axis.measure, currency, names)
            told.append(_("At %(value)s it pays %(share)s.") % {"value": value, "share": pays})
    if isinstance(table, Step):
        return [*told, _("Each point holds until the next one; below the first nothing is paid.")]
    return [*told, _beyond("below", table.below), _beyond("above", table.above)]


def _beyond(side: str, behaviour: str) -> str:
    return {
        ("below", "zero"): _("Below the first point nothing is paid."),
        ("below", "hold"): _("Below the first point the payout stays level."),
        ("below", "extend"): _("Below the first point the line goes on, never below zero."),
        ("above", "zero"): _("Above the last point nothing is paid."),
        ("above", "hold"): _("Above the last point the payout stays level."),
        ("above", "extend"): _("Above the last point the line goes on."),
    }[side, behaviour]


def _matrix(table: Matrix, currency: str, names: Names) -> list[str]:
    row, column = (names.get(one.measure, one.measure) for one in (table.row_axis, table.column_axis))
    told = [_("%(row)s and %(column)s decide together.") % {"row": row, "column": column}]
    across = [_at(table.column_axis, edge, currency, names) for edge in table.columns]
    for edge, line in zip(table.rows, table.cells, strict=True):
        pairs = zip(across, line, strict=True)
        cells = [
            _("%(pays)s from %(edge)s") % {"pays": _cell(table, cell, currency), "edge": at}
            for at, cell in pairs
        ]
        text = _("%(row)s from %(edge)s, with %(column)s: %(cells)s.")
        start = _at(table.row_axis, edge, currency, names)
        told.append(text % {"row": row, "edge": start, "column": column, "cells": ", ".join(cells)})
    return [*told, _between(table.read)]


def _at(axis: Any, edge: Any, currency: str, names: Names) -> str:
    if axis.kind == "attainment":
        return percent(edge)
    return measured(edge, axis.measure, currency, names)


def _cell(table: Matrix, cell: Any, currency: str) -> str:
    return money(cell, currency) if table.pays == "amount" else percent(cell)


def _between(read: str) -> str:
    return {
        "exact": _("Only these exact values are known."),
        "step": _("The last edge that was reached holds."),
        "bilinear": _("Between the edges the payout runs along straight lines."),
    }[read]
