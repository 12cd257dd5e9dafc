"""Pay on credits: what they are worth to date, less what was posted, spread over every single credit.

The value of a line never depends on batches or on the order of credits: a running table pays
M(before + x) − M(before), a reached tier pays its rate on every credit, each transaction is tiered by
itself. What changed inputs (a higher tier, another factor) make of earlier credits is a row of its own.
"""

import bisect
import itertools
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from apps.incentives.rules.engine.book import Given, Steps, Worked
from apps.incentives.rules.engine.limits import PLAIN, Shape, ceiling_of, note_limits, shape_of
from apps.incentives.rules.engine.numbers import in_unit, text, unit_for
from apps.incentives.rules.engine.shapes import CreditIn, Number, Posted, Traced
from apps.incentives.rules.engine.tables import Tiers, read_matrix, read_table
from apps.incentives.rules.plan.tables import (
    Interpolated,
    Marginal,
    Matrix,
    PerTransaction,
    QuotaUnit,
    Tier,
)

_ZERO = Decimal(0)


def pay_on_credits(component: Any, table: Any, basis: str, given: Given, steps: Steps) -> Worked:
    """Pay what the credits of a window are worth by a table. Raises NotPayable."""
    new = _note_basis(component, given, steps)
    shape = shape_of(component, given, steps)
    if isinstance(table, Marginal | Interpolated | PerTransaction) or hasattr(table, "tiers"):
        tiers = _tiers(table, component, given, shape, steps)
        if tiers is None:
            shape, tiers = Shape(is_open=False), Tiers(table.tiers, table.edge)
        shape = shape.in_unit(tiers.unit)
        if isinstance(table, PerTransaction):
            return _by_transaction(component, table, tiers, shape, given, new, steps)
        if isinstance(table, Marginal | Interpolated):
            return _running(tiers, isinstance(table, Marginal), shape, given, new, steps)
        return _reached(tiers, shape, given, new, steps)
    read = read_matrix(table, given, steps) if isinstance(table, Matrix) else read_table(table, given, steps)
    if table.pays == "rate":
        return _at_rate(read or Fraction(0), shape, given, new, steps)
    whole = given.active_of_window if table.pays == "amount" else given.target_of_window
    return _once((read or Fraction(0)) * whole, shape, given, new, steps)


def _note_basis(component: Any, given: Given, steps: Steps) -> Decimal:
    cell = given.cell
    new = sum([credit[1] for credit in cell.credits], _ZERO)
    steps.append({"op": "basis", "measure": component.measure, "new": text(new), "count": len(cell.credits)})
    before = cell.posted.basis + cell.prior
    if before:
        steps.append({"op": "to_date", "before": text(before), "total": text(before + new)})
    return new


def _tiers(table: Any, component: Any, given: Given, shape: Shape, steps: Steps) -> Tiers | None:
    """Return the tiers in amounts; None when a missing quota pays nothing. Raises NotPayable."""
    posted = given.cell.posted.raw
    numbers = shape.numbers()
    if isinstance(table, Interpolated):
        numbers = (*numbers, Fraction(1, 3))  # shares of a tier need not end
    if not isinstance(table.unit, QuotaUnit):
        return Tiers(table.tiers, table.edge, unit=unit_for(posted, *numbers))
    quota = given.facts.standing(component.measure, table.unit.of).quota
    if not quota:
        full = given.without_quota(component.measure, True, None)
        steps.append({"op": "no_quota", "measure": component.measure, "counts_as_full": bool(full)})
        return _full(table, unit_for(posted, *numbers)) if full else None
    steps.append({"op": "quota", "measure": component.measure, "of": table.unit.of, "value": text(quota)})
    return Tiers(table.tiers, table.edge, quota, unit_for(quota, posted, *numbers))


def _full(table: Any, unit: type) -> Tiers:
    """Return one tier without end: the one that holds at exactly 100 % of a quota."""
    at_full = table.tiers[Tiers(table.tiers, table.edge).reached(Decimal(1))]
    only = Tier.model_construct(
        low=_ZERO, high=None, rate=at_full.rate, per_unit=at_full.per_unit, fixed=at_full.fixed
    )
    return Tiers([only], table.edge, unit=unit)


def correction(worth_before: Number, posted: Posted) -> list[Traced]:
    """Return the row that brings what was posted to what earlier credits are worth under these inputs."""
    if not worth_before and not posted.raw:
        return []
    gap = Fraction(worth_before) - posted.raw
    if not gap:
        return []
    return [Traced(0, _ZERO, None, in_unit(gap, unit_for(gap)))]


