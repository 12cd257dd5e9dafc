"""Turn what a statement pinned into pay lines, by the engine. Nothing is written here."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

from apps.calendars.models import FiscalPeriod
from apps.incentives.enums import RunState
from apps.incentives.models import PayLine, PlanVersion
from apps.incentives.rules.document import BaseSalary, Credited, KpiBonus
from apps.incentives.rules.engine import (
    CreditIn,
    LineOut,
    NotPayable,
    Posted,
    Standing,
    WindowIn,
    pay_component,
    plan_cap_line,
)
from apps.incentives.rules.segments import Days
from apps.incentives.selectors import crediting
from apps.incentives.selectors.crediting import Ask, Found
from apps.incentives.selectors.payees import PayeeSegment, Standings, window_of

# Credits that arrive later than this after their period are left to a manual adjustment.
LOOK_BACK = dt.timedelta(days=800)
COUNTED = (RunState.LOCKED, RunState.PAID)


@dataclass(frozen=True)
class Pinned:
    """What is pinned for one payee: segments and standings by window and measure."""

    person_id: int
    segments: tuple[dict[str, Any], ...]
    standings: Mapping[str, Mapping[str, Standing]]

    @classmethod
    def read(cls, person_id: int, inputs: Mapping[str, Any]) -> "Pinned":
        """Read what a statement keeps."""
        standings = {
            window: {
                measure: Standing(_number(pair[0]), _number(pair[1])) for measure, pair in measures.items()
            }
            for window, measures in inputs.get("standings", {}).items()
        }
        return cls(person_id, tuple(inputs.get("segments", ())), standings)


def pin(segments: Sequence[PayeeSegment], standings: Standings) -> dict[str, Any]:
    """Return segments and standings as a statement keeps them."""
    return {
        "segments": [segment.pinned() for segment in segments],
        "standings": {
            window: {
                measure: [_text(standing.actual), _text(standing.quota)]
                for measure, standing in sorted(measures.items())
            }
            for window, measures in sorted(standings.items())
        },
    }


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


@dataclass(frozen=True)
class Paid:
    """A line with the plan version and assignment it was paid under."""

    line: LineOut
    version: PlanVersion
    assignment_id: int | None
    label: str


@dataclass
class Result:
    """The lines of one payee, or why there are none."""

    person_id: int
    lines: list[Paid] = field(default_factory=list)
    problem: NotPayable | None = None


@dataclass(frozen=True)
class _Key:
    person_id: int
    plan_id: int
    component: str
    window: str


def compute(
    payees: Sequence[Pinned],
    period: FiscalPeriod,
    versions: Mapping[int, PlanVersion],
    upto: int,
    held: Collection[str] = (),
    counted: Collection[str] = COUNTED,
) -> Iterator[Result]:
    """Yield the result of each payee, in the order given; credits are streamed, never held together.

    Credits of the deals in ``held`` stay unpaid; lines of runs in the states ``counted`` are posted.
    """
    posted = posted_lines(
        [payee.person_id for payee in payees], versions, period.starts_on - LOOK_BACK, counted
    )
    asks: list[Ask] = []
    owners: list[int] = []
    for index, payee in enumerate(payees):
        own = _asks(payee, period, versions, posted)
        asks += own
        owners += [index] * len(own)
    streamed = crediting.credits_for(asks, upto, held, counted)
    waiting = next(streamed, None)
    cursor = 0
    for index, payee in enumerate(payees):
        given: list[tuple[Ask, list[Found]]] = []
        while waiting is not None and owners[cursor] == index:
            given.append(waiting)
            waiting = next(streamed, None)
            cursor += 1
        yield _pay(payee, period, versions, posted, given)


@dataclass
class PostedWindow:
    """What locked runs hold for one window, with the days it was paid for."""

    posted: Posted
    days: tuple[Days, ...]
    version: PlanVersion
    assignment_id: int | None
    standings: Mapping[str, Standing]


def posted_lines(
    people: Iterable[int], plan_ids: Iterable[int], since: dt.date, counted: Collection[str] = COUNTED
) -> dict[_Key, PostedWindow]:
    """Return what locked runs since a day posted for people under these plans."""
    rows = (
        PayLine.objects.filter(run__state__in=list(counted), run__is_void=False)
        .filter(person__in=list(people), version__plan__in=list(plan_ids))
        .filter(run__period__starts_on__gte=since)
        .select_related("version", "statement")
        .order_by("pk")
    )
    found: dict[_Key, list[PayLine]] = defaultdict(list)
    for line in rows:
        version = cast("PlanVersion", line.version)  # the query asks for lines of a plan
        found[_Key(line.person_id, version.plan_id, line.component, line.window)].append(line)
    return {key: _posted_window(key, lines) for key, lines in found.items()}


def _posted_window(key: _Key, lines: Sequence[PayLine]) -> PostedWindow:
    earned = [line for line in lines if line.kind != "return"]
    returned = [line for line in lines if line.kind == "return"]
    days: dict[Days, None] = {}
    for line in earned:
        for segment in line.statement.inputs.get("segments", ()):
            if segment["plan"] == key.plan_id:
                days[_days(segment)] = None
    return PostedWindow(
        posted=Posted(
            basis=sum((line.basis for line in earned), Decimal(0)),
            raw=sum((line.exact_raw for line in earned), Fraction(0)),
            rounded=sum((line.amount for line in earned), Decimal(0)),
            returned_raw=sum((line.exact_raw for line in returned), Fraction(0)),
            returned_rounded=sum((line.amount for line in returned), Decimal(0)),
            exists=bool(lines),
        ),
        days=tuple(days),
        version=cast("PlanVersion", lines[-1].version),  # lines of a plan only
        assignment_id=lines[-1].assignment_id,
        standings=Pinned.read(key.person_id, lines[-1].statement.inputs).standings.get(key.window, {}),
    )


def _days(segment: Mapping[str, Any]) -> Days:
    return Days(dt.date.fromisoformat(segment["start"]), dt.date.fromisoformat(segment["end"]))


def _asks(
    payee: Pinned,
    period: FiscalPeriod,
    versions: Mapping[int, PlanVersion],
    posted: Mapping[_Key, PostedWindow],
) -> list[Ask]:
    own = {key: value for key, value in posted.items() if key.person_id == payee.person_id}
    asks = []
    for plan_id, segments in _by_plan(payee, own, versions).items():
        for component in versions[plan_id].plan_document.credited:
            now = window_of(period, component.basis)
            mine = {
                key.window: value
                for key, value in own.items()
                if (key.plan_id, key.component) == (plan_id, component.code)
            }
            days = [_days(segment) for segment in segments]
            if now.code in mine:
                days = [*mine[now.code].days, *days]
            if days:
                asks.append(Ask(payee.person_id, plan_id, component, now.code, tuple(days), now.code in mine))
            for code, window in sorted(mine.items()):
                if code != now.code and window.days:
                    asks.append(Ask(payee.person_id, plan_id, component, code, window.days, True))
    return asks


def _by_plan(
    payee: Pinned, posted: Mapping[_Key, PostedWindow], versions: Mapping[int, PlanVersion]
) -> dict[int, list[Mapping[str, Any]]]:
    """Return the segments by plan, with none for a plan the payee has left but was paid by."""
    grouped: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for segment in payee.segments:
        grouped[segment["plan"]].append(segment)
    for key in posted:
        if key.person_id == payee.person_id and key.plan_id in versions:
            grouped.setdefault(key.plan_id, [])
    return grouped


def _pay(
    payee: Pinned,
    period: FiscalPeriod,
    versions: Mapping[int, PlanVersion],
    posted: Mapping[_Key, PostedWindow],
    given: Sequence[tuple[Ask, list[Found]]],
) -> Result:
    result = Result(payee.person_id)
    try:
        for plan_id, segments in _by_plan(payee, posted, versions).items():
            version = versions[plan_id]
            lines = _plan_lines(payee, period, version, segments, posted, given)
            result.lines += lines
            capped = plan_cap_line(version.plan_document, [paid.line for paid in lines], period.code)
            if capped is not None:
                result.lines.append(Paid(capped, version, None, "plan_cap"))
    except NotPayable as problem:
        result.lines, result.problem = [], problem
    return result


def _plan_lines(
    payee: Pinned,
    period: FiscalPeriod,
    version: PlanVersion,
    segments: Sequence[Mapping[str, Any]],
    posted: Mapping[_Key, PostedWindow],
    given: Sequence[tuple[Ask, list[Found]]],
) -> list[Paid]:
    lines: list[Paid] = []
    for component in version.plan_document.components:
        if isinstance(component, BaseSalary | KpiBonus):
            lines += _by_segment(component, payee, period, version, segments)
            continue
        mine = [
            (ask, found)
            for ask, found in given
            if ask.plan_id == version.plan_id and ask.component.code == component.code
        ]
        if mine:
            current = window_of(period, component.basis).code
            lines += _credited_lines(component, payee, version, segments, posted, mine, current)
    return lines


def _by_segment(
    component: BaseSalary | KpiBonus,
    payee: Pinned,
    period: FiscalPeriod,
    version: PlanVersion,
    segments: Sequence[Mapping[str, Any]],
) -> list[Paid]:
    lines = []
    own = "salary" if isinstance(component, BaseSalary) else "bonus"
    for segment in segments:
        window = WindowIn(
            window=period.code,
            standings=payee.standings.get(period.code, {}),
            active_days=_days(segment).length,
            period_days=(period.ends_before - period.starts_on).days,
            annual=_number(segment[own]),
        )
        [line] = pay_component(version.plan_document, component.code, window)
        lines.append(Paid(line, version, segment["assignment"], component.name))
    return lines


def _credited_lines(
    component: Credited,
    payee: Pinned,
    version: PlanVersion,
    segments: Sequence[Mapping[str, Any]],
    posted: Mapping[_Key, PostedWindow],
    given: Sequence[tuple[Ask, list[Found]]],
    current: str,
) -> list[Paid]:
    credits, returns = _placed(component, payee.person_id, version.plan_id, given)
    windows = [current] if segments else []
    lines = []
    for window in dict.fromkeys([*windows, *credits, *returns]):
        before = posted.get(_Key(payee.person_id, version.plan_id, component.code, window))
        paid_by, assignment_id = version, segments[-1]["assignment"] if segments else None
        standings = payee.standings.get(window, {})
        if before is not None and window != current:
            paid_by, assignment_id, standings = before.version, before.assignment_id, before.standings
        window_in = WindowIn(
            window=window,
            credits=credits.get(window, []),
            returns=returns.get(window, []),
            posted=_known(component, payee.person_id, version.plan_id, window, before),
            standings=standings,
        )
        lines += [
            Paid(line, paid_by, assignment_id, component.name)
            for line in pay_component(paid_by.plan_document, component.code, window_in)
        ]
    return lines


def _known(
    component: Credited, person_id: int, plan_id: int, window: str, before: PostedWindow | None
) -> Posted:
    """Return what was posted, with the single credits where the rule needs them."""
    if before is None:
        return Posted()
    if component.basis != "transaction" and component.table.kind != "retroactive":
        return before.posted
    credits = crediting.posted_credits(person_id, plan_id, component.code, window)
    return replace(before.posted, credits=credits)


def _placed(
    component: Credited, person_id: int, plan_id: int, given: Sequence[tuple[Ask, list[Found]]]
) -> tuple[dict[str, list[CreditIn]], dict[str, list[CreditIn]]]:
    """Put every credit into its window; a return of something paid in another window is set apart.

    A return follows its sale: into the sale's window when that is paid now as
    well, and back at exactly what the sale was paid when a locked run paid it.
    """
    credits: dict[str, list[CreditIn]] = defaultdict(list)
    returns: dict[str, list[CreditIn]] = defaultdict(list)
    place = {item.credit.id: ask.window for ask, found in given for item in found}
    originals = {item.reverses_id for _ask, found in given for item in found if item.reverses_id}
    elsewhere = [credit_id for credit_id in originals if credit_id not in place]
    paid = crediting.paid_before(elsewhere, person_id, plan_id, component.code)
    dates = crediting.credited_on([credit_id for credit_id in elsewhere if credit_id not in paid])
    cumulative = component.basis in {"quarter_to_date", "year_to_date"}
    for ask, found in given:
        for credit, reverses_id in ((item.credit, item.reverses_id) for item in found):
            if reverses_id is None:
                credits[ask.window].append(credit)
            elif reverses_id in place:
                credits[place[reverses_id]].append(credit)
            elif reverses_id in paid:
                window, value = paid[reverses_id]
                if cumulative and window == ask.window:
                    credits[window].append(credit)
                else:
                    returns[window].append(credit._replace(paid=value))
            elif any(span.start <= dates[reverses_id] < span.end for span in ask.days):
                credits[ask.window].append(credit)
            else:
                returns[ask.window].append(credit._replace(paid=Decimal(0)))
    return credits, returns
