"""Open deals as a standing quantity: now, from the summary cells; on a day of the past, from history."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

from django.db import connection
from django.db.models import Sum

from apps.measures.registry import StockFact, StockQuestion
from apps.pipeline.enums import DealState
from apps.pipeline.models import PipelineCell, Stage
from apps.pipeline.selectors.rates import rate_on

What = Literal["deals", "amount", "weighted"]
Key = tuple[int | None, int | None, int | None]

# Each open deal once per line (once without lines); only its first line counts the deal. The
# stage on a past day is that of the last change up to then. Amounts have no history: today's count.
# A deal whose start nobody knows (an import) counts as open on every day until it is decided.
_OPEN = """
WITH deal AS (
    SELECT o.id, o.owner_id, o.account_id, o.currency, o.amount, {stage} AS stage_id
    FROM pipeline_opportunity o
    WHERE {standing}
      AND (%(people)s IS NULL OR o.owner_id = ANY(%(people)s))
      AND (%(account)s IS NULL OR o.account_id = %(account)s)
)
SELECT {person}, {product}, {account}, d.currency, s.probability,
       sum(CASE WHEN {whole} THEN d.amount ELSE l.amount END),
       count(*) FILTER (WHERE {whole} OR l.is_main)
FROM deal d
JOIN pipeline_stage s ON s.id = d.stage_id AND s.kind = 'open'
LEFT JOIN LATERAL (
    SELECT ol.product_id, ol.amount, row_number() OVER (ORDER BY ol.amount DESC, ol.id) = 1 AS is_main
    FROM pipeline_opportunityline ol WHERE ol.opportunity_id = d.id AND {needs_lines}
) AS l ON true
WHERE (%(product)s IS NULL OR l.product_id = %(product)s)
GROUP BY 1, 2, 3, 4, 5
"""
_STAGE_THEN = """(
    SELECT c.to_stage_id FROM pipeline_stagechange c
    WHERE c.opportunity_id = o.id AND (c.changed_on <= %(day)s OR c.changed_on IS NULL)
    ORDER BY c.changed_on DESC NULLS LAST, c.id DESC LIMIT 1)"""
_STANDING_THEN = (
    "(o.created_on <= %(day)s OR o.created_on IS NULL) AND (o.closed_on IS NULL OR o.closed_on > %(day)s)"
)


def open_deals(question: StockQuestion, what: What, *, today: dt.date) -> Iterable[StockFact]:
    """Return the open deals of a day: their number, amount or weighted amount in company currency."""
    is_now = question.on >= today
    plain = question.by <= {"person"} and question.product_id is None and question.account_id is None
    rows = _from_cells(question) if is_now and plain else _from_deals(question, is_now=is_now)
    return _facts(rows, what, on=min(question.on, today))


def _facts(rows: Iterable[tuple], what: What, *, on: dt.date) -> list[StockFact]:
    rates: dict[str, Decimal] = {}
    values: dict[Key, Decimal] = defaultdict(Decimal)
    counts: dict[Key, int] = defaultdict(int)
    for person, product, account, currency, probability, amount, deals in rows:
        key = (person, product, account)
        counts[key] += deals
        if what == "deals":
            values[key] += deals
            continue
        if currency not in rates:
            rates[currency] = rate_on(currency, on)
        weight = probability / 100 if what == "weighted" else 1
        values[key] += amount * rates[currency] * weight
    return [StockFact(*key, value=values[key], n=counts[key]) for key in counts]


def _from_cells(question: StockQuestion) -> Iterable[tuple]:
    stages = dict(Stage.objects.filter(kind=DealState.OPEN).order_by("pk").values_list("pk", "probability"))
    cells = PipelineCell.objects.filter(stage_id__in=stages)
    if question.person_ids is not None:
        cells = cells.filter(owner_id__in=question.person_ids)
    sums = cells.values_list("owner_id", "stage_id", "currency").annotate(
        amount=Sum("amount"), deals=Sum("deals")
    )
    for owner, stage, currency, amount, deals in sums.order_by("owner_id", "stage_id", "currency"):
        if deals or amount:
            yield (owner if question.by else None), None, None, currency, stages[stage], amount, int(deals)


def _from_deals(question: StockQuestion, *, is_now: bool) -> list[tuple]:
    needs_lines = "product" in question.by or question.product_id is not None
    statement = _OPEN.format(
        stage="o.stage_id" if is_now else _STAGE_THEN,
        standing="o.state = 'open'" if is_now else _STANDING_THEN,
        person="d.owner_id" if "person" in question.by else "NULL::bigint",
        product="l.product_id" if "product" in question.by else "NULL::bigint",
        account="d.account_id" if "account" in question.by else "NULL::bigint",
        whole="l.product_id IS NULL",
        needs_lines="true" if needs_lines else "false",
    )
    people = None if question.person_ids is None else list(question.person_ids)
    params = {
        "day": question.on, "people": people, "account": question.account_id, "product": question.product_id,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()
