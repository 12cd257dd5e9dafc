"""The preview itself: crediting, then pools and SPIFFs across all payees, then every payee settled."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from apps.incentives.rules import reasons
from apps.incentives.rules.engine.numbers import EXACT, text
from apps.incentives.rules.engine.pools import share_pool
from apps.incentives.rules.engine.settle import settle
from apps.incentives.rules.engine.shapes import (
    Award,
    Cell,
    Key,
    LineOut,
    NotPayable,
    PayeeGiven,
    PayeeOutcome,
    PoolShare,
    Segment,
    Traced,
)
from apps.incentives.rules.engine.spiffs import award_spiff
from apps.incentives.rules.kinds import OnCredits, Pool, Spiff
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.preview import response as out
from apps.incentives.rules.preview.givens import Givens
from apps.incentives.rules.preview.request import PayeeIn, PostedIn, PreviewRequest
from apps.incentives.rules.preview.world import World

Awards = dict[str, dict[Key, list[Award]]]
Shares = dict[str, dict[Key, PoolShare]]


class Answer:
    """The rows of a response while they are collected."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Any]] = defaultdict(list)

    def response(self) -> out.PreviewResponse:
        """Return the whole answer."""
        return out.PreviewResponse(**{name: self.rows[name] for name in out.PreviewResponse.model_fields})


def preview(request: PreviewRequest) -> out.PreviewResponse:
    """Calculate a request: credits, pools and SPIFFs across payees, then every payee. Nothing is written."""
    answer = Answer()
    with localcontext(EXACT):
        world = World(request)
        try:
            awards = _award(world, answer)
            shares = _share(world, answer)
        except NotPayable as problem:
            for payee in request.payees:
                _except(answer, payee.id, problem)
            return answer.response()
        for payee in request.payees:
            try:
                given = Givens(world).given(payee, awards, shares)
                outcome = settle(given.segments[-1].plan, given)
            except NotPayable as problem:
                _except(answer, payee.id, problem)
                continue
            _write(world, answer, payee, given, outcome)
        _explain(world, answer)
    return answer.response()


def _except(answer: Answer, payee: str, problem: NotPayable) -> None:
    message = reasons.sentence(problem.reason, problem.details)
    row = out.ExceptionRow(payee=payee, reason=problem.reason, message=message, details=problem.details)
    answer.rows["exceptions"].append(row)


def _award(world: World, answer: Answer) -> Awards:
    """Award every SPIFF over the payees whose plan has it."""
    awards: Awards = {}
    for plan in world.plans.values():
        for component in plan.components:
            if not isinstance(component, Spiff) or component.code in awards:
                continue
            under = {
                payee.id
                for payee in world.request.payees
                for one in world.unders(payee)
                if component in one.plan.components
            }
            done = {
                credit.id
                for payee in world.request.payees
                for posted in payee.posted
                if posted.component == component.code
                for credit in posted.credits
            }
            credits = [one for one in world.offered(plan) if one.payee in under and one.id not in done]
            spent = world.request.spiff_spent.get(component.code, Decimal(0))
            awards[component.code] = award_spiff(component, credits, spent)
            answer.rows["spiffs"].append(_spiff_row(component, spent, awards[component.code]))
    return awards


def _spiff_row(component: Spiff, spent: Decimal, awards: Mapping[Key, Sequence[Award]]) -> out.SpiffRow:
    given = sum((award.amount for rows in awards.values() for award in rows), Decimal(0))
    left = None if component.budget is None else text(component.budget - spent - given)
    rows = [
        out.AwardRow(payee=str(payee), credit=str(one.credit_id), amount=text(one.amount), cut=text(one.cut))
        for payee, own in sorted(awards.items(), key=lambda pair: str(pair[0]))
        for one in own
    ]
    return out.SpiffRow(component=component.code, spent=text(spent + given), left=left, awards=rows)


