"""Calculating a run: pin the inputs, pay in batches that survive a killed worker, then close the sums."""

import datetime as dt
import hashlib
import io
import logging
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from django.db import connection, transaction
from django.db.models import Max, Sum
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core.db import copy_lines, requires_transaction
from apps.events import jobs, progress
from apps.events.models import LongTask
from apps.incentives.enums import AdjustmentStatus, LineKind, RunState
from apps.incentives.models import Adjustment, PayLine, PayRun, PayTrace, Statement
from apps.incentives.rules.chain import START, line_content, line_hash, trace_digest
from apps.incentives.rules.engine.numbers import as_decimal, stored, text
from apps.incentives.rules.engine.shapes import LineOut, Traced
from apps.incentives.rules.states import RECALCULABLE
from apps.incentives.selectors import payees as people_of
from apps.incentives.selectors.as_issued import names_to_pin, pinned_names
from apps.incentives.selectors.given import Paid, Pinned
from apps.incentives.selectors.holds import holds_of
from apps.incentives.selectors.pinning import pinned_for
from apps.incentives.selectors.statements import Result, compute
from apps.incentives.services.holds import LineReview, pin_holds
from apps.incentives.services.runs import PeriodClosed, WrongState, locked_run, move
from apps.measures.models import Credit
from apps.org import selectors as org

logger = logging.getLogger(__name__)

BATCH = 100
FLUSH_TRACES = 20000
TASK = "incentives.calculate_run"
MAX_EXACT = 200  # the column's length
_NULL = "\\N"
_MOST = Decimal("9999")  # what the column for a rate holds; the value says the rest


@requires_transaction
def request_calculation(*, run_id: int, by: User, title: str, url: str) -> LongTask:
    """Have a draft or calculated run calculated anew in the background, with progress.

    Raises WrongState, PeriodClosed.
    """
    run = _restart(run_id, by)
    task = progress.start(TASK, by, title, url=url)
    run.task = task
    run.save(update_fields=["task"])
    jobs.enqueue(TASK, run_id=run.pk, generation=run.generation, by_id=by.pk, task_id=task.pk)
    return task


def _restart(run_id: int, by: User) -> PayRun:
    run = locked_run(run_id)
    if run.reverses_id is not None:
        raise WrongState(_("A reversal takes back what was paid and is not calculated. Drop it instead."))
    if run.state not in RECALCULABLE:
        raise WrongState(_("Only a draft or calculated pay run can be calculated. Send it back first."))
    if run.period.closed_at is not None:
        text_ = _("%(period)s is closed. Reopen it before calculating.")
        raise PeriodClosed(text_ % {"period": run.period.code})
    run.state = RunState.DRAFT
    run.generation += 1
    run.pinned_at = run.ledger_upto = run.calculated_by = run.calculated_at = None
    run.save(
        update_fields=["state", "generation", "pinned_at", "ledger_upto", "calculated_by", "calculated_at"]
    )
    logger.info("calculation requested", extra={"run_id": run.pk, "by": by.pk})
    return run


def calculate_now(*, run_id: int, by: User, at: dt.datetime) -> PayRun:
    """Calculate a run in this process, step by step, each step in its own transaction."""
    with transaction.atomic():
        run = _restart(run_id, by)
    generation = run.generation
    with transaction.atomic():
        prepare_calculation(run_id=run_id, generation=generation, at=at)
    while True:
        with transaction.atomic():
            if not compute_batch(run_id=run_id, generation=generation, at=at):
                break
    with transaction.atomic():
        return finish_calculation(run_id=run_id, generation=generation, by=by, at=at)


def _current(run_id: int, generation: int) -> PayRun:
    run = locked_run(run_id)
    if run.generation != generation or run.state != RunState.DRAFT:
        raise WrongState(_("A newer calculation of this pay run has started."))
    return run


@requires_transaction
def prepare_calculation(*, run_id: int, generation: int, at: dt.datetime) -> int:
    """Pin the ledger and every payee's inputs, and return how many payees there are. Safe to repeat."""
    run = _current(run_id, generation)
    if run.pinned_at is not None:
        return Statement.objects.filter(run=run).count()
    PayTrace.objects.filter(line__run=run).delete()
    PayLine.objects.filter(run=run).delete()
    Statement.objects.filter(run=run).delete()
    with connection.cursor() as cursor:
        # Writers in flight hold numbers below ours; wait for them so that the pin is complete.
        cursor.execute(f'LOCK TABLE "{Credit._meta.db_table}" IN SHARE MODE')
    run.ledger_upto = Credit.objects.aggregate(last=Max("pk"))["last"] or 0
    run.pinned_at = at
    run.save(update_fields=["ledger_upto", "pinned_at"])
    statements = _pinned_statements(run)
    Statement.objects.bulk_create(statements, batch_size=1000)
    pin_holds(run, statements, at)
    return len(statements)


