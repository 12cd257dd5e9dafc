"""The evidence behind "achievable" for one target, in the form charts need it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from apps.access.models import User
from apps.core.money import round_units
from apps.targets.models import Target, TargetPlan
from apps.targets.rules.smart import Bin, Evidence, Verdict, histogram, judge, resampled_years
from apps.targets.selectors.evidence import Gathered, Track, evidence_of, gather, last_four_quarters
from apps.targets.selectors.grid import names_of

_QUARTERS = 8
_MONTHS = 3


@dataclass(frozen=True)
class Quarter:
    """One whole fiscal quarter on record."""

    label: str
    value: Decimal


@dataclass(frozen=True)
class Peer:
    """What is asked of one sibling over its own last four quarters."""

    name: str
    growth: Fraction
    is_own: bool


@dataclass
class Picture:
    """The evidence on one target. Parts are empty or None where nothing is known."""

    evidence: Evidence
    verdict: Verdict
    quarters: list[Quarter] = field(default_factory=list)
    planned: list[Decimal] = field(default_factory=list)
    lately: Decimal | None = None
    peers: list[Peer] = field(default_factory=list)
    unnamed_peers: int = 0
    full_capacity: Decimal | None = None
    pipeline: Decimal | None = None
    ahead: Decimal | None = None
    pipeline_needed: Decimal | None = None
    bins: list[Bin] = field(default_factory=list)
    middle_year: float | None = None


def picture(user: User, plan: TargetPlan, target: Target, on: dt.date) -> Picture:
    """Return the evidence on a target of a plan; the number of queries does not depend on the plan's size."""
    gathered = gather(plan, on)
    evidence = evidence_of(plan, gathered)
    track = gathered.tracks.get(target.pk)
    found = Picture(
        evidence=evidence[target.pk],
        verdict=judge(evidence[target.pk]),
        quarters=_quarters(track),
        planned=_planned(target),
        lately=last_four_quarters(track),
    )
    _add_peers(found, user, plan, target, gathered, evidence)
    if gathered.productivity is not None and target.capacity > 0 and plan.is_additive:
        found.full_capacity = _decimal(gathered.productivity * Fraction(target.capacity), plan)
    _add_pipeline(found, plan, target, gathered)
    _add_chance(found, target, gathered, track)
    return found


def _quarters(track: Track | None) -> list[Quarter]:
    if track is None:
        return []
    found: list[Quarter] = []
    last = len(track.values)
    while last and (track.positions[last - 1] + 1) % _MONTHS:
        last -= 1
    for end in range(last, 0, -_MONTHS):
        if end < _MONTHS or len(found) == _QUARTERS:
            break
        code = track.codes[end - 1].split("-")[0]
        number = track.positions[end - 1] // _MONTHS + 1
        found.append(Quarter(f"{code}-Q{number}", sum(track.values[end - _MONTHS : end], Decimal(0))))
    return found[::-1]


def _planned(target: Target) -> list[Decimal]:
    """Return the target by quarter."""
    months = target.months
    return [sum(months[start : start + _MONTHS], Decimal(0)) for start in range(0, len(months), _MONTHS)]


def _add_peers(
    found: Picture,
    user: User,
    plan: TargetPlan,
    target: Target,
    gathered: Gathered,
    evidence: dict[int, Evidence],
) -> None:
    siblings = [one for one in gathered.targets if one.parent_id == target.parent_id]
    if len(siblings) < 2:
        return
    seen = set(
        Target.objects.filter(pk__in=[one.pk for one in siblings])
        .visible_to(user)
        .values_list("pk", flat=True)
    )
    named = list(
        Target.objects.filter(pk__in=seen).select_related("unit", "position", "owner").order_by("place", "pk")
    )
    names = names_of(plan, named)
    for one in siblings:
        growth = evidence[one.pk].growth
        if growth is None:
            continue
        if one.pk in seen:
            found.peers.append(Peer(names[one.pk][0], growth, one.pk == target.pk))
        else:
            found.unnamed_peers += 1


def _add_pipeline(found: Picture, plan: TargetPlan, target: Target, gathered: Gathered) -> None:
    ahead = gathered.ahead.get(target.pk)
    if ahead is None or not gathered.pipeline:
        return
    found.ahead = ahead
    found.pipeline = gathered.pipeline.get(target.pk, Decimal(0))
    if gathered.needed is not None:
        found.pipeline_needed = _decimal(Fraction(ahead) * gathered.needed, plan)


def _add_chance(found: Picture, target: Target, gathered: Gathered, track: Track | None) -> None:
    if track is None:
        return
    season = [float(weight) for weight in gathered.season]
    years = resampled_years(
        [float(value) for value in track.values],
        [season[position] for position in track.positions],
        season,
        seed=target.place,
    )
    if years is not None:
        found.bins = histogram(years, float(target.amount))
        found.middle_year = _middle(years)


def _middle(years: Sequence[float]) -> float:
    return sorted(years)[len(years) // 2]


def _decimal(value: Fraction, plan: TargetPlan) -> Decimal:
    return round_units(value, plan.decimals)
