"""What speaks for and against each target of a plan, gathered for all of them at once."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from apps.calendars.models import FiscalPeriod
from apps.measures import registry
from apps.measures import selectors as figures
from apps.org.models import Assignment
from apps.targets.models import PlanMonth, Target, TargetPlan
from apps.targets.rules.smart import Evidence, Verdict, chance_to_reach, judge, middle
from apps.targets.selectors.seasons import history_months
from apps.targets.selectors.structure import figures_of

_PIPELINE, _WIN_RATE = "open_pipeline", "win_rate"
_MONTHS_AHEAD = 3


@dataclass
class Track:
    """The monthly actuals of one unit or person and the position of each month in its year."""

    values: list[Decimal] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)


@dataclass
class Gathered:
    """Everything the check of a plan reads, by target."""

    targets: list[Target]
    season: list[Fraction]
    tracks: dict[int, Track]
    before_last: dict[int, Decimal]
    productivity: Fraction | None
    pipeline: dict[int, Decimal]
    needed: Fraction | None
    ahead: dict[int, Decimal]


def verdicts(plan: TargetPlan, on: dt.date) -> dict[int, Verdict]:
    """Judge every target of a plan; the number of queries does not depend on its size."""
    gathered = gather(plan, on)
    evidence = evidence_of(plan, gathered)
    return {target_id: judge(one) for target_id, one in evidence.items()}


def gather(plan: TargetPlan, on: dt.date) -> Gathered:
    """Read the history, pipeline and capacity behind a plan's targets."""
    targets = list(Target.objects.filter(plan=plan).order_by("place", "pk"))
    holders = _holders(plan, targets)
    months = list(PlanMonth.objects.filter(plan=plan).order_by("position"))
    return Gathered(
        targets=targets,
        season=[Fraction(month.weight) for month in months],
        tracks=_tracks(plan, targets, holders, min(on, plan.period.starts_on)),
        before_last=_before_last(plan, targets, holders),
        productivity=_productivity(targets),
        pipeline=_pipeline(plan, targets, holders, on),
        needed=_needed(plan),
        ahead=_ahead(plan, on),
    )


def evidence_of(plan: TargetPlan, gathered: Gathered) -> dict[int, Evidence]:
    """Turn what was gathered into the evidence on each target."""
    lately = {target.pk: last_four_quarters(gathered.tracks.get(target.pk)) for target in gathered.targets}
    growths = {
        target.pk: _growth(
            target.amount, lately[target.pk] if target.pk in gathered.tracks else target.history
        )
        for target in gathered.targets
    }
    siblings: dict[int | None, list[Fraction | None]] = defaultdict(list)
    for target in gathered.targets:
        siblings[target.parent_id].append(growths[target.pk])
    measure_known = plan.measure in registry.measures
    return {
        target.pk: Evidence(
            has_owner=target.owner_id is not None,
            has_scope=(target.unit_id is None) != (target.position_id is None),
            has_measure=measure_known,
            has_unit=measure_known,
            has_baseline=target.history > 0,
            is_linked=target.parent_id is not None or target.depth == 0,
            is_in_period=plan.period_id is not None,
            growth=growths[target.pk],
            own_trend=_trend(target, gathered, lately[target.pk]),
            peer_growth=middle(siblings[target.parent_id]) if len(siblings[target.parent_id]) > 1 else None,
            load=_load(plan, target, gathered.productivity),
            coverage=_coverage(target, gathered),
            coverage_needed=gathered.needed,
            chance=_chance(plan, target, gathered),
        )
        for target in gathered.targets
    }


def _growth(now: Decimal | None, before: Decimal | None) -> Fraction | None:
    return None if now is None or before is None or before <= 0 else Fraction(now) / Fraction(before) - 1


_YEAR = 12


def last_four_quarters(track: Track | None, *, back: int = 0) -> Decimal | None:
    """Return the actual of the last four whole fiscal quarters, or of the four before those (``back`` 1).

    None when there are fewer on record.
    """
    if track is None:
        return None
    last = len(track.values)
    while last and (track.positions[last - 1] + 1) % 3:
        last -= 1
    end = last - back * _YEAR
    return None if end < _YEAR else sum(track.values[end - _YEAR : end], Decimal(0))


def _trend(target: Target, gathered: Gathered, lately: Decimal | None) -> Fraction | None:
    """Return what the last four quarters grew by; without them, what the base year grew by."""
    if target.pk not in gathered.tracks:
        return _growth(target.history, gathered.before_last.get(target.pk))
    return _growth(lately, last_four_quarters(gathered.tracks.get(target.pk), back=1))


def _holders(plan: TargetPlan, targets: list[Target]) -> dict[int, int]:
    seats = [target.position_id for target in targets if target.position_id]
    rows = Assignment.objects.on(plan.structure_on).filter(position__in=seats, is_acting=False)
    return dict(rows.values_list("position_id", "person_id"))


def _of(
    targets: list[Target], holders: dict[int, int], units: dict[int, Decimal], people: dict[int, Decimal]
) -> dict[int, Decimal]:
    found = {}
    for target in targets:
        value = (
            units.get(target.unit_id)
            if target.unit_id
            else people.get(holders.get(target.position_id or 0, 0))
        )
        if value is not None:
            found[target.pk] = value
    return found


