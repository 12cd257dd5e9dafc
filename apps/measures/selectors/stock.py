"""Standing quantities (open pipeline …): asked of their provider, rolled up over that day's structure."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from apps.calendars import selectors as calendars
from apps.measures.registry import StockFact, StockQuestion
from apps.measures.selectors import question as asking
from apps.measures.selectors.question import Question
from apps.org import selectors as org

_DAY = dt.timedelta(days=1)
_Keys = dict[str, int | str | None]


def stock_rows(question: Question) -> list[tuple[_Keys, Decimal, int]]:
    """Return keys, value and number of rows of a stock measure.

    With a time key, each period answers for its last day (or the last day of
    the range, if that comes first).
    """
    if question.time_key is None:
        return _on(question, question.end - _DAY, {})
    periods = calendars.periods_between(question.start, question.end, question.time_key)
    found: list[tuple[_Keys, Decimal, int]] = []
    for period in periods:
        day = min(period.ends_before, question.end) - _DAY
        found.extend(_on(question, day, {question.time_key: period.code}))
    return found


def _on(question: Question, day: dt.date, time: _Keys) -> list[tuple[_Keys, Decimal, int]]:
    provider = question.measure.provider
    if provider is None:
        raise LookupError(f"{question.measure.code} has no provider.")
    needs_unit = question.unit_id is not None or "unit" in question.by
    split = {key for key in question.by if key in {"person", "product", "account"}}
    asked = StockQuestion(
        on=day,
        by=frozenset(split | ({"person"} if needs_unit else set())),
        person_ids=_people(question, day),
        product_id=question.product_id,
        account_id=question.account_id,
    )
    # A total and its split ask for the same facts: together they are read once, and cannot differ.
    facts = asking.remembered(("stock", question.measure.code, asked), lambda: list(provider(asked)))
    structure_day = question.as_of if question.structure == "as_is" else day
    sums: dict[tuple[int | str | None, ...], list[Decimal | int]] = defaultdict(lambda: [Decimal(0), 0])
    for fact, units in _placed(facts, structure_day, needs_unit="unit" in question.by):
        for unit in _within(units, question.unit_id):
            keys = tuple(_key(dimension, fact, unit, time) for dimension in question.by)
            sums[keys][0] += fact.value
            sums[keys][1] += fact.n
    return [
        (dict(zip(question.by, keys, strict=True)), Decimal(total), int(n))
        for keys, (total, n) in sums.items()
    ]


def _people(question: Question, day: dt.date) -> frozenset[int] | None:
    if question.person_id is not None:
        return frozenset({question.person_id})
    structure_day = question.as_of if question.structure == "as_is" else day
    unit_id, reach = question.unit_id, question.person_ids
    if unit_id is None:
        return reach
    counted = asking.remembered(
        ("people", unit_id, structure_day), lambda: org.counted_for(unit_id, structure_day)
    )
    if counted is None or reach is None:
        return reach if counted is None else counted
    return counted & reach


def _placed(
    facts: list[StockFact], day: dt.date, *, needs_unit: bool
) -> Iterator[tuple[StockFact, list[int | None]]]:
    """Pair each fact with the units it counts for, top first; people without a seat count for the top."""
    if not needs_unit:
        for fact in facts:
            yield fact, [None]
        return
    people = sorted({fact.person_id for fact in facts if fact.person_id is not None})
    seats = asking.remembered(("seats", day, *people), lambda: org.seats_of(people, day))
    root = _root(day)
    units = sorted({seat.unit_id for seat in seats.values()} | ({root} if root else set()))
    paths = asking.remembered(("paths", day, *units), lambda: org.unit_paths(units, day))
    for fact in facts:
        seat = seats.get(fact.person_id or 0)
        unit_id = seat.unit_id if seat else root
        if unit_id is not None:
            yield fact, list(paths.get(unit_id, ()))


def _root(day: dt.date) -> int | None:
    return asking.remembered(("root", day), lambda: org.root_unit_id(day))


def _within(units: list[int | None], top: int | None) -> list[int | None]:
    """Keep the units at and below ``top`` of a path that starts at the root."""
    if top is None or top not in units:
        return units
    return units[units.index(top) :]


def _key(dimension: str, fact: StockFact, unit: int | None, time: _Keys) -> int | str | None:
    if dimension in time:
        return time[dimension]
    if dimension == "unit":
        return unit
    return getattr(fact, f"{dimension}_id", None)
