"""Where the facts of the past belong in the structure of another day.

A position counts in the unit it is in on that day; one that is gone then, in
its last unit (or first, if it came later). A unit that is gone counts in its
nearest ancestor that still exists, at the very end the top. Nothing gets lost,
so company totals as it was and as it is are equal.
"""

import datetime as dt
from collections.abc import Iterable

from django.db import connection

from apps.org.selectors.structure import root_unit_id

_NEAREST = """
    SELECT DISTINCT ON ({key}) {key}, {value}
    FROM {table}
    WHERE {key} = ANY(%(ids)s)
    ORDER BY {key}, valid @> %(on)s::date DESC, lower(valid) > %(on)s::date,
             CASE WHEN lower(valid) > %(on)s::date THEN lower(valid) - %(on)s::date
                  ELSE %(on)s::date - upper(valid) END
"""
_SURVIVORS = """
    WITH asked AS (SELECT unnest(%(ids)s::bigint[]) AS unit_id),
    seen AS (
        SELECT DISTINCT ON (e.unit_id) e.unit_id,
               CASE WHEN e.valid @> %(on)s::date THEN %(on)s::date
                    WHEN lower(e.valid) > %(on)s::date THEN lower(e.valid)
                    ELSE upper(e.valid) - 1 END AS day
        FROM org_unitparent e JOIN asked USING (unit_id)
        ORDER BY e.unit_id, e.valid @> %(on)s::date DESC, lower(e.valid) > %(on)s::date,
                 CASE WHEN lower(e.valid) > %(on)s::date THEN lower(e.valid) - %(on)s::date
                      ELSE %(on)s::date - upper(e.valid) END
    )
    SELECT DISTINCT ON (s.unit_id) s.unit_id, c.ancestor_id
    FROM seen s
    JOIN org_unitclosure c ON c.descendant_id = s.unit_id AND c.valid @> s.day
    JOIN org_unitparent alive ON alive.unit_id = c.ancestor_id AND alive.valid @> %(on)s::date
    ORDER BY s.unit_id, c.depth
"""


def surviving_units(unit_ids: Iterable[int], on: dt.date) -> dict[int, int]:
    """Map each unit to itself, or to the nearest unit above it that exists on the day. One or two queries."""
    ids = sorted(set(unit_ids))
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_SURVIVORS, {"ids": ids, "on": on})
        found = dict(cursor.fetchall())
    missing = [unit_id for unit_id in ids if unit_id not in found]
    if missing:
        root = root_unit_id(on)
        found.update({unit_id: root if root is not None else unit_id for unit_id in missing})
    return found


def as_is_units(
    position_ids: Iterable[int], unit_ids: Iterable[int], on: dt.date
) -> tuple[dict[int, int], dict[int, int]]:
    """Map positions and units to the unit that stands for them in the structure of a day.

    Every id asked for is in the answer. Three queries at most.
    """
    positions = sorted(set(position_ids))
    places: dict[int, int] = {}
    if positions:
        sql = _NEAREST.format(key="position_id", value="unit_id", table="org_positionunit")
        with connection.cursor() as cursor:
            cursor.execute(sql, {"ids": positions, "on": on})
            places = dict(cursor.fetchall())
    units = surviving_units([*unit_ids, *places.values()], on)
    root = root_unit_id(on) if len(places) < len(positions) else None
    by_position = {position: units[place] for position, place in places.items()}
    if root is not None:
        by_position |= {position: root for position in positions if position not in places}
    return by_position, {unit_id: units[unit_id] for unit_id in set(unit_ids)}