def _sum(traces: Sequence[Traced], unit: Any) -> Number:
    total = unit(0)
    try:
        for trace in traces:
            total += trace.value
    except TypeError:  # a correction that does not end among decimals
        return sum((Fraction(trace.value) for trace in traces), Fraction(0))
    return total  # type: ignore[no-any-return]  # a Decimal or a Fraction


def _running(
    tiers: Tiers, is_marginal: bool, shape: Shape, given: Given, new: Decimal, steps: Steps
) -> Worked:
    cell, unit = given.cell, tiers.unit
    pays = tiers.marginal if is_marginal else tiers.interpolated
    prior = in_unit(cell.prior, unit)
    off = pays(prior) if prior else tiers.zero
    before = in_unit(cell.posted.basis, unit)
    total = before + in_unit(new, unit)
    if shape is PLAIN and is_marginal and not prior and not tiers.has_fixed and unit is Decimal:
        traces = correction(tiers.marginal(before), cell.posted)
        traces += _slice_by_slice(tiers, before, cell.credits)
        raw = (
            Fraction(tiers.marginal(total)) - cell.posted.raw
        )  # what the rows add up to, without adding them
    else:

        def worth(amount: Any) -> Any:
            return shape.apply(pays(prior + amount) - off, amount)

        traces = _increments(worth, before, cell, unit)
        raw = Fraction(_sum(traces, unit))
    _slice_steps(tiers, is_marginal, prior + total, steps)
    free = shape.unheld(pays(prior + total) - off, total)
    note_limits(shape, free, total, steps)
    return Worked(raw, new, tuple(traces), _excess(shape, pays, prior, before, total))


def _excess(shape: Shape, pays: Callable[[Any], Any], prior: Any, before: Any, total: Any) -> Decimal:
    """Return what these credits add to the part above the cap that is carried."""
    if not shape.carries:
        return _ZERO
    off = pays(prior)
    then, now = ((pays(prior + amount) - off, amount) for amount in (before, total))
    return _over(shape, *now) - _over(shape, *then)


def _over(shape: Shape, due: Any, basis: Any) -> Any:
    """Return what lies above a cap that carries."""
    if not shape.carries or shape.ceiling is None:
        return due * 0
    free = shape.unheld(due, basis)
    return max(free - shape.ceiling.limit(basis), free * 0)


def _increments(worth: Callable[[Any], Any], before: Any, cell: Any, unit: Any) -> list[Traced]:
    """Give each credit worth(before + itself) − worth(before)."""
    had = worth(before)
    traces = correction(had, cell.posted)
    for credit in cell.credits:
        before += in_unit(credit.amount, unit)
        now = worth(before)
        traces.append(Traced(credit.id, credit.amount, None, now - had))
        had = now
    return traces


def _slice_by_slice(tiers: Tiers, before: Any, credits: Sequence[CreditIn]) -> list[Traced]:
    """The hot path: a credit inside one tier costs one product; only crossing an edge looks up the table."""
    traces: list[Traced] = []
    append, marginal, row = traces.append, tiers.marginal, tuple.__new__
    low, high, rate = _around(tiers, before)
    for credit_id, amount, _transaction, _on, _deal in credits:
        now = before + amount
        if low <= now and (high is None or now <= high):
            append(row(Traced, (credit_id, amount, rate, amount * rate)))
        else:
            append(Traced(credit_id, amount, None, marginal(now) - marginal(before)))
            low, high, rate = _around(tiers, now)
        before = now
    return traces


_MINUS = Decimal("-Infinity")


def _around(tiers: Tiers, amount: Any) -> tuple[Any, Any, Any]:
    """Return low, high and rate of the stretch an amount lies in; below zero the first rate goes on."""
    index = max(0, bisect.bisect_right(tiers.lows, amount) - 1)
    return (tiers.lows[index] if index else _MINUS), tiers.highs[index], tiers.rates[index]


