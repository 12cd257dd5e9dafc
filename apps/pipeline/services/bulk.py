"""Loading very many deals: staged by COPY, written set by set, credited through the ledger's bulk path."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from apps.core.db import copy_rows, requires_transaction
from apps.core.errors import DomainError
from apps.measures import services as ledger
from apps.pipeline import rules
from apps.pipeline.enums import DealState
from apps.pipeline.models import Opportunity, Stage
from apps.pipeline.selectors.rates import in_base, rate_on
from apps.pipeline.services import bulk_sql as sql
from apps.pipeline.services import cells, credits
from apps.pipeline.services.lines import line_amounts

CHUNK = 20_000


class InvalidRow(DomainError):
    """A row cannot become a deal; ``fields`` names the column, ``external_id`` the row."""

    def __init__(self, external_id: str, field_name: str, text: str) -> None:
        super().__init__(f"{external_id}: {text}", fields={field_name: text})
        self.external_id = external_id


class RowLine(NamedTuple):
    """A product line of an imported deal."""

    product_id: int
    amount: Decimal
    quantity: Decimal = Decimal(1)
    unit_price: Decimal | None = None
    discount: Decimal = Decimal(0)


class OpportunityRow(NamedTuple):
    """One deal of an import, its ids resolved by the caller.

    The stage decides the state. A closed deal needs ``created_on`` and ``closed_on``; ``rate`` is
    looked up when empty. ``lines`` must sum to ``amount``; ``shares`` (person id, percent) to 100;
    without shares the owner has all. ``history`` are earlier stages as (stage id, day), oldest first;
    the present stage is added by itself.
    """

    external_id: str
    name: str
    owner_id: int
    stage_id: int
    amount: Decimal
    currency: str
    account_id: int | None = None
    created_on: dt.date | None = None
    expected_close_on: dt.date | None = None
    closed_on: dt.date | None = None
    reason_id: int | None = None
    lines: Sequence[RowLine] = ()
    shares: Sequence[tuple[int, Decimal]] = ()
    history: Sequence[tuple[int, dt.date | None]] = ()
    next_step: str = ""
    next_step_on: dt.date | None = None
    rate: Decimal | None = None


@dataclass
class LoadResult:
    """What a load did."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    credits: int = 0
    ids: list[int] = field(default_factory=list)

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
    keep_ids: bool = False,
) -> LoadResult:
    """Create or update deals by external id, with lines, splits, stage history and credit.

    Rows are taken from the iterator ``chunk`` at a time, so memory stays flat; the caller owns the
    transaction (one around everything, or one per call). A second load of the same rows changes
    nothing; a changed row updates its deal, and a changed decided deal has its credit reversed
    and posted again. Exit criteria are not asked for; ``reason`` is kept on every stage change as why.
    ``on_progress`` hears the number of rows done after each chunk; ``keep_ids`` returns the ids of
    created deals (for undo). Owners become members of their deals' accounts.

    Raises InvalidRow (bad amount, currency, dates, shares or lines; repeated external id),
    MissingRate, ClosedPeriod.
    """
    result = LoadResult()
    stages = dict(Stage.objects.order_by("pk").values_list("pk", "kind"))
    checked = (_checked(row, stages, today) for row in rows)
    with connection.cursor() as cursor:
        for batch in _batches(checked, chunk):
            _load(cursor, batch, today=today, by_id=by_id, reason=reason[:200], result=result, keep=keep_ids)
            connection.check_constraints()  # now, so that the server does not queue them up to the commit
            if on_progress:
                on_progress(result.rows)
        result.credits += ledger.post_staged(sql.NEW_CUSTOMERS)
        cells.fold()
    return result


@requires_transaction
def unload_opportunities(*, ids: Sequence[int], booked_on: dt.date, reason: str) -> int:
    """Undo a load: reverse the credit of deals and remove them; return how many went.

    Deals somebody has worked on since (version above 1) stay. Raises ClosedPeriod.
    """
    gone = list(
        Opportunity.objects.filter(pk__in=ids, version=1).order_by("pk").select_for_update(of=("self",))
    )
    for deal in gone:
        if not deal.is_open:
            credits.reverse(deal, booked_on=booked_on, reason=reason)
    untouched = [deal.pk for deal in gone]
    with connection.cursor() as cursor:
        for statement in sql.REMOVE:
            cursor.execute(statement, [untouched])
    cells.fold()
    return len(untouched)


class _Staged(NamedTuple):
    """A checked row as it is copied: the columns of the staging table, then its parts."""

    values: tuple[object, ...]
    lines: Sequence[RowLine]
    shares: Sequence[tuple[int, Decimal]]
    history: Sequence[tuple[int, dt.date | None]]


def _batches(rows: Iterator[_Staged], size: int) -> Iterator[list[_Staged]]:
    while batch := list(islice(rows, size)):
        yield batch


def _load(
    cursor: CursorWrapper,
    batch: list[_Staged],
    *,
    today: dt.date,
    by_id: int | None,
    reason: str,
    result: LoadResult,
    keep: bool,
) -> None:
    _stage(cursor, batch)
    cursor.execute(sql.RESOLVE)
    cursor.execute(sql.COUNT)
    created, updated, unchanged = cursor.fetchone()
    if created + updated + unchanged != len(batch):
        _refuse_repeats(cursor)
    if updated:
        _prepare_updates(cursor, today=today, reason=reason)
    params = {"by": by_id, "why": reason}
    for statement in sql.WRITE if created or updated else ():
        cursor.execute(statement, params)
    if created or updated:
        result.credits += ledger.post_staged(sql.PLAIN_CREDITS, [settings.COMPANY_CURRENCY])
        result.credits += _post_shared(cursor)
    if keep:
        cursor.execute("SELECT id FROM pipeline_resolved WHERE is_new ORDER BY id")
        result.ids.extend(row[0] for row in cursor.fetchall())
    result.created += created
    result.updated += updated
    result.unchanged += unchanged


