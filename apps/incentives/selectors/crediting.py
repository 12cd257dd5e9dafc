"""Which ledger credits a payee is paid on: set-based reads of the ledger, streamed payee by payee."""

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from django.db import connection

from apps.incentives.rules.engine.shapes import CreditIn, PostedCredit
from apps.incentives.rules.kinds import OnCredits, Override
from apps.incentives.rules.plan.runnable import Needs
from apps.incentives.rules.segments import Days, Lead, Led, led_spans
from apps.incentives.selectors.transactions import Behind, Refs, deals_behind

_BATCH = 5000
POSTED = ("locked", "paid")
NOTHING_ELSE = Needs()


@dataclass(frozen=True)
class Ask:
    """Which credits are wanted: those of a component for a payee over days that belong to one window."""

    person_id: int
    plan_id: int
    component: OnCredits
    window: str
    days: tuple[Days, ...]
    has_posted: bool
    is_prior: bool = False
    days_at: dt.datetime | None = None


class Found(NamedTuple):
    """A ledger credit with what is needed to place it."""

    credit: CreditIn
    reverses_id: int | None
    booked_on: dt.date


_POSTED = """
    AND (NOT a.has_posted OR NOT EXISTS (
        SELECT 1 FROM incentives_paytrace t
        JOIN incentives_payline l ON l.id = t.line_id
        JOIN incentives_payrun r ON r.id = l.run_id AND r.state = ANY(%(counted)s::text[]) AND NOT r.is_void
        JOIN incentives_planversion v ON v.id = l.version_id
        WHERE t.credit_id = c.id AND l.person_id = a.person_id AND v.plan_id = a.plan_id
          AND l.component = a.component))
"""
_HELD = """
    AND (c.source_type || ':' || c.source_id) <> ALL(%(held)s::text[])
    AND (c.source_type || ':' || c.source_id || '@' || a.person_id) <> ALL(%(held)s::text[])
"""
_DIRECT = """
    SELECT a.ask, c.id, c.value, c.source_type || ':' || c.source_id, c.reverses_id,
           c.credited_on, c.booked_on{refs}
    FROM unnest(%(ask)s::int[], %(person)s::bigint[], %(plan)s::bigint[], %(component)s::text[],
                %(measure)s::text[], %(overlay)s::text[], %(since)s::date[], %(until)s::date[],
                %(posted)s::boolean[])
         AS a(ask, person_id, plan_id, component, measure, overlay, since, until, has_posted)
    JOIN measures_credit c ON c.person_id = a.person_id AND c.measure = a.measure
         AND c.credited_on >= a.since AND c.credited_on < a.until
    WHERE c.id <= %(upto)s
      AND (a.overlay = 'all' OR c.is_overlay = (a.overlay = 'overlay'))
      {posted}
"""
_OVERRIDE = """
    SELECT a.ask, c.id, c.value, c.source_type || ':' || c.source_id, c.reverses_id,
           c.credited_on, c.booked_on{refs}
    FROM unnest(%(ask)s::int[], %(person)s::bigint[], %(plan)s::bigint[], %(component)s::text[],
                %(measure)s::text[], %(unit)s::bigint[], %(since)s::date[], %(until)s::date[],
                %(posted)s::boolean[], %(low)s::int[], %(high)s::int[], %(nearer)s::text[])
         AS a(ask, person_id, plan_id, component, measure, unit_id, since, until,
              has_posted, low, high, nearer)
    JOIN measures_credit c ON c.unit_id = a.unit_id AND c.measure = a.measure
         AND c.credited_on >= a.since AND c.credited_on < a.until
    WHERE c.id <= %(upto)s AND NOT c.is_overlay AND c.person_id <> a.person_id
      AND 1 + cardinality(a.nearer::bigint[])
          - (c.person_id = ANY(a.nearer::bigint[]))::int BETWEEN a.low AND a.high
      {posted}
"""
# Days in common are told by "not empty": with && the planner looks units up by their days, by the square.
_LEADS = """
    SELECT c.descendant_id, s.person_id, c.depth, c.valid * p.valid * s.valid
    FROM org_unitclosure c
    JOIN org_positionunit p ON p.unit_id = c.ancestor_id AND p.is_lead
    JOIN org_assignment s ON s.position_id = p.position_id
    WHERE c.valid && daterange(%(since)s, %(until)s) AND NOT isempty(c.valid * p.valid * s.valid)
      AND c.ancestor_id IN (
        SELECT p2.unit_id FROM org_positionunit p2
        JOIN org_assignment s2 ON s2.position_id = p2.position_id
        WHERE p2.is_lead AND s2.person_id = ANY(%(people)s)
        UNION SELECT x.ancestor_id FROM org_unitclosure x WHERE x.descendant_id IN (
            SELECT y.descendant_id FROM org_unitclosure y
            JOIN org_positionunit p3 ON p3.unit_id = y.ancestor_id
            JOIN org_assignment s3 ON s3.position_id = p3.position_id
            WHERE p3.is_lead AND s3.person_id = ANY(%(people)s)))
      AND NOT (s.is_acting AND EXISTS (
        SELECT 1 FROM org_assignment h
        WHERE h.position_id = s.position_id AND NOT h.is_acting AND h.valid && s.valid))
"""


