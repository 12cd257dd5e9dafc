"""Making a plan: its top figure, its nodes from the structure, its months, the first cascade."""

import datetime as dt
import logging
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext as _

from apps.calendars import selectors as calendars
from apps.calendars.models import FiscalPeriod
from apps.core.db import advisory_lock, requires_transaction
from apps.core.errors import DomainError
from apps.core.money import minor_units
from apps.measures import registry
from apps.measures import selectors as figures
from apps.measures.registry import Measure
from apps.targets.enums import Method, Season
from apps.targets.models import PlanMonth, Target, TargetPlan
from apps.targets.rules.allocation import Claim
from apps.targets.rules.levels import Level, level_at
from apps.targets.rules.tree import Grid, Node, cascade, check_amount
from apps.targets.selectors import seasons, structure
from apps.targets.selectors.pending import season_of
from apps.targets.selectors.standing import adds_up
from apps.targets.selectors.structure import Candidate
from apps.targets.services.levels import store_levels
from apps.targets.services.storing import tier

logger = logging.getLogger(__name__)
_RATE_DECIMALS = 4


class UnknownMeasure(DomainError):
    """No target can be set on this measure."""


class NobodyTakesPart(DomainError):
    """The unit has no place in the structure or nothing below it."""


class NoTopFigure(DomainError):
    """The top figure can be neither given nor computed."""


class OpenVersionExists(DomainError):
    """Another version of this target is still open."""


@requires_transaction
def create_plan(
    *,
    measure: str,
    year: str,
    root_unit_id: int,
    by_id: int,
    at: dt.datetime,
    on: dt.date,
    name: str = "",
    growth: Decimal | None = None,
    amount: Decimal | None = None,
    baseline: str = "",
    levels: Mapping[int, Level] | None = None,
    season: Season = Season.LEARNED,
    custom_season: Sequence[Decimal] = (),
    structure_on: dt.date | None = None,
    unit_ids: Collection[int] | None = None,
    reason: str = "",
) -> TargetPlan:
    """Create a draft for a fiscal year and cascade it over a unit, everything below it, and its months.

    The top figure is ``amount``, or the base year's actual × (1 + ``growth``).
    ``baseline`` is the code of the base year, by default the year before.
    ``on`` is today; ``structure_on`` the day whose structure counts, by default
    today held within the year. ``unit_ids`` are the units that take part, by
    default those that brought anything in the base year. Raises
    UnknownMeasure, NobodyTakesPart, NoTopFigure, OpenVersionExists.
    """
    found = _measure(measure)
    period = calendars.period(year, "year")
    base = _baseline(period, baseline)
    day = structure_on or min(max(on, period.starts_on), period.ends_before - dt.timedelta(days=1))
    advisory_lock(f"targets.versions:{measure}:{period.pk}")
    version = _next_version(measure, period)
    top = _participants(found, root_unit_id, day, base, on, unit_ids)
    base_amount = _base_amount(found, root_unit_id, base, day)
    plan = TargetPlan(
        name=name or f"{found.name} {period.code}"[:120],
        measure=measure,
        period=period,
        root_unit_id=root_unit_id,
        structure_on=day,
        currency=settings.COMPANY_CURRENCY if found.kind == "money" else "",
        decimals=_decimals(found),
        is_additive=adds_up(found),
        version=version,
        baseline=base,
        baseline_amount=base_amount,
        growth=growth,
        reason=reason,
        created_by_id=by_id,
        created_at=at,
    )
    top_amount = _top_amount(amount, base_amount, growth, _grid_of(plan))
    weights = seasons.month_weights(
        measure=measure,
        unit_id=root_unit_id,
        year=period,
        season=season,
        before=on,
        custom=[Fraction(weight) for weight in custom_season],
    )
    plan.season = weights.season
    plan.save(force_insert=True)
    plan_levels = _store_levels(plan, levels or {}, depth=max(one.depth for one in top.walk()))
    _store_months(plan, weights)
    _store_nodes(plan, top, top_amount, plan_levels, season_of(plan))
    logger.info("target plan created", extra={"plan_id": plan.pk, "by": by_id})
    return plan


def _measure(code: str) -> Measure:
    if code not in registry.measures or not registry.measures.get(code).is_target_worthy:
        raise UnknownMeasure(
            _("No target can be set on “%(code)s”.") % {"code": code},
            fields={"measure": _("Choose a measure from the list.")},
        )
    return registry.measures.get(code)


def _baseline(period: FiscalPeriod, code: str) -> FiscalPeriod | None:
    if code:
        return calendars.period(code, "year")
    earlier = FiscalPeriod.objects.filter(
        calendar=period.calendar_id, kind="year", ends_before=period.starts_on
    )
    return earlier.first()


def _next_version(measure: str, period: FiscalPeriod) -> int:
    versions = TargetPlan.objects.filter(measure=measure, period=period)
    if versions.open().exists():
        raise OpenVersionExists(
            _("There is already an open draft for this measure and year. Finish or discard it first."),
            fields={"measure": _("An open draft exists.")},
        )
    return (versions.aggregate(last=Max("version"))["last"] or 0) + 1


