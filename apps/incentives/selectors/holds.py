"""Which deals are held, for whom; what a windfall is measured against; what statements say of held deals."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from apps.access.models import User
from apps.calendars.models import FiscalPeriod
from apps.incentives.models import Hold, PayRun, RunHold, Statement
from apps.measures.models import Credit
from apps.measures.registry import sources

MEASURE = "revenue"
LOOK_BACK = dt.timedelta(days=365)
FEWEST_DEALS = 20
FEWEST_LINES = 5


def holds_of(run_id: int) -> frozenset[str]:
    """Return the keys of the holds that a run pinned."""
    return frozenset(row.hold.key for row in RunHold.objects.filter(run=run_id).select_related("hold"))


def holds_in_force() -> frozenset[str]:
    """Return the keys of the holds nobody has released."""
    return frozenset(hold.key for hold in Hold.objects.in_force())


def hold_list(viewer: User) -> QuerySet[Hold]:
    """Return the holds somebody may see, with what a list shows."""
    return Hold.objects.visible_to(viewer).select_related("person", "placed_by", "released_by")


def label_of(source_type: str, source_id: int, reader: User) -> str:
    """Return what a fact is called; its number where it has no name."""
    if source_type in sources:
        link = sources.get(source_type)([source_id], reader).get(source_id)
        if link is not None:
            return link.label[:200]
    return f"#{source_id}"


_DEALS = """
    SELECT source_type, source_id, sum(value) AS total FROM measures_credit
    WHERE measure = %(measure)s AND NOT is_overlay AND id <= %(upto)s
      AND credited_on >= %(since)s AND credited_on < %(until)s
    GROUP BY source_type, source_id HAVING sum(value) > 0
"""
_MEDIAN = f"SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY total), count(*) FROM ({_DEALS}) AS deals"  # noqa: S608  # constants of this module
_LARGE = f"SELECT source_type, source_id, total FROM ({_DEALS}) AS deals WHERE total >= %(threshold)s ORDER BY 1, 2"  # noqa: S608,E501  # same
_SHARES = """
    SELECT person_id, source_type, source_id, sum(value) FROM measures_credit
    WHERE measure = %(measure)s AND NOT is_overlay AND id <= %(upto)s AND person_id = ANY(%(people)s)
      AND credited_on >= %(since)s AND credited_on < %(until)s
    GROUP BY person_id, source_type, source_id HAVING sum(value) > 0 ORDER BY 1, 2, 3
"""
_LINES = """
    SELECT v.plan_id, l.component, percentile_disc(0.5) WITHIN GROUP (ORDER BY l.amount), count(*)
    FROM incentives_payline l
    JOIN incentives_payrun r ON r.id = l.run_id AND r.state IN ('locked', 'paid') AND NOT r.is_void
    JOIN calendars_fiscalperiod p ON p.id = r.period_id AND p.starts_on >= %s AND p.starts_on < %s
    JOIN incentives_planversion v ON v.id = l.version_id
    WHERE l.kind = 'earned' AND l.amount > 0 AND l.credits > 0
    GROUP BY v.plan_id, l.component
"""


@dataclass(frozen=True)
class Large:
    """A deal above a threshold, for everybody or for one payee."""

    source_type: str
    source_id: int
    value: Decimal
    threshold: Decimal
    person_id: int | None = None


def large_deals(period: FiscalPeriod, upto: int, factor: Decimal) -> list[Large]:
    """Return the deals credited in a period of at least so many times the median deal of the year before.

    Below twenty deals a median says too little and nothing is large.
    """
    with connection.cursor() as cursor:
        year: dict[str, Any] = {"measure": MEASURE, "upto": upto, "until": period.starts_on}
        cursor.execute(_MEDIAN, {**year, "since": period.starts_on - LOOK_BACK})
        median, count = cursor.fetchone()
        if count < FEWEST_DEALS or not median:
            return []
        threshold = factor * median
        now: dict[str, Any] = {"measure": MEASURE, "upto": upto, "threshold": threshold}
        now |= {"since": period.starts_on, "until": period.ends_before}
        cursor.execute(_LARGE, now)
        return [Large(kind, number, total, threshold) for kind, number, total in cursor.fetchall()]


def large_shares(
    period: FiscalPeriod, upto: int, quotas: Mapping[int, Decimal], share: Decimal
) -> list[Large]:
    """Return the deals that alone credit somebody at least such a share of their target in a period."""
    if not quotas:
        return []
    asked: dict[str, Any] = {
        "measure": MEASURE,
        "upto": upto,
        "people": list(quotas),
        "since": period.starts_on,
        "until": period.ends_before,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SHARES, asked)
        return [
            Large(kind, number, total, share * quotas[person_id], person_id)
            for person_id, kind, number, total in cursor.fetchall()
            if total >= share * quotas[person_id]
        ]


def usual_lines(period: FiscalPeriod) -> dict[tuple[int, str], Decimal]:
    """Return the median line of each plan and component in the locked runs of the year before."""
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [period.starts_on - LOOK_BACK, period.starts_on])
        return {
            (plan_id, component): median
            for plan_id, component, median, count in cursor.fetchall()
            if count >= FEWEST_LINES
        }


def sources_of(credit_ids: Collection[int]) -> dict[int, tuple[str, int]]:
    """Return the fact behind each credit."""
    rows = Credit.objects.filter(pk__in=list(credit_ids)).values_list("pk", "source_type", "source_id")
    return {pk: (kind, number) for pk, kind, number in rows}


@dataclass(frozen=True)
class HeldDeal:
    """A deal whose credits a statement shows without paying them."""

    hold: Hold
    label: str
    url: str
    credited: Decimal


def held_deals(statement: Statement, reader: User) -> list[HeldDeal]:
    """Return the deals of a payee that were held when their statement was calculated."""
    pinned = RunHold.objects.filter(run=statement.run_id).select_related("hold").order_by("pk")
    holds = [row.hold for row in pinned if row.hold.person_id in {None, statement.person_id}]
    return _held(holds, statement.person_id, statement.run.ledger_upto, reader)


def held_now(person_id: int, reader: User) -> list[HeldDeal]:
    """Return the deals of a payee that are held today."""
    holds = [hold for hold in Hold.objects.in_force().order_by("pk") if hold.person_id in {None, person_id}]
    return _held(holds, person_id, None, reader)


def _held(holds: Iterable[Hold], person_id: int, upto: int | None, reader: User) -> list[HeldDeal]:
    by_source = {(hold.source_type, hold.source_id): hold for hold in holds}
    if not by_source:
        return []
    credits = Credit.objects.filter(
        person=person_id, measure=MEASURE, source_id__in=[number for _kind, number in by_source]
    )
    if upto is not None:
        credits = credits.filter(pk__lte=upto)
    sums: dict[tuple[str, int], Decimal] = {}
    for kind, number, value in credits.values_list("source_type", "source_id", "value"):
        if (kind, number) in by_source:
            sums[kind, number] = sums.get((kind, number), Decimal(0)) + value
    found = []
    for key, credited in sums.items():
        kind, number = key
        link = sources.get(kind)([number], reader).get(number) if kind in sources else None
        url = link.url if link else ""
        found.append(HeldDeal(by_source[key], link.label if link else f"#{number}", url, credited))
    return found


def waiting_reviews(run: PayRun) -> int:
    """Return how many windfalls a run holds that nobody has released."""
    return RunHold.objects.filter(run=run, hold__kind="windfall", hold__released_at__isnull=True).count()