def _pinned_statements(run: PayRun) -> list[Statement]:
    period = run.period
    plan_ids = list(run.run_plans.values_list("plan_id", flat=True))
    adjustments = _waiting_adjustments()
    pinning = pinned_for(plan_ids, period, run.ledger_upto or 0, also=adjustments)
    by_id = pinning.by_version
    people = pinning.people
    seats = org.seats_of(people, period.ends_before - dt.timedelta(days=1))
    names = names_to_pin(people, {seat.unit_id for seat in seats.values()}, list(by_id.values()))
    statements = []
    for person_id in people:
        inputs = pinning.inputs(person_id)
        inputs["adjustments"] = adjustments.get(person_id, [])
        seat = seats.get(person_id)
        paid_by = {segment.version_id for segment in pinning.segments.get(person_id, ())}
        inputs["names"] = pinned_names(names, person_id, seat.unit_id if seat else None, paid_by or by_id)
        statements.append(
            Statement(
                run=run,
                person_id=person_id,
                unit_id=seat.unit_id if seat else None,
                currency=run.currency,
                inputs=inputs,
            )
        )
    return statements


def _waiting_adjustments() -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    rows = Adjustment.objects.filter(status=AdjustmentStatus.APPROVED, lines__isnull=True)
    for person_id, pk in rows.order_by("pk").values_list("person_id", "pk"):
        found[person_id].append(pk)
    return found


@requires_transaction
def compute_batch(*, run_id: int, generation: int, at: dt.datetime, size: int = BATCH) -> int:
    """Pay the next payees that nobody has taken and return how many were paid; 0 when none are left.

    Several workers may do this side by side: each takes rows the others have
    not locked, and what a killed worker had not committed is simply taken again.
    """
    run = PayRun.objects.select_related("period").get(pk=run_id)
    if run.generation != generation or run.state != RunState.DRAFT or run.pinned_at is None:
        raise WrongState(_("A newer calculation of this pay run has started."))
    waiting = Statement.objects.filter(run=run, computed_at__isnull=True).order_by("pk")
    statements = list(waiting.select_for_update(skip_locked=True, of=("self",))[:size])
    if not statements:
        return 0
    plan_ids = list(run.run_plans.values_list("plan_id", flat=True))
    versions = people_of.versions_in_force(plan_ids, run.period)
    writer = _Writer(run, at)
    pinned = [Pinned.read(statement.person_id, statement.inputs, run.period) for statement in statements]
    held, review = holds_of(run.pk), LineReview(run, at)
    results = compute(pinned, run.period, versions, run.ledger_upto or 0, held)
    for statement, payee, first in zip(statements, pinned, results, strict=True):
        result = first
        if more := review.hold(statement, result.lines):
            [result] = compute([payee], run.period, versions, run.ledger_upto or 0, held | more)
        writer.add(statement, result)
    writer.close()
    return len(statements)


class _Writer:
    """Collects lines and source rows and writes them in bulk."""

    def __init__(self, run: PayRun, at: dt.datetime) -> None:
        self._run, self._at = run, at
        self._lines: list[PayLine] = []
        self._traces: list[tuple[Traced, ...]] = []
        self._waiting = 0
        self._statements: list[Statement] = []

    def add(self, statement: Statement, result: Result) -> None:
        """Turn a payee's result into lines chained by hash."""
        statement.computed_at = self._at
        self._statements.append(statement)
        if result.problem is not None:
            statement.exception = result.problem.reason
            statement.exception_details = result.problem.details
            return
        previous = START
        paid: list[Paid | _Adjusted] = [*result.lines, *_adjustment_lines(statement)]
        variable = total = Decimal(0)
        for sequence, item in enumerate(paid, start=1):
            line = self._line(statement, sequence, item, previous)
            previous = line.hash
            total += line.amount
            if item.line.steps and item.line.steps[0].get("op") != "salary":
                variable += line.amount
        statement.total, statement.variable, statement.closing = total, variable, result.closing
        statement.head_hash = previous if paid else ""

    def _line(self, statement: Statement, sequence: int, item: "Paid | _Adjusted", previous: str) -> PayLine:
        out = item.line
        digest = trace_digest(out.traces)
        version = item.version.document_hash if item.version else ""
        content = line_content(
            out, payee=statement.person_id, period=self._run.period.code, version=version, digest=digest
        )
        ending = as_decimal(out.raw)
        raw = stored(out.raw)
        line = PayLine(
            statement=statement,
            run=self._run,
            person_id=statement.person_id,
            sequence=sequence,
            version=item.version,
            assignment_id=item.assignment_id,
            component=out.component,
            label=item.label,
            kind=out.kind,
            window=out.window,
            basis=out.basis,
            credits=sum(1 for trace in out.traces if trace.credit_id),
            raw=raw,
            exact="" if ending is not None and ending == raw else _fitting(text(out.raw)),
            amount=out.rounded,
            currency=self._run.currency,
            steps=list(out.steps),
            trace_digest=digest,
            previous_hash=previous,
            hash=line_hash(previous, content),
            adjustment_id=getattr(item, "adjustment_id", None),
        )
        self._lines.append(line)
        self._traces.append(out.traces)
        self._waiting += len(out.traces)
        if self._waiting >= FLUSH_TRACES:
            self._flush()
        return line

    def _flush(self) -> None:
        PayLine.objects.bulk_create(self._lines, batch_size=500)
        _copy_traces(zip(self._lines, self._traces, strict=True))
        self._lines, self._traces, self._waiting = [], [], 0

    def close(self) -> None:
        """Write what is left."""
        self._flush()
        Statement.objects.bulk_update(
            self._statements,
            ["computed_at", "exception", "exception_details", "total", "variable", "head_hash", "closing"],
            batch_size=500,
        )


