"""Rows of a bulk load: what a deal must be, and the lines in which it is copied to the server."""

import datetime as dt
import io
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from apps.calendars.selectors import Rates
from apps.core.db import copy_line
from apps.core.errors import DomainError
from apps.pipeline import rules
from apps.pipeline.enums import DealState
from apps.pipeline.selectors.rates import in_base

FIRST_CHUNK = 1000
LET_GO = 16
STAGED = (
    "n", "external_id", "name", "account_id", "owner_id", "stage_id", "state", "amount", "currency", "rate",
    "base_amount", "created_on", "expected_close_on", "closed_on", "reason_id", "stage_since", "next_step",
    "next_step_on", "lines", "shares", "product_id",
)  # fmt: skip
STAGED_LINE = ("n", "place", "product_id", "quantity", "unit_price", "discount", "amount")
STAGED_SHARE = ("n", "person_id", "share")
STAGED_STEP = ("n", "place", "from_stage_id", "to_stage_id", "changed_on")


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


class Chunk:
    """Some checked rows as the lines that COPY takes, one buffer per staging table."""

    def __init__(self) -> None:
        self.rows = 0
        self.deals, self.lines, self.shares, self.steps = (io.StringIO() for _table in range(4))
        self._ids: set[str] = set()

    def add(self, row: OpportunityRow, values: tuple[object, ...], stage_since: dt.date | None) -> None:
        """Write one row and its parts. Raises InvalidRow when its external id is here already."""
        if row.external_id in self._ids:
            text = _("This external id appears more than once.")
            raise InvalidRow(row.external_id, "external_id", text)
        self._ids.add(row.external_id)
        n = self.rows
        self.rows += 1
        self.deals.write(copy_line((n, *values)))
        for place, line in enumerate(row.lines):
            price = line.amount if line.unit_price is None else line.unit_price
            values = (n, place, line.product_id, line.quantity, price, line.discount, line.amount)
            self.lines.write(copy_line(values))
        for person_id, share in row.shares:
            self.shares.write(copy_line((n, person_id, share)))
        before = None
        for place, (stage_id, day) in enumerate((*row.history, (row.stage_id, stage_since))):
            self.steps.write(copy_line((n, place, before, stage_id, day)))
            before = stage_id


class Checker:
    """Checks rows and makes chunks of them; asks the database nothing once it is there."""

    def __init__(self, stages: Mapping[int, str], rates: Rates, today: dt.date) -> None:
        self._stages, self._rates, self._today = stages, rates, today

    def chunks(self, rows: Iterable[OpportunityRow], size: int) -> Iterator[Chunk]:
        """Yield chunks of checked rows: small ones first, so that the server begins early.

        Raises InvalidRow, MissingRate.
        """
        limit = min(FIRST_CHUNK, size)
        chunk = Chunk()
        for row in rows:
            self._add(chunk, row)
            if chunk.rows % LET_GO == 0:
                time.sleep(0)  # the thread that talks to the server must not wait for its turn
            if chunk.rows == limit:
                yield chunk
                chunk, limit = Chunk(), min(limit * 3 // 2, size)
        if chunk.rows:
            yield chunk

    def _add(self, chunk: Chunk, row: OpportunityRow) -> None:
        state = self._stages.get(row.stage_id)
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
        _check_dates(row, state, self._today)
        _check_parts(row, amount, currency)
        is_open = state == DealState.OPEN
        rate = row.rate
        if rate is None:
            rate = self._rates.rate(currency, row.closed_on or self._today)
        closed_on = None if is_open else row.closed_on
        last = row.history[-1][1] if row.history else row.created_on
        since = last if is_open else closed_on
        values = (
            row.external_id, row.name[:200], row.account_id, row.owner_id, row.stage_id, state, amount,
            currency, rate, in_base(amount, rate) if rate != 1 else amount, row.created_on,
            row.expected_close_on, closed_on, None if is_open else row.reason_id, since, row.next_step[:200],
            row.next_step_on, len(row.lines), len(row.shares),
            row.lines[0].product_id if row.lines else None,
        )  # fmt: skip
        chunk.add(row, values, since)


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