def _slice_steps(tiers: Tiers, is_marginal: bool, total: Any, steps: Steps) -> None:
    for index, length in tiers.slices(total):
        high = tiers.highs[index]
        fixed = tiers.fixed[index]
        step = {
            "op": "slice" if is_marginal else "part_of_tier",
            "from": text(tiers.lows[index]),
            "to": None if high is None else text(high),
            "length": text(length),
        }
        if is_marginal:
            step |= {"rate": text(tiers.rates[index]), "value": text(length * tiers.rates[index] + fixed)}
        else:
            share = Fraction(length) / Fraction(high - tiers.lows[index])
            step |= {"amount": text(fixed), "value": text(Fraction(fixed) * share)}
        if fixed and is_marginal:
            step["fixed"] = text(fixed)
        steps.append(step)


def _reached(tiers: Tiers, shape: Shape, given: Given, new: Decimal, steps: Steps) -> Worked:
    """The reached tier holds for the whole window; what earlier credits gain by it is shown apart."""
    cell, unit = given.cell, tiers.unit
    total = in_unit(cell.posted.basis + cell.prior + new, unit)
    index = tiers.reached(total)
    high = tiers.highs[index]
    own = in_unit(cell.posted.basis + new, unit)
    due = own * tiers.rates[index] + (tiers.fixed[index] if own > 0 else tiers.zero)
    steps.append(
        {
            "op": "reached",
            "total": text(total),
            "from": text(tiers.lows[index]),
            "to": None if high is None else text(high),
            "rate": text(tiers.rates[index]),
            "fixed": text(tiers.fixed[index]),
            "value": text(due),
        }
    )
    if tiers.fixed[index]:
        return _once(due, shape, given, new, steps)
    return _at_rate(tiers.rates[index], shape, given, new, steps)


def _at_rate(rate: Number, shape: Shape, given: Given, new: Decimal, steps: Steps) -> Worked:
    """One rate on the whole window."""
    cell = given.cell
    unit: Any = unit_for(rate, cell.posted.raw, *shape.numbers())
    own, held = in_unit(rate, unit), shape.in_unit(unit)
    before = in_unit(cell.posted.basis, unit)
    had = held.apply(before * own, before)
    each = (own * held.factor + held.extra_rate) if held.is_open else unit(0)
    traces = _caught_up(cell.posted, each, had)
    is_linear = held.is_open and held.floor is None and held.ceiling is None and not held.plus
    shown = in_unit(each, Decimal) if unit_for(each) is Decimal else None
    for credit in cell.credits:
        amount = in_unit(credit.amount, unit)
        before += amount
        now = had + amount * each if is_linear else held.apply(before * own, before)
        is_plain = now - had == amount * each
        traces.append(Traced(credit.id, credit.amount, shown if is_plain else None, now - had))
        had = now
    note_limits(held, held.unheld(before * own, before), before, steps)
    excess = _ZERO
    if held.carries:
        start = in_unit(cell.posted.basis, unit)
        excess = _excess(held, lambda amount: amount * own, unit(0), start, before)
    return Worked(_sum(traces, unit), new, tuple(traces), excess)


def _caught_up(posted: Posted, each: Any, worth_before: Any) -> list[Traced]:
    """Bring earlier credits of the window to the rate that holds now, one by one while they are known."""
    traces = []
    unit = type(each)
    gained = Fraction(0)
    for credit in posted.credits:
        gap = in_unit(credit.amount, unit) * each - in_unit(credit.paid, unit)
        if gap:
            traces.append(Traced(credit.id, _ZERO, None, gap))
            gained += Fraction(gap)
    left = Fraction(worth_before) - posted.raw - gained
    if left:
        traces.append(Traced(0, _ZERO, None, in_unit(left, unit_for(left))))
    return traces


def _once(due: Number, shape: Shape, given: Given, new: Decimal, steps: Steps) -> Worked:
    """An amount for the window as a whole; credits carry none of it singly."""
    cell = given.cell
    total = cell.posted.basis + new
    unit = unit_for(due, *shape.numbers())
    held = shape.in_unit(unit)
    free = held.unheld(in_unit(due, unit), in_unit(total, unit))
    note_limits(held, free, in_unit(total, unit), steps)
    worth = held.limited(free, in_unit(total, unit))
    traces = [Traced(credit.id, credit.amount, None, _ZERO) for credit in cell.credits]
    traces += correction(worth, cell.posted)
    excess = _ZERO
    if held.carries:
        seen = in_unit(cell.posted.basis, unit)
        excess = _over(held, in_unit(due, unit), in_unit(total, unit))
        excess -= _over(held, in_unit(due, unit), seen) if cell.posted.exists else excess * 0
    return Worked(Fraction(worth) - cell.posted.raw, new, tuple(traces), excess)


