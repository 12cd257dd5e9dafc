"""Books of a simulation: what simulated runs have paid so far, kept in memory and thrown away."""

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from apps.calendars.models import FiscalPeriod
from apps.incentives.models import PlanVersion
from apps.incentives.rules.engine.shapes import LineOut, Number, PaidBefore, Posted, PostedCredit
from apps.incentives.rules.kinds import OnCredits, Override, Windowed
from apps.incentives.rules.plan.runnable import Needs, needs_of
from apps.incentives.rules.segments import Days
from apps.incentives.selectors import crediting
from apps.incentives.selectors.books import Books
from apps.incentives.selectors.contests import Awarded
from apps.incentives.selectors.crediting import NOTHING_ELSE, POSTED, Ask, Found
from apps.incentives.selectors.given import Paid
from apps.incentives.selectors.pinned import Pinned
from apps.incentives.selectors.posted import (
    EARNED,
    Booked,
    Key,
    PostedPay,
    PostedWindow,
    add_variable,
    before_the_period,
    days_paid,
)
from apps.incentives.selectors.statements import Result

_ZERO = Decimal(0)
Place = tuple[int, int, str]  # person, plan, component


@dataclass
class _Shelf:
    """The credits one component of a payee can be paid on, in ledger order, and which of them are."""

    found: list[Found]
    days: list[dt.date]

    def within(self, days: Days) -> list[Found]:
        """Return the credits of some days."""
        return self.found[bisect_left(self.days, days.start) : bisect_left(self.days, days.end)]


@dataclass
class _Taken:
    """What simulated runs paid for one credit in one window; ``own`` leaves out what was taken back."""

    amount: Decimal = _ZERO
    value: Fraction = Fraction(0)
    own_amount: Decimal = _ZERO
    own_value: Fraction = Fraction(0)
    is_own: bool = False


@dataclass
class _Sums:
    basis: Decimal = _ZERO
    raw: Fraction = Fraction(0)
    rounded: Decimal = _ZERO
    returned_raw: Fraction = Fraction(0)
    returned_rounded: Decimal = _ZERO
    exists: bool = False
    days: dict[Days, None] = field(default_factory=dict)

    @property
    def posted(self) -> Posted:
        """What later simulated periods find posted."""
        return Posted(
            basis=self.basis,
            raw=self.raw,
            rounded=self.rounded,
            returned_raw=self.returned_raw,
            returned_rounded=self.returned_rounded,
            exists=self.exists,
        )


class _Sort(NamedTuple):
    """What credits components look at; those that look at the same share a shelf."""

    measure: str
    credits: str
    levels: tuple[int, int | None] | None
    since: dt.date
    needs: Needs


class Shelves:
    """All credits that some payees could be paid on under some versions, each read once."""

    def __init__(
        self,
        people: Collection[int],
        versions: Iterable[PlanVersion],
        start: dt.date,
        end: dt.date,
        upto: int,
    ) -> None:
        self._shelves: dict[tuple[int, _Sort], _Shelf] = {}
        self._sorts: dict[int, _Sort] = {}
        self._components: dict[tuple[int, str], list[OnCredits]] = defaultdict(list)
        asked: dict[_Sort, tuple[int, OnCredits]] = {}
        for version in versions:
            needs = needs_of(version.plan_document)
            for component in version.plan_document.credited:
                self._components[version.plan_id, component.code].append(component)
                sort = self._sorts[id(component)] = _sort(component, start, needs)
                asked.setdefault(sort, (version.plan_id, component))
        for sort, (plan_id, component) in asked.items():
            days = (Days(sort.since, end),)
            asks = [Ask(one, plan_id, component, "", days, False) for one in people]
            for ask, found in crediting.credits_for(asks, upto, needs=sort.needs):
                self._shelves[ask.person_id, sort] = _Shelf(list(found), [_on(one) for one in found])

    def of(self, person_id: int, component: OnCredits) -> _Shelf:
        """Return the credits a component of a payee can be paid on."""
        return self._shelves[person_id, self._sorts[id(component)]]

    def every(self, person_id: int, plan_id: int, code: str) -> Iterator[_Shelf]:
        """Yield the credits of a component of a payee under every version."""
        return (self.of(person_id, one) for one in self._components[plan_id, code])


