"""Playing past periods through two plans by the engine of the runs, period by period, payee by payee."""

import datetime as dt
import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from django.db.models import Sum

from apps.calendars import selectors as calendars
from apps.calendars.models import FiscalPeriod
from apps.incentives.enums import LineKind
from apps.incentives.models import IncentivePlan, PlanVersion, RunPlan, Simulation
from apps.incentives.rules.engine.shapes import NotPayable
from apps.incentives.selectors import payees as people_of
from apps.incentives.selectors.blends import Parts
from apps.incentives.selectors.contests import shared_between
from apps.incentives.selectors.crediting import POSTED
from apps.incentives.selectors.exchange import CompanyRates, at_home, company_currency
from apps.incentives.selectors.facts import pinned_facts
from apps.incentives.selectors.given import Paid
from apps.incentives.selectors.holds import holds_in_force, holds_of
from apps.incentives.selectors.payees import PayeeSegment, window_of
from apps.incentives.selectors.pinning import Pinning, abroad_of
from apps.incentives.selectors.rehearsal import Rehearsal, Shelves, SimulatedAwards
from apps.incentives.selectors.statements import Result, compute
from apps.incentives.selectors.transfers import blended, parts_of, standings_apart
from apps.incentives.selectors.window_days import measured_plans, told_days
from apps.measures.models import Credit
from apps.org import selectors as org
from apps.org.models import Assignment, OrgUnit, PositionUnit
from apps.roles.models import PositionRole
from apps.targets import selectors as targets

_DAY = dt.timedelta(days=1)
Side = Literal["now", "then"]
SIDES: tuple[Side, Side] = ("now", "then")
Segments = dict[int, list[PayeeSegment]]


@dataclass(frozen=True)
class Scene:
    """One period: what pays everybody under either plan, what was known, and whether its pay is counted."""

    period: FiscalPeriod
    counts: bool
    held: frozenset[str]
    sides: Mapping[Side, Pinning]


@dataclass(frozen=True)
class Stage:
    """Everything a simulation plays on: the periods in order, the versions of each side, the payees."""

    scenes: Sequence[Scene]
    versions: Mapping[Side, Sequence[PlanVersion]]
    people: Sequence[int]
    upto: int

    @property
    def start(self) -> dt.date:
        """The first day that counts for a window."""
        return self.scenes[0].period.starts_on

    @property
    def end(self) -> dt.date:
        """The day after the last."""
        return self.scenes[-1].period.ends_before


