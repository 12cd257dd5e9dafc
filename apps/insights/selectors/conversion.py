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


# Skipped stages count as passed: what matters is the furthest stage a deal ever reached.
_STEPS = """
WITH entry AS (
    SELECT c.opportunity_id, c.to_stage_id, min(c.changed_on) AS first_on
    FROM pipeline_stagechange c
    JOIN pipeline_opportunity o ON o.id = c.opportunity_id AND o.owner_id = ANY(%(people)s)
    GROUP BY 1, 2
), entered AS (
    SELECT e.opportunity_id, e.to_stage_id FROM entry e
    WHERE e.first_on >= %(start)s AND e.first_on < %(end)s
), furthest AS (
    SELECT e.opportunity_id, s.process_id,
           bool_or(s.kind = 'won') AS is_won, max(s."order") FILTER (WHERE s.kind = 'open') AS top
    FROM entry e JOIN pipeline_stage s ON s.id = e.to_stage_id
    GROUP BY 1, 2
)
SELECT s.id, s.name, count(n.opportunity_id),
       count(*) FILTER (WHERE f.is_won OR f.top > s."order")
FROM pipeline_stage s
JOIN pipeline_salesprocess p ON p.id = s.process_id AND p.is_default
LEFT JOIN entered n ON n.to_stage_id = s.id
LEFT JOIN furthest f ON f.opportunity_id = n.opportunity_id AND f.process_id = s.process_id
WHERE s.kind = 'open'
GROUP BY s.id, s.name, s."order"
ORDER BY s."order"
"""


def conversion(people: Collection[int], start: dt.date, end: dt.date) -> list[StageStep]:
    """Return the open stages of the default process for deals owned by some people. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_STEPS, {"people": list(people), "start": start, "end": end})
        return [StageStep(*row) for row in cursor.fetchall()]
