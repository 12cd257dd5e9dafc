"""Which payees of a calculated run a further calculation has to pay again (ADR-0008).

What a statement pins is compared with what would be pinned now. What it does not pin is known by
fingerprints of tables, and what the ledger says since by the credits themselves. Whoever is not found here
would get the same bytes again.
"""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.models import Q

from apps.incentives import rules
from apps.incentives.enums import AdjustmentStatus
from apps.incentives.models import (
    Adjustment,
    IncentivePlan,
    PayFact,
    PayLine,
    PayPolicy,
    PayRun,
    PlanAssignment,
    PlanVersion,
    RunHold,
)
from apps.incentives.rules.kinds import Override, Pool, Spiff
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.runnable import asks_for_fields
from apps.incentives.rules.plan.standings import standings_asked
from apps.incentives.selectors.exchange import is_foreign
from apps.incentives.selectors.payees import PayeeSegment
from apps.measures.registry import ledger_codes, measures

Marks = Mapping[str, Any]

# What pays everybody: when one of these changes, everybody is calculated again.
EVERYBODY = ("rules", "versions", "calendar", "posted", "policy", "fields")
# What pays through a statement's inputs: when one of these changes, the inputs of everybody are compared.
PINNED = ("structure", "assignments", "targets", "adjustments", "facts", "rates", "absences")
# Tables read besides a statement's inputs or behind them, by mark and app.
_STRUCTURE = ("UnitClosure", "PositionUnit", "Assignment", "Position", "OrgUnit", "Person")
_ROOMS = ("core", "calendars", "org", "measures", "targets", "incentives")
_CALENDAR = ("FiscalCalendar", "FiscalPeriod", "WorkingCalendar", "CalendarDay")
# A row's place and the transaction that wrote it name one version of it: whatever is written leaves another
# fingerprint, also when it is written back. No column is read.
_FINGERPRINT = """
    SELECT count(*) || ':' || coalesce(bit_xor(hashtextextended(ctid::text || ' ' || xmin::text, 0)), 0)
    FROM "{table}"
"""
_TOUCHED = """
    WITH facts AS (
        SELECT source_type, source_id FROM measures_credit
        WHERE id > %(since)s AND id <= %(upto)s AND measure = ANY(%(measures)s::text[])
          AND (%(before)s::date IS NULL OR credited_on < %(before)s)
        UNION SELECT * FROM unnest(%(types)s::text[], %(numbers)s::bigint[])
    ), touched AS MATERIALIZED (
        SELECT DISTINCT c.person_id, c.unit_id FROM facts f
        JOIN measures_credit c ON c.source_type = f.source_type AND c.source_id = f.source_id
    )
    SELECT person_id FROM touched WHERE person_id IS NOT NULL
    UNION
    SELECT a.person_id FROM touched t
    JOIN org_unitclosure u ON u.descendant_id = t.unit_id
    JOIN org_positionunit p ON p.unit_id = u.ancestor_id AND p.is_lead
    JOIN org_assignment a ON a.position_id = p.position_id
"""


def marks_of(
    run: PayRun, versions: Mapping[int, PlanVersion], adjustments: Mapping[int, Mapping[str, Sequence[int]]]
) -> Marks:
    """Return what a calculation rests on besides what its statements pin, each as a fingerprint."""
    documents = [version.plan_document for version in versions.values()]
    period = run.period
    found: dict[str, Any] = {
        "rules": edition(),
        "versions": [[plan, one.pk, one.document_hash] for plan, one in sorted(versions.items())],
        "calendar": [
            period.starts_on.isoformat(),
            period.ends_before.isoformat(),
            *_fingerprints(apps.get_model("calendars", name) for name in _CALENDAR),
        ],
        "posted": sorted(
            PayRun.objects.posted().filter(plans__in=list(versions)).distinct().values_list("pk", flat=True)
        ),
        "policy": _fingerprints([PayPolicy]),
        "structure": _fingerprints(apps.get_model("org", name) for name in _STRUCTURE),
        "assignments": _fingerprints(
            [PlanAssignment, IncentivePlan, apps.get_model("roles", "PositionRole")]
        ),
        "targets": _fingerprints(apps.get_app_config("targets").get_models()),
        "facts": _fingerprints([PayFact]),
        "adjustments": sorted(pk for own in adjustments.values() for some in own.values() for pk in some),
        "absences": _fingerprints([apps.get_model("org", "Absence")]),
    }
    if any(map(is_foreign, documents)) or any(set(own) - {run.currency} for own in adjustments.values()):
        found["rates"] = _fingerprints([apps.get_model("calendars", "ExchangeRate")])
    if any(asks_for_fields(document) or _crosses(document) for document in documents):
        tables = (("pipeline", "Product"), ("customers", "Account"))
        found["fields"] = _fingerprints(apps.get_model(*names) for names in tables)
    return found


