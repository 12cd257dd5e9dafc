"""Attainment: actuals of the ledger against quotas in force."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from apps.measures import registry
from apps.measures import selectors as figures
from apps.measures.registry import Measure
from apps.targets.rules.pacing import Attainment, Crowd, attain, crowd
from apps.targets.selectors.quotas import Quotas, quotas

_DAY = dt.timedelta(days=1)


def adds_up(measure: Measure) -> bool:
    """Tell whether targets on a measure can be split: sums can, rates and states cannot."""
    return measure.kind in {"money", "count"} and measure.source in {"ledger", "sum"}


def attainment(
    *,
    measure: str,
    start: dt.date,
    end: dt.date,
    person_id: int | None = None,
    unit_id: int | None = None,
    on: dt.date | None = None,
) -> Attainment:
    """Return how a person or unit stands against its quota over ``[start, end)`` at the end of a day.

    ``on`` defaults to the last day of the range. Without a target in force
    the quota and everything that follows from it is None.
    """
    units = [] if unit_id is None else [unit_id]
    people = [] if person_id is None else [person_id]
    found = standings(measure=measure, start=start, end=end, unit_ids=units, person_ids=people, on=on)
    return found.of_unit(unit_id) if unit_id is not None else found.of_person(person_id or 0)


@dataclass(frozen=True)
class Standings:
    """The attainment of many units and people, loaded at a constant cost."""

    measure: Measure
    on: dt.date
    quotas: Quotas
    unit_actuals: dict[int, Decimal | None]
    person_actuals: dict[int, Decimal | None]

    def of_unit(self, unit_id: int) -> Attainment:
        """Return the attainment of one unit."""
        return self._attain(self.unit_actuals.get(unit_id, self._nothing), unit_id=unit_id)

    def of_person(self, person_id: int) -> Attainment:
        """Return the attainment of one person."""
        return self._attain(self.person_actuals.get(person_id, self._nothing), person_id=person_id)

    def actual_and_quota(
        self, *, unit_id: int | None = None, person_id: int | None = None
    ) -> tuple[Decimal | None, Decimal | None]:
        """Return what was reached and what is asked of one unit or person, without pace and projection."""
        reached = self.unit_actuals if unit_id is not None else self.person_actuals
        actual = reached.get((unit_id if unit_id is not None else person_id) or 0, self._nothing)
        return actual, self.quotas.total(unit_id=unit_id, person_id=person_id)

    def crowd(self, person_ids: Collection[int]) -> Crowd:
        """Return the median attainment of some people and the share of those at 100 % or more."""
        return crowd([self.of_person(person_id).ratio for person_id in person_ids])

    @property
    def _nothing(self) -> Decimal | None:
        return None if self.measure.source == "ratio" else Decimal(0)

    def _attain(
        self, actual: Decimal | None, unit_id: int | None = None, person_id: int | None = None
    ) -> Attainment:
        return attain(
            actual,
            self.quotas.total(unit_id=unit_id, person_id=person_id),
            self.quotas.month_plans(self.on, unit_id=unit_id, person_id=person_id),
            is_additive=adds_up(self.measure),
            lower_is_better=self.measure.direction == "down",
        )


def standings(
    *,
    measure: str,
    start: dt.date,
    end: dt.date,
    unit_ids: Collection[int] = (),
    person_ids: Collection[int] = (),
    on: dt.date | None = None,
) -> Standings:
    """Return the attainment of many units and people over ``[start, end)`` at the end of a day."""
    day = min(on or end - _DAY, end - _DAY)
    return Standings(
        measure=registry.measures.get(measure),
        on=day,
        quotas=quotas(measure, start, end, unit_ids=unit_ids, person_ids=person_ids),
        unit_actuals=_actuals(measure, start, day + _DAY, "unit", unit_ids),
        person_actuals=_actuals(measure, start, day + _DAY, "person", person_ids),
    )


def _actuals(
    measure: str, start: dt.date, until: dt.date, dimension: str, ids: Collection[int]
) -> dict[int, Decimal | None]:
    if not ids or until <= start:
        return {}
    only = next(iter(ids)) if len(ids) == 1 else None
    if only is not None and dimension == "unit":
        return {only: figures.value(measure, start, until, unit_id=only).value}
    if only is not None:
        return {only: figures.value(measure, start, until, person_id=only).value}
    wanted = set(ids)
    rows = figures.query(measure, start, until, by=[dimension])
    return {int(row.keys[dimension]): row.value for row in rows if row.keys[dimension] in wanted}  # type: ignore[arg-type]  # an id
