"""What the engine is given for one payee under one plan: what a statement pinned, and ledger credits."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from apps.calendars.models import FiscalPeriod
from apps.incentives.models import PlanVersion
from apps.incentives.rules.engine.conditions import matches
from apps.incentives.rules.engine.crediting import Offered, counted, judge
from apps.incentives.rules.engine.shapes import (
    Cell,
    CreditIn,
    Deal,
    LineOut,
    NotPayable,
    PayeeGiven,
    PayeeOutcome,
    Posted,
    ReturnIn,
    Segment,
)
from apps.incentives.rules.kinds import KpiBonus, OnCredits, Spiff
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.settlement import FullClawback
from apps.incentives.selectors.abroad import booked, credits_abroad, returned_at
from apps.incentives.selectors.blends import Blend, blend_in
from apps.incentives.selectors.books import COMPANY, Books
from apps.incentives.selectors.contests import awards_in, pools_in, returns_in
from apps.incentives.selectors.crediting import Ask, Found
from apps.incentives.selectors.exchange import PAYOUT, company_currency, exchange_lines, pays_in
from apps.incentives.selectors.facts import events_in, grades_in, milestones_in
from apps.incentives.selectors.late import BY_DAYS, annual_of, by_days, late_segments
from apps.incentives.selectors.leave import leave_in
from apps.incentives.selectors.payees import (
    closes,
    periods_before,
    presence_of,
    share_of,
    window_of,
)
from apps.incentives.selectors.pinned import Pinned
from apps.incentives.selectors.posted import (
    Key,
    PostedPay,
    PostedWindow,
    balances_in,
    days_of,
    pending_in,
)
from apps.incentives.selectors.stood import active_in, as_it_stood, target_in, tenure_in
from apps.incentives.selectors.window_days import measured

TO_DATE = {"quarter_to_date", "half_to_date", "year_to_date"}
Given = Sequence[tuple[Ask, list[Found]]]


@dataclass(frozen=True)
class Paid:
    """A line with the plan version and assignment it was paid under."""

    line: LineOut
    version: PlanVersion
    assignment_id: int | None
    label: str
    currency: str = ""


class PlanWork:
    """One payee under one plan: its segments, cells and what locked runs hold, as the engine takes them."""

    def __init__(
        self,
        payee: Pinned,
        period: FiscalPeriod,
        version: PlanVersion,
        segments: Sequence[Mapping[str, Any]],
        posted: PostedPay,
        given: Given,
        books: Books = COMPANY,
    ) -> None:
        self.payee, self.period, self.version, self.pinned = payee, period, version, segments
        self.posted, self.offered, self.books = posted, given, books
        self.credits: Given = given
        self.is_abroad = version.plan_document.currency != company_currency()
        self.paid_under: dict[str, tuple[PlanVersion, int | None]] = {}

    def given(self) -> PayeeGiven:
        """Return everything that pays this payee under this plan. Raises NotPayable."""
        opening = self.payee.opening.get(str(self.version.plan_id), {})
        problem = self.payee.shared.get(str(self.version.plan_id), {}).get("problem")
        if problem:
            raise NotPayable(problem[0], **problem[1])
        document, run_date = self.version.plan_document, self.period.ends_before - dt.timedelta(days=1)
        if self.is_abroad:
            self.credits = credits_abroad(self.offered, document, self.payee.rates, self.books)
        return PayeeGiven(
            payee=self.payee.person_id,
            window=self.period.code,
            segments=self._segments(),
            run_date=run_date,
            opening=balances_in(opening),
            pending=pending_in(opening),
            tenure=tenure_in(self.pinned, self.period),
            target=target_in(document, self.pinned),
            events=events_in(self._told),
            milestones=milestones_in(self._told),
            payout_rate=self.payee.rates.find(document.currency, pays_in(document), PAYOUT, run_date),
            posted_variable=self.posted.variable.get((self.payee.person_id, self.version.plan_id), {}),
        )

    def paid(self, outcome: PayeeOutcome) -> list[Paid]:
        """Return the lines with what they were paid under; empty lines of a left plan are dropped."""
        last = self.paid_under[next(reversed(self.paid_under))] if self.paid_under else (self.version, None)
        document = self.version.plan_document
        names = {component.code: component.name for component in document.components}
        found = []
        for line in outcome.lines:
            version, assignment_id = self.paid_under.get(line.segment, last) if line.segment else last
            label = names.get(line.component, line.component)
            found.append(Paid(line, version, assignment_id, label, document.currency))
        for line, currency in exchange_lines(outcome, self.period.code):
            found.append(Paid(line, *last, line.component, currency))
        return found

    @property
    def _told(self) -> Mapping[str, Any]:
        """What people told for this payee under this plan."""
        return self.payee.facts.get(str(self.version.plan_id), {})

    def _segments(self) -> list[Segment]:
        cells, earlier = self._cells()
        document = self.version.plan_document
        found = late_segments(self.payee.late.get(str(self.version.plan_id), {}), self)
        for version, own in earlier.items():
            code = f"v{version.pk}"
            self.paid_under[code] = (version, own.assignment_id)
            found.append(Segment(version.plan_document, code, cells=own.cells, has_ended=True))
        blend, several = blend_in(self.pinned), len(self.pinned) > 1
        for index, segment in enumerate(self.pinned):
            is_last = index == len(self.pinned) - 1
            code = f"a{segment['assignment']}.{index}"
            self.paid_under[code] = (self.version, segment["assignment"])
            is_whole = is_last and (blend is None or not several)
            plan = document if is_whole else by_days(document)
            one = self._segment(code, plan, segment, cells if is_whole else {})
            if blend is not None and is_whole:
                one = replace(one, weight=blend.weight, active=blend.active, days=None, presence=None)
            found.append(one)
            if is_last and not is_whole and blend is not None:
                self.paid_under[f"{code}.blend"] = (self.version, segment["assignment"])
                found.append(self._blended(f"{code}.blend", one, blend, cells))
        if not self.pinned:
            self.paid_under["left"] = (self.version, None)
            found.append(Segment(document, "left", cells=cells, has_ended=True))
        return found

    def _blended(self, code: str, segment: Segment, blend: Blend, cells: Mapping[str, list[Cell]]) -> Segment:
        """Return what is paid on credits, blended, beside the assignments that are paid by their own days.

        The active share stands with its cells: the days themselves are those of the assignments.
        """
        document = self.version.plan_document
        fixed = {component.code for component in by_days(document).components}
        paid = tuple(one for one in document.components if one.code not in fixed)
        plan = document.model_copy(update={"components": paid})
        return replace(
            segment, plan=plan, code=code, cells=cells, weight=blend.weight, active=Fraction(0),
            days=None, presence=None,
        )  # fmt: skip

    def _segment(
        self, code: str, plan: PlanDocument, segment: Mapping[str, Any], cells: Mapping[str, list[Cell]]
    ) -> Segment:
        days, leave = days_of(segment), leave_in(segment)
        shared = self.payee.shared.get(str(self.version.plan_id), {})
        return Segment(
            plan=plan,
            code=code,
            active=share_of(plan.proration.days, days, self.period, leave),
            cells=cells,
            standings=self.payee.under(self.version.plan_id, self.version.plan_document, self.period),
            annual=annual_of(plan, segment),
            grades=grades_in(self._told),
            awards=awards_in(shared),
            pool_shares=pools_in(shared),
            days=(days.length, (self.period.ends_before - self.period.starts_on).days),
            presence=presence_of(plan.proration.days, days, self.period, leave) if leave else None,
        )

    def _cells(self) -> tuple[dict[str, list[Cell]], dict[PlanVersion, "Earlier"]]:
        """Return the cells of the current version, and those of versions that paid earlier windows."""
        cells: dict[str, list[Cell]] = {}
        earlier: dict[PlanVersion, Earlier] = {}
        document = self.version.plan_document
        for component in document.credited:
            mine = [(ask, found) for ask, found in self.credits if ask.component.code == component.code]
            if not mine:
                continue
            current = window_of(self.period, document.basis_of(component)).code
            for cell, before in self._cells_of(component, mine, current):
                if cell.is_current or before is None or before.version == self.version:
                    cells.setdefault(component.code, []).append(cell)
                    continue
                own = earlier.setdefault(before.version, Earlier(before.assignment_id))
                own.cells.setdefault(component.code, []).append(cell)
        for contest in document.components:
            if isinstance(contest, Spiff):
                cells[contest.code] = self._returned_awards(contest.code)
            if isinstance(contest, KpiBonus) and contest.basis != "period" and self.pinned:
                cells[contest.code] = [self._bonus_to_date(contest)]
            if len(self.pinned) > 1 and not isinstance(contest, (*BY_DAYS, OnCredits)):
                whole = Cell(self.period.code, active=self._active)
                cells.setdefault(contest.code, []).append(whole)
        return cells, earlier

    @property
    def _active(self) -> Fraction | None:
        """The share of the period under the plan, where several assignments make it up; None for one.

        Where plans are blended it is the share under all of them.
        """
        blend = blend_in(self.pinned)
        if blend is not None:
            return blend.active
        several = len(self.pinned) > 1
        return active_in(self.version.plan_document, self.pinned, self.period) if several else None

    def _bonus_to_date(self, bonus: KpiBonus) -> Cell:
        """Return the cell of a bonus on a window to date, with what others paid where it is a true-up."""
        person_id, plan_id, period = self.payee.person_id, self.version.plan_id, self.period
        window = window_of(period, bonus.basis)
        before = self.posted.windows.get(Key(person_id, plan_id, bonus.code, window.code))
        days = self.payee.days.get(str(plan_id))
        share = measured(days, self.version.plan_document, bonus.code, window.code, period)
        others = [
            one.posted.rounded + one.posted.returned_rounded
            for code in (bonus.true_up.of if bonus.true_up is not None else ())
            for earlier in periods_before(window, period)
            if (one := self.posted.windows.get(Key(person_id, plan_id, code, earlier))) is not None
        ]
        return Cell(
            window.code,
            posted=Posted() if before is None else before.posted,
            active=share.active,
            periods=share.periods,
            closes=closes(period, bonus.basis),
            beside=sum(others, Decimal(0)),
        )

    def _returned_awards(self, code: str) -> list[Cell]:
        """Return a cell for each window whose awarded sales came back."""
        shared = self.payee.shared.get(str(self.version.plan_id), {})
        found = []
        for window, returns in returns_in(shared, code).items():
            before = self.posted.windows.get(Key(self.payee.person_id, self.version.plan_id, code, window))
            posted = before.posted if before is not None else Posted()
            found.append(Cell(window, returns=returns, posted=posted, is_current=False))
        return found

    def _cells_of(
        self, component: OnCredits, mine: Given, current: str
    ) -> Iterator[tuple[Cell, PostedWindow | None]]:
        asked = [(ask, found) for ask, found in mine if not ask.is_prior]
        credits, returns = self._placed(component, asked)
        prior = sum((one.credit.amount for ask, found in mine if ask.is_prior for one in found), Decimal(0))
        windows = [current] if self.pinned else []
        for window in dict.fromkeys([*windows, *credits, *returns]):
            key = Key(self.payee.person_id, self.version.plan_id, component.code, window)
            before = self.posted.windows.get(key)
            is_current = window == current and bool(self.pinned)  # who has left is paid late credits only
            days = self.payee.days.get(str(self.version.plan_id))
            if is_current or before is None:
                share = measured(days, self.version.plan_document, component.code, window, self.period)
                active = self._active if share.active is None else share.active
                stood: dict[str, Any] = {"active": active, "periods": share.periods, "prior": prior}
            else:
                stood = (
                    as_it_stood(key, before, days, self.posted)
                    if credits.get(window) or returns.get(window)
                    else {}
                )
            cell = Cell(
                window=window,
                credits=credits.get(window, []),
                returns=returns.get(window, []),
                posted=Posted() if before is None else before.posted,
                is_current=is_current,
                **stood,
            )
            yield cell, before

    def _counts(self, component: OnCredits, found: Found) -> CreditIn:
        """Return a credit with the factors of the plan's crediting rules and the component's own."""
        document, credit = self.version.plan_document, found.credit
        if self._is_plain(component):
            return credit
        offered = _offered(component, credit)
        factor = judge(document.crediting, offered).commission * counted(component, offered)
        if factor == 1:
            return credit
        amount = booked(credit.amount, factor) if self.is_abroad else credit.amount * factor
        return credit._replace(amount=amount)

    def _is_plain(self, component: OnCredits) -> bool:
        """Whether every credit counts once, whatever it is for."""
        rules = self.version.plan_document.crediting
        return rules is None and component.where is None and not component.counts

    def _takes(self, component: OnCredits, found: Found) -> bool:
        return component.where is None or _fits(component, found.credit)

    def _placed(
        self, component: OnCredits, given: Given
    ) -> tuple[dict[str, list[CreditIn]], dict[str, list[ReturnIn]]]:
        """Put every credit into its window; a return of something paid in another window is set apart.

        A return follows its sale: into the sale's window when that is paid now as
        well, and back at exactly what the sale was paid when a locked run paid it.
        """
        credits: dict[str, list[CreditIn]] = defaultdict(list)
        returns: dict[str, list[ReturnIn]] = defaultdict(list)
        if self._is_plain(component) and not any(one.reverses_id for _ask, found in given for one in found):
            for ask, found in given:
                credits[ask.window] += [one.credit for one in found]
            return credits, returns
        rows = [(ask, one) for ask, found in given for one in found if self._takes(component, one)]
        place = {one.credit.id: ask.window for ask, one in rows}
        originals = {one.reverses_id for _ask, one in rows if one.reverses_id}
        elsewhere = [credit_id for credit_id in originals if credit_id not in place]
        plan_id = self.version.plan_id
        counted = self.posted.counted
        paid = self.books.paid_before(elsewhere, self.payee.person_id, plan_id, component.code, counted)
        dates = self.books.credited_on(elsewhere)
        nets = self._nets(component)
        worth = self._ledger_values(paid) if self.is_abroad else {}
        for ask, one in rows:
            credit, original = self._counts(component, one), one.reverses_id
            if original is None:
                credits[ask.window].append(credit)
            elif original in place:
                credits[place[original]].append(credit)
            elif original in paid:
                window, counted_, value = paid[original]
                if original in worth:
                    credit = returned_at(credit, worth[credit.id], worth[original], counted_)
                if nets and window == ask.window:
                    credits[window].append(credit)
                    continue
                part = Fraction(-credit.amount) / Fraction(counted_) if counted_ else Fraction(1)
                back = Fraction(value) * part
                sold = dates[original]
                returns[window].append(
                    ReturnIn(credit.id, credit.amount, back, original, part, sold, one.booked_on)
                )
            elif any(span.start <= dates[original] < span.end for span in ask.days):
                credits[ask.window].append(credit)
            else:
                returns[ask.window].append(ReturnIn(credit.id, credit.amount, Decimal(0), original))
        return credits, returns

    def _ledger_values(self, paid: Collection[int]) -> dict[Any, Decimal]:
        """Return in company currency what was paid before, and the credits of this run."""
        values: dict[Any, Decimal] = dict(self.books.values_of(paid))
        return values | {one.credit.id: one.credit.amount for _ask, found in self.offered for one in found}

    def _nets(self, component: OnCredits) -> bool:
        """Whether a return is taken off the sale itself while its window to date is open."""
        document = self.version.plan_document
        is_full = document.returns is None or document.returns.schedule == FullClawback(kind="full")
        return is_full and document.basis_of(component) in TO_DATE


@dataclass
class Earlier:
    """Cells of windows that an earlier plan version paid."""

    assignment_id: int | None
    cells: dict[str, list[Cell]] = field(default_factory=dict)


def _offered(component: OnCredits, credit: CreditIn) -> Offered:
    assert credit.on is not None, "credits of the ledger are dated"  # noqa: S101
    deal = credit.deal or Deal()
    return Offered(credit.id, credit.transaction, "", component.measure, credit.amount, credit.on, deal=deal)


def _fits(component: OnCredits, credit: CreditIn) -> bool:
    deal = credit.deal or Deal()
    return matches(component.where, deal.fields, credit.on, deal.amount)
