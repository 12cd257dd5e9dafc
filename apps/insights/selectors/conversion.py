"""Stage conversion: of the deals that first entered a stage in a period, the share that went further."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db import connection

from apps.insights import rules


@dataclass(frozen=True)
class StageStep:
    """One open stage: how many deals entered it, and how many of them reached a later stage or were won."""

    stage_id: int
    name: str
    entered: int
    passed: int

    @property
    def rate(self) -> Decimal | None:
        """The conversion to the next stage; unknown when nothing entered."""
        return rules.figure(Fraction(self.passed, self.entered)) if self.entered else None


# Skipped stages count as entered and passed on the day a later one was reached. Only deals in which
# something happened in the period can have entered a stage in it: their history is read, no other.
_ENTRIES = """
WITH step AS (
    SELECT s.id, s.name, s.kind, s."order" FROM pipeline_stage s
    JOIN pipeline_salesprocess p ON p.id = s.process_id AND p.is_default
    WHERE s.kind IN ('open', 'won')
), moved AS (
    SELECT DISTINCT opportunity_id FROM pipeline_stagechange
    WHERE changed_on >= %(start)s AND changed_on < %(end)s
), been AS (
    SELECT c.opportunity_id, t.kind, t."order", min(c.changed_on) AS first_on
    FROM moved
    JOIN pipeline_opportunity o ON o.id = moved.opportunity_id AND o.owner_id = ANY(%(people)s)
    JOIN pipeline_stagechange c ON c.opportunity_id = o.id
    JOIN step t ON t.id = c.to_stage_id
    GROUP BY 1, 2, 3
), entry AS (
    SELECT s.id, b.opportunity_id, min(b.first_on) AS first_on,
           bool_or(b.kind = 'won' OR b."order" > s."order") AS has_passed
    FROM step s JOIN been b ON b.kind = 'won' OR b."order" >= s."order"
    WHERE s.kind = 'open'
    GROUP BY 1, 2
)
"""
_COUNTS = """
SELECT s.id, s.name, count(e.opportunity_id), count(e.opportunity_id) FILTER (WHERE e.has_passed)
FROM step s
LEFT JOIN entry e ON e.id = s.id AND e.first_on >= %(start)s AND e.first_on < %(end)s
WHERE s.kind = 'open'
GROUP BY s.id, s.name, s."order"
ORDER BY s."order"
"""
_DEALS = """
SELECT e.opportunity_id FROM entry e
WHERE e.id = %(stage)s AND e.first_on >= %(start)s AND e.first_on < %(end)s
  AND (e.has_passed OR NOT %(passed)s)
"""


def conversion(people: Collection[int], start: dt.date, end: dt.date) -> list[StageStep]:
    """Return the open stages of the default process for deals owned by some people. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES + _COUNTS, {"people": list(people), "start": start, "end": end})
        return [StageStep(*row) for row in cursor.fetchall()]


def deals_in_step(
    people: Collection[int], start: dt.date, end: dt.date, *, stage_id: int, passed: bool
) -> list[int]:
    """Return the deals that ``conversion`` counts as having entered, or passed, a stage. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            _ENTRIES + _DEALS,
            {"people": list(people), "start": start, "end": end, "stage": stage_id, "passed": passed},
        )
        return [row[0] for row in cursor.fetchall()]
