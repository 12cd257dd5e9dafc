"""Pinning what a run is calculated from; a further calculation keeps what would come out the same."""

import datetime as dt
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Max

from apps.core.db import copy_rows, requires_transaction
from apps.incentives.models import PayRun, PlanVersion, RunHold, Statement
from apps.incentives.rules.engine.shapes import NotPayable
from apps.incentives.selectors import dirty
from apps.incentives.selectors import payees as people_of
from apps.incentives.selectors.as_issued import names_to_pin, pinned_names
from apps.incentives.selectors.exchange import SPOT, CompanyRates
from apps.incentives.selectors.pinning import Pinning, pinned_for
from apps.incentives.services.holds import LARGE_LINE, pin_holds
from apps.measures.models import Credit
from apps.org import selectors as org

_DAY = dt.timedelta(days=1)
_WAVE = 500  # payees whose inputs are held in memory at once
# In SQL: a run to be calculated again has lines by the ten thousand, and nothing hangs on lines that are not
# fixed; a dispute or a correction is refused by its foreign key.
_FORGET_LINES = """
    DELETE FROM incentives_paytrace
    WHERE line_id IN (SELECT id FROM incentives_payline WHERE statement_id = ANY(%(statements)s));
    DELETE FROM incentives_payline WHERE statement_id = ANY(%(statements)s)
"""
_FORGET = "DELETE FROM incentives_statement WHERE id = ANY(%s)"
_STATEMENT = (
    "run_id", "person_id", "unit_id", "currency", "rate", "inputs", "total", "variable", "closing",
    "exception", "exception_details", "head_hash",
)  # fmt: skip
_AGAIN = """
    UPDATE incentives_statement s
    SET unit_id = n.unit, inputs = n.inputs::jsonb, rate = n.rate, computed_at = NULL, exception = '',
        exception_details = '{}', total = 0, variable = 0, head_hash = '', closing = '{}'
    FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::numeric[]) AS n (id, unit, inputs, rate)
    WHERE s.id = n.id
"""
Waiting = Mapping[int, Mapping[str, Sequence[int]]]
Key = tuple[int, str]  # a payee and a currency


class _Fresh(NamedTuple):
    """What a statement pins now."""

    unit_id: int | None
    rate: Decimal
    inputs: dict[str, Any]


Wave = dict[Key, _Fresh]


@requires_transaction
def pin_run(run: PayRun, at: dt.datetime) -> None:
    """Pin the ledger, then the inputs of those who have to be paid anew; the others keep their lines.

    The marks are read before what they stand for: a change in between is seen by the next calculation.
    """
    with connection.cursor() as cursor:
        # Writers in flight hold numbers below ours; wait for them so that the pin is complete.
        cursor.execute(f'LOCK TABLE "{Credit._meta.db_table}" IN SHARE MODE')
    run.ledger_upto = Credit.objects.aggregate(last=Max("pk"))["last"] or 0
    run.pinned_at = at
    versions = people_of.versions_in_force(_plan_ids(run), run.period)
    waiting = dirty.waiting_adjustments(run)
    before = run.rests_on
    now = dirty.marks_of(run, versions, waiting)
    if dirty.concerns_everybody(before, now):
        _pin_everybody(run, waiting, at)
    else:
        _pin_changed(_Change(run, versions, waiting, before, now, at))
    run.rests_on = {**now, "upto": run.ledger_upto}
    run.recalculated = Statement.objects.filter(run=run, computed_at__isnull=True).count()
    run.save(update_fields=["ledger_upto", "pinned_at", "rests_on", "recalculated"])


def _plan_ids(run: PayRun) -> list[int]:
    return list(run.run_plans.values_list("plan_id", flat=True))


def _pin_everybody(run: PayRun, waiting: Waiting, at: dt.datetime) -> None:
    _forget(list(Statement.objects.filter(run=run).values_list("pk", flat=True)))
    pinning = pinned_for(_plan_ids(run), run.period, run.ledger_upto or 0, also=waiting)
    for wave in _waves(run, pinning, waiting):
        _add(run, wave)
    pin_holds(run, at)


@dataclass(frozen=True)
class _Change:
    """A calculated run, what it rested on and what it would rest on now."""

    run: PayRun
    versions: Mapping[int, PlanVersion]
    waiting: Waiting
    before: Mapping[str, Any]
    now: Mapping[str, Any]
    at: dt.datetime

    def concerned(self) -> set[int]:
        """Pin the holds anew; return whom new credits, holds or a review of large lines may concern."""
        reviewed = RunHold.objects.filter(run=self.run, hold__reason=LARGE_LINE, hold__person__isnull=False)
        people = set(reviewed.values_list("hold__person_id", flat=True))
        held = dirty.held_sources(self.run)
        pin_holds(self.run, self.at)
        holds = dirty.held_sources(self.run)
        changed = {(held | holds)[key] for key in held.keys() ^ holds.keys()}
        upto = self.run.ledger_upto or 0
        return people | dirty.touched(self.before["upto"], upto, self.versions, changed)


