"""Answering questions about figures from cells, pending credits and the ledger."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from apps.access.models import User
from apps.measures import registry
from apps.measures.registry import Measure, ledger_codes
from apps.measures.rules import divide, wilson
from apps.measures.selectors import question as asking
from apps.measures.selectors.question import NotVisible, Question
from apps.measures.selectors.stock import stock_rows

__all__ = ["NotVisible", "Row", "query", "query_each", "value"]

_ZERO = Decimal(0)
_DAY = dt.timedelta(days=1)


class Row(NamedTuple):
    """One figure: its keys, the value and what it is made of.

    ``keys`` maps each dimension of ``by`` to an id, or a period code. ``value``
    is exact and unrounded, None when there is nothing to divide by. For sums
    ``numerator`` equals the value and ``denominator`` is None. ``n`` counts the
    ledger rows behind it (for ratios those of the denominator). ``low`` and
    ``high`` bound a proportion (Wilson, 95 %).
    """

    keys: dict[str, int | str | None]
    value: Decimal | None
    numerator: Decimal
    denominator: Decimal | None
    n: int
    low: Decimal | None = None
    high: Decimal | None = None


def query(
    measure: str,
    start: dt.date,
    end: dt.date,
    *,
    by: Iterable[str] = (),
    unit_id: int | None = None,
    person_id: int | None = None,
    product_id: int | None = None,
    account_id: int | None = None,
    structure: str = "as_was",
    as_of: dt.date | None = None,
    viewer: User | None = None,
) -> list[Row]:
    """Return the figures of a measure over ``[start, end)``.

    ``by`` splits by any of unit, person, position, product, account and one of
    month, quarter, half, year. A unit's figure is rolled up over its subtree,
    so ``by=["unit"]`` has a row for every unit at and below ``unit_id`` (or the
    top). ``structure`` rolls up over the organisation as it was on each day,
    or as it is on ``as_of`` (default: the last day of the range); the company
    total is the same. With a ``viewer`` the figures keep to the people they
    may see. Stock measures are read on the last day of the range or period.
    Raises InvalidQuestion, NotVisible.
    """
    question = asking.build(
        measure,
        start,
        end,
        by=by,
        unit_id=unit_id,
        person_id=person_id,
        product_id=product_id,
        account_id=account_id,
        structure=structure,
        as_of=as_of,
        viewer=viewer,
    )
    if question.measure.source == "stock":
        return [Row(keys, amount, amount, None, n) for keys, amount, n in stock_rows(question)]
    return _from_ledger(question)


def value(
    measure: str,
    start: dt.date,
    end: dt.date,
    *,
    unit_id: int | None = None,
    person_id: int | None = None,
    product_id: int | None = None,
    account_id: int | None = None,
    structure: str = "as_was",
    as_of: dt.date | None = None,
    viewer: User | None = None,
) -> Row:
    """Return one figure; a row of zero (or None for ratios) when nothing was credited."""
    found = query(
        measure,
        start,
        end,
        unit_id=unit_id,
        person_id=person_id,
        product_id=product_id,
        account_id=account_id,
        structure=structure,
        as_of=as_of,
        viewer=viewer,
    )
    if found:
        return found[0]
    is_ratio = registry.measures.get(measure).source == "ratio"
    return Row({}, None if is_ratio else _ZERO, _ZERO, _ZERO if is_ratio else None, 0)


def query_each(measures: Sequence[str], start: dt.date, end: dt.date, **asked: Any) -> dict[str, list[Row]]:
    """Return the figures of several measures asked alike, as :func:`query` does for each of them.

    The measures of the ledger share one statement. Raises InvalidQuestion, NotVisible.
    """
    questions = {code: asking.build(code, start, end, **asked) for code in measures}
    ledger = {code: one for code, one in questions.items() if one.measure.source != "stock"}
    found = _each_from_ledger(ledger) if ledger else {}
    return {code: found[code] if code in ledger else query(code, start, end, **asked) for code in questions}


def _from_ledger(question: Question) -> list[Row]:
    with asking.reading_once():
        found = _fetched(*_statement(question, ledger_codes(question.measure)))
    width = len(question.by)
    rows = [
        _row(question.measure, dict(zip(question.by, record[:width], strict=True)), *record[width:])
        for record in found
    ]
    return [row for row in rows if row.n or row.numerator or row.denominator]


def _each_from_ledger(questions: Mapping[str, Question]) -> dict[str, list[Row]]:
    """Read the sums of every code the measures are made of at once, and put each measure together."""
    first = next(iter(questions.values()))
    codes = sorted({code for one in questions.values() for code in ledger_codes(one.measure)})
    with asking.reading_once():
        found = _fetched(*_statement(first, codes, each=True))
    sums: dict[tuple[Any, ...], dict[str, tuple[Decimal, int]]] = {}
    for code, *keys, amount, n, _bottom, _bottom_n in found:
        sums.setdefault(tuple(keys), {})[code] = (amount or _ZERO, int(n or 0))
    return {code: list(_put_together(one, sums)) for code, one in questions.items()}


def _put_together(
    question: Question, sums: Mapping[tuple[Any, ...], Mapping[str, tuple[Decimal, int]]]
) -> Iterator[Row]:
    top, bottom = _sides(question.measure)
    for keys, parts in sums.items():
        sides = (*_side(parts, top), *_side(parts, bottom))
        row = _row(question.measure, dict(zip(question.by, keys, strict=True)), *sides)
        if row.n or row.numerator or row.denominator:
            yield row


def _side(parts: Mapping[str, tuple[Decimal, int]], codes: Iterable[str]) -> tuple[Decimal, int]:
    held = [parts[code] for code in codes if code in parts]
    return sum((amount for amount, _n in held), _ZERO), sum(n for _amount, n in held)


def _fetched(sql: str, params: list[object]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)  # type: ignore[arg-type]  # dates, numbers and lists of them
        return cursor.fetchall()


def _row(
    measure: Measure,
    keys: dict[str, int | str | None],
    top: Decimal | None,
    top_n: int | None,
    bottom: Decimal | None,
    bottom_n: int | None,
) -> Row:
    numerator = top or _ZERO
    if measure.source != "ratio":
        return Row(keys, numerator, numerator, None, int(top_n or 0))
    denominator = bottom or _ZERO
    interval = wilson(numerator, denominator) if measure.is_proportion else None
    low, high = interval or (None, None)
    return Row(keys, divide(numerator, denominator), numerator, denominator, int(bottom_n or 0), low, high)


class _Sql:
    """A statement under construction: text and parameters that stay in step."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.params: list[object] = []

    def add(self, text: str, *params: object) -> None:
        self.text.append(text)
        self.params.extend(params)

    def done(self) -> tuple[str, list[object]]:
        return "\n".join(self.text), self.params


