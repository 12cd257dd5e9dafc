"""Loading very many deals: staged by COPY, written set by set, credited through the ledger's bulk path."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from apps.calendars.selectors import Rates
from apps.core.ahead import ahead
from apps.core.db import advisory_lock, copy_lines, copy_rows, requires_transaction
from apps.core.statistics import OwnStatistics
from apps.measures import services as ledger
from apps.pipeline import rules
from apps.pipeline.enums import DealState
from apps.pipeline.models import Opportunity, Stage
from apps.pipeline.services import bulk_sql as sql
from apps.pipeline.services import cells, credits
from apps.pipeline.services.bulk_rows import (
    STAGED,
    STAGED_LINE,
    STAGED_SHARE,
    STAGED_STEP,
    Checker,
    Chunk,
    InvalidRow,
    OpportunityRow,
    RowLine,
)
from apps.pipeline.services.lines import line_amounts

__all__ = [
    "InvalidRow",
    "LoadResult",
    "OpportunityRow",
    "RowLine",
    "load_opportunities",
    "unload_opportunities",
]

CHUNK = 20_000
_LOCK = "pipeline.bulk"  # one load at a time: the second sees what the first wrote
_FILLED = (
    "pipeline_opportunity",
    "pipeline_opportunityline",
    "pipeline_stagechange",
    "pipeline_pipelinecell",
    "measures_credit",
)


@dataclass
class LoadResult:
    """What a load did."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    credits: int = 0

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return self.created + self.updated + self.unchanged


@requires_transaction
def load_opportunities(
    rows: Iterable[OpportunityRow],
    *,
    today: dt.date,
    by_id: int | None = None,
    reason: str = "",
    chunk: int = CHUNK,
    on_progress: Callable[[int], None] | None = None,
    on_created: Callable[[Sequence[int]], None] | None = None,
) -> LoadResult:
    """Create or update deals by external id, with lines, splits, stage history and credit.

    Rows are taken from the iterator chunk by chunk, in a thread of its own while the server writes
    the chunk before; so memory stays flat, and the iterator must not ask the database. The caller owns
    the transaction (one around everything, or one per call). A second load of the same rows changes
    nothing; a changed row updates its deal, and a changed decided deal has its credit reversed
    and posted again. Exit criteria are not asked for; ``reason`` is kept on every stage change as why.
    After each chunk ``on_progress`` hears the number of rows done and ``on_created`` the ids of new
    deals (for undo). Owners become members of their deals' accounts.

    Raises InvalidRow (bad amount, currency, dates, shares or lines; repeated external id),
    MissingRate, ClosedPeriod.
    """
    advisory_lock(_LOCK)
    result = LoadResult()
    checker = Checker(dict(Stage.objects.order_by("pk").values_list("pk", "kind")), Rates(), today)
    with (
        connection.cursor() as cursor,
        ledger.posting() as posting,
        closing(ahead(checker.chunks(rows, chunk))) as chunks,
    ):
        cursor.execute(sql.SETTINGS)
        load = _Load(cursor, posting, today, by_id, reason[:200], result)
        statistics = OwnStatistics(*_FILLED)
        for part in chunks:
            ids = load.write(part)
            statistics.written(result.rows)
            connection.check_constraints()  # now, so that the server does not queue them up to the commit
            if on_created and ids:
                on_created(ids)
            if on_progress:
                on_progress(result.rows)
        result.credits += posting.post(sql.NEW_CUSTOMERS)
    cells.fold()
    statistics.finished(result.created + result.updated)
    return result


@requires_transaction
def unload_opportunities(
    *,
    ids: Iterable[int],
    booked_on: dt.date,
    reason: str,
    chunk: int = CHUNK,
    on_progress: Callable[[int], None] | None = None,
) -> int:
    """Undo a load: reverse the credit of deals and remove them, chunk by chunk; return how many went.

    Deals somebody has worked on since (version above 1, activities, tasks) stay. Where the first sale to
    an account goes, the next one that stays is credited as it. Raises ClosedPeriod.
    """
    advisory_lock(_LOCK)
    gone = done = 0
    with connection.cursor() as cursor, ledger.posting() as posting:
        cursor.execute(sql.SETTINGS)
        for part in _batches(ids, chunk):
            cursor.execute(sql.UNTOUCHED, [part])
            untouched = [row[0] for row in cursor.fetchall()]
            posting.reverse(
                source_type=credits.SOURCE, source_ids=untouched, booked_on=booked_on, reason=reason
            )
            cursor.execute(sql.REMOVE, {"ids": untouched})
            connection.check_constraints()
            gone, done = gone + len(untouched), done + len(part)
            if on_progress:
                on_progress(done)
        posting.post(sql.NEW_CUSTOMERS)
    cells.fold()
    return gone