def _share(world: World, answer: Answer) -> Shares:
    """Share every pool among the payees whose plan has it."""
    shares: Shares = {}
    for plan in world.plans.values():
        for component in plan.components:
            if not isinstance(component, Pool) or component.code in shares:
                continue
            weights = _weights(world, plan, component)
            if not weights:
                continue
            parts = share_pool(plan, component, world.team(component.code), weights)
            shares[component.code] = parts
            rows = [
                out.PoolShareRow(payee=str(payee), weight=text(one.weight), amount=str(one.amount))
                for payee, one in parts.items()
            ]
            fund = next(iter(parts.values())).fund
            answer.rows["pools"].append(out.PoolRow(component=component.code, fund=str(fund), shares=rows))
    return shares


def _weights(world: World, plan: PlanDocument, component: Pool) -> dict[Key, Any]:
    """Return the weight of every member of a pool, by what the plan shares it by."""
    weights: dict[Key, Any] = {}
    for payee in world.request.payees:
        unders = [one for one in world.unders(payee) if component in one.plan.components]
        if not unders:
            continue
        active = sum((one.active for one in unders), Fraction(0))
        if component.share_by == "equal":
            weights[payee.id] = Fraction(1)
        elif component.share_by == "weights":
            weights[payee.id] = payee.weights.get(component.code, Decimal(0))
        elif component.share_by == "days":
            weights[payee.id] = active
        elif component.share_by == "target_incentive":
            weights[payee.id] = Fraction(payee.target or 0) * active
        else:
            standing = world.standings(payee, unders[-1], world.blend(payee, unders)).get(
                (component.contribution or "", "period")
            )
            weights[payee.id] = Fraction(0) if standing is None else Fraction(standing.actual or 0)
    return weights


def _write(world: World, answer: Answer, payee: PayeeIn, given: PayeeGiven, outcome: PayeeOutcome) -> None:
    rows = answer.rows
    for number, line in enumerate(outcome.lines, start=1):
        rows["lines"].append(_line_row(payee.id, number, line))
        rows["trace"] += [_trace_row(payee.id, number, trace) for trace in line.traces]
    for balance in outcome.balances:
        rows["balances"].append(
            out.BalanceRow(
                payee=payee.id,
                name=balance.name,
                opening=str(balance.opening),
                closing=str(balance.closing),
            )
        )
    for one in outcome.pending:
        rows["pending"].append(
            out.PendingRow(
                payee=payee.id,
                kind=one.kind,
                component=one.component,
                credit=str(one.credit),
                amount=str(one.amount),
                due=dict(one.due),
            )
        )
    paid = outcome.payment
    rows["payments"].append(
        out.PaymentRow(
            payee=payee.id,
            amount=str(paid.amount),
            currency=paid.currency,
            payout_amount=str(paid.payout_amount),
            payout_currency=paid.payout_currency,
            rate=text(paid.rate),
        )
    )
    rows["posted"] += _posted_rows(world, payee, given, outcome.lines)


def _line_row(payee: str, number: int, line: LineOut) -> out.LineRow:
    return out.LineRow(
        payee=payee,
        line=number,
        segment=line.segment,
        component=line.component,
        kind=line.kind,
        window=line.window,
        basis=text(line.basis),
        raw=text(line.raw),
        amount=str(line.rounded),
        steps=[dict(step) for step in line.steps],
    )


def _trace_row(payee: str, number: int, trace: Traced) -> out.TraceRow:
    return out.TraceRow(
        payee=payee,
        line=number,
        credit=None if trace.credit_id == 0 else str(trace.credit_id),
        amount=text(trace.amount),
        rate=None if trace.rate is None else text(trace.rate),
        value=text(trace.value),
    )


def _posted_rows(
    world: World, payee: PayeeIn, given: PayeeGiven, lines: Sequence[LineOut]
) -> list[out.PostedRow]:
    """Return what is posted after this period, in the shape a next request takes."""
    found = []
    for segment in given.segments:
        for component in segment.plan.components:
            for cell in segment.cells.get(component.code, ()):
                own = [
                    line
                    for line in lines
                    if (line.segment, line.component, line.window)
                    == (segment.code, component.code, cell.window)
                    and line.kind in {"earned", "delta", "return"}
                ]
                if own or cell.posted.exists:
                    found.append(_posted_row(world, payee, segment, component, cell, own))
    known = {(one.component, one.segment, one.window) for one in found}
    given_before = (one for one in payee.posted if (one.component, one.segment, one.window) not in known)
    return found + [_repeated(payee, one) for one in given_before]


