"""What locked runs hold: pay by component and window, and the balances the next run starts from."""

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple, cast

from apps.calendars.models import FiscalPeriod
from apps.incentives.models import PayLine, PayRun, PlanVersion, Statement
from apps.incentives.rules.engine.currency import Rates
from apps.incentives.rules.engine.shapes import PaidBefore, Pending, Posted, Standing, Standings
from apps.incentives.rules.segments import Days
from apps.incentives.selectors.abroad import standings_abroad
from apps.incentives.selectors.blends import blend_in
from apps.incentives.selectors.crediting import POSTED
from apps.incentives.selectors.exchange import company_currency, is_salary, read_rates

_ZERO = Decimal(0)
# Lines that a component earned; the others settle pay as a whole.
EARNED = ("earned", "delta")
# Steps by which a line of the plan as a whole says which earlier period it is for.
_AGAIN = ("plan_cap_delta", "plan_factor_delta")
_READ = (
    "person_id", "version_id", "statement_id", "run_id", "assignment_id", "component", "window", "kind",
    "basis", "raw", "exact", "amount", "steps",
)  # fmt: skip
SPANS = ("period", "quarter_to_date", "half_to_date", "year_to_date", "year")


class Key(NamedTuple):
    """One component of one payee in one window."""

    person_id: int
    plan_id: int
    component: str
    window: str


@dataclass(frozen=True)
class PostedWindow:
    """What locked runs hold for one window, with the days it was paid for.

    Where the payee stood is what the last run of the window itself pinned: ``segments`` and ``standings``
    of that run's ``period``. ``prior`` is what a rolling window had before its own period.
    """

    posted: Posted
    days: tuple[Days, ...]
    version: PlanVersion
    assignment_id: int | None
    standings: Standings
    period: FiscalPeriod
    segments: tuple[Mapping[str, Any], ...] = ()
    prior: Decimal = _ZERO


@dataclass(frozen=True)
class PostedPay:
    """What locked runs hold for some people: by window, and what each period paid before and by its cap."""

    windows: Mapping[Key, PostedWindow]
    variable: Mapping[tuple[int, int], Mapping[str, PaidBefore]]
    counted: Collection[str] = POSTED


def posted_pay(
    people: Iterable[int], plan_ids: Iterable[int], since: dt.date, counted: Collection[str] = POSTED
) -> PostedPay:
    """Return what runs in the states ``counted`` (locked ones) posted for people under plans since a day."""
    rows = (
        PayLine.objects.filter(run__state__in=list(counted), run__is_void=False)
        .filter(person__in=list(people), version__plan__in=list(plan_ids))
        .filter(run__period__starts_on__gte=since)
        .only(*_READ)
        .order_by("pk")
    )
    found: dict[Key, list[PayLine]] = defaultdict(list)
    variable: dict[tuple[int, int], dict[str, PaidBefore]] = defaultdict(dict)
    for line in _with_their_own(list(rows)):
        version = cast("PlanVersion", line.version)  # the query asks for lines of a plan
        found[Key(line.person_id, version.plan_id, line.component, line.window)].append(line)
        add_variable(
            variable[line.person_id, version.plan_id],
            Booked(line.component, line.kind, line.window, line.amount, line.steps),
            line.run.period.code,
        )
    windows = {key: _window(key, lines) for key, lines in found.items()}
    return PostedPay(windows, variable, counted)


def _with_their_own(lines: list[PayLine]) -> list[PayLine]:
    """Give lines their version, statement and run, each read once however many lines share it."""
    versions = PlanVersion.objects.select_related("plan").in_bulk({line.version_id for line in lines})
    runs = PayRun.objects.select_related("period").in_bulk({line.run_id for line in lines})
    statements = Statement.objects.only("pk", "inputs").in_bulk({line.statement_id for line in lines})
    for line in lines:
        line.version = versions[cast("int", line.version_id)]
        line.run, line.statement = runs[line.run_id], statements[line.statement_id]
    return lines


class Booked(NamedTuple):
    """What a line says of variable pay."""

    component: str
    kind: str
    window: str
    amount: Decimal
    steps: Sequence[Mapping[str, Any]]


def add_variable(windows: dict[str, PaidBefore], line: Booked, period: str) -> None:
    """Add a line to what its own period (a late change: the period it is for) has paid in variable pay."""
    is_late = line.kind in {"delta", "return"}
    code = line.window if is_late else period
    if line.component in {"plan_cap", "plan_modifiers"}:
        code = next((step["window"] for step in line.steps if step.get("op") in _AGAIN), period)
    if is_late and code not in windows:
        return  # a window to date: no period's cap is its own
    before = windows.get(code, PaidBefore())
    if line.component == "plan_cap":
        if line.kind == "cap":
            before = before._replace(taken=before.taken + line.amount)
    elif line.component == "plan_modifiers":
        factors = [Fraction(step["factor"]) for step in line.steps if step.get("op") == "factor"]
        before = before._replace(
            uncapped=before.uncapped + line.amount,
            modified=before.modified + line.amount,
            factor=math.prod(factors, start=Fraction(1)) if factors else before.factor,
        )
    elif (is_late or line.kind == "earned") and not is_salary(line.steps):
        before = before._replace(uncapped=before.uncapped + line.amount)
    windows[code] = before


