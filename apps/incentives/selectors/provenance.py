"""Where a line of pay comes from: who asked for it, its inputs, its plan version, who approved it."""

import datetime as dt
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection

# One statement for any number of lines. A line is written once, so the audit trail has one row about that.
_PROVENANCE = """
    SELECT l.id AS line_id, l.statement_id, l.run_id, l.person_id, period.code AS period,
           l.amount, l.currency, entry.request_id, entry.source, asker.username AS asked_by,
           entry.at AS written_at,
           s.inputs, traces.credits, l.trace_digest,
           plan.code AS plan, version.number AS version, version.document_hash,
           writer.username AS version_by, releaser.username AS version_approved_by,
           calculator.username AS calculated_by, run.calculated_at,
           approver.username AS approved_by, run.approved_at,
           requester.username AS adjustment_by, decider.username AS adjustment_approved_by
      FROM unnest(%s::bigint[]) AS wanted(id)
      JOIN incentives_payline l ON l.id = wanted.id
      JOIN incentives_statement s ON s.id = l.statement_id
      JOIN incentives_payrun run ON run.id = l.run_id
      JOIN calendars_fiscalperiod period ON period.id = run.period_id
      LEFT JOIN LATERAL (
          SELECT e.request_id, e.source, e.actor_id, e.at FROM events_auditentry e
           WHERE e."table" = 'incentives_payline' AND e.row_id = l.id::text AND e.action = 'insert'
           ORDER BY e.id LIMIT 1) entry ON true
      LEFT JOIN LATERAL (
          SELECT coalesce(array_agg(t.credit_id ORDER BY t.sequence), '{}') AS credits
            FROM incentives_paytrace t WHERE t.line_id = l.id AND t.credit_id IS NOT NULL) traces ON true
      LEFT JOIN incentives_planversion version ON version.id = l.version_id
      LEFT JOIN incentives_incentiveplan plan ON plan.id = version.plan_id
      LEFT JOIN incentives_adjustment adjustment ON adjustment.id = l.adjustment_id
      LEFT JOIN access_user asker ON asker.id = entry.actor_id
      LEFT JOIN access_user writer ON writer.id = version.created_by_id
      LEFT JOIN access_user releaser ON releaser.id = version.approved_by_id
      LEFT JOIN access_user calculator ON calculator.id = run.calculated_by_id
      LEFT JOIN access_user approver ON approver.id = run.approved_by_id
      LEFT JOIN access_user requester ON requester.id = adjustment.requested_by_id
      LEFT JOIN access_user decider ON decider.id = adjustment.decided_by_id
     ORDER BY l.id
"""


@dataclass(frozen=True)
class Provenance:
    """Everything a line of pay goes back to; people by their user names.

    ``request_id`` is in every log line and audit row of the request that asked for the calculation;
    ``inputs`` is what was pinned for the payee, ``credits`` the rows of the ledger behind the line.
    """

    line_id: int
    statement_id: int
    run_id: int
    person_id: int
    period: str
    amount: Any
    currency: str
    request_id: str | None
    source: str | None
    asked_by: str | None
    written_at: dt.datetime | None
    inputs: dict[str, Any]
    credits: list[int]
    trace_digest: str
    plan: str | None
    version: int | None
    document_hash: str | None
    version_by: str | None
    version_approved_by: str | None
    calculated_by: str | None
    calculated_at: dt.datetime | None
    approved_by: str | None
    approved_at: dt.datetime | None
    adjustment_by: str | None
    adjustment_approved_by: str | None


def provenance(line_ids: Collection[int]) -> list[Provenance]:
    """Return where lines of pay come from, in the order of their numbers."""
    with connection.cursor() as cursor:
        cursor.execute(_PROVENANCE, [list(line_ids)])
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [Provenance(**{**row, "inputs": json.loads(row["inputs"])}) for row in rows]