class Rehearsal(Books):
    """Books that begin empty and hold the simulated runs of some payees, period after period."""

    def __init__(self, shelves: Shelves) -> None:
        self._shelves = shelves
        self._windows: dict[Key, PostedWindow] = {}
        self._people: set[int] = set()
        self._sums: dict[Key, _Sums] = defaultdict(_Sums)
        self._variable: dict[tuple[int, int], dict[str, PaidBefore]] = defaultdict(dict)
        self._taken: dict[Place, set[Any]] = defaultdict(set)
        self._traces: dict[Place, list[tuple[str, LineOut]]] = defaultdict(list)

    def posted(
        self, people: Iterable[int], plan_ids: Iterable[int], since: dt.date, counted: Collection[str]
    ) -> PostedPay:
        """Return what the simulated runs have posted."""
        return PostedPay(self._windows, self._variable)

    def has_paid(self, person_id: int) -> bool:
        """Tell whether a simulated run has paid somebody before."""
        return person_id in self._people

    def credits_for(
        self,
        asks: Sequence[Ask],
        upto: int,
        *,
        held: Collection[str] = (),
        counted: Collection[str] = POSTED,
        needs: Needs = NOTHING_ELSE,
    ) -> Iterator[tuple[Ask, list[Found]]]:
        """Yield each ask with the credits that no simulated run has paid."""
        for ask in asks:
            shelf = self._shelves.of(ask.person_id, ask.component)
            taken = self._taken[_place(ask)] if ask.has_posted else ()
            found = [
                one
                for days in ask.days
                for one in shelf.within(days)
                if one.credit.id not in taken and one.credit.id <= upto  # type: ignore[operator]  # numbers
            ]
            if held:
                found = [one for one in found if not _is_held(one, ask.person_id, held)]
            if len(ask.days) > 1:
                found.sort(key=lambda one: (one.credit.on, one.booked_on, one.credit.id))
            yield ask, found

    def paid_before(
        self,
        credit_ids: Collection[int],
        person_id: int,
        plan_id: int,
        component: str,
        counted: Collection[str],
    ) -> dict[int, tuple[str, Decimal, Number]]:
        """Return for credits the window a simulated run paid them in, what counted and what was paid."""
        taken = self._paid(person_id, plan_id, component) if credit_ids else {}
        return {
            one: (window, sums.amount, sums.value)
            for one in credit_ids
            for window, sums in taken.get(one, {}).items()
        }

    def posted_credits(
        self, keys: Sequence[Key], counted: Collection[str]
    ) -> Mapping[tuple[int, int, str, str], tuple[PostedCredit, ...]]:
        """Return the credits that simulated runs paid in windows; returns of them are kept apart."""
        found: dict[tuple[int, int, str, str], tuple[PostedCredit, ...]] = {}
        for place in {(key.person_id, key.plan_id, key.component) for key in keys}:
            names, paid = self._names(*place), self._paid(*place)
            for window in {key.window for key in keys if key[:3] == place}:
                found[(*place, window)] = tuple(
                    PostedCredit(one, sums.own_amount, names[one], sums.own_value)
                    for one, windows in sorted(paid.items())
                    if (sums := windows.get(window)) is not None and sums.is_own
                )
        return found

    def _names(self, person_id: int, plan_id: int, component: str) -> dict[Any, str]:
        return {
            one.credit.id: one.credit.transaction
            for shelf in self._shelves.every(person_id, plan_id, component)
            for one in shelf.found
        }

    def book(self, payee: Pinned, period: FiscalPeriod, result: Result) -> None:
        """Post what a simulated run paid somebody, as locking a run would."""
        for paid in result.lines:
            key = Key(payee.person_id, paid.version.plan_id, paid.line.component, paid.line.window)
            sums = self._sums[key]
            _add(sums, key, paid.line, payee)
            known = self._windows.get(key)
            if known is None or paid.line.kind == "earned":
                self._windows[key] = _window(sums, paid, payee, period)
            else:  # a late credit or a return: where the payee stood is what it was
                self._windows[key] = replace(known, posted=sums.posted, days=tuple(sums.days))
            self._people.add(payee.person_id)
            line = paid.line
            booked = Booked(line.component, line.kind, line.window, line.rounded, line.steps)
            add_variable(self._variable[payee.person_id, key.plan_id], booked, period.code)
            self._take(key, line)

    def _take(self, key: Key, line: LineOut) -> None:
        place = (key.person_id, key.plan_id, key.component)
        if line.traces:
            self._taken[place].update([trace[0] for trace in line.traces])
            self._traces[place].append((key.window, line))

    def _paid(self, person_id: int, plan_id: int, component: str) -> dict[Any, dict[str, _Taken]]:
        """Return what each credit of a component was paid, by window; only some rules need to know."""
        paid: dict[Any, dict[str, _Taken]] = {}
        for window, line in self._traces[person_id, plan_id, component]:
            for credit_id, amount, _rate, value in line.traces:
                if not credit_id:
                    continue
                sums = paid.setdefault(credit_id, {}).setdefault(window, _Taken())
                sums.amount += amount
                sums.value += Fraction(value)
                if line.kind != "return":
                    sums.own_amount += amount
                    sums.own_value += Fraction(value)
                    sums.is_own = True
        return paid


