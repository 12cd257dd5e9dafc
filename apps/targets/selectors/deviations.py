"""Targets off their course: what the daily watch finds, and what the pages show of it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import QuerySet

from apps.access.models import User
from apps.measures import registry
from apps.measures import selectors as figures
from apps.measures.links import why_url
from apps.measures.registry import Measure
from apps.org.models import Assignment
from apps.targets.enums import AlertKind
from apps.targets.models import AlertRule, Target, TargetAlert, TargetPlan
from apps.targets.rules.causes import Cause, Facts, Part, causes
from apps.targets.rules.deviation import DEFAULTS, Rule, Run, Situation, broken_rules
from apps.targets.rules.pacing import Attainment
from apps.targets.selectors.grid import names_of, readable_places
from apps.targets.selectors.quotas import Quotas
from apps.targets.selectors.standing import Standings, adds_up, standings

_DAY = dt.timedelta(days=1)
EXPLAINED = "revenue"


def rules() -> dict[AlertKind, Rule]:
    """Return the rule of every kind: the company's own or the product's."""
    own = {
        AlertKind(row.kind): Rule(AlertKind(row.kind), row.below, row.after, row.window, row.is_on)
        for row in AlertRule.objects.order_by("pk")
    }
    return {kind: own.get(kind, DEFAULTS[kind]) for kind in AlertKind}


@dataclass(frozen=True)
class Deviation:
    """A rule broken by one target on one day."""

    target: Target
    kind: AlertKind
    share: Fraction
    standing: Attainment


@dataclass
class Watched:
    """The targets of a plan on a day with what the rules need; everything read at a constant cost."""

    plan: TargetPlan
    on: dt.date
    targets: list[Target]
    holders: dict[int, int]
    found: Standings
    runs: list[tuple[dict[int, Decimal], dict[int, Decimal], tuple[dt.date, dt.date]]] = field(
        default_factory=list
    )

    def standing(self, target: Target) -> Attainment | None:
        """Return where a unit or the holder of a seat stands; None for a vacancy."""
        if target.unit_id is not None:
            return self.found.of_unit(target.unit_id)
        person = self.holders.get(target.position_id or 0)
        return None if person is None else self.found.of_person(person)

    def subject(self, target: Target) -> dict[str, int | None]:
        """Return the unit or person a target is measured by."""
        if target.unit_id is not None:
            return {"unit_id": target.unit_id}
        return {"person_id": self.holders.get(target.position_id or 0)}


def watched(plan: TargetPlan, on: dt.date, *, window: int | None = None) -> Watched:
    """Read a plan at the end of a day; with ``window`` also its last two runs of as many working days."""
    targets = list(
        Target.objects.filter(plan=plan)
        .select_related("unit", "position", "owner", "parent")
        .order_by("place", "pk")
    )
    seats = [target.position_id for target in targets if target.position_id]
    held = Assignment.objects.on(on).filter(position__in=seats, is_acting=False)
    holders = dict(held.values_list("position_id", "person_id"))
    units = [target.unit_id for target in targets if target.unit_id]
    people = sorted(set(holders.values()))
    period = plan.period
    found = standings(
        measure=plan.measure,
        start=period.starts_on,
        end=period.ends_before,
        unit_ids=units,
        person_ids=people,
        on=on,
    )
    made = Watched(plan, on, targets, holders, found)
    if window is not None and adds_up(found.measure):
        end = on + _DAY
        middle = found.quotas.workdays.add(end, -window)
        start = found.quotas.workdays.add(middle, -window)
        if start >= period.starts_on:
            made.runs = [_run(plan.measure, middle, end), _run(plan.measure, start, middle)]
    return made


def _run(
    measure: str, start: dt.date, end: dt.date
) -> tuple[dict[int, Decimal], dict[int, Decimal], tuple[dt.date, dt.date]]:
    return _by(measure, start, end, "unit"), _by(measure, start, end, "person"), (start, end)


def _by(measure: str, start: dt.date, end: dt.date, key: str) -> dict[int, Decimal]:
    rows = figures.query(measure, start, end, by=[key])
    return {int(row.keys[key]): row.numerator for row in rows if row.keys[key] is not None}  # type: ignore[arg-type]  # an id


def deviations(seen: Watched, asked: Mapping[AlertKind, Rule]) -> list[Deviation]:
    """Return the rules that targets of a plan break on the day."""
    found = []
    for target in seen.targets:
        standing = seen.standing(target)
        if standing is None:
            continue
        situation = Situation(standing, *_runs(seen, target))
        broken = broken_rules(asked.values(), situation)
        found += [Deviation(target, kind, share, standing) for kind, share in broken.items()]
    return found


def _runs(seen: Watched, target: Target) -> list[Run]:
    subject = seen.subject(target)
    runs = []
    for units, people, (start, end) in seen.runs:
        if target.unit_id is not None:
            actual = units.get(target.unit_id, Decimal(0))
        else:
            actual = people.get(subject.get("person_id") or 0, Decimal(0))
        expected = _expected(seen.found.quotas, end, subject) - _expected(seen.found.quotas, start, subject)
        runs.append(Run(actual, expected))
    return runs


def _expected(quotas: Quotas, before: dt.date, subject: Mapping[str, int | None]) -> Fraction:
    """Return what the season asks for up to, not including, a day."""
    months = quotas.month_plans(before - _DAY, **subject)
    return sum((Fraction(month.amount) * month.elapsed for month in months), Fraction(0))


# Root causes


@dataclass
class FactBook:
    """What units and people sold in a range, and out of which deals."""

    units: dict[int, Facts]
    people: dict[int, Facts]

    def of(self, subject: Mapping[str, int | None]) -> Facts | None:
        """Return the facts of a unit or person."""
        if subject.get("unit_id") is not None:
            return self.units.get(subject["unit_id"] or 0)
        return self.people.get(subject.get("person_id") or 0)


def fact_book(start: dt.date, end: dt.date) -> FactBook:
    """Read what everybody sold in ``[start, end)`` and the deals behind it. Eight reads whatever the size."""
    return FactBook(_facts(start, end, "unit"), _facts(start, end, "person"))


def _facts(start: dt.date, end: dt.date, key: str) -> dict[int, Facts]:
    codes = ["revenue", "deals_won", "deals_decided"]
    sums: dict[str, dict[int, Decimal]] = {
        code: {
            int(row.keys[key]): row.numerator  # type: ignore[arg-type]  # an id
            for row in rows
            if row.keys[key] is not None
        }
        for code, rows in figures.query_each(codes, start, end, by=[key]).items()
    }
    sums["open_deals"] = {}
    if "open_deals" in registry.measures:
        sums["open_deals"] = _by("open_deals", end - _DAY, end, key)
    ids = {one for found in sums.values() for one in found}
    nothing = Decimal(0)
    return {
        one: Facts(
            sold=sums["revenue"].get(one, nothing),
            won=sums["deals_won"].get(one, nothing),
            decided=sums["deals_decided"].get(one, nothing),
            still_open=sums["open_deals"].get(one, nothing),
        )
        for one in ids
    }


@dataclass(frozen=True)
class Books:
    """The running stretch of a plan's year and the same stretch of its base year."""

    now: FactBook
    base: FactBook
    start: dt.date
    end: dt.date


