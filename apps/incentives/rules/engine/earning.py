"""Stages that earn: components of the current window, and what late credits change in earlier ones."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from apps.core.money import round_money
from apps.incentives.rules.engine.book import Facts, Given, Steps, Worked
from apps.incentives.rules.engine.ledger import Ledger, amounts
from apps.incentives.rules.engine.limits import ceiling_of, modified
from apps.incentives.rules.engine.numbers import text
from apps.incentives.rules.engine.shapes import (
    Cell,
    CreditIn,
    Key,
    LineOut,
    PaidBefore,
    Posted,
    PostedCredit,
    Segment,
)
from apps.incentives.rules.kinds import Component, pay_component

_ZERO = Decimal(0)


def pay_components(ledger: Ledger) -> None:
    """Pay every component of every segment in the current window, referenced components first."""
    for segment in ledger.given.segments:
        if segment.has_ended:
            continue
        for component in segment.plan.in_order:
            kept = ledger.given.kept.get((segment.code, component.code))
            lines = list(kept) if kept is not None else _lines(ledger, segment, component, is_current=True)
            ledger.lines += lines
            ledger.pays[segment.code, component.code] = _sum([line.raw for line in lines])


def add_prior_deltas(ledger: Ledger) -> None:
    """Pay what late credits change in earlier windows, by the plan's factors and cap of that window."""
    before = len(ledger.lines)
    for segment in ledger.given.segments:
        for component in segment.plan.components:
            if (segment.code, component.code) not in ledger.given.kept:
                ledger.lines += _lines(ledger, segment, component, is_current=False)
    settle_earlier_windows(ledger, ledger.lines[before:])


def _lines(ledger: Ledger, segment: Segment, component: Component, *, is_current: bool) -> list[LineOut]:
    cells: Sequence[Cell] = segment.cells.get(component.code, ())
    if is_current and not any(cell.is_current for cell in cells):
        cells = [Cell(ledger.given.window), *cells]
    lines = []
    for cell in cells:
        is_empty = not cell.is_current and not cell.credits and not cell.again
        if cell.is_current != is_current or is_empty:
            continue
        lines.append(_line(ledger, segment, component, cell))
        if cell.is_current:
            lines += _carried_in(ledger, segment, component, lines[-1])
    return lines


def _line(ledger: Ledger, segment: Segment, component: Component, cell: Cell) -> LineOut:
    steps: Steps = []
    cell = _with_beside(ledger, segment, component, cell)
    weight = segment.weight if cell.weight is None else cell.weight
    given = _given(ledger, segment, component, cell)
    worked = _blend(pay_component(component, given, steps), weight, steps)
    if worked.excess:
        name = carried_by(component)
        ledger.closing[name] = ledger.balance(name) + ledger.cents(worked.excess)
    return _rounded(ledger, segment, component, cell, worked, steps)


def carried_by(component: Component) -> str:
    """Return the balance that holds what a component's cap carries."""
    return f"cap:{component.code}"


def unheld_values(ledger: Ledger, segment: Segment, component: Component, cell: Cell) -> dict[Key, Fraction]:
    """Return what each posted credit of a cell would have been paid without the component's cap.

    They are worked out anew in the order they were posted. Raises NotPayable.
    """
    posted = cell.posted
    rows = [CreditIn(one.id, one.amount, one.transaction) for one in posted.credits]
    unnamed = posted.basis - sum((one.amount for one in posted.credits), _ZERO)
    if unnamed:
        rows.insert(0, CreditIn(0, unnamed))
    free = component.model_copy(update={"cap": None})
    again = replace(cell, credits=rows, returns=(), posted=Posted())
    worked = pay_component(free, _given(ledger, segment, free, again), [])
    weight = segment.weight if cell.weight is None else cell.weight
    found: dict[Key, Fraction] = {}
    for trace in worked.traces:
        found[trace.credit_id] = found.get(trace.credit_id, Fraction(0)) + Fraction(trace.value) * weight
    return found