def _by_transaction(
    component: Any,
    table: PerTransaction,
    tiers: Tiers,
    shape: Shape,
    given: Given,
    new: Decimal,
    steps: Steps,
) -> Worked:
    """Each transaction is tiered by itself; late shares of a posted transaction pay the difference."""
    cell, unit = given.cell, tiers.unit
    worth = _deal_worth(component, table, tiers, given, unit)
    before: dict[str, Any] = {}
    for credit in cell.posted.credits:
        before[credit.transaction] = before.get(credit.transaction, unit(0)) + in_unit(credit.amount, unit)
    due = sum((worth(amount) for amount in before.values()), unit(0))
    seen = in_unit(cell.posted.basis, unit)
    had, over = shape.apply(due, seen), _over(shape, due, seen)
    traces = correction(had, cell.posted)
    ordered = sorted(enumerate(cell.credits), key=lambda pair: (pair[1].transaction, pair[0]))
    count = 0
    for transaction, group in itertools.groupby(ordered, key=lambda pair: pair[1].transaction):
        shares = [credit for _position, credit in group]
        count += 1
        start = before.get(transaction, unit(0))
        amount = sum((in_unit(share.amount, unit) for share in shares), unit(0))
        due += worth(start + amount) - worth(start)
        seen += amount
        now = shape.apply(due, seen)
        traces += _shared(shares, now - had, tiers.rates, unit)
        had = now
    steps.append({"op": "transactions", "count": count, "value": text(due)})
    note_limits(shape, shape.unheld(due, seen), seen, steps)
    excess = _over(shape, due, seen) - over if shape.carries else _ZERO
    return Worked(_sum(traces, unit), new, tuple(traces), excess)


def _deal_worth(
    component: Any, table: PerTransaction, tiers: Tiers, given: Given, unit: Any
) -> Callable[[Any], Any]:
    """Return what one transaction is worth, held to the cap of single deals."""
    inner = tiers.marginal if table.inner == "marginal" else tiers.retroactive
    if component.deal_cap is None:
        return inner
    ceiling = ceiling_of(component.deal_cap, given)
    held = ceiling.in_unit(unit)
    return lambda amount: held.hold(inner(amount), amount)


def _shared(shares: Sequence[CreditIn], value: Any, rates: Sequence[Any], unit: Any) -> list[Traced]:
    """Spread what a transaction is worth over its credits: one takes all, several step along the amount."""
    if len(shares) == 1:
        [share] = shares
        rate = None
        if unit is Decimal:
            rate = next((one for one in rates if share.amount * one == value), None)
        return [Traced(share.id, share.amount, rate, value)]
    traces = []
    left = value
    total = sum((Fraction(share.amount) for share in shares), Fraction(0))
    for share in shares[:-1]:
        part = Fraction(value) * Fraction(share.amount) / total if total else Fraction(0)
        cut = Decimal(int(part * 10**8)).scaleb(-8) if unit is Decimal else part
        traces.append(Traced(share.id, share.amount, None, cut))
        left = left - cut
    traces.append(Traced(shares[-1].id, shares[-1].amount, None, left))
    return traces


def pay_each(component: Any, rate_of: Callable[[CreditIn], Decimal], given: Given, steps: Steps) -> Worked:
    """Pay every credit at a rate of its own; gate, modifiers, floor and cap hold for the window."""
    cell = given.cell
    new = _note_basis(component, given, steps)
    shape = shape_of(component, given, steps)
    unit: Any = unit_for(cell.posted.raw, *shape.numbers())
    held = shape.in_unit(unit)
    before = in_unit(cell.posted.raw, unit)
    once = held.plus * 0 if cell.posted.exists else held.plus
    traces = []
    free = before
    for credit in cell.credits:
        rate = rate_of(credit)
        each = in_unit(rate, unit) * held.factor + held.extra_rate if held.is_open else unit(0)
        value = in_unit(credit.amount, unit) * each
        free += value
        traces.append(Traced(credit.id, credit.amount, rate, value))
    free += once
    total = in_unit(cell.posted.basis + new, unit)
    due = held.limited(free, total)
    note_limits(held, free, total, steps)
    rest = due - before - sum((trace.value for trace in traces), unit(0))
    if rest:
        traces.append(Traced(0, _ZERO, None, rest))
    return Worked(due - before, new, tuple(traces))
