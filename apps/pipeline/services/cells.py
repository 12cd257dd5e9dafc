"""Merging the summary cells of deals."""

from django.db import connection

from apps.core.db import requires_transaction

_KEYS = "owner_id, stage_id, currency, month"
_COUNTED = ("deals", "amount", "base_amount", "without_step", "without_account", "without_amount")
_FOLD = f"""
WITH gone AS (
    DELETE FROM pipeline_pipelinecell WHERE id IN (
        SELECT id FROM pipeline_pipelinecell ORDER BY id FOR UPDATE SKIP LOCKED
    )
    RETURNING {_KEYS}, {", ".join(_COUNTED)}
)
INSERT INTO pipeline_pipelinecell ({_KEYS}, {", ".join(_COUNTED)})
SELECT {_KEYS}, {", ".join(f"sum({column})" for column in _COUNTED)}
FROM gone GROUP BY {_KEYS}
HAVING {" OR ".join(f"sum({column}) <> 0" for column in _COUNTED)}
"""  # noqa: S608  # fixed columns


@requires_transaction
def fold() -> int:
    """Merge the rows of every cell into one and return how many cells there are; sums never change."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLD)
        return int(cursor.rowcount)