def _before_last(plan: TargetPlan, targets: list[Target], holders: dict[int, int]) -> dict[int, Decimal]:
    if plan.baseline is None:
        return {}
    earlier = FiscalPeriod.objects.filter(
        calendar=plan.baseline.calendar_id, kind="year", ends_before=plan.baseline.starts_on
    ).first()
    if earlier is None:
        return {}
    past = figures_of(plan.measure, earlier.starts_on, earlier.ends_before, plan.structure_on)
    return _of(targets, holders, past.units, past.people)


def _tracks(
    plan: TargetPlan, targets: list[Target], holders: dict[int, int], before: dt.date
) -> dict[int, Track]:
    months = history_months(before)
    if not months or not plan.is_additive:
        return {}
    start, end = months[0].starts_on, months[-1].ends_before
    by_unit = _by_month(plan, start, end, "unit", structure="as_is", as_of=plan.structure_on)
    by_person = _by_month(plan, start, end, "person")
    tracks = {}
    for target in targets:
        values = (
            by_unit.get(target.unit_id)
            if target.unit_id
            else by_person.get(holders.get(target.position_id or 0, 0))
        )
        if values:
            tracks[target.pk] = _track(values, months)
    return tracks


def _by_month(
    plan: TargetPlan, start: dt.date, end: dt.date, key: str, **options: object
) -> dict[int, dict[str, Decimal]]:
    found: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for row in figures.query(plan.measure, start, end, by=[key, "month"], **options):  # type: ignore[arg-type]
        if row.keys[key] is not None:
            found[int(row.keys[key])][str(row.keys["month"])] = row.numerator  # type: ignore[arg-type]  # an id
    return found


def _track(values: dict[str, Decimal], months: list[FiscalPeriod]) -> Track:
    """Start with the first month that has anything, so that time before the start does not count."""
    track = Track()
    for month in months:
        value = values.get(month.code, Decimal(0))
        if value or track.values:
            track.values.append(value)
            track.positions.append(month.number - 1)
            track.codes.append(month.code)
    return track


def _productivity(targets: list[Target]) -> Fraction | None:
    """Return what the stronger quarter of seats brought per full-time seat."""
    rates = sorted(
        Fraction(target.history) / Fraction(target.capacity)
        for target in targets
        if target.position_id and target.history > 0 and target.capacity > 0
    )
    return rates[(3 * (len(rates) - 1)) // 4] if len(rates) >= 4 else None


def _load(plan: TargetPlan, target: Target, productivity: Fraction | None) -> Fraction | None:
    if not plan.is_additive or productivity is None or target.capacity <= 0:
        return None
    return Fraction(target.amount) / (productivity * Fraction(target.capacity))


def _pipeline(
    plan: TargetPlan, targets: list[Target], holders: dict[int, int], on: dt.date
) -> dict[int, Decimal]:
    if plan.measure != "revenue" or _PIPELINE not in registry.measures:
        return {}
    day = dt.timedelta(days=1)
    units = figures.query(_PIPELINE, on, on + day, by=["unit"], structure="as_is", as_of=plan.structure_on)
    people = figures.query(_PIPELINE, on, on + day, by=["person"])
    return _of(
        targets,
        holders,
        {int(row.keys["unit"]): row.numerator for row in units if row.keys["unit"] is not None},
        {int(row.keys["person"]): row.numerator for row in people if row.keys["person"] is not None},
    )


def _needed(plan: TargetPlan) -> Fraction | None:
    """Return 1 ÷ win rate of the base year."""
    if plan.baseline is None or _WIN_RATE not in registry.measures:
        return None
    row = figures.value(
        _WIN_RATE, plan.baseline.starts_on, plan.baseline.ends_before, unit_id=plan.root_unit_id
    )
    return 1 / Fraction(row.value) if row.value else None


def _ahead(plan: TargetPlan, on: dt.date) -> dict[int, Decimal]:
    """Return what the next three months of the plan ask for, by target; empty once the year is over."""
    months = [
        row
        for row in PlanMonth.objects.filter(plan=plan).select_related("month").order_by("position")
        if row.month.ends_before > on
    ][:_MONTHS_AHEAD]
    if not months:
        return {}
    positions = [row.position for row in months]
    rows = Target.objects.filter(plan=plan).order_by("pk").values_list("pk", "months")
    return {
        target_id: sum((amounts[position] for position in positions), Decimal(0))
        for target_id, amounts in rows
    }


def _coverage(target: Target, gathered: Gathered) -> Fraction | None:
    ahead = gathered.ahead.get(target.pk)
    if not ahead or not gathered.pipeline:
        return None
    return Fraction(gathered.pipeline.get(target.pk, Decimal(0))) / Fraction(ahead)


def _chance(plan: TargetPlan, target: Target, gathered: Gathered) -> float | None:
    track = gathered.tracks.get(target.pk)
    if track is None or not plan.is_additive:
        return None
    season = [float(weight) for weight in gathered.season]
    return chance_to_reach(
        float(target.amount),
        [float(value) for value in track.values],
        [season[position] for position in track.positions],
        season,
        seed=target.place,
    )
