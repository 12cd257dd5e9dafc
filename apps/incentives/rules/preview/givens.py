"""What the engine is given for each payee of a request: segments, cells, and how late credits stood."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from apps.incentives.rules.engine.book import TO_DATE
from apps.incentives.rules.engine.crediting import Offered, Placing, cells_of, returned_awards
from apps.incentives.rules.engine.proration import Range
from apps.incentives.rules.engine.shapes import (
    Award,
    Cell,
    Key,
    PaidBefore,
    PayeeGiven,
    Pending,
    PoolShare,
    Posted,
    Segment,
    Standing,
    Standings,
)
from apps.incentives.rules.engine.windows import MONTHS, Window
from apps.incentives.rules.kinds import BaseSalary, KpiBonus, OnCredits, Spiff, Windowed
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.order import needs
from apps.incentives.rules.plan.settlement import FullClawback
from apps.incentives.rules.preview.figures import posted_of
from apps.incentives.rules.preview.request import PayeeIn
from apps.incentives.rules.preview.world import Under, World

_ZERO = Decimal(0)


@dataclass(frozen=True)
class Givens:
    """Puts together what pays each payee in a world."""

    world: World

    def given(
        self,
        payee: PayeeIn,
        awards: dict[str, dict[Key, list[Award]]],
        shares: dict[str, dict[Key, PoolShare]],
    ) -> PayeeGiven:
        """Return everything that pays one payee. Raises NotPayable."""
        unders = self.world.unders(payee)
        blend = self.world.blend(payee, unders)
        over = [one for one in blend if one.days.end <= self.world.period.days.start]
        segments = [
            *(part for one in over for part in self._over(payee, one, blend)),
            *(self._segment(payee, under, unders, blend, awards, shares) for under in unders),
        ]
        last = unders[-1].plan
        payout = last.exchange.payout if last.exchange else None
        rate = None
        if payout is not None and payout != last.currency:
            rate = self.world.rates.find(last.currency, payout, "spot", self.world.request.run_date)
        return PayeeGiven(
            payee=payee.id,
            window=self.world.period.code,
            segments=segments,
            run_date=self.world.request.run_date,
            opening=payee.balances,
            pending=tuple(Pending(p.kind, p.component, p.credit, p.amount, p.due) for p in payee.pending),
            tenure=payee.tenure,
            target=payee.target,
            events=payee.events,
            milestones=self.world.milestones,
            payout_rate=rate,
            posted_variable=self._posted_variable(payee, last),
        )

    def _posted_variable(self, payee: PayeeIn, plan: PlanDocument) -> dict[str, PaidBefore]:
        """Return what earlier windows paid before and by the plan's factors and cap."""
        fixed = {component.code for component in plan.components if isinstance(component, BaseSalary)}
        found: dict[str, PaidBefore] = {}
        for one in payee.posted:
            before = found.get(one.window, PaidBefore())
            more = one.amount + one.returned_amount
            if one.component == "plan_cap":
                before = before._replace(taken=before.taken + one.amount)
            elif one.component == "plan_modifiers":
                factor = 1 + Fraction(one.raw) / Fraction(one.basis) if one.basis else Fraction(1)
                before = before._replace(
                    uncapped=before.uncapped + more, modified=before.modified + more, factor=factor
                )
            elif one.component not in fixed:
                before = before._replace(uncapped=before.uncapped + more)
            found[one.window] = before
        return found

    def _segment(
        self,
        payee: PayeeIn,
        under: Under,
        unders: Sequence[Under],
        blend: Sequence[Under],
        awards: Any,
        shares: Any,
    ) -> Segment:
        return Segment(
            plan=under.plan,
            code=under.code,
            active=under.active if under.weight == 1 else sum((u.active for u in unders), Fraction(0)),
            weight=under.weight,
            book=under.code,
            cells=self._all_cells(payee, under, blend),
            standings=self.world.standings(payee, under, blend),
            annual=under.annual,
            grades=payee.grades,
            awards={code: rows.get(payee.id, []) for code, rows in awards.items()},
            pool_shares={code: rows[payee.id] for code, rows in shares.items() if payee.id in rows},
            presence=under.presence if under.weight == 1 else None,
        )

    def _over(self, payee: PayeeIn, under: Under, blend: Sequence[Under]) -> Iterator[Segment]:
        """Yield what a segment that has ended still has a part of: open windows to date, and late changes."""
        cells = self._all_cells(payee, under, blend)
        standings = self.world.standings(payee, under, blend)
        is_open = {
            one.code
            for one in under.plan.components
            if under.plan.basis_of(one) in TO_DATE
            and self.world.window(under.plan, one).days.start < under.days.end
        }
        for has_ended in (False, True):
            kept = [one for one in under.plan.components if (one.code in is_open) is not has_ended]
            if kept:
                yield Segment(
                    plan=under.plan.model_copy(update={"components": tuple(kept)}),
                    code=under.code,
                    active=Fraction(0),
                    book=under.code,
                    cells={one.code: cells[one.code] for one in kept},
                    standings=standings,
                    annual=under.annual,
                    has_ended=has_ended,
                )

    def _all_cells(self, payee: PayeeIn, under: Under, blend: Sequence[Under]) -> dict[str, list[Cell]]:
        """Return the cells of every component; a blend looks at the credits of all its days."""
        own = [one.days for one in blend or [under]]
        mine = [
            one
            for one in self.world.of_payee(under.plan, payee.id)
            if any(days.start <= one.on < days.end for days in own)
        ]
        standings = self.world.standings(payee, under, blend)
        return {
            component.code: [
                self._as_it_stood(cell, component, payee, under, blend, standings)
                for cell in self._cells(payee, under, blend, component, mine)
            ]
            for component in under.plan.components
        }

    def _as_it_stood(
        self,
        cell: Cell,
        component: Any,
        payee: PayeeIn,
        under: Under,
        blend: Sequence[Under],
        now: Standings,
    ) -> Cell:
        """Return the cell of an earlier window with where the payee stood then, as far as that is told."""
        if cell.is_current or not cell.credits:
            return cell
        posted = [one for one in payee.posted if one.segment == under.code and one.window == cell.window]
        before = next(one.before for one in posted if one.component == component.code)
        months = MONTHS[under.plan.period]
        earlier = self.world.period.earlier(cell.window, before, months)
        found = dict(now)
        for key, (actual, quota) in self.world.standings(payee, under, blend, earlier).items():
            known = now.get(key, Standing(None, None))
            found[key] = Standing(known.actual if actual is None else actual, quota or known.quota)
        passed = 0
        if before < self.world.period.days.end:
            passed = self.world.period.count(Range(before, self.world.period.days.end), months)
        named = {code for code, _place in needs(component)}
        pays = {one.component: one.raw for one in posted if one.component in named} if named else None
        return replace(cell, standings=found, tenure=max(1, payee.tenure - passed), pays=pays)

    def _cells(
        self,
        payee: PayeeIn,
        under: Under,
        blend: Sequence[Under],
        component: Any,
        mine: Sequence[Offered],
    ) -> list[Cell]:
        current = self.world.window(under.plan, component)
        posted = {
            one.window: (Window(one.window, Range(one.from_, one.before)), posted_of(one))
            for one in payee.posted
            if (one.component, one.segment) == (component.code, under.code)
        }
        if not isinstance(component, OnCredits):
            cell = Cell(current.code, posted=posted[current.code][1] if current.code in posted else Posted())
            if under.plan.basis_of(component) in TO_DATE:
                return [self._bonus_to_date(cell, current.days, payee, under, blend, component)]
            return [cell] + (returned_awards(posted, mine) if isinstance(component, Spiff) else [])
        returns = under.plan.returns
        is_full = returns is None or returns.schedule == FullClawback(kind="full")
        to_date = under.plan.basis_of(component) in TO_DATE
        rolled = 0
        if isinstance(component, Windowed) and component.rolling_periods is not None:
            rolled = (component.rolling_periods - 1) * MONTHS[under.plan.period]
        placing = Placing(component, current, posted, is_full and to_date, rolled)
        cells = cells_of(placing, mine, lambda one: self.world.verdict(under.plan, one).commission)
        windows = {code: window.days for code, (window, _posted) in posted.items()}
        windows[current.code] = current.days
        return [
            self._by_days(cell, windows[cell.window], payee, under, blend)
            if to_date or ((cell.credits or cell.returns) and not cell.is_current)
            else cell
            for cell in cells
        ]

    def _bonus_to_date(
        self, cell: Cell, days: Range, payee: PayeeIn, under: Under, blend: Sequence[Under], bonus: KpiBonus
    ) -> Cell:
        """Return the cell of a bonus on a window to date, with what others paid where it is a true-up."""
        others = bonus.true_up.of if bonus.true_up is not None else ()
        paid = [
            one.amount + one.returned_amount
            for one in payee.posted
            if one.component in others
            and one.segment == under.code
            and days.start <= one.from_ < self.world.period.days.start
        ]
        closes = self.world.period.closes(bonus.basis)
        measured = self._by_days(cell, days, payee, under, blend)
        return replace(measured, closes=closes, beside=sum(paid, _ZERO))

    def _by_days(self, cell: Cell, days: Range, payee: PayeeIn, under: Under, blend: Sequence[Under]) -> Cell:
        """Return a cell with the active share, the part of a blend and the pay periods of its window."""
        shares = {one.code: self.world.share(one.plan, payee, one.own, days) for one in blend or [under]}
        total = sum(shares.values(), Fraction(0))
        periods = self.world.period.count(days, MONTHS[under.plan.period])
        weight = shares[under.code] / total if blend and total else None
        return replace(cell, active=total, periods=periods, weight=weight)
