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
       s.person_id::bigint AS person_id, NULL::bigint AS position_id, NULL::bigint AS unit_id,
       s.product_id::bigint AS product_id, s.account_id::bigint AS account_id,
       s.is_overlay::boolean AS is_overlay, s.source_type::varchar AS source_type,
       s.source_id::bigint AS source_id, NULL::bigint AS reverses_id, ''::varchar AS reason
FROM ({}) AS s (measure, key, credited_on, booked_on, value, currency, person_id, product_id, account_id,
                is_overlay, source_type, source_id)
"""
# OFFSET 0: each key is looked up in its index; the ledger is too long to be hashed.
_UNKNOWN = """
WHERE NOT EXISTS (SELECT 1 FROM measures_credit AS known WHERE known.key = s.key::varchar OFFSET 0)
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
  AND NOT EXISTS (SELECT 1 FROM measures_credit AS mirror WHERE mirror.reverses_id = c.id OFFSET 0)
"""
_STAGE = """
DROP TABLE IF EXISTS measures_staged;
CREATE TEMP TABLE measures_staged ON COMMIT DROP AS {};
SELECT count(*), max(credited_on) FROM measures_staged
"""
# A mirror stands where its original stands; a new credit where its person sat that day, else at the top.
_SEATED = """
WITH seat AS MATERIALIZED (
    SELECT a.person_id, a.position_id, pu.unit_id,
           coalesce(lower(a.valid * pu.valid), '-infinity') AS starts_on,
           coalesce(upper(a.valid * pu.valid), 'infinity') AS ends_before
    FROM org_assignment AS a
    JOIN org_positionunit AS pu ON pu.position_id = a.position_id AND pu.valid && a.valid
    WHERE a.is_primary
), seated AS (
    SELECT s.measure, s.key, s.credited_on, s.booked_on, s.value, s.currency, s.person_id,
           coalesce(s.position_id, seat.position_id) AS position_id,
           CASE WHEN s.reverses_id IS NULL THEN coalesce(seat.unit_id, %s) ELSE s.unit_id END AS unit_id,
           s.product_id, s.account_id, s.is_overlay, s.source_type, s.source_id, s.reverses_id, s.reason
    FROM measures_staged AS s
    LEFT JOIN seat ON seat.person_id = s.person_id AND s.reverses_id IS NULL
        AND s.credited_on >= seat.starts_on AND s.credited_on < seat.ends_before
)
"""
_APPEND = f"""
{_SEATED}, appended AS (
    INSERT INTO measures_credit (measure, key, credited_on, booked_on, value, currency, person_id,
                                 position_id, unit_id, product_id, account_id, is_overlay, source_type,
                                 source_id, reverses_id, reason)
    SELECT * FROM seated
    RETURNING measure, person_id, position_id, unit_id, product_id, is_overlay, credited_on, value,
              reverses_id
)
INSERT INTO measures_appended SELECT * FROM appended
"""  # noqa: S608  # constants of this module only


class Bulk:
    """Appends to the ledger set by set; made by ``posting``, which adds everything to the cells."""

    def __init__(self, cursor: CursorWrapper) -> None:
        self._cursor = cursor

    def post(self, select: str, params: Sequence[object] = (), *, new_sources: bool = False) -> int:
        """Append the credits that a SELECT yields and return how many were new.

        The SELECT yields these columns in this order: ``measure, key, credited_on,
        booked_on, value, currency, person_id, product_id, account_id, is_overlay,
        source_type, source_id``. Rows whose key is in the ledger already are
        passed over, so a repeated import adds nothing; with ``new_sources`` nobody
        looks, because the caller has just made what is credited. Seats are stamped
        as of ``credited_on``. Raises ClosedPeriod.
        """
        return self._append(_NEW.format(select) + ("" if new_sources else _UNKNOWN), params)

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
        count, last = cursor.fetchone()
        if count:
            top = [org.root_unit_id(last)]
            try:
                cursor.execute(_APPEND, top)
            except DatabaseError as error:
                raise translated(error) from error
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