def _given(ledger: Ledger, segment: Segment, component: Component, cell: Cell) -> Given:
    """Return what a component looks at in one window."""
    standings = segment.standings if cell.standings is None else cell.standings
    pays = cell.pays
    if pays is None:
        pays = {code: raw for (own, code), raw in ledger.pays.items() if own == segment.code}
    tenure = ledger.given.tenure if cell.tenure is None else cell.tenure
    weight = segment.weight if cell.weight is None else cell.weight
    blended = cell if weight == 1 else replace(cell, posted=_unblended(cell.posted, weight))
    return Given(
        plan=segment.plan,
        component=component,
        cell=blended,
        facts=Facts(standings, tenure, segment.plan.basis_of(component), pays),
        active=segment.active,
        annual=segment.annual.get(component.code),
        target=ledger.given.target if cell.target is None else cell.target,
        days=segment.days,
        presence=segment.presence,
        grades=segment.grades,
        awards=segment.awards,
        pool_shares=segment.pool_shares,
    )


def _with_beside(ledger: Ledger, segment: Segment, component: Any, cell: Cell) -> Cell:
    """Return the cell of a true-up with what the components it looks at pay in this period besides."""
    true_up = getattr(component, "true_up", None)
    if true_up is None:
        return cell
    books = {one.code for one in ledger.given.segments if one.book == segment.book}
    now = [line for line in ledger.lines if line.component in true_up.of and line.segment in books]
    return replace(cell, beside=cell.beside + sum((line.rounded for line in now), _ZERO))


def _rounded(
    ledger: Ledger, segment: Segment, component: Component, cell: Cell, worked: Worked, steps: Steps
) -> LineOut:
    """Round the window's total to date once and take off what was posted, so that cents never drift."""
    posted, plan = cell.posted, segment.plan
    raw = Fraction(worked.raw)
    total = _sum([posted.raw, posted.returned_raw, raw])
    rounded = round_money(total, plan.currency, plan.rounding) - posted.rounded - posted.returned_rounded
    if posted.exists:
        steps.append({"op": "posted", "value": text(posted.raw)})
    steps.append({"op": "round", "mode": plan.rounding, "raw": text(raw), "value": text(rounded)})
    to_date = plan.basis_of(component) not in {"period", "transaction", "rolling"}
    kind = "delta" if posted.exists and not (to_date and cell.is_current) else "earned"
    return LineOut(
        component.code,
        kind,
        cell.window,
        worked.basis,
        raw,
        rounded,
        tuple(steps),
        worked.traces,
        segment.code,
    )


def _sum(values: Sequence[Fraction]) -> Fraction:
    """Add fractions; most are zero, and asking is much faster than adding."""
    total = Fraction(0)
    for value in values:
        if value:
            total = total + value if total else value
    return total


def _unblended(posted: Posted, weight: Fraction) -> Posted:
    credits = tuple(
        PostedCredit(c.id, c.amount, c.transaction, Fraction(c.paid) / weight) for c in posted.credits
    )
    return replace(posted, raw=posted.raw / weight, credits=credits)


def _blend(worked: Worked, weight: Fraction, steps: Steps) -> Worked:
    """Take a segment's share of what the whole window pays, where a transfer is blended."""
    if weight == 1:
        return worked
    raw = Fraction(worked.raw) * weight
    steps.append({"op": "blended", **amounts(whole=worked.raw, share=weight, value=raw)})
    traces = tuple(one._replace(rate=None, value=Fraction(one.value) * weight) for one in worked.traces)
    return worked._replace(raw=raw, traces=traces)


def _carried_in(ledger: Ledger, segment: Segment, component: Any, line: LineOut) -> list[LineOut]:
    """Pay what an earlier cap carried, as far as this period's cap leaves room."""
    name = carried_by(component)
    opening = ledger.given.opening.get(name, _ZERO)
    if opening <= 0:
        return []
    cap = getattr(component, "cap", None)
    if cap is None or cap.excess.kind != "carry":
        return []
    given = Given(
        segment.plan, component, Cell(line.window), Facts({}), segment.active, target=ledger.given.target
    )
    limit = ledger.cents(ceiling_of(cap, given).limit(line.basis))
    released = min(opening, max(_ZERO, limit - line.rounded))
    if not released:
        return []
    ledger.closing[name] = ledger.balance(name) - released
    step = {"op": "carried_in", **amounts(opening=opening, limit=limit, value=released)}
    return [
        LineOut(
            component.code,
            "carry",
            line.window,
            _ZERO,
            Fraction(released),
            released,
            (step,),
            (),
            segment.code,
        )
    ]