def _window(key: Key, lines: Sequence[PayLine]) -> PostedWindow:
    earned = [line for line in lines if line.kind in EARNED]
    returned = [line for line in lines if line.kind == "return"]
    days: dict[Days, None] = {}
    own = [line for line in lines if line.kind == "earned"]  # a late change pinned the days of its own run
    for line in own:
        days |= dict.fromkeys(days_paid(segments_in(line.statement.inputs, key.plan_id)))
    last = own[-1] if own else lines[-1]
    version = cast("PlanVersion", last.version)  # lines of a plan only
    return PostedWindow(
        posted=Posted(
            basis=sum((line.basis for line in earned), _ZERO),
            raw=sum((line.exact_raw for line in earned), Fraction(0)),
            rounded=sum((line.amount for line in earned), _ZERO),
            returned_raw=sum((line.exact_raw for line in returned), Fraction(0)),
            returned_rounded=sum((line.amount for line in returned), _ZERO),
            exists=bool(earned or returned),
        ),
        days=tuple(days),
        version=version,
        assignment_id=last.assignment_id,
        standings=standings_under(version, last.statement.inputs, last.run.period),
        period=last.run.period,
        segments=segments_in(last.statement.inputs, key.plan_id),
        prior=before_the_period(last.steps),
    )


def segments_in(inputs: Mapping[str, Any], plan_id: int) -> tuple[Mapping[str, Any], ...]:
    """Return the segments a statement pinned under one plan."""
    return tuple(one for one in inputs.get("segments", ()) if one["plan"] == plan_id)


def days_paid(segments: Sequence[Mapping[str, Any]]) -> list[Days]:
    """Return the days whose credits a plan pays on by its segments: all of them where they are blended."""
    blend = blend_in(segments)
    return [days_of(segment) for segment in segments] if blend is None else list(blend.days)


def before_the_period(steps: Iterable[Mapping[str, Any]]) -> Decimal:
    """Return what a rolling window had been credited before its period, by the steps of its line."""
    return next((Decimal(step["before"]) for step in steps if step.get("op") == "to_date"), _ZERO)


def standings_under(version: PlanVersion, inputs: Mapping[str, Any], period: FiscalPeriod) -> Standings:
    """Return the standings a statement pinned, in the currency of a plan."""
    found = standings_in(inputs, period, str(version.plan_id))
    document = version.plan_document
    if document.currency == company_currency():
        return found
    told = inputs.get("actuals", {}).get(str(version.plan_id), {})
    return standings_abroad(found, document, Rates(read_rates(inputs.get("rates", ()))), told, period)


def days_of(segment: Mapping[str, Any]) -> Days:
    """Return the days of a pinned segment."""
    return _days(segment["start"], segment["end"])


@lru_cache(maxsize=4096)
def _days(start: str, end: str) -> Days:
    """Return the days between two dates; those of a period are asked for payee by payee."""
    return Days(dt.date.fromisoformat(start), dt.date.fromisoformat(end))


def standings_in(
    inputs: Mapping[str, Any], period: FiscalPeriod, plan: str = ""
) -> dict[tuple[str, str], Standing]:
    """Return the standings a statement pinned, by measure and span; under a plan where they stand apart."""
    found = {}
    told = inputs.get("standings", {})
    for name, measures in {**told, **inputs.get("apart", {}).get(plan, {})}.items():
        span = name if name in SPANS else _span_of(name, period.code)
        for measure, (actual, quota) in measures.items():
            found[measure, span] = Standing(_number(actual), _number(quota))
    return found


def _span_of(window: str, period: str) -> str:
    """Return the span that a window's code meant in statements of the first plan format."""
    if window == period:
        return "period"
    return "quarter_to_date" if "-Q" in window else "year_to_date"


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def openings(
    people: Collection[int], before: dt.date, counted: Collection[str] = POSTED
) -> dict[int, dict[str, Any]]:
    """Return by person and plan what the newest run before a day carried forward; ``counted`` are states."""
    runs = PayRun.objects.filter(state__in=list(counted), is_void=False).values("pk")
    rows = (
        Statement.objects.filter(person__in=people, run__in=runs, run__period__starts_on__lt=before)
        .exclude(closing={})
        .order_by("-run__period__starts_on", "-pk")
        .values_list("person_id", "closing")
    )
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for person_id, closing in rows:
        for plan_id, own in closing.items():
            found[person_id].setdefault(plan_id, own)
    return {
        person_id: {plan_id: own for plan_id, own in plans.items() if own}
        for person_id, plans in found.items()
    }


def carrying(before: dt.date, plan_ids: Collection[int]) -> set[int]:
    """Return who has pay pending or a balance under one of the plans, perhaps long after leaving it."""
    rows = Statement.objects.filter(run__in=_posted_runs(), run__period__starts_on__lt=before)
    rows = rows.filter(closing__has_any_keys=[str(pk) for pk in plan_ids])
    return set(rows.values_list("person_id", flat=True))


def _posted_runs() -> Any:
    return PayRun.objects.posted().values("pk")


def pending_in(opening: Mapping[str, Any]) -> tuple[Pending, ...]:
    """Return what an earlier run set aside."""
    return tuple(
        Pending(one["kind"], one["component"], one["credit"], Decimal(one["amount"]), one["due"])
        for one in opening.get("pending", ())
    )


def balances_in(opening: Mapping[str, Any]) -> dict[str, Decimal]:
    """Return the balances an earlier run closed with."""
    return {name: Decimal(amount) for name, amount in opening.get("balances", {}).items()}