def _stage(cursor: CursorWrapper, batch: list[_Staged]) -> None:
    for statement in sql.STAGING:
        cursor.execute(statement)
    copy_rows("pipeline_staged", sql.COLUMNS, (row.values for row in batch))
    copy_rows(
        "pipeline_staged_line",
        sql.LINE_COLUMNS,
        (
            (row.values[0], n, line.product_id, line.quantity,
             line.amount if line.unit_price is None else line.unit_price, line.discount, line.amount)
            for row in batch
            for n, line in enumerate(row.lines)
        ),
    )  # fmt: skip
    shares = [(row.values[0], *share) for row in batch for share in row.shares]
    copy_rows("pipeline_staged_share", sql.SHARE_COLUMNS, shares)
    steps = ((row.values[0], n, *step) for row in batch for n, step in enumerate(row.history))
    copy_rows("pipeline_staged_step", sql.STEP_COLUMNS, steps)
    for table in ("pipeline_staged", "pipeline_staged_line"):
        cursor.execute(f"ANALYZE {table}")


def _refuse_repeats(cursor: CursorWrapper) -> None:
    cursor.execute(
        "SELECT external_id FROM pipeline_staged GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 1"
    )
    found = cursor.fetchone()
    if found:
        raise InvalidRow(found[0], "external_id", _("This external id appears more than once."))


def _prepare_updates(cursor: CursorWrapper, *, today: dt.date, reason: str) -> None:
    """Reverse the credit of decided deals that change and clear their parts, which are written anew."""
    cursor.execute("SELECT id FROM pipeline_resolved WHERE is_changed ORDER BY id")
    ids = [row[0] for row in cursor.fetchall()]
    decided = Opportunity.objects.filter(pk__in=ids).exclude(state=DealState.OPEN).order_by("pk")
    for deal in decided.select_for_update(of=("self",)):
        credits.reverse(deal, booked_on=today, reason=reason or _("Changed by an import"))
    for statement in sql.CLEAR:
        cursor.execute(statement, [ids])


def _post_shared(cursor: CursorWrapper) -> int:
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
    return ledger.post_staged(sql.STAGED_CREDITS)


def _credit(entry: ledger.Entry) -> tuple[object, ...]:
    return (
        entry.measure, entry.key, entry.credited_on, entry.booked_on or entry.credited_on, entry.value,
        entry.currency, entry.person_id, entry.product_id, entry.account_id, entry.is_overlay,
        entry.source_type, entry.source_id,
    )  # fmt: skip


def _checked(row: OpportunityRow, stages: dict[int, str], today: dt.date) -> _Staged:
    """Return a row ready to copy. Raises InvalidRow naming the field."""
    state = stages.get(row.stage_id)
    if state is None:
        raise InvalidRow(row.external_id, "stage", _("This stage does not exist."))
    if not row.external_id:
        raise InvalidRow("", "external_id", _("Every row needs an external id."))
    if not row.name:
        raise InvalidRow(row.external_id, "name", _("Enter a name."))
    try:
        currency = rules.checked_currency(row.currency)
        amount = rules.checked_amount(row.amount, currency)
    except DomainError as error:
        name, text = next(iter(error.fields.items()))
        raise InvalidRow(row.external_id, name, str(text)) from error
    _check_dates(row, state, today)
    _check_parts(row, amount, currency)
    is_open = state == DealState.OPEN
    rate = row.rate
    if rate is None:
        rate = Decimal(1)
        if currency != settings.COMPANY_CURRENCY:
            rate = rate_on(currency, row.closed_on or today)
    closed_on = None if is_open else row.closed_on
    last = row.history[-1][1] if row.history else row.created_on
    values = (
        row.external_id, row.name[:200], row.account_id, row.owner_id, row.stage_id, state, amount, currency,
        rate, in_base(amount, rate) if rate != 1 else amount, row.created_on, row.expected_close_on,
        closed_on, None if is_open else row.reason_id, last if is_open else closed_on, row.next_step[:200],
        row.next_step_on,
    )  # fmt: skip
    return _Staged(values, row.lines, row.shares, row.history)


def _check_dates(row: OpportunityRow, state: str, today: dt.date) -> None:
    if row.created_on and row.created_on > today:
        raise InvalidRow(row.external_id, "created_on", _("The deal cannot have been created in the future."))
    if state == DealState.OPEN:
        return
    if row.closed_on is None or row.created_on is None:
        raise InvalidRow(row.external_id, "closed_on", _("A decided deal needs its start and closing dates."))
    if row.closed_on > today:
        raise InvalidRow(row.external_id, "closed_on", _("The closing date cannot lie in the future."))
    if row.closed_on < row.created_on:
        raise InvalidRow(
            row.external_id, "closed_on", _("The closing date cannot lie before the deal was created.")
        )


def _check_parts(row: OpportunityRow, amount: Decimal, currency: str) -> None:
    if row.lines and sum((line.amount for line in row.lines), Decimal(0)) != amount:
        raise InvalidRow(row.external_id, "lines", _("The product lines do not sum to the amount."))
    if len(row.lines) > 1:
        for line in row.lines:
            rules.checked_amount(line.amount, currency)
    if row.shares:
        try:
            rules.checked_shares([rules.Share(*share) for share in row.shares])
        except rules.InvalidShares as error:
            raise InvalidRow(row.external_id, "splits", str(error)) from error
