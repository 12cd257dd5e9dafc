"""From credits to pay lines. Exact, blind to order and batches, without database or clock.

One call pays one component in one window (a period, or the year to date):
what the window is worth now, less what was posted for it before. The same
call therefore pays a first run, a later instalment of a cumulative plan and
the delta of a late credit.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from apps.core.money import Rounding, round_money
from apps.incentives.rules.document import BaseSalary, Credited, Gate, KpiBonus, PlanDocument, Tier
from apps.incentives.rules.tables import EXACT, on_curve, payout, scaled, slices, tier_of

RAW_PLACES = Decimal("1e-18")


class NotPayable(ValueError):
    """An input is missing; the payee becomes an exception of the run. ``reason`` is a stable code."""

    def __init__(self, reason: str, **details: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details


class CreditIn(NamedTuple):
    """A ledger credit for a payee. ``paid`` is what it earned before, for the return of a posted sale."""

    id: int
    amount: Decimal
    transaction: str = ""
    paid: Decimal | None = None


class Traced(NamedTuple):
    """What one credit contributed to a line. A credit of 0 stands for a step without a credit of its own."""

    credit_id: int
    amount: Decimal
    rate: Decimal | None
    value: Decimal


@dataclass(frozen=True)
class Posted:
    """What earlier runs posted for the same component and window; what returns took back is kept apart."""

    basis: Decimal = Decimal(0)
    raw: Fraction = Fraction(0)
    rounded: Decimal = Decimal(0)
    credits: tuple[CreditIn, ...] = ()
    returned_raw: Fraction = Fraction(0)
    returned_rounded: Decimal = Decimal(0)
    exists: bool = False


@dataclass(frozen=True)
class Standing:
    """How a payee stands on a measure over a window: what counts, against what."""

    actual: Decimal | None
    quota: Decimal | None

    @property
    def attainment(self) -> Fraction | None:
        """Actual ÷ quota, exact; None without a quota or an actual."""
        if self.actual is None or not self.quota:
            return None
        return Fraction(self.actual) / Fraction(self.quota)


@dataclass(frozen=True)
class WindowIn:
    """Everything one component needs to be paid in one window."""

    window: str
    credits: Sequence[CreditIn] = ()
    returns: Sequence[CreditIn] = ()
    posted: Posted = field(default_factory=Posted)
    standings: Mapping[str, Standing] = field(default_factory=dict)
    active_days: int = 1
    period_days: int = 1
    annual: Decimal | None = None


@dataclass(frozen=True)
class LineOut:
    """One pay line: raw and rounded value, what it rests on, and how it came about, step by step."""

    component: str
    kind: str
    window: str
    basis: Decimal
    raw: Fraction
    rounded: Decimal
    steps: tuple[Mapping[str, Any], ...]
    traces: tuple[Traced, ...] = ()


def pay_component(plan: PlanDocument, code: str, given: WindowIn) -> list[LineOut]:
    """Return the lines of a component in a window: what was earned and, apart from it, what returns take.

    Raises NotPayable when a quota, an actual or a goal that the rule needs is missing.
    """
    component = plan.component(code)
    if isinstance(component, BaseSalary):
        return [_base_salary(plan, component, given)]
    if isinstance(component, KpiBonus):
        return [_kpi_bonus(plan, component, given)]
    if not given.returns:
        return [_credited(plan, component, given)]
    if not given.credits:
        return [_returned(plan, component, given)]
    earned = _credited(plan, component, given)
    posted = replace(
        given.posted,
        raw=given.posted.raw + earned.raw,
        rounded=given.posted.rounded + earned.rounded,
    )
    return [earned, _returned(plan, component, replace(given, posted=posted))]


def plan_cap_line(plan: PlanDocument, lines: Sequence[LineOut], window: str) -> LineOut | None:
    """Return the line that forfeits what the variable pay of a window exceeds the plan's cap by."""
    if plan.cap is None:
        return None
    salaries = {c.code for c in plan.components if isinstance(c, BaseSalary)}
    variable = sum((line.rounded for line in lines if line.component not in salaries), Decimal(0))
    excess = variable - plan.cap.amount
    if excess <= 0:
        return None
    steps = (
        {"op": "variable", "value": text(variable)},
        {"op": "plan_cap", "limit": text(plan.cap.amount), "forfeit": text(excess)},
    )
    return LineOut("plan_cap", "cap", window, Decimal(0), Fraction(-excess), -excess, steps)


