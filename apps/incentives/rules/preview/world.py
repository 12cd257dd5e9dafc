"""From a request to what the engine is given: days, quotas, exchange, crediting, cells."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from apps.incentives.rules.engine.crediting import (
    Offered,
    Reporting,
    Verdict,
    judge,
    leads_above,
    override_credits,
)
from apps.incentives.rules.engine.currency import KIND_OF, ExchangeRate, Rates
from apps.incentives.rules.engine.proration import Away, Counter, Presence, Range, WorkDays, without
from apps.incentives.rules.engine.shapes import (
    Deal,
    Key,
    NotPayable,
    Standing,
    Standings,
)
from apps.incentives.rules.engine.windows import PeriodFacts, Window, within_year
from apps.incentives.rules.plan.catalogue import measures_of
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.preview.figures import buckets, given_actual, zoned
from apps.incentives.rules.preview.request import (
    AbsenceIn,
    CreditRow,
    PayeeIn,
    PreviewRequest,
    SegmentIn,
)

_ZERO = Decimal(0)
_EVER = Range(dt.date.min, dt.date.max)


@dataclass(frozen=True)
class Under:
    """A payee's days under one plan: its own active days, its share of the period, its part of a blend."""

    code: str
    plan: PlanDocument
    days: Range
    own: tuple[Range, ...]
    active: Fraction
    weight: Fraction
    annual: dict[str, Decimal]
    presence: Presence | None = None