def _repeated(payee: PayeeIn, one: PostedIn) -> out.PostedRow:
    """Return a row that nothing changed, for the next request."""
    credits = [
        out.PostedCreditRow(
            id=credit.id, amount=text(credit.amount), transaction=credit.transaction, paid=text(credit.paid)
        )
        for credit in one.credits
    ]
    return out.PostedRow(
        payee=payee.id,
        component=one.component,
        segment=one.segment,
        window=one.window,
        from_=one.from_,
        before=one.before,
        basis=text(one.basis),
        raw=text(one.raw),
        amount=str(one.amount),
        returned_raw=text(one.returned_raw),
        returned_amount=str(one.returned_amount),
        credits=credits,
    )


def _posted_row(
    world: World, payee: PayeeIn, segment: Segment, component: Any, cell: Cell, lines: Sequence[LineOut]
) -> out.PostedRow:
    earned = [line for line in lines if line.kind != "return"]
    returned = [line for line in lines if line.kind == "return"]
    posted = cell.posted
    days = world.window(segment.plan, component).days
    if not cell.is_current:
        before = next(
            one for one in payee.posted if (one.component, one.window) == (component.code, cell.window)
        )
        days = type(days)(before.from_, before.before)
    raw = posted.raw + sum((line.raw for line in earned), Fraction(0))
    back = posted.returned_raw + sum((line.raw for line in returned), Fraction(0))
    return out.PostedRow(
        payee=payee.id,
        component=component.code,
        segment=segment.code,
        window=cell.window,
        from_=days.start,
        before=days.end,
        basis=text(posted.basis + sum((line.basis for line in earned), Decimal(0))),
        raw=text(raw),
        amount=str(posted.rounded + sum((line.rounded for line in earned), Decimal(0))),
        returned_raw=text(back),
        returned_amount=str(posted.returned_rounded + sum((line.rounded for line in returned), Decimal(0))),
        credits=_posted_credits(component, cell, earned),
    )


def _posted_credits(component: Any, cell: Cell, earned: Iterable[LineOut]) -> list[out.PostedCreditRow]:
    if not isinstance(component, OnCredits | Spiff):
        return []
    names = {credit.id: credit.transaction for credit in cell.credits}
    names |= {credit.id: credit.transaction for credit in cell.posted.credits}
    amounts: dict[Key, Decimal] = {credit.id: credit.amount for credit in cell.posted.credits}
    paid: dict[Key, Fraction] = {credit.id: Fraction(credit.paid) for credit in cell.posted.credits}
    for line in earned:
        for trace in line.traces:
            if trace.credit_id != 0:
                amounts[trace.credit_id] = amounts.get(trace.credit_id, Decimal(0)) + trace.amount
                paid[trace.credit_id] = paid.get(trace.credit_id, Fraction(0)) + Fraction(trace.value)
    return [
        out.PostedCreditRow(
            id=str(key), amount=text(amounts[key]), transaction=names.get(key, ""), paid=text(paid[key])
        )
        for key in amounts
    ]


def _explain(world: World, answer: Answer) -> None:
    """Say for every credit that a plan judges by rules which of them were tried, and what they gave."""
    for payee in world.request.payees:
        for under in world.unders(payee):
            if under.plan.crediting is None:
                continue
            for one in world.offered(under.plan):
                if one.payee != payee.id:
                    continue
                judged = world.verdict(under.plan, one)
                answer.rows["crediting"].append(
                    out.CreditingRow(
                        credit=str(one.id),
                        payee=payee.id,
                        level=one.level,
                        amount=text(one.amount),
                        commission_factor=text(judged.commission),
                        quota_factor=text(judged.quota),
                        tried=[out.TriedRow(rule=row.rule, matched=row.matched) for row in judged.tried],
                    )
                )
