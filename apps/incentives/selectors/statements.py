"""Turn what a statement pinned into pay lines, by the engine. Nothing is written here."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from apps.calendars.models import FiscalPeriod
from apps.incentives.models import PlanVersion
from apps.incentives.rules.engine.settle import settle
from apps.incentives.rules.engine.shapes import (
    NotPayable,
    PayeeOutcome,
)
from apps.incentives.rules.kinds import OnCredits, Windowed
from apps.incentives.rules.plan.runnable import all_needs
from apps.incentives.rules.segments import Days
from apps.incentives.selectors.books import COMPANY, Books, with_credits
from apps.incentives.selectors.crediting import POSTED, Ask, Found
from apps.incentives.selectors.exchange import pays_in
from apps.incentives.selectors.facts import days_known_at
from apps.incentives.selectors.given import Given, Paid, PlanWork
from apps.incentives.selectors.payees import rolled, window_of
from apps.incentives.selectors.pinned import Pinned
from apps.incentives.selectors.posted import (
    Key,
    PostedPay,
    PostedWindow,
    days_paid,
)

# Credits that arrive later than this after their period are left to a manual adjustment.
LOOK_BACK = dt.timedelta(days=800)


@dataclass
class Result:
    """The lines of one payee and what they carry forward, or why there are none."""

    person_id: int
    lines: list[Paid] = field(default_factory=list)
    closing: dict[str, Any] = field(default_factory=dict)
    problem: NotPayable | None = None


def compute(
    payees: Sequence[Pinned],
    period: FiscalPeriod,
    versions: Mapping[int, PlanVersion],
    upto: int,
    held: Collection[str] = (),
    counted: Collection[str] = POSTED,
    books: Books = COMPANY,
) -> Iterator[Result]:
    """Yield the result of each payee, in the order given; credits are streamed, never held together.

    Somebody is paid by the plans that pay in the currency pinned. Credits of the deals in ``held`` stay
    unpaid; lines of runs in the states ``counted`` are posted.
    ``books`` are where what was paid and what is credited is read.
    """
    people = [payee.person_id for payee in payees]
    before = books.posted(people, versions, period.starts_on - LOOK_BACK, counted)
    posted = with_credits(before, versions, books)
    windows = _by_person(posted.windows)
    asks: list[Ask] = []
    owners: list[int] = []
    for index, payee in enumerate(payees):
        own = _asks(payee, period, _paying(payee, versions), windows.get(payee.person_id, {}))
        asks += own
        owners += [index] * len(own)
    needs = all_needs(version.plan_document for version in versions.values())
    streamed = books.credits_for(asks, upto, held=held, counted=counted, needs=needs)
    waiting = next(streamed, None)
    cursor = 0
    for index, payee in enumerate(payees):
        given: list[tuple[Ask, list[Found]]] = []
        while waiting is not None and owners[cursor] == index:
            given.append(waiting)
            waiting = next(streamed, None)
            cursor += 1
        known = _Known(posted, windows.get(payee.person_id, {}), books)
        yield _pay(payee, period, _paying(payee, versions), known, given)


def _paying(payee: Pinned, versions: Mapping[int, PlanVersion]) -> Mapping[int, PlanVersion]:
    """Return the plans that pay in the currency of a statement; all of them when none is said."""
    if not payee.currency:
        return versions
    return {pk: one for pk, one in versions.items() if pays_in(one.plan_document) == payee.currency}


@dataclass(frozen=True)
class _Known:
    """What was posted: for everybody asked about, and the windows of one payee."""

    posted: PostedPay
    own: Mapping[Key, PostedWindow]
    books: Books


def _by_person(windows: Mapping[Key, PostedWindow]) -> dict[int, dict[Key, PostedWindow]]:
    found: dict[int, dict[Key, PostedWindow]] = defaultdict(dict)
    for key, window in windows.items():
        found[key.person_id][key] = window
    return found


def _asks(
    payee: Pinned,
    period: FiscalPeriod,
    versions: Mapping[int, PlanVersion],
    own: Mapping[Key, PostedWindow],
) -> list[Ask]:
    asks: list[Ask] = []
    for plan_id, segments in _by_plan(payee, own, versions).items():
        document = versions[plan_id].plan_document
        for component in document.credited:
            now = window_of(period, document.basis_of(component))
            mine = {
                key.window: value
                for key, value in own.items()
                if (key.plan_id, key.component) == (plan_id, component.code)
            }
            days = days_paid(segments)
            asks += _prior(payee, plan_id, component, period, days)
            if now.code in mine:
                days = [*mine[now.code].days, *days]
            if days:
                asks.append(Ask(payee.person_id, plan_id, component, now.code, tuple(days), now.code in mine))
            for code, window in sorted(mine.items()):
                if code != now.code and window.days:
                    asks.append(Ask(payee.person_id, plan_id, component, code, window.days, True))
    if not any("days_at" in told for told in payee.facts.values()):
        return asks
    return [replace(one, days_at=days_known_at(payee.facts.get(str(one.plan_id), {}))) for one in asks]


def _prior(
    payee: Pinned, plan_id: int, component: OnCredits, period: FiscalPeriod, days: Sequence[Days]
) -> list[Ask]:
    """Return the ask for what a rolling window was credited in earlier periods."""
    if not isinstance(component, Windowed) or component.rolling_periods is None or not days:
        return []
    span = (rolled(period, component.rolling_periods),)
    return [Ask(payee.person_id, plan_id, component, period.code, span, False, is_prior=True)]


def _by_plan(
    payee: Pinned, own: Mapping[Key, PostedWindow], versions: Mapping[int, PlanVersion]
) -> dict[int, list[Mapping[str, Any]]]:
    """Return the segments by plan, with none for a plan the payee has left but was paid by."""
    grouped: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for segment in payee.segments:
        grouped[segment["plan"]].append(segment)
    for key in own:
        if key.plan_id in versions:
            grouped.setdefault(key.plan_id, [])
    for plan_id in payee.opening:
        if int(plan_id) in versions:
            grouped.setdefault(int(plan_id), [])
    return grouped


def _pay(
    payee: Pinned,
    period: FiscalPeriod,
    versions: Mapping[int, PlanVersion],
    known: _Known,
    given: Given,
) -> Result:
    result = Result(payee.person_id)
    try:
        if payee.problem is not None:
            raise payee.problem
        for plan_id, segments in _by_plan(payee, known.own, versions).items():
            mine = [(ask, found) for ask, found in given if ask.plan_id == plan_id]
            work = PlanWork(payee, period, versions[plan_id], segments, known.posted, mine, known.books)
            outcome = settle(work.version.plan_document, work.given())
            result.lines += work.paid(outcome)
            closing = _closing(outcome)
            if closing or str(plan_id) in payee.opening:  # nothing left is said as well: it ends what was
                result.closing[str(plan_id)] = closing
    except NotPayable as problem:
        result.lines, result.closing, result.problem = [], {}, problem
    return result


def _closing(outcome: PayeeOutcome) -> dict[str, Any]:
    """Return what the next run starts from."""
    if not outcome.balances and not outcome.pending:
        return {}
    pending = [{**one._asdict(), "amount": str(one.amount), "due": dict(one.due)} for one in outcome.pending]
    return {"balances": {one.name: str(one.closing) for one in outcome.balances}, "pending": pending}
