"""Keeping cells: stored sums that make every roll-up cheap and are never stale."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.backends.utils import CursorWrapper

from apps.calendars import selectors as calendars
from apps.calendars import services as calendar_services
from apps.core.db import advisory_lock, requires_transaction
from apps.measures.models import CellMonth
from apps.measures.rules import Span, cuts_of
from apps.org import selectors as org

_LOCK = "measures.cells"

_ADD = """
INSERT INTO measures_measurecell (measure, bucket_on, person_id, position_id, unit_id, product_id,
                                  is_overlay, value, n)
SELECT f.measure, b.starts_on, f.person_id, f.position_id, f.unit_id, f.product_id, f.is_overlay,
       sum(f.value), sum(CASE WHEN f.reverses_id IS NULL THEN 1 ELSE -1 END)
FROM {source} AS f
JOIN (
    SELECT d::date AS credited_on, s.starts_on
    FROM unnest(%s::date[], %s::date[]) AS s (starts_on, ends_before)
    CROSS JOIN generate_series(s.starts_on, s.ends_before - 1, interval '1 day') AS d
) AS b USING (credited_on)
GROUP BY f.measure, b.starts_on, f.person_id, f.position_id, f.unit_id, f.product_id, f.is_overlay
ON CONFLICT ON CONSTRAINT measures_cell_once DO UPDATE
SET value = measures_measurecell.value + excluded.value, n = measures_measurecell.n + excluded.n
"""


@requires_transaction
def fold_pending() -> int:
    """Move pending credits into their cells and return how many were moved.

    One folder at a time; writers are not held up. Months whose structure has
    changed since their cells were made are rebuilt on the way.
    """
    advisory_lock(_LOCK)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE measures_taken ON COMMIT DROP AS "
            "WITH taken AS (DELETE FROM measures_pendingcredit RETURNING credit_id) "
            "SELECT c.* FROM measures_credit c JOIN taken t ON t.credit_id = c.id"
        )
        cursor.execute("SELECT min(credited_on), max(credited_on), count(*) FROM measures_taken")
        first, last, count = cursor.fetchone()
        if count:
            calendar_services.ensure_years(first.year, last.year)
            _add(cursor, "measures_taken", first, last)
        cursor.execute("DROP TABLE measures_taken")
    return int(count)


def begin(cursor: CursorWrapper) -> None:
    """Make the temporary table that remembers what a bulk posting appends."""
    cursor.execute("DROP TABLE IF EXISTS measures_appended")
    cursor.execute(
        "CREATE TEMP TABLE measures_appended (measure varchar, person_id bigint, position_id bigint, "
        "unit_id bigint, product_id bigint, is_overlay boolean, credited_on date, value numeric, "
        "reverses_id bigint) ON COMMIT DROP"
    )


def add_appended(cursor: CursorWrapper) -> None:
    """Add what a bulk posting appended to its cells."""
    advisory_lock(_LOCK)
    cursor.execute("SELECT min(credited_on), max(credited_on) FROM measures_appended")
    first, last = cursor.fetchone()
    if first is not None:
        calendar_services.ensure_years(first.year, last.year)
        _add(cursor, "measures_appended", first, last)


@requires_transaction
def rebuild_months(starts: Iterable[dt.date] | None = None) -> int:
    """Make the cells of the given months (default: every month whose cuts are out of date) anew.

    Returns the number of months rebuilt. Cells are derived: this never changes a figure.
    """
    advisory_lock(_LOCK)
    wanted = set(starts) if starts is not None else None
    known = list(CellMonth.objects.order_by("starts_on"))
    if not known:
        return 0
    current = current_cuts(known[0].starts_on, known[-1].ends_before)
    rebuilt = 0
    with connection.cursor() as cursor:
        for month in known:
            cuts = current.get((month.starts_on, month.ends_before))
            stale = cuts is None or list(cuts) != month.cuts
            if stale if wanted is None else month.starts_on in wanted:
                _rebuild(cursor, Span(month.starts_on, month.ends_before), cuts)
                rebuilt += 1
    return rebuilt


def current_cuts(start: dt.date, end: dt.date) -> dict[tuple[dt.date, dt.date], tuple[dt.date, ...]]:
    """Return the cuts that today's calendar and structure ask for, by fiscal month of ``[start, end)``."""
    months = calendars.periods_between(start, end, "month")
    changes = org.structure_dates(start, end)
    return {
        (month.starts_on, month.ends_before): cuts_of(Span(month.starts_on, month.ends_before), changes)
        for month in months
    }


def _add(cursor: CursorWrapper, source: str, first: dt.date, last: dt.date) -> None:
    """Add the rows of a temporary table to the cells of their months."""
    wanted = current_cuts(first, last + dt.timedelta(days=1))
    known = {month.starts_on: month for month in CellMonth.objects.filter(starts_on__lte=last)}
    spans: list[Span] = []
    for (start, end), cuts in wanted.items():
        month = known.get(start)
        if month is not None and (month.ends_before != end or tuple(month.cuts) != cuts):
            _rebuild(cursor, Span(start, end), cuts)
            continue
        if month is None:
            CellMonth.objects.create(starts_on=start, ends_before=end, cuts=list(cuts))
        spans.extend(_spans(cuts, end))
    cursor.execute(_ADD.format(source=source), [[s.start for s in spans], [s.end for s in spans]])


def _rebuild(cursor: CursorWrapper, month: Span, cuts: Sequence[dt.date] | None) -> None:
    """Make one month anew from the ledger; ``cuts`` None forgets a month the calendar no longer has."""
    cursor.execute(
        "DELETE FROM measures_measurecell WHERE bucket_on >= %s AND bucket_on < %s", [month.start, month.end]
    )
    CellMonth.objects.filter(starts_on=month.start).delete()
    if cuts is None:
        return
    source = (
        "(SELECT c.* FROM measures_credit c WHERE c.credited_on >= %s AND c.credited_on < %s"
        " AND NOT EXISTS (SELECT 1 FROM measures_pendingcredit p WHERE p.credit_id = c.id))"
    )
    spans = _spans(cuts, month.end)
    cursor.execute(
        _ADD.format(source=source),
        [month.start, month.end, [s.start for s in spans], [s.end for s in spans]],
    )
    CellMonth.objects.create(starts_on=month.start, ends_before=month.end, cuts=list(cuts))


def _spans(cuts: Sequence[dt.date], end: dt.date) -> list[Span]:
    ends = [*cuts[1:], end]
    return [Span(start, stop) for start, stop in zip(cuts, ends, strict=True)]