def concerns_everybody(before: Marks, now: Marks) -> bool:
    """Tell whether something changed that no statement pins and that may change what anybody is paid."""
    return not before or any(before.get(name) != now.get(name) for name in EVERYBODY)


def must_compare(before: Marks, now: Marks, documents: Iterable[PlanDocument]) -> bool:
    """Tell whether anybody's pinned inputs may differ, not only of those whom new credits concern.

    What a contest or a pool gives rests on the credits of everybody in it, and what is not made of ledger
    rows (open deals) changes without them.
    """
    if any(before.get(name) != now.get(name) for name in PINNED):
        return True
    return any(_crosses(one) or not _is_of_the_ledger(one) for one in documents)


def leads_changed(before: Marks, now: Marks) -> bool:
    """Tell whether credits may reach other leads than before."""
    return bool(before.get("structure") != now.get("structure"))


def paid_by_override(
    versions: Mapping[int, PlanVersion], segments: Mapping[int, Sequence[PayeeSegment]]
) -> set[int]:
    """Return whom plans pay, or have paid, on the credits of people below."""
    plans = {
        plan_id
        for plan_id, version in versions.items()
        if any(isinstance(one, Override) for one in version.plan_document.components)
    }
    paid = PayLine.objects.posted().filter(version__plan__in=plans).values_list("person_id", flat=True)
    now = {person_id for person_id, own in segments.items() if any(one.plan_id in plans for one in own)}
    return now | set(paid.distinct())


def touched(
    since: int,
    upto: int,
    versions: Mapping[int, PlanVersion],
    sources: Collection[tuple[str, int]],
    before: dt.date | None = None,
) -> set[int]:
    """Return whom new credits of what the plans look at, or deals held or released, may concern.

    Those are all who are credited for such a deal, and whoever leads or led a unit above. With a day
    ``before`` only credits of days before it count.
    """
    asked: dict[str, Any] = {
        "since": since,
        "upto": upto,
        "before": before,
        "measures": ledger_rows_of(versions),
        "types": [kind for kind, _number in sources],
        "numbers": [number for _kind, number in sources],
    }
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, asked)
        return {row[0] for row in cursor.fetchall()}


def ledger_rows_of(versions: Mapping[int, PlanVersion]) -> list[str]:
    """Return the kinds of ledger rows that plans look at."""
    return sorted({code for one in versions.values() for code in _codes(one.plan_document)})


def waiting_adjustments(run: PayRun) -> dict[int, dict[str, list[int]]]:
    """Return by person and currency the approved adjustments that no other run has made a line of."""
    found: dict[int, dict[str, list[int]]] = defaultdict(dict)
    free = Q(lines__isnull=True) | Q(lines__run=run)
    rows = Adjustment.objects.filter(free, status=AdjustmentStatus.APPROVED)
    for person_id, currency, pk in rows.order_by("pk").values_list("person_id", "currency", "pk"):
        found[person_id].setdefault(currency, []).append(pk)
    return found


def held_sources(run: PayRun) -> dict[str, tuple[str, int]]:
    """Return the deals a run was calculated without, by the key of their hold."""
    rows = RunHold.objects.filter(run=run).select_related("hold")
    return {row.hold.key: (row.hold.source_type, row.hold.source_id) for row in rows}


@cache
def edition() -> str:
    """Return the fingerprint of the code that decides on pay: another release pays everybody again."""
    apps_of = Path(str(rules.__file__)).parents[2]
    digest = hashlib.sha256()
    for room in _ROOMS:
        for path in sorted((apps_of / room).rglob("*.py")):
            if not {"tests", "migrations"} & set(path.parts):
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _fingerprints(tables: Iterable[type[models.Model]]) -> list[str]:
    return [_asked(_FINGERPRINT.format(table=one._meta.db_table)) for one in tables]


def _asked(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return str(cursor.fetchone()[0])


def _crosses(document: PlanDocument) -> bool:
    return any(isinstance(one, Spiff | Pool) for one in document.components)


def _is_of_the_ledger(document: PlanDocument) -> bool:
    return all(ledger_codes(measures.get(measure)) for measure, _span in standings_asked(document))


def _codes(document: PlanDocument) -> set[str]:
    """Return the ledger rows a plan looks at: what it pays on, and what it holds people against."""
    named = {component.measure for component in document.credited}
    named |= {measure for measure, _span in standings_asked(document)}
    if asks_for_fields(document):
        named.add("revenue")  # the size of a deal
    return {code for measure in named for code in ledger_codes(measures.get(measure))}