def books(plan: TargetPlan, on: dt.date) -> Books | None:
    """Return what a gap is explained from; None for measures that deals do not explain."""
    if plan.measure != EXPLAINED or plan.baseline is None:
        return None
    start, end = plan.period.starts_on, min(on + _DAY, plan.period.ends_before)
    base_start = plan.baseline.starts_on
    base_end = min(base_start + (end - start), plan.baseline.ends_before)
    if end <= start or base_end <= base_start:
        return None
    return Books(fact_book(start, end), fact_book(base_start, base_end), start, end)


def parts_of(seen: Watched, kept: Books | None, target: Target) -> list[Part]:
    """Split what a target is short of its expectation by cause; empty where that cannot be told.

    Without an own base year the mix of the unit above stands in, then that of the next one.
    """
    standing = seen.standing(target)
    if kept is None or standing is None or not standing.expected:
        return []
    now = kept.now.of(seen.subject(target)) or Facts(Decimal(0), Decimal(0), Decimal(0), Decimal(0))
    by_id = {one.pk: one for one in seen.targets}
    node: Target | None = target
    while node is not None:
        base = kept.base.of(seen.subject(node))
        found = base and causes(now, base, standing.expected, places=seen.plan.decimals)
        if found:
            return found
        node = by_id.get(node.parent_id or 0)
    return []


# Pages


@dataclass(frozen=True)
class AlertRow:
    """One alert as the list shows it."""

    alert: TargetAlert
    name: str
    measure: Measure
    main_cause: str
    places: int


def alert_rows(rows: QuerySet[TargetAlert]) -> list[AlertRow]:
    """Return alerts with names and the cause that weighs most, in the order given."""
    found = list(
        rows.select_related("target__plan__period", "target__unit", "target__position", "target__owner")
    )
    names: dict[int, str] = {}
    for plan in {row.target.plan_id: row.target.plan for row in found}.values():
        targets = [row.target for row in found if row.target.plan_id == plan.pk]
        names |= {pk: name for pk, (name, _holder, _vacant) in names_of(plan, targets).items()}
    return [
        AlertRow(
            row,
            names[row.target_id],
            registry.measures.get(row.target.plan.measure),
            _main_cause(row.parts),
            readable_places(row.target.plan, row.target.amount),
        )
        for row in found
        if row.target.plan.measure in registry.measures
    ]


def _main_cause(parts: Mapping[str, Any]) -> str:
    amounts = {name: Decimal(one["amount"]) for name, one in parts.items()}
    worst = min(amounts, key=lambda name: amounts[name], default="")
    return worst if worst and amounts[worst] < 0 else ""


@dataclass
class AlertPage:
    """One alert, explained as of its last day."""

    row: AlertRow
    standing: Attainment | None
    parts: list[Part]
    why: dict[str, str]
    subject: dict[str, int | None]


def alert_page(user: User, alert: TargetAlert) -> AlertPage:
    """Return an alert with its figures and causes, computed again for the day it was last seen."""
    [row] = alert_rows(TargetAlert.objects.filter(pk=alert.pk))
    plan = alert.target.plan
    on = alert.seen_on - _DAY
    seen = watched(plan, on)
    target = next(one for one in seen.targets if one.pk == alert.target_id)
    subject = seen.subject(target)
    end = min(on + _DAY, plan.period.ends_before)
    return AlertPage(
        row=row,
        standing=seen.standing(target),
        parts=parts_of(seen, books(plan, on), target),
        why=_links(plan, end, subject),
        subject=subject,
    )


def _links(plan: TargetPlan, end: dt.date, subject: Mapping[str, int | None]) -> dict[str, str]:
    codes = {
        Cause.VOLUME: "deals_decided",
        Cause.SPEED: "sales_cycle",
        Cause.WIN_RATE: "win_rate",
        Cause.VALUE: "average_deal",
        "actual": plan.measure,
    }
    return {
        str(name): why_url(
            measure=code,
            start=plan.period.starts_on,
            end=end,
            unit=subject.get("unit_id"),
            person=subject.get("person_id"),
        )
        for name, code in codes.items()
        if code in registry.measures
    }