def _participants(
    measure: Measure,
    root_unit_id: int,
    day: dt.date,
    base: FiscalPeriod | None,
    on: dt.date,
    unit_ids: Collection[int] | None,
) -> Candidate:
    start, end = (base.starts_on, base.ends_before) if base else (day, day + dt.timedelta(days=1))
    top = structure.candidates(
        measure=measure.code, root_unit_id=root_unit_id, structure_on=day, start=start, end=end, on=on
    )
    if top is None:
        raise NobodyTakesPart(
            _("The unit is not part of the structure on %(day)s.") % {"day": day.isoformat()},
            fields={"root_unit": _("Choose a unit that exists then.")},
        )
    return structure.keep(top, structure.selling_units(top) if unit_ids is None else unit_ids)


def _base_amount(
    measure: Measure, root_unit_id: int, base: FiscalPeriod | None, day: dt.date
) -> Decimal | None:
    if base is None:
        return None
    row = figures.value(
        measure.code, base.starts_on, base.ends_before, unit_id=root_unit_id, structure="as_is", as_of=day
    )
    return None if row.value is None else row.value.quantize(Decimal("0.0001"))


def _decimals(measure: Measure) -> int:
    if measure.kind == "money":
        return minor_units(settings.COMPANY_CURRENCY)
    return 0 if measure.kind == "count" else min(max(measure.decimals, 1), _RATE_DECIMALS)


def _top_amount(
    amount: Decimal | None, base_amount: Decimal | None, growth: Decimal | None, grid: Grid
) -> Decimal:
    if amount is not None:
        check_amount(amount, grid)
        return amount
    if base_amount is None or base_amount <= 0 or growth is None:
        raise NoTopFigure(
            _("There is no figure for the base year to grow from. Give the target amount instead."),
            fields={"amount": _("Enter an amount.")},
        )
    return tier(base_amount, growth * 100, grid)


def _store_levels(plan: TargetPlan, levels: Mapping[int, Level], *, depth: int) -> dict[int, Level]:
    chosen: dict[int, Level] = {}
    for at_depth in range(depth):
        level = level_at(levels, at_depth)
        if not plan.is_additive:
            level = Level(method=Method.SAME_VALUE)
        level.recipe()
        chosen[at_depth] = level
    store_levels(plan, chosen)
    return chosen


def _store_months(plan: TargetPlan, weights: seasons.MonthWeights) -> None:
    PlanMonth.objects.bulk_create(
        PlanMonth(
            plan=plan,
            month=month,
            position=position,
            weight=seasons.stored_weight(weight),
            working_days=days,
        )
        for position, (month, weight, days) in enumerate(
            zip(weights.months, weights.weights, weights.working_days, strict=True)
        )
    )


def _reserve_ids(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('targets_target', 'id')) FROM generate_series(1, %s)",
            [count],
        )
        return [row[0] for row in cursor.fetchall()]


def _store_nodes(
    plan: TargetPlan,
    top: Candidate,
    amount: Decimal,
    levels: Mapping[int, Level],
    season: Sequence[int],
) -> None:
    everyone = top.walk()
    ids = dict(zip(map(id, everyone), _reserve_ids(len(everyone)), strict=True))
    nodes = {id(one): _node(one, ids[id(one)], levels, season) for one in everyone}
    for one in everyone:
        for child in one.children:
            nodes[id(one)].add(nodes[id(child)])
    root = nodes[id(top)]
    root.amount = amount
    grid = Grid(places=plan.decimals, months=len(season), is_additive=plan.is_additive)
    cascade(root, grid)
    rows = [
        _target(plan, one, nodes[id(one)], place, level_at(levels, one.depth), grid)
        for place, one in enumerate(everyone)
    ]
    Target.objects.bulk_create(rows, batch_size=1000)


def _node(one: Candidate, key: int, levels: Mapping[int, Level], season: Sequence[int]) -> Node:
    level = level_at(levels, one.depth)
    claim = Claim(key=key, history=one.history, capacity=one.capacity, potential=one.potential)
    return Node(key=key, over=level.over_assignment, recipe=level.recipe(), claim=claim, season=season)


def _target(plan: TargetPlan, one: Candidate, node: Node, place: int, level: Level, grid: Grid) -> Target:
    return Target(
        pk=node.key,
        plan=plan,
        parent_id=node.parent.key if node.parent else None,
        unit_id=one.unit_id,
        position_id=one.position_id,
        owner_id=one.owner_id,
        depth=one.depth,
        place=place,
        amount=node.amount,
        months=node.months or [],
        stretch_amount=tier(node.amount, Decimal(plan.stretch_percent), grid),
        challenge_amount=tier(node.amount, Decimal(plan.challenge_percent), grid),
        history=one.history,
        fte=one.capacity,
        capacity=one.capacity,
        potential=one.potential,
        method=level.method,
        over_assignment=level.over_assignment,
    )


def _grid_of(plan: TargetPlan) -> Grid:
    return Grid(places=plan.decimals, months=12, is_additive=plan.is_additive)