@dataclass
class Played:
    """What one payee is paid by both plans, by period, with every line."""

    person_id: int
    total: dict[Side, Decimal] = field(default_factory=lambda: {"now": Decimal(0), "then": Decimal(0)})
    periods: list[tuple[str, Decimal, Decimal]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    problem: NotPayable | None = None


def stage(simulation: Simulation) -> Stage:
    """Read what a simulation plays on: targets, actuals, contests and pools of every period."""
    then = simulated_version(simulation)
    plans = _plans(simulation)
    kind = simulation.first.kind
    first = _run_in(simulation, plans, then)
    awards = {side: SimulatedAwards() for side in SIDES}
    known: dict[int, PlanVersion] = {}
    scenes = [
        _scene(simulation, period, _in_force(plans, period, known), then, awards)
        for period in calendars.periods_between(first, simulation.last.ends_before, kind)
    ]
    scenes = list(_with_days(scenes))
    played = [scene for scene in scenes if scene.sides["now"].segments]
    people = {one for scene in scenes if scene.counts for one in scene.sides["now"].segments}
    versions: dict[Side, dict[int, PlanVersion]] = {side: {} for side in SIDES}
    for scene in played:
        for side in SIDES:
            versions[side].update(scene.sides[side].by_version)
    return Stage(
        scenes=scenes,
        versions={side: list(found.values()) for side, found in versions.items()},
        people=sorted(people),
        upto=simulation.ledger_upto,
    )


def _with_days(scenes: Iterable[Scene]) -> Iterator[Scene]:
    """Give every period the days played so far, for plans that measure something by them."""
    so_far: dict[Side, Segments] = {side: defaultdict(list) for side in SIDES}
    for scene in scenes:
        sides = {}
        for side, pinning in scene.sides.items():
            plans = measured_plans(pinning.versions)
            for person_id, own in pinning.segments.items() if plans else ():
                so_far[side][person_id] += own
            sides[side] = replace(pinning, days=told_days(so_far[side], plans)) if plans else pinning
        yield replace(scene, sides=sides)


def fingerprint(stage: Stage) -> str:
    """Return a fingerprint of what a simulation plays on: the same wherever and whenever nothing changed."""
    digest = hashlib.sha256()
    for side in SIDES:
        for version in stage.versions[side]:
            digest.update(json.dumps([version.plan_id, version.document], sort_keys=True).encode())
    for scene in stage.scenes:
        now, then = (scene.sides[side] for side in SIDES)
        told = [
            scene.period.pk, scene.counts, sorted(scene.held), now.upto, now.segments, now.standings,
            now.apart, now.shared, now.facts, str(now.abroad), then.shared, then.facts, str(then.abroad),
        ]  # fmt: skip
        digest.update(json.dumps(told, sort_keys=True, default=str).encode())
    return digest.hexdigest()


def is_large(simulation: Simulation, most: int) -> bool:
    """Tell whether a simulation plays more payees than so many, by those of its last period."""
    period = simulation.last
    versions = people_of.versions_in_force(_plans(simulation), period)
    segments = people_of.segments_of(period.starts_on, period.ends_before, versions)
    return len(_chosen(simulation, period, segments)) > most


def simulated_version(simulation: Simulation) -> PlanVersion:
    """Return the version as it was when the simulation was asked for, whatever became of the draft."""
    version = simulation.version
    return PlanVersion(
        pk=version.pk,
        plan=version.plan,
        number=version.number,
        document=simulation.document,
        valid=version.valid,
    )


def _plans(simulation: Simulation) -> list[int]:
    if simulation.plan_id is not None:
        return [simulation.plan_id]
    plans = IncentivePlan.objects.filter(frequency=simulation.first.kind)
    return list(plans.order_by("pk").values_list("pk", flat=True))


def _run_in(simulation: Simulation, plans: Collection[int], then: PlanVersion) -> dt.date:
    """Return where to begin so that windows to date are full: at their start, perhaps before the range."""
    versions = people_of.versions_in_force(plans, simulation.first)
    documents = [version.plan_document for version in (*versions.values(), then)]
    starts = [
        window_of(simulation.first, document.basis_of(component)).start
        for document in documents
        for component in document.components
    ]
    return min([simulation.first.starts_on, *starts])


def _in_force(
    plans: Collection[int], period: FiscalPeriod, known: dict[int, PlanVersion]
) -> dict[int, PlanVersion]:
    """Return the versions of a period, the same objects every time: their documents are read once."""
    found = people_of.versions_in_force(plans, period)
    return {plan_id: known.setdefault(version.pk, version) for plan_id, version in found.items()}


def _scene(
    simulation: Simulation,
    period: FiscalPeriod,
    versions: Mapping[int, PlanVersion],
    then: PlanVersion,
    awards: Mapping[Side, SimulatedAwards],
) -> Scene:
    upto, held = _known(simulation, period, versions)
    everybody = people_of.segments_of(period.starts_on, period.ends_before, versions)
    now = blended(_chosen(simulation, period, everybody), versions, period)
    parts = parts_of(now, versions, period)
    moved = {
        person_id: [replace(one, plan_id=then.plan_id, version_id=then.pk, blend=None) for one in own]
        for person_id, own in now.items()
    }
    by_id = {version.pk: version for version in versions.values()}
    documents = {
        person_id: [*(by_id[one.version_id].plan_document for one in own), then.plan_document]
        for person_id, own in now.items()
    }
    standings = people_of.standings_of(documents, period)
    sides: dict[Side, Pinning] = {}
    nowhere: Parts = {}  # everybody is under the one plan all the time
    for side, own, paying, together, days in (
        ("now", now, versions, everybody, parts),
        ("then", moved, {then.plan_id: then}, moved, nowhere),
    ):
        shared = shared_between(together, paying, period, upto, awards[side])  # type: ignore[index]  # a side
        awards[side].book(shared, period.code)  # type: ignore[index]  # a side
        sides[side] = Pinning(  # type: ignore[index]  # a side
            period=period,
            versions=paying,
            upto=upto,
            people=(),
            segments=own,
            standings=standings,
            shared=shared,
            facts=pinned_facts(paying, period, {}, list(own)),
            abroad=abroad_of(own, paying, period, days),
            apart=standings_apart(days, paying, period),
        )
    return Scene(period, period.starts_on >= simulation.first.starts_on, held, sides)


def _known(
    simulation: Simulation, period: FiscalPeriod, plans: Collection[int]
) -> tuple[int, frozenset[str]]:
    """Return which credits and holds the runs of a period knew; all of today's where none was locked."""
    runs = RunPlan.objects.filter(period=period, is_void=False, plan__in=plans, run__state__in=POSTED)
    found = dict(runs.values_list("run_id", "run__ledger_upto"))
    if not found:
        return simulation.ledger_upto, holds_in_force()
    upto = max(one or 0 for one in found.values())
    return min(upto, simulation.ledger_upto), frozenset().union(*(holds_of(run_id) for run_id in found))


def _chosen(simulation: Simulation, period: FiscalPeriod, segments: Segments) -> Segments:
    start, end = period.starts_on, period.ends_before
    if simulation.unit_id is not None:
        units = org.subtree(simulation.unit_id, end - _DAY)
        places: Any = PositionUnit.objects.during(start, end).filter(unit__in=units).values("position_id")
    elif simulation.role_id is not None:
        roles = PositionRole.objects.during(start, end).filter(role=simulation.role_id)
        places = roles.values("position_id")
    else:
        return segments
    seated = Assignment.objects.during(start, end).filter(position__in=places)
    wanted = set(seated.values_list("person_id", flat=True))
    return {person_id: own for person_id, own in segments.items() if person_id in wanted}


def play(found: Stage, people: Sequence[int]) -> Iterator[Played]:
    """Pay some payees through all periods by both plans; nothing is written."""
    answers = {person_id: Played(person_id) for person_id in people}
    totals: dict[int, dict[str, dict[Side, Decimal]]] = defaultdict(dict)
    versions = [version for side in SIDES for version in found.versions[side]]
    shelves = Shelves(people, versions, found.start, found.end, found.upto)
    for side in SIDES:
        books = Rehearsal(shelves)
        opening: dict[int, dict[str, Any]] = defaultdict(dict)
        for scene in found.scenes:
            pinning = scene.sides[side]
            present = tuple(
                one for one in people if one in pinning.segments or opening.get(one) or books.has_paid(one)
            )
            facts = pinning.facts
            if any(_waits_for_days(opening.get(one, {})) for one in present):
                facts = pinned_facts(pinning.versions, scene.period, opening, present)
            batch = replace(pinning, people=present, opening=opening, facts=facts)
            payees = batch.payees()
            results = compute(
                payees, scene.period, pinning.versions, pinning.upto, scene.held, pinning.counted, books
            )
            for payee, result in zip(payees, results, strict=True):
                books.book(payee, scene.period, result)
                _carry(opening[result.person_id], result)
                if scene.counts:
                    _note(answers[result.person_id], totals[result.person_id], side, scene.period, result)
    for person_id, answer in answers.items():
        zero = Decimal(0)
        answer.periods = [
            (code, sums.get("now", zero), sums.get("then", zero)) for code, sums in totals[person_id].items()
        ]
        yield answer


def _waits_for_days(opening: Mapping[str, Any]) -> bool:
    """Tell whether pay is carried that falls due with the days of a deal."""
    return any("transaction" in one["due"] for own in opening.values() for one in own.get("pending", ()))


def _carry(opening: dict[str, Any], result: Result) -> None:
    for plan_id, closing in result.closing.items():
        opening.pop(plan_id, None)
        if closing:
            opening[plan_id] = closing


def _note(
    answer: Played,
    totals: dict[str, dict[Side, Decimal]],
    side: Side,
    period: FiscalPeriod,
    result: Result,
) -> None:
    worth = _worth(result, period)
    total = sum((amount for _paid, amount in worth), Decimal(0))
    answer.total[side] += total
    totals.setdefault(period.code, {})[side] = total
    answer.problem = answer.problem or result.problem
    answer.lines += [_kept(paid, amount, side, period) for paid, amount in worth]


def _worth(result: Result, period: FiscalPeriod) -> list[tuple[Paid, Decimal]]:
    """Return the lines with their amounts in company currency, at the rate of the period's last day."""
    lines = [paid for paid in result.lines if paid.line.kind != LineKind.EXCHANGE]
    if all(paid.currency == company_currency() for paid in lines):
        return [(paid, paid.line.rounded) for paid in lines]
    known = vars(period)  # asked for every payee
    rates: CompanyRates = known.get("_company_rates") or known.setdefault("_company_rates", CompanyRates())
    last = period.ends_before - _DAY
    try:
        return [(paid, at_home({paid.currency: paid.line.rounded}, rates, last)) for paid in lines]
    except NotPayable as problem:
        result.problem = result.problem or problem
        return []


def _kept(paid: Paid, amount: Decimal, side: Side, period: FiscalPeriod) -> dict[str, Any]:
    line = paid.line
    return {
        "side": side, "period": period.code, "component": line.component, "label": paid.label,
        "kind": str(line.kind), "window": line.window, "amount": str(amount), "steps": list(line.steps),
        "currency": paid.currency,
    }  # fmt: skip


def credited_to(people: Collection[int], simulation: Simulation, measure: str) -> dict[int, Decimal]:
    """Return what each payee was credited directly in the range."""
    rows = Credit.objects.filter(measure=measure, person__in=list(people), is_overlay=False).filter(
        pk__lte=simulation.ledger_upto,
        credited_on__gte=simulation.first.starts_on,
        credited_on__lt=simulation.last.ends_before,
    )
    sums = rows.order_by().values("person_id").annotate(total=Sum("value"))
    return {row["person_id"]: row["total"] for row in sums}


def attained(people: Collection[int], simulation: Simulation, measure: str) -> dict[int, Decimal]:
    """Return what part of their quota people reached in the range; leads of a unit by the unit's."""
    start, end = simulation.first.starts_on, simulation.last.ends_before
    led = people_of.led_units(set(people), end - _DAY)
    answer = targets.standings(
        measure=measure,
        start=start,
        end=end,
        unit_ids=sorted(set(led.values())),
        person_ids=sorted(one for one in people if one not in led),
    )
    found = {}
    for one in people:
        reached = answer.of_unit(led[one]) if one in led else answer.of_person(one)
        if reached.quota and reached.actual is not None:
            found[one] = reached.actual / reached.quota
    return found


def units_of(people: Collection[int], on: dt.date) -> dict[int, str]:
    """Return the names of the units people sit in."""
    seats = org.seats_of(people, on)
    units = OrgUnit.objects.in_bulk({seat.unit_id for seat in seats.values()})
    return {one: units[seat.unit_id].name for one, seat in seats.items()}