def _pin_changed(change: _Change) -> None:
    run = change.run
    waiting_for = Statement.objects.filter(run=run, computed_at__isnull=True)
    again = set(waiting_for.values_list("person_id", flat=True)) | change.concerned()
    documents = [version.plan_document for version in change.versions.values()]
    everybody = dirty.must_compare(change.before, change.now, documents)
    pinning = pinned_for(
        _plan_ids(run),
        run.period,
        run.ledger_upto or 0,
        people=None if everybody else sorted(again),
        also=change.waiting,
    )
    if dirty.leads_changed(change.before, change.now):
        again |= dirty.paid_by_override(change.versions, pinning.segments)
    there = _there(run)
    seen: set[Key] = set()
    for wave in _waves(run, pinning, change.waiting):
        seen |= wave.keys()
        found = again | _different(run, wave) if everybody else again
        _pin_again(run, {key: one for key, one in wave.items() if key[0] in found}, there)
    if everybody:
        _forget([pk for key, pk in there.items() if key not in seen])


def _different(run: PayRun, wave: Wave) -> set[int]:
    """Return who has no statement, or one that pins something else."""
    rows = Statement.objects.filter(run=run, person__in={person_id for person_id, _currency in wave})
    known = {
        (person_id, currency): (unit_id, inputs)
        for person_id, currency, unit_id, inputs in rows.values_list(
            "person_id", "currency", "unit_id", "inputs"
        )
    }
    return {
        key[0]
        for key, one in wave.items()
        if known.get(key) != (one.unit_id, json.loads(json.dumps(one.inputs)))
    }


def _there(run: PayRun) -> dict[Key, int]:
    rows = Statement.objects.filter(run=run).values_list("person_id", "currency", "pk")
    return {(person_id, currency): pk for person_id, currency, pk in rows}


def _pin_again(run: PayRun, wave: Wave, there: Mapping[Key, int]) -> None:
    _add(run, {key: one for key, one in wave.items() if key not in there})
    again = {there[key]: one for key, one in wave.items() if key in there}
    if not again:
        return
    _forget_lines(list(again))
    ids = sorted(again)
    with connection.cursor() as cursor:
        cursor.execute(
            _AGAIN,
            [
                ids,
                [again[pk].unit_id for pk in ids],
                [json.dumps(again[pk].inputs) for pk in ids],
                [again[pk].rate for pk in ids],
            ],
        )


def _forget(statements: Collection[int]) -> None:
    """Drop statements with their lines."""
    _forget_lines(statements)
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [list(statements)])


def _forget_lines(statements: Collection[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_LINES, {"statements": list(statements)})


def _add(run: PayRun, wave: Wave) -> None:
    """Write new statements."""
    nothing = Decimal(0)
    rows: Iterable[Sequence[object]] = (
        (
            run.pk, person_id, one.unit_id, currency, one.rate, json.dumps(one.inputs), nothing, nothing,
            "{}", "", "{}", "",
        )
        for (person_id, currency), one in wave.items()
    )  # fmt: skip
    if wave:
        copy_rows(Statement._meta.db_table, _STATEMENT, rows)


def _waves(run: PayRun, pinning: Pinning, waiting: Waiting) -> Iterator[Wave]:
    """Yield what the statements of every payee and currency pin, some payees at a time."""
    worth = _Worth(run)
    for start in range(0, len(pinning.people), _WAVE):
        yield _wave(run, pinning, waiting, pinning.people[start : start + _WAVE], worth)


def _wave(run: PayRun, pinning: Pinning, waiting: Waiting, people: Collection[int], worth: "_Worth") -> Wave:
    by_id = pinning.by_version
    seats = org.seats_of(people, run.period.ends_before - _DAY)
    names = names_to_pin(people, {seat.unit_id for seat in seats.values()}, list(by_id.values()))
    found = {}
    for person_id in people:
        own = waiting.get(person_id, {})
        seat = seats.get(person_id)
        unit_id = seat.unit_id if seat else None
        for currency in sorted({*pinning.currencies(person_id), *own}):
            inputs = pinning.inputs(person_id, currency)
            inputs["adjustments"] = list(own.get(currency, ()))
            paid_by = {segment["version"] for segment in inputs["segments"]}
            inputs["names"] = pinned_names(names, person_id, unit_id, paid_by or by_id)
            found[person_id, currency] = _Fresh(unit_id, worth.pinned(currency, inputs), inputs)
    return found


class _Worth:
    """What currencies are worth in the company's on the last day of a run's period."""

    def __init__(self, run: PayRun) -> None:
        self._run, self._last = run, run.period.ends_before - _DAY
        self._known: dict[str, Decimal | NotPayable] = {}

    def pinned(self, currency: str, inputs: dict[str, Any]) -> Decimal:
        """Return the rate of a currency and pin it; without one nobody can be paid in it."""
        if currency == self._run.currency:
            return Decimal(1)
        if currency not in self._known:
            try:
                self._known[currency] = CompanyRates().worth(currency, SPOT, self._last)
            except NotPayable as problem:
                self._known[currency] = problem
        rate = self._known[currency]
        if isinstance(rate, NotPayable):
            inputs["no_rate"] = [rate.reason, rate.details]
            return Decimal(1)
        inputs["worth"] = f"{rate:f}"
        return rate