def _batches(ids: Iterable[int], size: int) -> Iterator[list[int]]:
    rest = iter(ids)
    while part := list(islice(rest, size)):
        yield part


class _Load:
    """One load under way."""

    def __init__(
        self,
        cursor: CursorWrapper,
        posting: ledger.Bulk,
        today: dt.date,
        by_id: int | None,
        reason: str,
        result: LoadResult,
    ) -> None:
        self._cursor, self._posting, self._result = cursor, posting, result
        self._today, self._by_id, self._reason = today, by_id, reason

    def write(self, chunk: Chunk) -> list[int]:
        """Write a chunk with its credit and return the ids of new deals."""
        self._stage(chunk)
        cursor = self._cursor
        cursor.execute(sql.RESOLVE)
        created, updated = cursor.fetchone()
        params = {"by": self._by_id, "why": self._reason}
        if created:
            cursor.execute(sql.CREATE, params)
        if updated:
            self._prepare_updates()
            cursor.execute(sql.UPDATE, params)
        if created or updated:
            cursor.execute(sql.PARTS)
            self._result.credits += self._posting.post(
                sql.PLAIN_CREDITS, [settings.COMPANY_CURRENCY], new_sources=not updated
            )
            self._result.credits += _post_shared(cursor, self._posting)
        self._result.created += created
        self._result.updated += updated
        self._result.unchanged += chunk.rows - created - updated
        cursor.execute("SELECT id FROM pipeline_resolved WHERE is_new")
        return [row[0] for row in cursor.fetchall()]

    def _prepare_updates(self) -> None:
        """Reverse the credit of decided deals that change and clear their parts, which are written anew."""
        self._cursor.execute(sql.CHANGED)
        found = self._cursor.fetchall()
        self._posting.reverse(
            source_type=credits.SOURCE,
            source_ids=[pk for pk, was_decided in found if was_decided],
            booked_on=self._today,
            reason=self._reason or _("Changed by an import"),
        )
        self._cursor.execute(sql.CLEAR, {"ids": [pk for pk, _was_decided in found]})

    def _stage(self, chunk: Chunk) -> None:
        self._cursor.execute(sql.STAGING)
        for table, columns, lines in (
            ("pipeline_staged", STAGED, chunk.deals),
            ("pipeline_staged_line", STAGED_LINE, chunk.lines),
            ("pipeline_staged_share", STAGED_SHARE, chunk.shares),
            ("pipeline_staged_step", STAGED_STEP, chunk.steps),
        ):
            if lines.tell():
                lines.seek(0)
                copy_lines(table, columns, lines)


def _post_shared(cursor: CursorWrapper, posting: ledger.Bulk) -> int:
    """Post the credits of decided deals with several lines or shares, split exactly."""
    cursor.execute(sql.SHARED)
    ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return 0
    deals = Opportunity.objects.filter(pk__in=ids).select_related("reason").order_by("pk")
    entries: list[ledger.Entry] = []
    for deal in deals.prefetch_related("lines", "splits"):
        lines = sorted(line_amounts(list(deal.lines.all())), key=lambda line: line.line_id)
        splits = [rules.Share(split.person_id, split.share) for split in deal.splits.all()]
        shares = sorted(splits, key=lambda share: share.person_id) or [
            rules.Share(deal.owner_id, rules.WHOLE)
        ]
        build = credits.won_entries if deal.state == DealState.WON else credits.lost_entries
        entries += build(deal, lines, shares)
    cursor.execute("TRUNCATE pipeline_staged_credit")
    copy_rows("pipeline_staged_credit", sql.CREDIT_COLUMNS, (_credit(entry) for entry in entries))
    return posting.post(sql.STAGED_CREDITS)


def _credit(entry: ledger.Entry) -> tuple[object, ...]:
    return (
        entry.measure, entry.key, entry.credited_on, entry.booked_on or entry.credited_on, entry.value,
        entry.currency, entry.person_id, entry.product_id, entry.account_id, entry.is_overlay,
        entry.source_type, entry.source_id,
    )  # fmt: skip
