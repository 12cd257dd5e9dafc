"""Posting and reversing very many credits: set by set, added to their cells once at the end."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.utils import DatabaseError

from apps.calendars import selectors as calendars
from apps.core.db import requires_transaction
from apps.measures.services import cells
from apps.measures.services.ledger import translated
from apps.org import selectors as org

_NEW = """
SELECT s.measure::varchar AS measure, s.key::varchar AS key, s.credited_on::date AS credited_on,
       s.booked_on::date AS booked_on, s.value::numeric AS value, s.currency::varchar AS currency,
       s.person_id::bigint AS person_id, seat.position_id, seat.unit_id, s.product_id::bigint AS product_id,
       s.account_id::bigint AS account_id, s.is_overlay::boolean AS is_overlay,
       s.source_type::varchar AS source_type, s.source_id::bigint AS source_id,
       NULL::bigint AS reverses_id, ''::varchar AS reason
FROM ({}) AS s (measure, key, credited_on, booked_on, value, currency, person_id, product_id, account_id,
                is_overlay, source_type, source_id)
LEFT JOIN (
    SELECT a.person_id, a.position_id, pu.unit_id, a.valid * pu.valid AS valid
    FROM org_assignment AS a
    JOIN org_positionunit AS pu ON pu.position_id = a.position_id AND pu.valid && a.valid
    WHERE a.is_primary
) AS seat ON seat.person_id = s.person_id AND seat.valid @> s.credited_on
WHERE NOT EXISTS (SELECT 1 FROM measures_credit AS known WHERE known.key = s.key::varchar)
"""
_MIRRORS = """
SELECT c.measure, c.key || ':reversed' AS key,
       CASE WHEN EXISTS (SELECT 1 FROM unnest(%(starts)s::date[], %(ends)s::date[]) AS closed (starts, ends)
                         WHERE c.credited_on >= closed.starts AND c.credited_on < closed.ends)
            THEN %(booked_on)s::date ELSE c.credited_on END AS credited_on,
       %(booked_on)s::date AS booked_on, -c.value AS value, c.currency, c.person_id, c.position_id, c.unit_id,
       c.product_id, c.account_id, c.is_overlay, c.source_type, c.source_id,
       c.id AS reverses_id, %(reason)s::varchar AS reason
FROM measures_credit AS c
WHERE c.source_type = %(source_type)s AND c.source_id = ANY(%(source_ids)s) AND c.reverses_id IS NULL
  AND NOT EXISTS (SELECT 1 FROM measures_credit AS mirror WHERE mirror.reverses_id = c.id)
"""
_STAGE = """
DROP TABLE IF EXISTS measures_staged;
CREATE TEMP TABLE measures_staged ON COMMIT DROP AS {};
SELECT count(*), max(credited_on) FILTER (WHERE unit_id IS NULL) FROM measures_staged
"""
_APPEND = """
INSERT INTO measures_credit (measure, key, credited_on, booked_on, value, currency, person_id, position_id,
                             unit_id, product_id, account_id, is_overlay, source_type, source_id, reverses_id,
                             reason)
SELECT measure, key, credited_on, booked_on, value, currency, person_id, position_id, coalesce(unit_id, %s),
       product_id, account_id, is_overlay, source_type, source_id, reverses_id, reason
FROM measures_staged
"""
_REMEMBER = """
INSERT INTO measures_appended
SELECT measure, person_id, position_id, coalesce(unit_id, %s), product_id, is_overlay, credited_on, value,
       reverses_id
FROM measures_staged
"""


class Bulk:
    """Appends to the ledger set by set; made by ``posting``, which adds everything to the cells."""

    def __init__(self, cursor: CursorWrapper) -> None:
        self._cursor = cursor

    def post(self, select: str, params: Sequence[object] = ()) -> int:
        """Append the credits that a SELECT yields and return how many were new.

        The SELECT yields these columns in this order: ``measure, key, credited_on,
        booked_on, value, currency, person_id, product_id, account_id, is_overlay,
        source_type, source_id``. Rows whose key is in the ledger already are
        passed over, so a repeated import adds nothing. Seats are stamped as of
        ``credited_on``. Raises ClosedPeriod.
        """
        return self._append(_NEW.format(select), params)

    def reverse(self, *, source_type: str, source_ids: Sequence[int], booked_on: dt.date, reason: str) -> int:
        """Cancel everything that sources have standing, like ``reverse``, and return the number of rows.

        Raises ClosedPeriod.
        """
        closed = calendars.closed_months()
        params = {
            "starts": [start for start, _end in closed],
            "ends": [end for _start, end in closed],
            "booked_on": booked_on,
            "reason": reason[:200],
            "source_type": source_type,
            "source_ids": list(source_ids),
        }
        return self._append(_MIRRORS, params)

    def _append(self, select: str, params: object) -> int:
        cursor = self._cursor
        cursor.execute(_STAGE.format(select), params)  # type: ignore[arg-type]  # what the SELECT takes
        count, seatless = cursor.fetchone()
        if count:
            root_id = org.root_unit_id(seatless) if seatless else None
            try:
                cursor.execute(_APPEND, [root_id])
            except DatabaseError as error:
                raise translated(error) from error
            cursor.execute(_REMEMBER, [root_id])
        return int(count)


@contextmanager
def posting() -> Iterator[Bulk]:
    """Post and reverse in bulk within the block; at its end the cells follow, all in one savepoint.

    Figures read inside the block do not hold what it posted yet.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cells.begin(cursor)
        yield Bulk(cursor)
        cells.add_appended(cursor)


@requires_transaction
def post_staged(select: str, params: Sequence[object] = ()) -> int:
    """Append the credits that a SELECT yields, with their cells; see ``Bulk.post``. Raises ClosedPeriod."""
    with posting() as bulk:
        return bulk.post(select, params)
