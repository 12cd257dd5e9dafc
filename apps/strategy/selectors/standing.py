"""How objectives stand: the figures of measures and targets, and who may see them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.calendars import selectors as calendars
from apps.calendars.models import FiscalPeriod
from apps.measures import registry
from apps.measures import selectors as figures
from apps.measures.links import why_url
from apps.org.models import Assignment
from apps.strategy.models import Objective
from apps.targets import selectors as targets
from apps.targets.rules.pacing import Attainment, MonthPlan, attain

_DAY = dt.timedelta(days=1)
_NOTHING = Attainment(None, None)


@dataclass(frozen=True)
class Aim:
    """What an objective measures, over which days, for which unit or person."""

    measure: str
    period: FiscalPeriod
    unit_id: int | None
    person_id: int | None
    name: str
    currency: str = ""

    @property
    def key(self) -> tuple[str, dt.date, dt.date]:
        """What objectives that are read together have in common."""
        return self.measure, self.period.starts_on, self.period.ends_before


@dataclass(frozen=True)
class Standing:
    """An objective with its figures as of a day. ``aim`` is None for a wish."""

    objective: Objective
    on: dt.date
    aim: Aim | None = None
    attainment: Attainment = _NOTHING

    @property
    def has_begun(self) -> bool:
        """Tell whether the period of the objective has begun."""
        return self.aim is not None and self.on >= self.aim.period.starts_on

    @property
    def pace(self) -> Fraction | None:
        """Actual against what was expected by the day; attainment itself where no pace is defined."""
        return self.attainment.ratio if self.attainment.pace is None else self.attainment.pace

    @property
    def why(self) -> str:
        """The address that opens the actual to its rows."""
        if self.aim is None or not self.has_begun:
            return ""
        return why_url(
            measure=self.aim.measure,
            start=self.aim.period.starts_on,
            end=min(self.aim.period.ends_before, self.on + _DAY),
            unit=self.aim.unit_id,
            person=self.aim.person_id,
        )


def objectives_of(strategy_ids: Iterable[int]) -> list[Objective]:
    """Return the objectives of strategies in their order, with everything a standing needs."""
    rows = Objective.objects.filter(strategy__in=list(strategy_ids)).select_related(
        "owner",
        "strategy__unit",
        "period",
        "unit",
        "target__plan__period",
        "target__unit",
        "target__position",
    )
    return list(rows.order_by("strategy_id", "place", "pk"))


def standings(objectives: Sequence[Objective], on: dt.date) -> dict[int, Standing]:
    """Return how objectives stand at the end of a day, by id; figures of one measure are read together."""
    holders = _holders(objectives, on)
    aims = {one.pk: _aim(one, holders) for one in objectives}
    groups: dict[tuple[str, dt.date, dt.date], list[Objective]] = defaultdict(list)
    for one in objectives:
        aim = aims[one.pk]
        if aim is not None:
            groups[aim.key].append(one)
    found = {one.pk: Standing(one, on, aims[one.pk]) for one in objectives}
    workdays = calendars.workdays() if groups else None
    for (measure, start, end), members in groups.items():
        mine = [aims[one.pk] for one in members]
        read = targets.standings(
            measure=measure,
            start=start,
            end=end,
            unit_ids={aim.unit_id for aim in mine if aim and aim.unit_id is not None},
            person_ids={aim.person_id for aim in mine if aim and aim.person_id is not None},
            on=max(on, start - _DAY),
        )
        for one in members:
            aim = aims[one.pk]
            if aim is not None:
                found[one.pk] = Standing(one, on, aim, _attainment(one, aim, read, workdays, on))
    return found


def _holders(objectives: Sequence[Objective], on: dt.date) -> dict[int, int]:
    seats = [one.target.position_id for one in objectives if one.target and one.target.position_id]
    if not seats:
        return {}
    rows = Assignment.objects.on(on).filter(position__in=seats, is_acting=False).order_by("pk")
    return dict(rows.values_list("position_id", "person_id"))


def _aim(objective: Objective, holders: dict[int, int]) -> Aim | None:
    target = objective.target
    if target is not None:
        plan = target.plan
        if target.unit_id is not None:
            return Aim(plan.measure, plan.period, target.unit_id, None, target.unit.name, plan.currency)  # type: ignore[union-attr]
        person = holders.get(target.position_id or 0)
        if person is None:
            return None
        return Aim(plan.measure, plan.period, None, person, target.position.title, plan.currency)  # type: ignore[union-attr]
    if objective.measure and objective.period is not None and objective.measure in registry.measures:
        unit = objective.unit or objective.strategy.unit
        return Aim(objective.measure, objective.period, unit.pk, None, unit.name)
    return None


def _attainment(
    objective: Objective, aim: Aim, read: targets.Standings, workdays: object, on: dt.date
) -> Attainment:
    found = read.of_unit(aim.unit_id) if aim.unit_id is not None else read.of_person(aim.person_id or 0)
    if on < aim.period.starts_on:
        quota = objective.goal_value if objective.goal_value is not None else found.quota
        return Attainment(None, quota)
    if objective.goal_value is None:
        return found
    start, end = aim.period.starts_on, aim.period.ends_before
    whole = workdays.between(start, end)  # type: ignore[attr-defined]  # Workdays
    gone = workdays.between(start, min(on + _DAY, end))  # type: ignore[attr-defined]  # Workdays
    measure = registry.measures.get(aim.measure)
    return attain(
        found.actual,
        objective.goal_value,
        [MonthPlan(objective.goal_value, whole, gone)],
        is_additive=targets.adds_up(measure),
        lower_is_better=measure.direction == "down",
    )


def sees(user: User, unit_id: int | None, person_id: int | None) -> bool:
    """Tell whether a user may see figures of a unit or person."""
    scope = scope_of(user, Permission.MEASURE_VIEW)
    if unit_id is not None:
        return scope.covers_unit(unit_id)
    return scope.covers_person(person_id)


def open_pipeline(unit_ids: Iterable[int], on: dt.date) -> dict[int, Decimal]:
    """Return the open pipeline of units at the end of a day. One question for all of them."""
    wanted = set(unit_ids)
    if not wanted or "open_pipeline" not in registry.measures:
        return {}
    rows = figures.query("open_pipeline", on, on + _DAY, by=["unit"])
    found = {row.keys["unit"]: row.numerator for row in rows}
    return {unit_id: found.get(unit_id, Decimal(0)) for unit_id in wanted}