def leads_of(people: Collection[int], since: dt.date, until: dt.date) -> dict[int, list[Led]]:
    """Return per person the units and days whose credits reach them as a lead."""
    with connection.cursor() as cursor:
        cursor.execute(_LEADS, {"people": list(people), "since": since, "until": until})
        rows = cursor.fetchall()
    bounds = Days(since, until)
    leads = [
        Lead(unit_id, person_id, depth, days)
        for unit_id, person_id, depth, valid in rows
        if (days := bounds.within(valid.lower, valid.upper)) is not None
    ]
    wanted = set(people)
    found: dict[int, list[Led]] = defaultdict(list)
    for span in led_spans(leads):
        if span.person_id in wanted:
            found[span.person_id].append(span)
    return found


def credits_for(
    asks: Sequence[Ask],
    upto: int,
    *,
    held: Collection[str] = (),
    counted: Collection[str] = POSTED,
    needs: Needs = NOTHING_ELSE,
) -> Iterator[tuple[Ask, list[Found]]]:
    """Yield each ask with its credits in ledger order, asks in the order given; one at a time in memory.

    ``held`` are the keys of holds (``models.Hold.key``): credits of these deals are left out.
    ``counted`` are the states of runs whose lines count as posted. Credits know of
    their transactions what is needed.
    """
    if not asks:
        return
    sql, params = _statement(asks, upto, held, counted, any(needs))
    empty: list[Found] = []
    position = 0
    for index, rows in itertools.groupby(_stream(sql, params), key=lambda row: row[0]):
        while position < index:
            yield asks[position], empty
            position += 1
        read = partial(_with_deals, needs=needs, days_at=asks[index].days_at) if any(needs) else _plain
        yield asks[index], read(rows)
        position = index + 1
    while position < len(asks):
        yield asks[position], empty
        position += 1


def _plain(rows: Iterable[tuple]) -> list[Found]:
    new = tuple.__new__  # a million times: naming the fields would take as long as reading them
    return [
        new(Found, (new(CreditIn, (key, value, transaction, on, None)), reverses, booked))
        for _ask, key, value, transaction, reverses, on, booked in rows
    ]


def _with_deals(rows: Iterable[tuple], needs: Needs, days_at: dt.datetime | None) -> list[Found]:
    kept = list(rows)
    behind = [Behind(row[1], row[3], row[5], Refs(row[7], row[8])) for row in kept]
    deals = deals_behind(behind, needs, days_at)
    return [Found(CreditIn(row[1], row[2], row[3], row[5], deals[row[1]]), row[4], row[6]) for row in kept]


def _stream(sql: str, params: dict[str, Any]) -> Iterator[tuple]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, params)
        while rows := cursor.fetchmany(_BATCH):
            yield from rows


def _statement(
    asks: Sequence[Ask], upto: int, held: Collection[str], counted: Collection[str], with_refs: bool
) -> tuple[str, dict[str, Any]]:
    direct = _direct_rows([(i, ask) for i, ask in enumerate(asks) if not isinstance(ask.component, Override)])
    override = _override_rows([(i, ask) for i, ask in enumerate(asks) if isinstance(ask.component, Override)])
    parts: list[str] = []
    params: dict[str, Any] = {"upto": upto, "held": sorted(held), "counted": list(counted)}
    left_out = _HELD if held else ""
    for sql, rows, prefix in ((_DIRECT, direct, "d_"), (_OVERRIDE, override, "o_")):
        if rows["ask"]:
            refs = ", c.product_id, c.account_id" if with_refs else ""
            parts.append(_prefixed(sql.format(refs=refs, posted=_POSTED), rows, prefix) + left_out)
            params.update({f"{prefix}{name}": values for name, values in rows.items()})
    if not parts:
        return "SELECT 0 WHERE false", {}
    sql = " UNION ALL ".join(f"({part})" for part in parts) + " ORDER BY 1, 6, 7, 2"
    return sql, params


def _prefixed(sql: str, names: dict[str, list], prefix: str) -> str:
    for name in names:
        sql = sql.replace(f"%({name})s", f"%({prefix}{name})s")
    return sql


def _direct_rows(asks: Sequence[tuple[int, Ask]]) -> dict[str, list]:
    rows: dict[str, list] = {
        name: []
        for name in ("ask", "person", "plan", "component", "measure", "overlay", "since", "until", "posted")
    }
    for index, ask in asks:
        for days in ask.days:
            _base_row(rows, index, ask, days)
            rows["overlay"].append(getattr(ask.component, "credits", "direct"))
    return rows