def text(value: Decimal | Fraction) -> str:
    """Write a number plainly: a decimal without needless zeros, or a fraction when it never ends."""
    if isinstance(value, Fraction):
        ending = as_decimal(value)
        return f"{value.numerator}/{value.denominator}" if ending is None else text(ending)
    plain = format(value, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def as_decimal(value: Fraction) -> Decimal | None:
    """Return the fraction as a decimal when it ends, otherwise None."""
    rest = value.denominator
    twos = fives = 0
    while rest % 2 == 0:
        rest //= 2
        twos += 1
    while rest % 5 == 0:
        rest //= 5
        fives += 1
    if rest != 1 or max(twos, fives) > 60:
        return None
    places = max(twos, fives)
    return Decimal(value.numerator * 10**places // value.denominator).scaleb(-places, EXACT)


def stored(value: Fraction) -> Decimal:
    """Return a raw value as the ledger stores it, to 18 decimals; the trace keeps the exact one."""
    ending = as_decimal(value)
    if ending is not None and ending == ending.quantize(RAW_PLACES, context=_WIDE):
        return ending
    scaled_up = abs(value) * 10**18
    units = (2 * scaled_up.numerator + scaled_up.denominator) // (2 * scaled_up.denominator)
    return Decimal(-units if value < 0 else units).scaleb(-18)


_WIDE = EXACT.copy()
_WIDE.clear_traps()
_WIDE.rounding = ROUND_HALF_UP


def _rounded(plan: PlanDocument, raw: Fraction, posted: Posted) -> Decimal:
    """Round the window's total to date and take off what was posted, so that cents never drift."""
    total = round_money(posted.raw + posted.returned_raw + raw, plan.currency, plan.rounding)
    return total - posted.rounded - posted.returned_rounded


def _rounding_step(rounding: Rounding, raw: Fraction, rounded: Decimal) -> dict[str, Any]:
    return {"op": "round", "mode": rounding, "raw": text(raw), "value": text(rounded)}


def _base_salary(plan: PlanDocument, component: BaseSalary, given: WindowIn) -> LineOut:
    annual = component.annual if given.annual is None else given.annual
    whole = Fraction(annual) / plan.periods_per_year
    due = whole * given.active_days / given.period_days
    raw = due - given.posted.raw
    rounded = _rounded(plan, raw, given.posted)
    steps: list[Mapping[str, Any]] = [
        {
            "op": "salary",
            "annual": text(annual),
            "parts": plan.periods_per_year,
            "days": given.active_days,
            "of": given.period_days,
            "value": text(due),
        }
    ]
    steps += _posted_step(given.posted)
    steps.append(_rounding_step(plan.rounding, raw, rounded))
    return LineOut(component.code, "earned", given.window, Decimal(0), raw, rounded, tuple(steps))


def _kpi_bonus(plan: PlanDocument, component: KpiBonus, given: WindowIn) -> LineOut:
    annual = component.annual if given.annual is None else given.annual
    target = Fraction(annual) / plan.periods_per_year * given.active_days / given.period_days
    steps: list[Mapping[str, Any]] = [
        {
            "op": "target_bonus",
            "annual": text(annual),
            "parts": plan.periods_per_year,
            "days": given.active_days,
            "of": given.period_days,
            "value": text(target),
        }
    ]
    attainment, parts = _weighted(component, given)
    steps += parts
    closed = _gate_steps(component.gates, given.standings, steps)
    due = Fraction(0)
    if attainment is not None and not closed:
        share = on_curve(component.curve, attainment)
        due = target * share
        steps.append(
            {"op": "curve", "attainment": text(attainment), "share": text(share), "value": text(due)}
        )
    due = _capped(component.cap.amount if component.cap else None, due, steps)
    raw = due - given.posted.raw
    steps += _posted_step(given.posted)
    rounded = _rounded(plan, raw, given.posted)
    steps.append(_rounding_step(plan.rounding, raw, rounded))
    kind = "delta" if given.posted.exists else "earned"
    return LineOut(component.code, kind, given.window, Decimal(0), raw, rounded, tuple(steps))


def _weighted(component: KpiBonus, given: WindowIn) -> tuple[Fraction | None, list[Mapping[str, Any]]]:
    """Return Σ weight × attainment ÷ Σ weight over the parts that count, with one step per part."""
    total = weights = Fraction(0)
    steps: list[Mapping[str, Any]] = []
    for part in component.parts:
        standing = given.standings.get(part.measure, Standing(None, None))
        against = part.goal if part.goal is not None else standing.quota
        step = {
            "op": "kpi",
            "measure": part.measure,
            "weight": text(part.weight),
            "actual": None if standing.actual is None else text(standing.actual),
            "against": None if against is None else text(against),
            "is_goal": part.goal is not None,
        }
        reached = _reached(component, part.measure, standing.actual, against)
        if reached is None:
            steps.append({**step, "attainment": None})
            continue
        steps.append({**step, "attainment": text(reached)})
        total += Fraction(part.weight) * reached
        weights += Fraction(part.weight)
    return (total / weights if weights else None), steps


def _reached(
    component: KpiBonus, measure: str, actual: Decimal | None, against: Decimal | None
) -> Fraction | None:
    if not against:
        if component.zero_quota == "error":
            raise NotPayable("no_quota", component=component.code, measure=measure)
        return Fraction(1) if component.zero_quota == "full" else None
    return None if actual is None else Fraction(actual) / Fraction(against)


def _gate_steps(
    gates: Iterable[Gate], standings: Mapping[str, Standing], steps: list[Mapping[str, Any]]
) -> bool:
    """Note each gate with what it found; return whether one of them is closed."""
    closed = False
    for gate in gates:
        standing = standings.get(gate.measure, Standing(None, None))
        found: Fraction | None
        if gate.test == "attainment":
            if not standing.quota:
                raise NotPayable("no_quota", measure=gate.measure)
            found = standing.attainment
        else:
            found = None if standing.actual is None else Fraction(standing.actual)
        passed = found is not None and found >= Fraction(gate.at_least)
        closed = closed or not passed
        steps.append(
            {
                "op": "gate",
                "measure": gate.measure,
                "test": gate.test,
                "at_least": text(gate.at_least),
                "found": None if found is None else text(found),
                "passed": passed,
            }
        )
    return closed


def _capped(limit: Decimal | None, due: Fraction, steps: list[Mapping[str, Any]]) -> Fraction:
    if limit is None or due <= limit:
        return due
    steps.append({"op": "cap", "limit": text(limit), "forfeit": text(due - Fraction(limit))})
    return Fraction(limit)


def _posted_step(posted: Posted) -> list[Mapping[str, Any]]:
    return [{"op": "posted", "value": text(posted.raw)}] if posted.exists else []


def _credited(plan: PlanDocument, component: Credited, given: WindowIn) -> LineOut:
    standing = given.standings.get(component.measure, Standing(None, None))
    if component.table.unit == "quota" and not standing.quota:
        raise NotPayable("no_quota", component=component.code, measure=component.measure)
    tiers = scaled(component.table, standing.quota)
    limit = component.cap.amount if component.cap else None
    steps: list[Mapping[str, Any]] = []
    closed = _gate_steps(component.gates, given.standings, steps)
    new = sum_exact(credit.amount for credit in given.credits)
    count = len(given.credits)
    steps.insert(0, {"op": "basis", "measure": component.measure, "new": text(new), "count": count})
    if given.posted.basis:
        total = EXACT.add(given.posted.basis, new)
        steps.insert(1, {"op": "to_date", "before": text(given.posted.basis), "total": text(total)})
    if component.table.unit == "quota":
        steps.append(
            {"op": "quota", "measure": component.measure, "value": text(standing.quota or Decimal(0))}
        )
    if closed:
        traces = [Traced(credit.id, credit.amount, Decimal(0), Decimal(0)) for credit in given.credits]
        traces += _correction(Decimal(0), given.posted)
    elif component.basis == "transaction":
        traces = _by_transaction(component, tiers, limit, given, steps)
    elif component.table.kind == "marginal":
        traces = _by_slices(component, tiers, limit, given, steps)
    else:
        traces = _by_reached_tier(component, tiers, limit, given, steps)
    raw = Fraction(sum_exact(trace.value for trace in traces))
    steps += _posted_step(given.posted)
    rounded = _rounded(plan, raw, given.posted)
    steps.append(_rounding_step(plan.rounding, raw, rounded))
    kind = "delta" if given.posted.exists and component.basis in {"period", "transaction"} else "earned"
    return LineOut(component.code, kind, given.window, new, raw, rounded, tuple(steps), tuple(traces))


def sum_exact(values: Iterable[Decimal]) -> Decimal:
    """Add decimals without ever rounding."""
    total = Decimal(0)
    add = EXACT.add
    for value in values:
        total = add(total, value)
    return total


def _limited(limit: Decimal | None, value: Decimal) -> Decimal:
    return value if limit is None or value <= limit else limit


def _correction(worth_before: Decimal, posted: Posted) -> list[Traced]:
    """Return the step that brings what was posted to what earlier credits are worth under these inputs."""
    gap = Fraction(worth_before) - posted.raw
    exact_gap = as_decimal(gap)
    if not gap or exact_gap is None:
        return []
    return [Traced(0, Decimal(0), None, exact_gap)]


def _by_slices(
    component: Credited,
    tiers: Sequence[Tier],
    limit: Decimal | None,
    given: WindowIn,
    steps: list[Mapping[str, Any]],
) -> list[Traced]:
    """Each credit is worth M(before + itself) − M(before); the sum does not depend on the order."""
    table = component.table
    before = given.posted.basis
    worth = _limited(limit, payout(table, tiers, before))
    traces = _correction(worth, given.posted)
    add, subtract, multiply = EXACT.add, EXACT.subtract, EXACT.multiply
    low, high, rate, base = _locate(tiers, before)
    for credit in given.credits:
        before = add(before, credit.amount)
        if not (low <= before and (high is None or before < high)):
            low, high, rate, base = _locate(tiers, before)
        now = (
            add(base, multiply(subtract(before, low), rate))
            if before > 0
            else multiply(before, tiers[0].rate)
        )
        if limit is not None and now > limit:
            now = limit
        value = subtract(now, worth)
        single = rate if value == multiply(credit.amount, rate) else None
        traces.append(Traced(credit.id, credit.amount, single, value))
        worth = now
    _slice_steps(tiers, before, limit, payout(table, tiers, before), steps)
    return traces


def _locate(tiers: Sequence[Tier], amount: Decimal) -> tuple[Decimal, Decimal | None, Decimal, Decimal]:
    """Return low, high and rate of the tier an amount lies in, and what all lower tiers pay."""
    if amount <= 0:
        return Decimal("-Infinity"), Decimal(0), tiers[0].rate, Decimal(0)
    base = Decimal(0)
    for tier in tiers:
        if tier.high is None or amount < tier.high:
            return tier.low, tier.high, tier.rate, base
        base = EXACT.add(base, EXACT.multiply(EXACT.subtract(tier.high, tier.low), tier.rate))
    raise AssertionError("The last tier has no end.")


def _slice_steps(
    tiers: Sequence[Tier],
    total: Decimal,
    limit: Decimal | None,
    worth: Decimal,
    steps: list[Mapping[str, Any]],
) -> None:
    for tier, length in slices(tiers, total):
        steps.append(
            {
                "op": "slice",
                "from": text(tier.low),
                "to": None if tier.high is None else text(tier.high),
                "rate": text(tier.rate),
                "length": text(length),
                "value": text(EXACT.multiply(length, tier.rate)),
            }
        )
    _cap_step(limit, worth, steps)


def _cap_step(limit: Decimal | None, worth: Decimal, steps: list[Mapping[str, Any]]) -> None:
    if limit is not None and worth > limit:
        steps.append({"op": "cap", "limit": text(limit), "forfeit": text(EXACT.subtract(worth, limit))})


def _by_reached_tier(
    component: Credited,
    tiers: Sequence[Tier],
    limit: Decimal | None,
    given: WindowIn,
    steps: list[Mapping[str, Any]],
) -> list[Traced]:
    """The reached rate holds for the whole window; what earlier credits gain or lose by it is shown apart."""
    posted = given.posted
    total = EXACT.add(posted.basis, sum_exact(credit.amount for credit in given.credits))
    tier = tier_of(tiers, total, component.table.edge)
    worth = _limited(limit, EXACT.multiply(total, tier.rate))
    before = _limited(limit, EXACT.multiply(posted.basis, tier.rate))
    traces = _caught_up(posted, tier.rate, before)
    running, reached = before, posted.basis
    for credit in given.credits:
        reached = EXACT.add(reached, credit.amount)
        now = _limited(limit, EXACT.multiply(reached, tier.rate))
        value = EXACT.subtract(now, running)
        plain = value == EXACT.multiply(credit.amount, tier.rate)
        traces.append(Traced(credit.id, credit.amount, tier.rate if plain else None, value))
        running = now
    steps.append(
        {
            "op": "reached",
            "total": text(total),
            "from": text(tier.low),
            "to": None if tier.high is None else text(tier.high),
            "rate": text(tier.rate),
            "value": text(worth),
        }
    )
    _cap_step(limit, EXACT.multiply(total, tier.rate), steps)
    return traces


def _caught_up(posted: Posted, rate: Decimal, worth_before: Decimal) -> list[Traced]:
    """Bring earlier credits of the window to the reached rate, one by one while they are known."""
    if not posted.credits:
        return _correction(worth_before, posted)
    traces = []
    for credit in posted.credits:
        due = EXACT.multiply(credit.amount, rate)
        gap = EXACT.subtract(due, credit.paid or Decimal(0))
        if gap:
            traces.append(Traced(credit.id, Decimal(0), None, gap))
    gained = Fraction(sum_exact(trace.value for trace in traces))
    left = Fraction(worth_before) - posted.raw - gained
    exact_left = as_decimal(left)
    if left and exact_left is not None:
        traces.append(Traced(0, Decimal(0), None, exact_left))
    return traces


def _by_transaction(
    component: Credited,
    tiers: Sequence[Tier],
    limit: Decimal | None,
    given: WindowIn,
    steps: list[Mapping[str, Any]],
) -> list[Traced]:
    """Each transaction is tiered by itself; late shares of a posted transaction pay the difference."""
    table = component.table
    before: dict[str, Decimal] = {}
    for credit in given.posted.credits:
        before[credit.transaction] = EXACT.add(before.get(credit.transaction, Decimal(0)), credit.amount)
    worth = sum_exact(payout(table, tiers, amount) for amount in before.values())
    running = _limited(limit, worth)
    traces = _correction(running, given.posted)
    ordered = sorted(enumerate(given.credits), key=lambda pair: (pair[1].transaction, pair[0]))
    for transaction, group in itertools.groupby(ordered, key=lambda pair: pair[1].transaction):
        start = before.get(transaction, Decimal(0))
        shares = [credit for _position, credit in group]
        change = EXACT.subtract(
            payout(table, tiers, EXACT.add(start, sum_exact(share.amount for share in shares))),
            payout(table, tiers, start),
        )
        worth = EXACT.add(worth, change)
        now = _limited(limit, worth)
        traces += _shared(shares, EXACT.subtract(now, running), tiers)
        running = now
    steps.append(
        {"op": "transactions", "count": len({c.transaction for c in given.credits}), "value": text(worth)}
    )
    _cap_step(limit, worth, steps)
    return traces


def _shared(shares: Sequence[CreditIn], value: Decimal, tiers: Sequence[Tier]) -> list[Traced]:
    """Spread what a transaction is worth over its credits: one takes all, several step along the amount."""
    if len(shares) == 1:
        [share] = shares
        rate = next((t.rate for t in tiers if EXACT.multiply(share.amount, t.rate) == value), None)
        return [Traced(share.id, share.amount, rate, value)]
    traces = []
    left, total = value, sum_exact(share.amount for share in shares)
    for share in shares[:-1]:
        part = Fraction(value) * Fraction(share.amount) / Fraction(total) if total else Fraction(0)
        cut = Decimal(int(part * 10**8)).scaleb(-8)
        traces.append(Traced(share.id, share.amount, None, cut))
        left = EXACT.subtract(left, cut)
    traces.append(Traced(shares[-1].id, shares[-1].amount, None, left))
    return traces


def _returned(plan: PlanDocument, component: Credited, given: WindowIn) -> LineOut:
    """Take back exactly what the returned credits were paid, whatever rate holds today."""
    traces = []
    for credit in given.returns:
        paid = credit.paid or Decimal(0)
        traces.append(Traced(credit.id, credit.amount, None, EXACT.minus(paid)))
    basis = sum_exact(trace.amount for trace in traces)
    raw = Fraction(sum_exact(trace.value for trace in traces))
    rounded = _rounded(plan, raw, given.posted)
    steps: list[Mapping[str, Any]] = [
        {"op": "returns", "measure": component.measure, "count": len(traces), "amount": text(basis)},
        _rounding_step(plan.rounding, raw, rounded),
    ]
    return LineOut(component.code, "return", given.window, basis, raw, rounded, tuple(steps), tuple(traces))
