"""Writing what payees are paid: lines chained by hash, their source rows and their statements, in bulk."""

import datetime as dt
import io
import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import count

from django.db import connection

from apps.core.db import copy_line, copy_lines
from apps.incentives.enums import LineKind
from apps.incentives.models import Adjustment, PayLine, PayRun, PayTrace, Statement
from apps.incentives.rules.chain import START, line_content, line_hash, trace_digest
from apps.incentives.rules.engine.numbers import as_decimal, stored, text
from apps.incentives.rules.engine.shapes import LineOut, Traced
from apps.incentives.selectors.exchange import is_salary
from apps.incentives.selectors.given import Paid
from apps.incentives.selectors.statements import Result

FLUSH_TRACES = 20000
MAX_EXACT = 200  # the column's length
_NULL = "\\N"
_MOST = Decimal("9999")  # what the column for a rate holds; the value says the rest
_LINE = (
    "id", "statement_id", "run_id", "person_id", "sequence", "version_id", "assignment_id", "component",
    "label", "kind", "window", "basis", "credits", "raw", "exact", "amount", "currency", "steps",
    "trace_digest", "previous_hash", "hash", "adjustment_id",
)  # fmt: skip
_TRACE = ("line_id", "sequence", "credit_id", "amount", "rate", "value")
_STATEMENTS = """
    UPDATE incentives_statement s
    SET computed_at = %s, exception = n.exception, exception_details = n.details::jsonb, total = n.total,
        variable = n.variable, head_hash = n.head_hash, closing = n.closing::jsonb
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::numeric[], %s::numeric[], %s::text[], %s::text[])
         AS n (id, exception, details, total, variable, head_hash, closing)
    WHERE s.id = n.id
"""
_IDS = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"


class Adjusted:
    """An adjustment as a line."""

    version = None
    assignment_id = None
    label = "adjustment"
    currency = ""

    def __init__(self, row: Adjustment, window: str) -> None:
        self.adjustment_id = row.pk
        steps = ({"op": "reason", "text": row.reason},)
        self.line = LineOut(
            "adjustment", LineKind.ADJUSTMENT, window, Decimal(0), Fraction(row.amount), row.amount, steps
        )


class Writer:
    """Collects the lines and source rows of a batch as text for COPY and sends them block by block."""

    def __init__(self, run: PayRun, statements: Sequence[Statement], at: dt.datetime) -> None:
        self._run, self._at = run, at
        self._ids = _new_ids(len(statements))
        self._adjustments = _adjustments(statements)
        self._lines, self._traces = io.StringIO(), io.StringIO()
        self._waiting = 0
        self._done: list[tuple[object, ...]] = []

    def add(self, statement: Statement, result: Result) -> None:
        """Turn a payee's result into lines chained by hash."""
        if result.problem is not None:
            details = json.dumps(result.problem.details)
            zero = Decimal(0)
            self._done.append((statement.pk, result.problem.reason, details, zero, zero, "", "{}"))
            return
        previous = START
        window = self._run.period.code
        wanted = [self._adjustments[pk] for pk in statement.inputs.get("adjustments", ())]
        paid: list[Paid | Adjusted] = [*result.lines, *(Adjusted(row, window) for row in wanted)]
        variable = total = Decimal(0)
        for sequence, item in enumerate(paid, start=1):
            previous = self._line(statement, sequence, item, previous)
            if (item.currency or statement.currency) != statement.currency:
                continue  # brought into the statement's currency by a line of its own
            total += item.line.rounded
            if item.line.steps and not is_salary(item.line.steps):
                variable += item.line.rounded
        head, closing = previous if paid else "", json.dumps(result.closing)
        self._done.append((statement.pk, "", "{}", total, variable, head, closing))

    def _line(self, statement: Statement, sequence: int, item: Paid | Adjusted, previous: str) -> str:
        out, person_id = item.line, statement.person_id
        line_id = next(self._ids)
        digest = trace_digest(out.traces)
        version = item.version
        said = "" if version is None else version.document_hash
        currency = item.currency or statement.currency
        content = line_content(
            out,
            payee=person_id,
            period=self._run.period.code,
            version=said,
            digest=digest,
            currency="" if currency == self._run.currency else currency,
        )
        own = line_hash(previous, content)
        ending, raw = as_decimal(out.raw), stored(out.raw)
        exact = "" if ending is not None and ending == raw else _fitting(text(out.raw))
        self._lines.write(
            copy_line(
                (
                    line_id, statement.pk, self._run.pk, person_id, sequence,
                    None if version is None else version.pk, item.assignment_id, out.component,
                    str(item.label), str(out.kind), out.window, out.basis,
                    sum(1 for trace in out.traces if trace[0]), raw, exact, out.rounded,
                    currency, json.dumps(list(out.steps)), digest, previous, own,
                    getattr(item, "adjustment_id", None),
                )
            )
        )  # fmt: skip
        self._traces.write(_trace_lines(line_id, out.traces))
        self._waiting += len(out.traces)
        if self._waiting >= FLUSH_TRACES:
            self._flush()
        return own

    def _flush(self) -> None:
        for model, columns, name in ((PayLine, _LINE, "_lines"), (PayTrace, _TRACE, "_traces")):
            buffer: io.StringIO = getattr(self, name)
            if buffer.tell():
                buffer.seek(0)
                copy_lines(model._meta.db_table, columns, buffer)
                setattr(self, name, io.StringIO())
        self._waiting = 0

    def close(self) -> None:
        """Write what is left, and what every payee gets into their statement."""
        self._flush()
        if self._done:
            with connection.cursor() as cursor:
                cursor.execute(_STATEMENTS, [self._at, *map(list, zip(*self._done, strict=True))])


def _new_ids(least: int) -> Iterator[int]:
    """Yield numbers of the lines' sequence, asked for in blocks."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_IDS, [PayLine._meta.db_table, max(least, 50)])
            yield from [row[0] for row in cursor.fetchall()]


def _adjustments(statements: Sequence[Statement]) -> dict[int, Adjustment]:
    wanted = {pk for statement in statements for pk in statement.inputs.get("adjustments", ())}
    return Adjustment.objects.in_bulk(wanted) if wanted else {}


def _trace_lines(line_id: int, traces: Sequence[Traced]) -> str:
    """Return the source rows of a line as COPY takes them."""
    numbers = count(1)
    return "".join(
        [
            f"{line_id}\t{next(numbers)}\t{credit_id or _NULL}\t{amount!s}\t"
            f"{_NULL if rate is None or rate > _MOST else rate!s}\t{value!s}\n"
            for credit_id, amount, rate, value in _stored_parts(traces)
        ]
    )


def _fitting(exact: str) -> str:
    """Return an exact fraction where the column holds it; otherwise the raw value's 18 decimals stand."""
    return exact if len(exact) <= MAX_EXACT else ""


def _is_long(value: Decimal | Fraction) -> bool:
    """Tell whether a value has more than the 18 decimals that are stored."""
    return not isinstance(value, Decimal) or int(value.as_tuple().exponent) < -18


def _stored_parts(traces: Sequence[Traced]) -> Sequence[Traced]:
    """Cut long values to 18 decimals so that they still add up to the line's stored value."""
    if not any([rate is None and _is_long(value) for _id, _amount, rate, value in traces]):  # noqa: C419
        return traces
    cut = []
    so_far, written = Fraction(0), Decimal(0)
    for trace in traces:
        so_far += Fraction(trace.value)
        value = stored(so_far) - written
        written += value
        cut.append(trace._replace(value=value))
    return cut