def _base_row(rows: dict[str, list], index: int, ask: Ask, days: Days) -> None:
    rows["ask"].append(index)
    rows["person"].append(ask.person_id)
    rows["plan"].append(ask.plan_id)
    rows["component"].append(ask.component.code)
    rows["measure"].append(ask.component.measure)
    rows["since"].append(days.start)
    rows["until"].append(days.end)
    rows["posted"].append(ask.has_posted)


def _override_rows(asks: Sequence[tuple[int, Ask]]) -> dict[str, list]:
    names = ("ask", "person", "plan", "component", "measure", "unit", "since", "until", "posted")
    rows: dict[str, list] = {name: [] for name in (*names, "low", "high", "nearer")}
    if not asks:
        return rows
    since = min(days.start for _i, ask in asks for days in ask.days)
    until = max(days.end for _i, ask in asks for days in ask.days)
    spans = leads_of({ask.person_id for _i, ask in asks}, since, until)
    for index, ask in asks:
        component = ask.component
        for span, days in itertools.product(spans.get(ask.person_id, ()), ask.days):
            part = span.days.within(days.start, days.end)
            if part is None or not isinstance(component, Override):
                continue
            _base_row(rows, index, ask, part)
            rows["unit"].append(span.unit_id)
            rows["low"].append(component.levels.low)
            rows["high"].append(component.levels.high or 1000)
            rows["nearer"].append("{" + ",".join(map(str, span.nearer)) + "}")
    return rows


_PAID = """
    SELECT t.credit_id, l.window, sum(t.amount), sum(t.value)
    FROM incentives_paytrace t
    JOIN incentives_payline l ON l.id = t.line_id
    JOIN incentives_payrun r ON r.id = l.run_id AND r.state = ANY(%s::text[]) AND NOT r.is_void
    JOIN incentives_planversion v ON v.id = l.version_id
    WHERE t.credit_id = ANY(%s) AND l.person_id = %s AND v.plan_id = %s AND l.component = %s
    GROUP BY t.credit_id, l.window
"""


def paid_before(
    credit_ids: Collection[int],
    person_id: int,
    plan_id: int,
    component: str,
    counted: Collection[str] = POSTED,
) -> dict[int, tuple[str, Decimal, Decimal]]:
    """Return for posted credits the window they were paid in, what counted, and what they were paid."""
    if not credit_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_PAID, [list(counted), list(credit_ids), person_id, plan_id, component])
        return {row[0]: (row[1], row[2], row[3]) for row in cursor.fetchall()}


_DATES = "SELECT id, credited_on FROM measures_credit WHERE id = ANY(%s)"


def credited_on(credit_ids: Collection[int]) -> dict[int, dt.date]:
    """Return the dates of credits."""
    if not credit_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_DATES, [list(credit_ids)])
        return dict(cursor.fetchall())


_VALUES = "SELECT id, value FROM measures_credit WHERE id = ANY(%s)"


def values_of(credit_ids: Collection[int]) -> dict[int, Decimal]:
    """Return what the ledger says of credits, in company currency where it is money."""
    if not credit_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_VALUES, [list(credit_ids)])
        return dict(cursor.fetchall())


_KNOWN = """
    SELECT k.n, t.credit_id, sum(t.amount), max(c.source_type || ':' || c.source_id), sum(t.value)
    FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[]) WITH ORDINALITY
         AS k (person_id, plan_id, component, part, n)
    JOIN incentives_payline l ON l.person_id = k.person_id AND l.component = k.component
         AND l.window = k.part AND l.kind <> 'return'
    JOIN incentives_payrun r ON r.id = l.run_id AND r.state = ANY(%s::text[]) AND NOT r.is_void
    JOIN incentives_planversion v ON v.id = l.version_id AND v.plan_id = k.plan_id
    JOIN incentives_paytrace t ON t.line_id = l.id
    JOIN measures_credit c ON c.id = t.credit_id
    GROUP BY k.n, t.credit_id ORDER BY k.n, t.credit_id
"""
Cell = tuple[int, int, str, str]


def posted_credits(
    cells: Sequence[Cell], counted: Collection[str] = POSTED
) -> dict[Cell, tuple[PostedCredit, ...]]:
    """Return the posted credits of (person, plan, component, window) with what each was paid. One query."""
    found: dict[Cell, list[PostedCredit]] = {cell: [] for cell in cells}
    if cells:
        with connection.cursor() as cursor:
            cursor.execute(_KNOWN, [*map(list, zip(*cells, strict=True)), list(counted)])
            for number, *credit in cursor.fetchall():
                found[cells[number - 1]].append(PostedCredit(*credit))
    return {cell: tuple(credits) for cell, credits in found.items()}