class SimulatedAwards:
    """What the SPIFFs of simulated runs have awarded, over all payees."""

    def __init__(self) -> None:
        self._awarded: dict[tuple[int, str], Awarded] = defaultdict(Awarded)

    def __call__(self, plan_id: int, code: str) -> Awarded:
        """Return what a SPIFF has awarded in the simulated periods so far."""
        return self._awarded[plan_id, code]

    def book(self, shared: Mapping[int, Mapping[str, Mapping[str, Any]]], window: str) -> None:
        """Post what a simulated period awards and takes back."""
        for person_id, plans in shared.items():
            for plan_id, told in plans.items():
                for code, rows in told.get("awards", {}).items():
                    own = self._awarded[int(plan_id), code]
                    for credit_id, basis, amount, _cut in rows:
                        own.spent += Decimal(amount)
                        own.paid[int(credit_id)] = (window, Decimal(basis), Decimal(amount), person_id)
                for code, rows in told.get("returns", {}).items():
                    self._awarded[int(plan_id), code].taken.update(int(row[1]) for row in rows)


def _sort(component: OnCredits, start: dt.date, needs: Needs) -> _Sort:
    levels = (component.levels.low, component.levels.high) if isinstance(component, Override) else None
    credits = getattr(component, "credits", "direct")
    return _Sort(component.measure, credits, levels, _before(component, start), needs)


def _before(component: Any, start: dt.date) -> dt.date:
    """Return how far back a component looks: a rolling window sees periods before the first."""
    periods = component.rolling_periods if isinstance(component, Windowed) else None
    return start if periods is None else start - dt.timedelta(days=366 * periods)


def _on(one: Found) -> dt.date:
    assert one.credit.on is not None, "credits of the ledger are dated"  # noqa: S101
    return one.credit.on


def _place(ask: Ask) -> Place:
    return ask.person_id, ask.plan_id, ask.component.code


def _is_held(one: Found, person_id: int, held: Collection[str]) -> bool:
    return one.credit.transaction in held or f"{one.credit.transaction}@{person_id}" in held


def _add(sums: _Sums, key: Key, line: LineOut, payee: Pinned) -> None:
    if line.kind in EARNED:
        sums.basis += line.basis
        sums.raw = sums.raw + line.raw if sums.raw else line.raw
        sums.rounded += line.rounded
        sums.exists = True
        if line.kind == "earned":  # a late change knows the days of its own period only
            mine = [one for one in payee.segments if one["plan"] == key.plan_id]
            sums.days |= dict.fromkeys(days_paid(mine))
    elif line.kind == "return":
        sums.returned_raw += line.raw
        sums.returned_rounded += line.rounded
        sums.exists = True


def _window(sums: _Sums, paid: Paid, payee: Pinned, period: FiscalPeriod) -> PostedWindow:
    version = paid.version
    standings = payee.under(version.plan_id, version.plan_document, period)
    return PostedWindow(
        sums.posted,
        tuple(sums.days),
        version,
        paid.assignment_id,
        standings,
        period,
        tuple(one for one in payee.segments if one["plan"] == version.plan_id),
        before_the_period(paid.line.steps),
    )
