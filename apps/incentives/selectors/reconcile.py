"""Do the sums agree? Ledger, lines, statements and payroll file of a run, to the cent."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import F, Q, Sum

from apps.incentives.models import PayLine, PayrollExport, PayRun, Statement
from apps.incentives.rules.chain import START
from apps.incentives.selectors.payroll import PayrollFile, read_file
from apps.incentives.selectors.reconcile_abroad import strange_abroad

_ZERO = Decimal(0)
_TRACES = """
    SELECT count(*) FROM (
        SELECT l.id FROM incentives_payline l
        LEFT JOIN incentives_paytrace t ON t.line_id = l.id
        WHERE l.run_id = %s
        GROUP BY l.id, l.basis, l.raw, l.credits
        HAVING (l.credits > 0 AND (coalesce(sum(t.amount), 0) <> l.basis
                                   OR round(coalesce(sum(t.value), 0), 18) <> l.raw))
    ) AS broken
"""
# What a plan says is read once per line, not once per source row.
_LEDGER = """
    WITH own AS MATERIALIZED (
        SELECT l.id, l.kind, coalesce(v.document ->> 'currency', %(currency)s) = %(currency)s AS is_home,
               -- where a plan says that credits count more or less than once, they need not be equal
               coalesce(v.document ? 'crediting' OR EXISTS (
                   SELECT 1 FROM jsonb_array_elements(v.document -> 'components') AS k
                   WHERE k ->> 'code' = l.component AND k ? 'counts'), true) AS is_weighed
        FROM incentives_payline l
        LEFT JOIN incentives_planversion v ON v.id = l.version_id
        WHERE l.run_id = %(run)s
    )
    SELECT count(*) FROM own
    JOIN incentives_paytrace t ON t.line_id = own.id
    LEFT JOIN measures_credit c ON c.id = t.credit_id
    WHERE own.is_home AND t.credit_id IS NOT NULL AND t.amount <> 0
      AND (c.id IS NULL OR (NOT own.is_weighed
           AND c.value <> CASE own.kind WHEN 'reversal' THEN -t.amount ELSE t.amount END))
"""


Totals = Mapping[str, Decimal]


@dataclass(frozen=True)
class Reconciliation:
    """What was compared, currency by currency, and where it differs."""

    run_id: int
    run_total: Totals
    lines: Totals
    statements: Totals
    payroll: Totals | None
    uneven_people: int
    broken_lines: int
    foreign_traces: int
    broken_statements: int
    broken_chains: int

    @property
    def agrees(self) -> bool:
        """Whether everything agrees to the cent and every chain holds."""
        same = self.run_total == self.lines == self.statements
        file_agrees = self.payroll is None or self.payroll == self.lines
        broken = self.broken_lines + self.foreign_traces + self.broken_statements + self.broken_chains
        broken += self.uneven_people
        return same and file_agrees and not broken


def reconcile(run: PayRun) -> Reconciliation:
    """Compare ledger credits, lines, statements, run total and payroll file of a run."""
    with connection.cursor() as cursor:
        cursor.execute(_TRACES, [run.pk])
        broken_lines = cursor.fetchone()[0]
        cursor.execute(_LEDGER, {"run": run.pk, "currency": run.currency})
        foreign = cursor.fetchone()[0]
    file = _read(run)
    statements: dict[str, Decimal] = defaultdict(Decimal)
    for currency, total in Statement.objects.filter(run=run).values_list("currency", "total"):
        statements[currency] += total
    return Reconciliation(
        run_id=run.pk,
        run_total=_something(dict(run.by_currency)),
        lines=_something(
            dict(
                PayLine.objects.filter(run=run)
                .order_by("currency")
                .values("currency")
                .annotate(total=Sum("amount"))
                .values_list("currency", "total")
            )
        ),
        statements=_something(statements),
        payroll=_something(file.totals) if file else None,
        uneven_people=_uneven_people(run, file),
        broken_lines=broken_lines,
        foreign_traces=foreign + strange_abroad(run),
        broken_statements=_broken_statements(run),
        broken_chains=_broken_chains(run),
    )


def _something(totals: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {currency: total for currency, total in totals.items() if total}


Sums = dict[tuple[str, str], Decimal]


def _read(run: PayRun) -> PayrollFile | None:
    newest = PayrollExport.objects.filter(run=run).order_by("-pk").first()
    return read_file(newest.content) if newest else None


def _uneven_people(run: PayRun, file: PayrollFile | None) -> int:
    """Count people and currencies for whom lines, statement and payroll file say different sums."""
    statements = Statement.objects.filter(run=run).values_list(
        "person_id", "currency", "total", "inputs__names__number", "person__external_id"
    )
    numbers: dict[int, str] = {}
    told: Sums = {}
    for person_id, currency, total, as_issued, number in statements:
        numbers[person_id] = as_issued or number
        told[numbers[person_id], currency] = total
    lines: Sums = defaultdict(Decimal)
    for person_id, currency, amount in PayLine.objects.filter(run=run).values_list(
        "person_id", "currency", "amount"
    ):
        lines[numbers.get(person_id, f"#{person_id}"), currency] += amount
    lines = defaultdict(Decimal, {key: total for key, total in lines.items() if total})
    uneven = _different(lines, told)
    if file is not None:
        uneven += _different(lines, file.paid) + (not file.agrees)
    return uneven


def _different(one: Sums, other: Sums) -> int:
    return sum(one.get(key, _ZERO) != other.get(key, _ZERO) for key in {*one, *other})


def _broken_statements(run: PayRun) -> int:
    own = Sum("lines__amount", filter=Q(lines__currency=F("currency")))
    other = Sum("lines__amount", filter=~Q(lines__currency=F("currency")))
    rows = Statement.objects.filter(run=run).values("pk", "total").annotate(own=own, other=other)
    sums = rows.values_list("total", "own", "other")
    return sum(1 for total, paid, abroad in sums if (paid or _ZERO) != total or abroad)


def _broken_chains(run: PayRun) -> int:
    """Count statements whose lines do not follow one another from the start to the kept head."""
    broken = 0
    heads = dict(Statement.objects.filter(run=run).values_list("pk", "head_hash"))
    chains: dict[int, str] = {}
    for statement_id, before, own in (
        PayLine.objects.filter(run=run)
        .order_by("statement_id", "sequence")
        .values_list("statement_id", "previous_hash", "hash")
    ):
        if before != chains.get(statement_id, START):
            broken += 1
        chains[statement_id] = own
    return broken + sum(1 for pk, head in heads.items() if chains.get(pk, "") != head)