def settle_earlier_windows(ledger: Ledger, lines: Sequence[LineOut]) -> None:
    """Bring late changes and returns under the plan's factors and cap of their own period.

    What these did there already is taken off: a sale that was capped is taken back as it was paid.
    """
    by_window: dict[str, list[LineOut]] = {}
    for line in lines:
        by_window.setdefault(line.window, []).append(line)
    for window, own in sorted(by_window.items()):
        if window in ledger.earlier:
            before = PaidBefore(*ledger.earlier[window])
            modified = _modified_again(ledger, window, before, ledger.variable_of(own))
            ledger.earlier[window] = _capped_again(ledger, window, modified)


def _modified_again(ledger: Ledger, window: str, before: PaidBefore, change: Decimal) -> PaidBefore:
    base = before.uncapped - before.modified + change
    added = before.modified if before.factor == 1 else ledger.cents(Fraction(base) * before.factor) - base
    told = {"op": "plan_factor_delta", "window": window, **amounts(factor=before.factor, value=base)}
    ledger.book("plan_modifiers", "modifier", added - before.modified, told)
    return before._replace(uncapped=base + added, modified=added)


def _capped_again(ledger: Ledger, window: str, before: PaidBefore) -> PaidBefore:
    cap = ledger.plan.cap
    if cap is None:
        return before
    ceiling = ceiling_of(cap, _plan_given(ledger, window)).in_unit(Fraction)
    kept = ledger.cents(ceiling.hold(Fraction(before.uncapped), Fraction(0)))
    change = kept - before.uncapped - before.taken
    if cap.excess.kind == "carry":
        change = min(change, ledger.balance("plan_cap"))  # what was carried and paid since is pay
        ledger.closing["plan_cap"] = ledger.balance("plan_cap") - change
    ledger.book("plan_cap", "cap", change, {"op": "plan_cap_delta", "window": window})
    return before._replace(taken=before.taken + change)


def _plan_given(ledger: Ledger, window: str = "") -> Given:
    """Return what the plan as a whole looks at; for an earlier window its own days and target."""
    last = ledger.given.segments[-1]
    active, target = ledger.active, ledger.given.target
    for segment in ledger.given.segments if window else ():
        for cell in (one for cells in segment.cells.values() for one in cells if one.window == window):
            active = active if cell.active is None else cell.active
            target = target if cell.target is None else cell.target
    facts = Facts(last.standings, ledger.given.tenure, "period", {})
    return Given(ledger.plan, None, Cell(ledger.given.window), facts, active, target=target)


def modify_by_plan(ledger: Ledger) -> None:
    """Multiply all variable pay of the window by the plan's own factors."""
    from_plan = ledger.plan.modifiers
    if not from_plan:
        return
    steps: Steps = []
    factor, _extra, _plus = modified(from_plan, _plan_given(ledger), steps)
    variable = ledger.variable
    change = ledger.cents(Fraction(variable) * Fraction(factor)) - variable
    ledger.book("plan_modifiers", "modifier", change, {"op": "variable", "value": text(variable)}, *steps)


def hold_to_plan_cap(ledger: Ledger) -> None:
    """Hold the variable pay of the window to the plan's cap; the rest is lost, carried or paid at less."""
    cap = ledger.plan.cap
    if cap is None:
        return
    opening = ledger.balance("plan_cap")
    variable = ledger.variable
    if not variable and not opening:
        return
    ceiling = ceiling_of(cap, _plan_given(ledger)).in_unit(Fraction)
    limit = ledger.cents(ceiling.limit(Fraction(0)))
    kept = ledger.cents(ceiling.hold(Fraction(variable), Fraction(0)))
    step = {"op": "plan_cap", "excess": cap.excess.kind, **amounts(limit=limit, over=variable - kept)}
    ledger.book("plan_cap", "cap", kept - variable, {"op": "variable", "value": text(variable)}, step)
    if cap.excess.kind == "carry":
        released = min(opening, max(_ZERO, limit - kept))
        ledger.closing["plan_cap"] = opening - released + variable - kept
        moved = {"op": "carried_in", **amounts(opening=opening, limit=limit, value=released)}
        ledger.book("plan_cap", "carry", released, moved)