class _Adjusted:
    """An adjustment as a line."""

    version = None
    assignment_id = None

    def __init__(self, row: Adjustment, window: str) -> None:
        self.adjustment_id = row.pk
        self.label = "adjustment"
        steps = ({"op": "reason", "text": row.reason},)
        self.line = LineOut(
            "adjustment", LineKind.ADJUSTMENT, window, Decimal(0), Fraction(row.amount), row.amount, steps
        )


def _adjustment_lines(statement: Statement) -> list[_Adjusted]:
    wanted = statement.inputs.get("adjustments", [])
    if not wanted:
        return []
    rows = Adjustment.objects.filter(pk__in=wanted).order_by("pk")
    return [_Adjusted(row, statement.run.period.code) for row in rows]


def _copy_traces(pairs: "Sequence[tuple[PayLine, tuple[Traced, ...]]] | zip") -> None:
    buffer = io.StringIO()
    write = buffer.write
    for line, traces in pairs:
        line_id = line.pk
        for sequence, (credit_id, amount, rate, value) in enumerate(_stored_parts(traces), start=1):
            write(
                f"{line_id}\t{sequence}\t{credit_id or _NULL}\t{amount}\t"
                f"{_NULL if rate is None or rate > _MOST else rate}\t{value}\n"
            )
    if not buffer.tell():
        return
    buffer.seek(0)
    columns = ["line_id", "sequence", "credit_id", "amount", "rate", "value"]
    copy_lines(PayTrace._meta.db_table, columns, buffer)


def _fitting(exact: str) -> str:
    """Return an exact fraction where the column holds it; otherwise the raw value's 18 decimals stand."""
    return exact if len(exact) <= MAX_EXACT else ""


def _is_long(value: Decimal | Fraction) -> bool:
    """Tell whether a value has more than the 18 decimals that are stored."""
    return not isinstance(value, Decimal) or int(value.as_tuple().exponent) < -18


def _stored_parts(traces: Sequence[Traced]) -> Sequence[Traced]:
    """Cut long values to 18 decimals so that they still add up to the line's stored value."""
    if not any(trace.rate is None and _is_long(trace.value) for trace in traces):
        return traces
    cut = []
    so_far, written = Fraction(0), Decimal(0)
    for trace in traces:
        so_far += Fraction(trace.value)
        value = stored(so_far) - written
        written += value
        cut.append(trace._replace(value=value))
    return cut


@requires_transaction
def finish_calculation(*, run_id: int, generation: int, by: User, at: dt.datetime) -> PayRun:
    """Sum up a fully computed run and mark it calculated. Raises WrongState while payees are left."""
    run = _current(run_id, generation)
    statements = Statement.objects.filter(run=run)
    if statements.filter(computed_at__isnull=True).exists():
        raise WrongState(_("Some payees are still being calculated."))
    statements.filter(lines__isnull=True, exception="").delete()
    run.total = PayLine.objects.filter(run=run).aggregate(total=Sum("amount"))["total"] or Decimal(0)
    run.payees = statements.count()
    run.exceptions = statements.exclude(exception="").count()
    run.digest = digest_of(run)
    move(run, RunState.CALCULATED, by, at)
    run.calculated_by, run.calculated_at = by, at
    run.save(
        update_fields=[
            "total", "payees", "exceptions", "digest", "state", "calculated_by", "calculated_at",
        ]
    )  # fmt: skip
    return run


def digest_of(run: PayRun) -> str:
    """Return the digest of a run: of the last hash of every statement, by payee."""
    digest = hashlib.sha256()
    rows = Statement.objects.filter(run=run).order_by("person_id").values_list("person_id", "head_hash")
    for person_id, head in rows.iterator():
        digest.update(f"{person_id}:{head}\n".encode())
    return digest.hexdigest()