def _statement(question: Question, codes: Collection[str], *, each: bool = False) -> tuple[str, list[object]]:
    """Compose the one statement that answers a question; with ``each``, for every code on its own.

    ``facts`` are cells, credits not folded yet, and ledger rows of days that
    cells cannot answer. One statement means one snapshot: a credit is in
    exactly one of the three. ``f`` sums them up as far as the question allows
    before they meet the calendar and the structure, which keeps those joins small.
    ``place`` says to which units the credit of a unit belongs, and when.
    """
    sql = _Sql()
    sql.add("WITH facts AS (")
    _facts(sql, question, codes)
    sql.add("), f AS (")
    _summed(sql, question, each=each)
    sql.add(")")
    if _rolls_up(question):
        sql.add(", place AS MATERIALIZED (")
        _places(sql, question)
        sql.add(")")
    columns = [_column(key) for key in question.by]
    grouped, ordered = (["f.measure", *columns], [*columns, "f.measure"]) if each else (columns, columns)
    picks = ", ".join([*grouped, *(f"sum(f.{name})" for name in _SIDES)])
    sql.add(f"SELECT {picks} FROM f")  # noqa: S608  # fixed columns
    _joins(sql, question)
    if grouped:
        sql.add(f"GROUP BY {', '.join(grouped)}")
        sql.add(f"ORDER BY {', '.join(ordered)}")
    return sql.done()


