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
    Placing,
    Reporting,
    Verdict,
    cells_of,
    judge,
    leads_above,
    override_credits,
    returned_awards,
)
from apps.incentives.rules.engine.currency import KIND_OF, ExchangeRate, Rates
from apps.incentives.rules.engine.proration import Away, Counter, Presence, Range, WorkDays, without
from apps.incentives.rules.engine.shapes import (
    Award,
    Cell,
    Deal,
    Key,
    NotPayable,
    PayeeGiven,
    Pending,
    PoolShare,
    Posted,
    Segment,
    Standing,
    Standings,
)
from apps.incentives.rules.engine.windows import MONTHS, PeriodFacts, Window, within_year
from apps.incentives.rules.kinds import BaseSalary, OnCredits, Spiff, Windowed
from apps.incentives.rules.plan.catalogue import measures_of
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.settlement import FullClawback
from apps.incentives.rules.preview.figures import buckets, given_actual, posted_of, zoned
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
        stated = payee.segments or (SegmentIn.model_validate({"from": whole.start, "before": whole.end}),)
        gaps = [Range(gap.from_, gap.before) for gap in payee.leave]
        found = []
        for one in stated:
            plan = self.plans[one.plan or next(iter(self.plans))]
            days = Range(one.from_, one.before) if payee.segments else _EVER
            own = tuple(without([days], gaps))
            there = _presence(self.counter(plan), plan, payee, own, whole)
            share = self._share(plan, payee, own, whole)
            if days.within(whole.start, whole.end) is not None:
                annual = {**payee.annual, **one.annual}
                found.append(Under(one.code, plan, days, own, share, Fraction(1), annual, there))
        return _blended(found)

    def _share(self, plan: PlanDocument, payee: PayeeIn, own: Sequence[Range], whole: Range) -> Fraction:
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
        self, payee: PayeeIn, under: Under, unders: Sequence[Under], earlier: PeriodFacts | None = None
    ) -> dict[tuple[str, str], Standing]:
        """Return where a payee stands on every measure the plan names, span by span; or where the payee stood
        in an earlier period, for which only what is dated tells. Raises NotPayable."""
        group = list(unders) if under.weight != 1 else [under]
        days = [_EVER] if under.weight != 1 else [under.days]
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

    def given(
        self,
        payee: PayeeIn,
        awards: dict[str, dict[Key, list[Award]]],
        shares: dict[str, dict[Key, PoolShare]],
    ) -> PayeeGiven:
        """Return everything that pays one payee. Raises NotPayable."""
        unders = self.unders(payee)
        segments = [self._segment(payee, under, unders, awards, shares) for under in unders]
        last = unders[-1].plan
        payout = last.exchange.payout if last.exchange else None
        rate = None
        if payout is not None and payout != last.currency:
            rate = self.rates.find(last.currency, payout, "spot", self.request.run_date)
        return PayeeGiven(
            payee=payee.id,
            window=self.period.code,
            segments=segments,
            run_date=self.request.run_date,
            opening=payee.balances,
            pending=tuple(Pending(p.kind, p.component, p.credit, p.amount, p.due) for p in payee.pending),
            tenure=payee.tenure,
            target=payee.target,
            events=payee.events,
            milestones=self.milestones,
            payout_rate=rate,
            posted_variable=self._posted_variable(payee, last),
        )

    def _posted_variable(self, payee: PayeeIn, plan: PlanDocument) -> dict[str, tuple[Decimal, Decimal]]:
        """Return what earlier windows paid before and by the plan's cap."""
        fixed = {component.code for component in plan.components if isinstance(component, BaseSalary)}
        found: dict[str, tuple[Decimal, Decimal]] = {}
        for one in payee.posted:
            uncapped, taken = found.get(one.window, (_ZERO, _ZERO))
            if one.component == "plan_cap":
                taken += one.amount
            elif one.component not in fixed:
                uncapped += one.amount + one.returned_amount
            found[one.window] = (uncapped, taken)
        return found

    def _segment(
        self, payee: PayeeIn, under: Under, unders: Sequence[Under], awards: Any, shares: Any
    ) -> Segment:
        mine = self.of_payee(under.plan, payee.id)
        if under.weight == 1:
            mine = [one for one in mine if under.days.start <= one.on < under.days.end]
        standings = self.standings(payee, under, unders)
        cells = {
            component.code: [
                self._as_it_stood(cell, component.code, payee, under, unders, standings)
                for cell in self._cells(payee, under, unders, component, mine)
            ]
            for component in under.plan.components
        }
        return Segment(
            plan=under.plan,
            code=under.code,
            active=under.active if under.weight == 1 else sum((u.active for u in unders), Fraction(0)),
            weight=under.weight,
            cells=cells,
            standings=standings,
            annual=under.annual,
            grades=payee.grades,
            awards={code: rows.get(payee.id, []) for code, rows in awards.items()},
            pool_shares={code: rows[payee.id] for code, rows in shares.items() if payee.id in rows},
            presence=under.presence if under.weight == 1 else None,
        )

    def _as_it_stood(
        self, cell: Cell, code: str, payee: PayeeIn, under: Under, unders: Sequence[Under], now: Standings
    ) -> Cell:
        """Return the cell of an earlier window with where the payee stood then, as far as that is told."""
        if cell.is_current or not cell.credits:
            return cell
        rows = [one for one in payee.posted if (one.component, one.segment) == (code, under.code)]
        before = next(one.before for one in rows if one.window == cell.window)
        earlier = self.period.earlier(cell.window, before, MONTHS[under.plan.period])
        found = dict(now)
        for key, (actual, quota) in self.standings(payee, under, unders, earlier).items():
            known = now.get(key, Standing(None, None))
            found[key] = Standing(known.actual if actual is None else actual, quota or known.quota)
        return replace(cell, standings=found)

    def window(self, plan: PlanDocument, component: Any) -> Window:
        """Return a component's current window."""
        return self.period.window(plan.basis_of(component))

    def _cells(
        self, payee: PayeeIn, under: Under, unders: Sequence[Under], component: Any, mine: Sequence[Offered]
    ) -> list[Cell]:
        current = self.window(under.plan, component)
        posted = {
            one.window: (Window(one.window, Range(one.from_, one.before)), posted_of(one))
            for one in payee.posted
            if (one.component, one.segment) == (component.code, under.code)
        }
        if not isinstance(component, OnCredits):
            cells = [
                Cell(current.code, posted=posted[current.code][1] if current.code in posted else Posted())
            ]
            return cells + (returned_awards(posted, mine) if isinstance(component, Spiff) else [])
        returns = under.plan.returns
        is_full = returns is None or returns.schedule == FullClawback(kind="full")
        to_date = under.plan.basis_of(component) not in {"period", "transaction", "rolling"}
        prior = None
        if isinstance(component, Windowed) and component.rolling_periods is not None:
            prior = self.period.rolled(component.rolling_periods, MONTHS[under.plan.period])
        placing = Placing(component, current, posted, is_full and to_date, prior)
        cells = cells_of(placing, mine, lambda one: self.verdict(under.plan, one).commission)
        if not to_date:
            return cells
        windows = {code: window.days for code, (window, _posted) in posted.items()}
        windows[current.code] = current.days
        return [self._to_date(cell, windows[cell.window], payee, under, unders) for cell in cells]

    def _to_date(
        self, cell: Cell, days: Range, payee: PayeeIn, under: Under, unders: Sequence[Under]
    ) -> Cell:
        """Return the cell of a window to date with the active share and the pay periods of its own days."""
        group = [under] if under.weight == 1 else unders
        shares = (self._share(one.plan, payee, one.own, days) for one in group)
        periods = self.period.count(days, MONTHS[under.plan.period])
        return replace(cell, active=sum(shares, Fraction(0)), periods=periods)


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
