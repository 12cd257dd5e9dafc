"""What each credit is worth under a table of tiers: slice by slice, at the reached tier, by transaction."""

import itertools
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from apps.incentives.rules.document import Credited, Tier
from apps.incentives.rules.engine.numbers import as_decimal, sum_exact, text
from apps.incentives.rules.engine.shapes import CreditIn, Posted, Traced, WindowIn
from apps.incentives.rules.engine.steps import cap_step, limited
from apps.incentives.rules.tables import EXACT, payout, slices, tier_of


def correction(worth_before: Decimal, posted: Posted) -> list[Traced]:
    """Return the step that brings what was posted to what earlier credits are worth under these inputs."""
    gap = Fraction(worth_before) - posted.raw
    exact_gap = as_decimal(gap)
    if not gap or exact_gap is None:
        return []
    return [Traced(0, Decimal(0), None, exact_gap)]


def by_slices(
    component: Credited,
    tiers: Sequence[Tier],
    limit: Decimal | None,
    given: WindowIn,
    steps: list[Mapping[str, Any]],
) -> list[Traced]:
    """Each credit is worth M(before + itself) − M(before); the sum does not depend on the order."""
    table = component.table
    before = given.posted.basis
    worth = limited(limit, payout(table, tiers, before))
    traces = correction(worth, given.posted)
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
    cap_step(limit, worth, steps)


def by_reached_tier(
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
    worth = limited(limit, EXACT.multiply(total, tier.rate))
    before = limited(limit, EXACT.multiply(posted.basis, tier.rate))
    traces = _caught_up(posted, tier.rate, before)
    running, reached = before, posted.basis
    for credit in given.credits:
        reached = EXACT.add(reached, credit.amount)
        now = limited(limit, EXACT.multiply(reached, tier.rate))
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
    cap_step(limit, EXACT.multiply(total, tier.rate), steps)
    return traces


def _caught_up(posted: Posted, rate: Decimal, worth_before: Decimal) -> list[Traced]:
    """Bring earlier credits of the window to the reached rate, one by one while they are known."""
    if not posted.credits:
        return correction(worth_before, posted)
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


def by_transaction(
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
    running = limited(limit, worth)
    traces = correction(running, given.posted)
    ordered = sorted(enumerate(given.credits), key=lambda pair: (pair[1].transaction, pair[0]))
    for transaction, group in itertools.groupby(ordered, key=lambda pair: pair[1].transaction):
        start = before.get(transaction, Decimal(0))
        shares = [credit for _position, credit in group]
        change = EXACT.subtract(
            payout(table, tiers, EXACT.add(start, sum_exact(share.amount for share in shares))),
            payout(table, tiers, start),
        )
        worth = EXACT.add(worth, change)
        now = limited(limit, worth)
        traces += _shared(shares, EXACT.subtract(now, running), tiers)
        running = now
    steps.append(
        {"op": "transactions", "count": len({c.transaction for c in given.credits}), "value": text(worth)}
    )
    cap_step(limit, worth, steps)
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