_SIDES = ("top", "top_n", "bottom", "bottom_n")


def _rolls_up(question: Question) -> bool:
    return question.unit_id is not None or "unit" in question.by


def _summed(sql: _Sql, question: Question, *, each: bool) -> None:
    """Sum the facts by the dimensions of the question, the day where it matters, and the place."""
    keys = ["measure"] if each else []
    keys += [f"{key}_id" for key in question.by if key in asking.DIMENSIONS and key != "unit"]
    rolls_up = _rolls_up(question)
    if rolls_up:
        places = ("unit_id", "position_id") if question.structure == "as_is" else ("unit_id",)
        keys += [key for key in places if key not in keys]
    if question.time_key or (rolls_up and question.structure == "as_was"):
        keys.append("day")
    if question.measure.source == "ratio" and not each:
        top, bottom = _sides(question.measure)
        filtered = "sum(value) FILTER {0} AS {1}, sum(n) FILTER {0} AS {1}_n"
        sides = ", ".join(filtered.format("(WHERE measure = ANY(%s))", name) for name in ("top", "bottom"))
        params = [top, top, bottom, bottom]
    else:  # every fact of a group is of one measure: nothing to tell apart
        sides, params = "sum(value) AS top, sum(n) AS top_n, NULL::numeric AS bottom, 0 AS bottom_n", []
    sql.add(f"SELECT {', '.join([*keys, sides])} FROM facts", *params)  # noqa: S608  # fixed columns
    if not question.keeps_overlay:
        sql.add("WHERE NOT is_overlay")
    if keys:
        sql.add(f"GROUP BY {', '.join(keys)}")


def _sides(measure: Measure) -> tuple[list[str], list[str]]:
    if measure.source != "ratio":
        return list(ledger_codes(measure)), []
    return (
        list(ledger_codes(registry.measures.get(measure.numerator))),
        list(ledger_codes(registry.measures.get(measure.denominator))),
    )


def _column(key: str) -> str:
    if key in asking.TIME:
        return "t.code"
    return "place.ancestor_id" if key == "unit" else f"f.{key}_id"


def _places(sql: _Sql, question: Question) -> None:
    """Pair units with those above them, up to the one asked for: joined to facts by unit, not by day.

    Left to itself the planner probes the days first, which finds every unit of the company each time.
    """
    as_is = question.structure == "as_is"
    days = (question.as_of, question.as_of) if as_is else (question.start, question.end - _DAY)
    if question.unit_id is not None and "unit" in question.by:
        sql.add(
            "SELECT cl.descendant_id, cl.ancestor_id, cl.valid * top.valid AS valid"
            " FROM org_unitclosure AS top JOIN org_unitclosure AS cl ON cl.descendant_id = top.descendant_id"
            " AND cl.depth <= top.depth AND cl.valid && top.valid WHERE top.ancestor_id = %s",
            question.unit_id,
        )
    elif question.unit_id is not None:
        sql.add("SELECT cl.* FROM org_unitclosure AS cl WHERE cl.ancestor_id = %s", question.unit_id)
    else:
        sql.add("SELECT cl.* FROM org_unitclosure AS cl WHERE TRUE")
    sql.add("AND cl.valid && daterange(%s, %s, '[]')", *days)


