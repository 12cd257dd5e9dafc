"""The board: a column per stage with exact totals and its first cards."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.pipeline.models import Opportunity, PipelineCell, SalesProcess, Stage
from apps.pipeline.models.deals import OpportunityQuerySet
from apps.pipeline.selectors.deals import owned
from apps.pipeline.selectors.rates import rate_on

CARDS = 20
MAX_OFFSET = 2_000


@dataclass
class Column:
    """One stage: totals in company currency over all its deals, and the first cards."""

    stage: Stage
    deals: int = 0
    amount: Decimal = Decimal(0)
    weighted: Decimal = Decimal(0)
    cards: list[dict[str, Any]] = field(default_factory=list)
    next_offset: int = 0

    @property
    def more(self) -> int:
        """How many deals are not shown yet."""
        return max(0, self.deals - self.next_offset)


@dataclass
class Board:
    """Columns of one process. Decided deals count from ``since`` on."""

    process: SalesProcess
    columns: list[Column]
    since: dt.date

    @property
    def open_deals(self) -> int:
        """Number of open deals over all columns."""
        return sum(column.deals for column in self.columns if column.stage.is_open)

    @property
    def open_amount(self) -> Decimal:
        """Amount of open deals in company currency."""
        return sum((column.amount for column in self.columns if column.stage.is_open), Decimal(0))

    @property
    def weighted(self) -> Decimal:
        """Weighted amount of open deals in company currency."""
        return sum((column.weighted for column in self.columns if column.stage.is_open), Decimal(0))


def board(
    user: User, *, process: SalesProcess, today: dt.date, owner_ids: Collection[int] | None = None
) -> Board:
    """Return the board of a process for the deals whose owners the user may see."""
    stages = list(process.stages.order_by("order"))
    since = three_months_from(today)
    condition = owned(scope_of(user, Permission.DEAL_VIEW), owner_ids)
    columns = {stage.pk: Column(stage) for stage in stages}
    _total(columns, condition, since, today)
    _fill(columns, condition, since)
    return Board(process, list(columns.values()), since)


def column_cards(
    user: User,
    *,
    stage: Stage,
    today: dt.date,
    offset: int,
    owner_ids: Collection[int] | None = None,
) -> Column:
    """Return the next cards of one column, with its totals."""
    condition = owned(scope_of(user, Permission.DEAL_VIEW), owner_ids)
    since = three_months_from(today)
    column = Column(stage)
    _total({stage.pk: column}, condition, since, today)
    start = max(0, min(offset, MAX_OFFSET))
    rows = _in_order(stage, condition, since)[start : start + CARDS]
    column.cards = list(rows.for_table())
    column.next_offset = start + len(column.cards)
    return column


def three_months_from(today: dt.date) -> dt.date:
    """Return the first day of the month two months ago: decided deals are shown from there."""
    month = today.year * 12 + today.month - 3
    return dt.date(month // 12, month % 12 + 1, 1)


def _total(columns: dict[int, Column], condition: Q, since: dt.date, today: dt.date) -> None:
    kinds: dict[bool, list[int]] = defaultdict(list)
    for column in columns.values():
        kinds[column.stage.is_open].append(column.stage.pk)
    held = Q(stage_id__in=kinds[True]) | Q(stage_id__in=kinds[False], month__gte=since)
    cells = PipelineCell.objects.filter(condition).filter(held).values_list("stage_id", "currency")
    sums = cells.annotate(deals=Sum("deals"), amount=Sum("amount"), base=Sum("base_amount"))
    rates: dict[str, Decimal] = {}
    for stage_id, currency, deals, amount, base in sums.order_by("stage_id", "currency"):
        column = columns[stage_id]
        column.deals += int(deals)
        if not column.stage.is_open:
            column.amount += base
            continue
        if amount and currency not in rates:
            rates[currency] = rate_on(currency, today)
        value = amount * rates.get(currency, Decimal(0))
        column.amount += value
        column.weighted += value * column.stage.probability / 100


def _fill(columns: dict[int, Column], condition: Q, since: dt.date) -> None:
    """Read the first cards of all columns in two statements."""
    firsts: Sequence[QuerySet] = [
        _in_order(column.stage, condition, since).values_list("pk", flat=True)[:CARDS]
        for column in columns.values()
    ]
    if not firsts:
        return
    ids = list(firsts[0].union(*firsts[1:], all=True))
    cards = {card["pk"]: card for card in Opportunity.objects.filter(pk__in=ids).for_table()}
    for pk in ids:
        card = cards[pk]
        columns[card["stage_id"]].cards.append(card)
    for column in columns.values():
        column.next_offset = len(column.cards)


def _in_order(stage: Stage, condition: Q, since: dt.date) -> OpportunityQuerySet:
    deals = Opportunity.objects.filter(condition, stage=stage)
    if stage.is_open:
        return deals.order_by("closes_on", "pk")
    return deals.filter(closes_on__gte=since).order_by("-closes_on", "-pk")