class World:
    """Everything a request says, as the engine needs it."""

    def __init__(self, request: PreviewRequest) -> None:
        self.request = request
        self.plans = {"": request.plan} if request.plan is not None else dict(request.plans)
        days = Range(request.period.from_, request.period.before)
        year = request.fiscal_year_starts or days.start.replace(month=1, day=1)
        self.period: PeriodFacts = within_year(request.period.code, days, year)
        calendar = request.calendar
        self.work = WorkDays(frozenset(calendar.off), frozenset(calendar.made_up))
        self.rates = Rates(
            ExchangeRate(r.source, r.target, r.kind, r.from_, r.before, r.rate) for r in request.rates
        )
        self.reporting = [
            Reporting(r.payee, r.lead, Range(r.from_ or _EVER.start, r.before or _EVER.end))
            for r in request.reporting
        ]
        self._rows = {row.id: row for row in request.credits}
        self._offered: dict[tuple[str, str], list[Offered]] = {}
        self._failed: dict[tuple[str, str, Key], NotPayable] = {}
        self._verdicts: dict[tuple[int, Key], Verdict] = {}
        self._by_payee: dict[tuple[str, str], dict[Key, list[Offered]]] = {}
        self.milestones = {row.transaction: dict(row.milestones) for row in request.credits if row.milestones}

    def counter(self, plan: PlanDocument) -> Counter:
        """Return what measures time the way a plan says."""
        return Counter(plan.proration.days, self.work)

    def unders(self, payee: PayeeIn) -> list[Under]:
        """Return a payee's segments inside the period."""
        whole = self.period.days
        return _blended([one for one in self._stated(payee) if one.days.within(whole.start, whole.end)])

    def blend(self, payee: PayeeIn, unders: Sequence[Under]) -> list[Under]:
        """Return all segments so far that share in a blend; none of somebody whose segments are paid apart.

        Those that ended before the period still have their part of windows that reach back to them.
        """
        over = [one for one in self._stated(payee) if one.days.end <= self.period.days.start]
        stated = [*over, *unders]
        return [] if len(stated) < 2 or unders[-1].plan.proration.transfers == "apart" else stated

    def _stated(self, payee: PayeeIn) -> list[Under]:
        whole = self.period.days
        stated = payee.segments or (SegmentIn.model_validate({"from": whole.start, "before": whole.end}),)
        gaps = [Range(gap.from_, gap.before) for gap in payee.leave]
        found = []
        for one in stated:
            plan = self.plans[one.plan or next(iter(self.plans))]
            days = Range(one.from_, one.before) if payee.segments else _EVER
            own = tuple(without([days], gaps))
            there = _presence(self.counter(plan), plan, payee, own, whole)
            share = self.share(plan, payee, own, whole)
            annual = {**payee.annual, **one.annual}
            found.append(Under(one.code, plan, days, own, share, Fraction(1), annual, there))
        return found

    def share(self, plan: PlanDocument, payee: PayeeIn, own: Sequence[Range], whole: Range) -> Fraction:
        """Return which part of some days a payee is active under a plan."""
        there = _presence(self.counter(plan), plan, payee, own, whole)
        return self.counter(plan).share(own, whole) if there is None else there.share

    def offered(self, plan: PlanDocument) -> list[Offered]:
        """Return all credits in a plan's currency, with those of the leads above."""
        kind = plan.exchange.transactions if plan.exchange else ""
        key = (plan.currency, kind)
        if key not in self._offered:
            own = []
            for row in self.request.credits:
                try:
                    own.append(self._offer(row, plan))
                except NotPayable as problem:
                    self._note(key, row, problem)
            self._offered[key] = own + override_credits(own, self.reporting)
        return self._offered[key]

    def _note(self, key: tuple[str, str], row: CreditRow, problem: NotPayable) -> None:
        """Keep why a credit cannot be used: its payee and every lead above are not payable."""
        lines: dict[Key, list[Reporting]] = defaultdict(list)
        for one in self.reporting:
            lines[one.payee].append(one)
        for payee in (row.payee, *leads_above(lines, row.payee, row.date)):
            self._failed.setdefault((*key, payee), problem)

    def of_payee(self, plan: PlanDocument, payee: Key) -> list[Offered]:
        """Return the credits of one payee. Raises NotPayable."""
        key = (plan.currency, plan.exchange.transactions if plan.exchange else "")
        if key not in self._by_payee:
            grouped: dict[Key, list[Offered]] = defaultdict(list)
            for one in self.offered(plan):
                grouped[one.payee].append(one)
            self._by_payee[key] = grouped
        if (*key, payee) in self._failed:
            raise self._failed[*key, payee]
        return self._by_payee[key].get(payee, [])

    def _offer(self, row: CreditRow, plan: PlanDocument) -> Offered:
        share = Decimal(1) if row.share is None else row.share
        rate = Decimal(1)
        sale = self._rows.get(row.reverses) if row.reverses is not None else None
        sold_on = row.sold_on or row.date
        if sale is not None:  # a return counts the way its sale did
            sold_on = sale.sold_on or sale.date
        if row.currency is not None and row.currency != plan.currency:
            if plan.exchange is None:
                raise NotPayable("no_exchange", currency=row.currency)
            kind = KIND_OF[plan.exchange.transactions]
            on = row.date if row.reverses is None else sold_on if sale is None else sale.date
            rate = self.rates.rate(row.currency, plan.currency, kind, on)
        size = row.amount if row.deal_amount is None else row.deal_amount
        fields = row.fields if sale is None else sale.fields
        deal = Deal(fields, row.milestones, sold_on, row.ended_on, size * rate)
        amount = row.amount * share * rate
        return Offered(
            id=row.id,
            transaction=row.transaction,
            payee=row.payee,
            measure=row.measure,
            amount=amount,
            on=row.date,
            booked_at=zoned(row.booked_at),
            is_overlay=row.overlay,
            share=share,
            deal=deal,
            reverses=row.reverses,
        )

    def verdict(self, plan: PlanDocument, one: Offered) -> Verdict:
        """Return how a credit counts under a plan's crediting rules; a return counts like its sale."""
        key = (id(plan), one.id)
        if key not in self._verdicts:
            self._verdicts[key] = judge(plan.crediting, one)
        return self._verdicts[key]

    def standings(
        self, payee: PayeeIn, under: Under, blend: Sequence[Under], earlier: PeriodFacts | None = None
    ) -> dict[tuple[str, str], Standing]:
        """Return where a payee stands on every measure the plan names, span by span; or where the payee stood
        in an earlier period, for which only what is dated tells. Raises NotPayable."""
        group = list(blend) or [under]
        days = [_EVER] if blend else [under.days]
        found = {}
        for measure in sorted({code for code, _place in measures_of(under.plan)}):
            for name, span in (earlier or self.period).spans():
                inside = [part for one in days if (part := one.within(span.start, span.end))]
                actual = self._actual(payee, under.plan, measure, "" if earlier else name, inside)
                quota = self._quota(payee, group, measure, span)
                if actual is not None or quota is not None:
                    found[measure, name] = Standing(actual, quota)
        return found

    def _actual(
        self, payee: PayeeIn, plan: PlanDocument, measure: str, name: str, days: Sequence[Range]
    ) -> Decimal | None:
        stated = [one for one in payee.measures if one.measure == measure]
        if stated:
            return given_actual(stated, name, days)
        rows = [one for one in self.of_payee(plan, payee.id) if one.measure == measure]
        if not rows:
            return None
        inside = (one for one in rows if any(part.start <= one.on < part.end for part in days))
        return sum((one.amount * self.verdict(plan, one).quota for one in inside), _ZERO)

    def _quota(self, payee: PayeeIn, group: Iterable[Under], measure: str, span: Range) -> Fraction | None:
        parts = []
        away = [_away(one) for one in payee.absences if one.relieves_quota or not one.paid]
        for under in group:
            rows = [
                one for one in payee.quotas if one.measure == measure and one.segment in {None, under.code}
            ]
            parts.append(self.counter(under.plan).quota(buckets(rows), under.own, span, away))
        known = [part for part in parts if part is not None]
        return sum(known, Fraction(0)) if known else None

    def team(self, component: str) -> Standings:
        """Return where the team of a pool stands."""
        found: dict[tuple[str, str], Standing] = {}
        for pool in self.request.pools:
            if pool.component != component:
                continue
            named = [one.measure for one in pool.measures] + [one.measure for one in pool.quotas]
            for measure in dict.fromkeys(named):
                for name, span in self.period.spans():
                    stated = [one for one in pool.measures if one.measure == measure]
                    rows = [one for one in pool.quotas if one.measure == measure]
                    quota = Counter().quota(buckets(rows), [_EVER], span)
                    actual = given_actual(stated, name, [span]) if stated else None
                    found[measure, name] = Standing(actual, quota)
        return found

    def window(self, plan: PlanDocument, component: Any) -> Window:
        """Return a component's current window."""
        return self.period.window(plan.basis_of(component))


def _away(one: AbsenceIn) -> Away:
    return Away(Range(one.from_, one.before), Fraction(one.share))


def _presence(
    counter: Counter, plan: PlanDocument, payee: PayeeIn, own: Sequence[Range], whole: Range
) -> Presence | None:
    """Return what the active share is made of, where the plan takes unpaid leave off; None without any."""
    away = [_away(one) for one in payee.absences if not one.paid]
    if plan.proration.unpaid_leave != "taken_off" or not away:
        return None
    there = counter.presence(own, away, whole)
    return there if there.away else None


def _blended(unders: list[Under]) -> list[Under]:
    """Give segments their part of a blend where the last plan says so."""
    if len(unders) < 2 or unders[-1].plan.proration.transfers == "apart":
        return unders
    total = sum((one.active for one in unders), Fraction(0))
    return [replace(one, weight=one.active / total) for one in unders] if total else unders