def _facts(sql: _Sql, question: Question, codes: Collection[str]) -> None:
    plan = asking.read_plan(question)
    parts = 0
    if plan.cells:
        sql.add(
            "SELECT s.measure, s.bucket_on AS day, s.person_id, s.position_id, s.unit_id, s.product_id,"
            " NULL::bigint AS account_id, s.is_overlay, s.value, s.n FROM measures_measurecell AS s"
        )
        _where(sql, question, codes, "s.bucket_on", plan.cells)
        sql.add("UNION ALL")
        sql.add(_PENDING)
        _where(sql, question, codes, "s.credited_on", plan.cells)
        parts += 1
    if plan.ledger or not parts:
        if parts:
            sql.add("UNION ALL")
        sql.add(_LEDGER)
        _where(sql, question, codes, "s.credited_on", plan.ledger)


_CREDITS = (
    "SELECT s.measure, s.credited_on AS day, s.person_id, s.position_id, s.unit_id, s.product_id,"
    " s.account_id, s.is_overlay, s.value, CASE WHEN s.reverses_id IS NULL THEN 1 ELSE -1 END AS n"
)
_LEDGER = f"{_CREDITS} FROM measures_credit AS s"
# Each pending credit is looked up by key (OFFSET 0 forbids any other plan): a table that is
# almost always empty has no statistics, and the whole ledger was read to join it.
_LOOKED_UP = "(SELECT * FROM measures_credit AS c WHERE c.id = p.credit_id OFFSET 0)"
_PENDING = f"{_CREDITS} FROM measures_pendingcredit AS p CROSS JOIN LATERAL {_LOOKED_UP} AS s"


def _where(
    sql: _Sql, question: Question, codes: Collection[str], day: str, spans: Iterable[asking.Span]
) -> None:
    sql.add("WHERE s.measure = ANY(%s)", list(codes))
    ranges = list(spans)
    if ranges:
        text = " OR ".join(f"({day} >= %s AND {day} < %s)" for _ in ranges)
        sql.add(f"AND ({text})", *[bound for span in ranges for bound in (span.start, span.end)])
    else:
        sql.add("AND FALSE")
    if question.person_id is not None:
        sql.add("AND s.person_id = %s", question.person_id)
    if question.person_ids is not None:
        sql.add("AND s.person_id = ANY(%s)", sorted(question.person_ids))
    if question.product_id is not None:
        sql.add("AND s.product_id = %s", question.product_id)
    if question.account_id is not None:
        sql.add("AND s.account_id = %s", question.account_id)


def _joins(sql: _Sql, question: Question) -> None:
    if question.time_key:
        starts, ends, codes = asking.time_buckets(question)
        sql.add(  # the periods are in order, so that the one of a day is found without comparing them all
            "CROSS JOIN (SELECT %s::date[] AS starts, %s::date[] AS ends, %s::text[] AS codes) AS p"
            " JOIN LATERAL (SELECT p.codes[width_bucket(f.day, p.starts)] AS code,"
            " p.ends[width_bucket(f.day, p.starts)] AS ends_before) AS t ON f.day < t.ends_before",
            starts,
            ends,
            codes,
        )
    if not _rolls_up(question):
        return
    unit, day = "f.unit_id", "f.day"
    day_params: list[object] = []
    if question.structure == "as_is":
        by_position, by_unit = asking.present_places(question.as_of)
        sql.add(
            "LEFT JOIN unnest(%s::bigint[], %s::bigint[]) AS seat(position_id, unit_id)"
            " ON seat.position_id = f.position_id",
            list(by_position),
            list(by_position.values()),
        )
        sql.add(
            "LEFT JOIN unnest(%s::bigint[], %s::bigint[]) AS home(unit_id, now_id)"
            " ON home.unit_id = f.unit_id",
            list(by_unit),
            list(by_unit.values()),
        )
        unit, day, day_params = "coalesce(seat.unit_id, home.now_id)", "%s::date", [question.as_of]
    sql.add(f"JOIN place ON place.descendant_id = {unit} AND place.valid @> {day}", *day_params)
