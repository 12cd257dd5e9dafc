"""Reversing a locked run in an open period: every line once more with the opposite sign, nothing edited."""

import datetime as dt
import logging
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from django.db import connection
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.calendars.models import FiscalPeriod
from apps.core.db import advisory_lock, requires_transaction
from apps.incentives.enums import LineKind, RunState
from apps.incentives.models import PayLine, PayRun, PayTrace, RunStep, Statement
from apps.incentives.rules.chain import START, line_content, line_hash, trace_digest
from apps.incentives.rules.engine.numbers import text
from apps.incentives.rules.engine.shapes import LineOut, Traced
from apps.incentives.services.calculation import digest_of
from apps.incentives.services.runs import PeriodClosed, RunRefused, WrongState, locked_run, move

logger = logging.getLogger(__name__)

_BATCH = 200
_NEGATED = """
    INSERT INTO incentives_paytrace (line_id, sequence, credit_id, amount, rate, value)
    SELECT n.new_id, t.sequence, t.credit_id, -t.amount, t.rate, -t.value
    FROM unnest(%s::bigint[], %s::bigint[]) AS n(old_id, new_id)
    JOIN incentives_paytrace t ON t.line_id = n.old_id
"""


class ReversalRefused(RunRefused):
    """The run cannot be reversed."""


@requires_transaction
def reverse_run(*, run_id: int, period: FiscalPeriod, reason: str, by: User, at: dt.datetime) -> PayRun:
    """Make the calculated reversal of a locked run in an open period; review, approval and lock follow.

    Only the newest run of its plans can be reversed, so that no later run rests on it.
    Raises ReversalRefused, PeriodClosed.
    """
    advisory_lock("incentives.create_run")
    original = locked_run(run_id)
    said = reason.replace("\x00", "").strip()
    _refuse(original, period, said)
    run = PayRun.objects.create(
        period=period, currency=original.currency, reverses=original, created_by=by, created_at=at
    )
    RunStep.objects.create(run=run, state=RunState.DRAFT, by=by, at=at, note=said[:300])
    _reverse_lines(run, original, said, at)
    run.totals = {code: f"{_minus(total):f}" for code, total in original.by_currency}
    run.total, run.payees, run.ledger_upto = -original.total, original.payees, original.ledger_upto
    run.digest = digest_of(run)
    move(run, RunState.CALCULATED, by, at)
    run.calculated_by, run.calculated_at = by, at
    run.save(
        update_fields=[
            "total", "totals", "payees", "ledger_upto", "digest", "state", "calculated_by", "calculated_at",
        ]
    )  # fmt: skip
    return run


def _refuse(original: PayRun, period: FiscalPeriod, said: str) -> None:
    if not said:
        raise ReversalRefused(_("A reversal needs a reason."), fields={"reason": _("Give a reason.")})
    if not original.is_posted:
        raise ReversalRefused(_("This pay run is open: send it back instead of reversing it."))
    if original.reverses_id is not None or original.is_void:
        raise ReversalRefused(_("This pay run is reversed, or is a reversal itself."))
    if PayRun.objects.filter(reverses=original).exists():
        raise ReversalRefused(_("This pay run is being reversed already."))
    if period.closed_at is not None:
        raise PeriodClosed(_("%(period)s is closed. Choose an open period.") % {"period": period.code})
    if period.starts_on < original.period.starts_on:
        raise ReversalRefused(_("A pay run is reversed in its own period or a later one."))
    later = PayRun.objects.filter(run_plans__plan__in=original.plans.all(), is_void=False)
    if later.filter(period__starts_on__gt=original.period.starts_on).exists():
        raise ReversalRefused(_("A later pay run rests on this one. Reverse that one first."))


def _reverse_lines(run: PayRun, original: PayRun, said: str, at: dt.datetime) -> None:
    rows = Statement.objects.filter(run=original).order_by("pk")
    ids = list(rows.values_list("pk", flat=True))
    for start in range(0, len(ids), _BATCH):
        part = rows.filter(pk__in=ids[start : start + _BATCH]).prefetch_related("lines__version")
        _reverse_batch(run, original, list(part), said, at)


def _reverse_batch(
    run: PayRun, original: PayRun, statements: Iterable[Statement], said: str, at: dt.datetime
) -> None:
    pairs = [(old, _statement(run, old, at)) for old in statements]
    Statement.objects.bulk_create([new for _old, new in pairs])
    lines = [line for old, _new in pairs for line in old.lines.all()]
    traces = _traces_of([line.pk for line in lines])
    made: list[tuple[int, PayLine]] = []
    for old, new in pairs:
        previous = START
        for line in sorted(old.lines.all(), key=lambda one: one.sequence):
            line_made = _line(run, original, new, line, traces.get(line.pk, ()), previous, said)
            previous = line_made.hash
            made.append((line.pk, line_made))
        new.head_hash = previous if old.head_hash else ""
    PayLine.objects.bulk_create([line for _old, line in made], batch_size=500)
    Statement.objects.bulk_update([new for _old, new in pairs], ["head_hash"])
    with connection.cursor() as cursor:
        cursor.execute(_NEGATED, [[old for old, _line in made], [line.pk for _old, line in made]])


def _statement(run: PayRun, old: Statement, at: dt.datetime) -> Statement:
    return Statement(
        run=run,
        person_id=old.person_id,
        unit_id=old.unit_id,
        currency=old.currency,
        rate=old.rate,
        total=_minus(old.total),
        variable=_minus(old.variable),
        inputs={"reverses": old.pk, "names": old.inputs.get("names", {})},
        computed_at=at,
    )


def _traces_of(line_ids: Iterable[int]) -> dict[int, list[Traced]]:
    found: dict[int, list[Traced]] = {}
    rows = PayTrace.objects.filter(line__in=list(line_ids)).order_by("line_id", "sequence")
    columns = ("line_id", "credit_id", "amount", "rate", "value")
    for line_id, credit_id, amount, rate, value in rows.values_list(*columns).iterator():
        found.setdefault(line_id, []).append(Traced(credit_id or 0, _minus(amount), rate, _minus(value)))
    return found


def _minus(value: Decimal) -> Decimal:
    """Return the opposite without the rounding that a unary minus does to long numbers."""
    return value.copy_negate() if value else value


def _line(
    run: PayRun,
    original: PayRun,
    statement: Statement,
    old: PayLine,
    traces: Iterable[Traced],
    previous: str,
    said: str,
) -> PayLine:
    words = _("Takes back line %(number)s of the pay run %(period)s: %(reason)s") % {
        "number": old.sequence,
        "period": original.period.code,
        "reason": said,
    }
    raw: Fraction = -old.exact_raw
    out = LineOut(
        old.component, LineKind.REVERSAL, old.window, _minus(old.basis), raw, _minus(old.amount),
        ({"op": "reason", "text": words},),
    )  # fmt: skip
    digest = trace_digest(traces)
    version = old.version.document_hash if old.version else ""
    content = line_content(
        out,
        payee=old.person_id,
        period=run.period.code,
        version=version,
        digest=digest,
        currency="" if old.currency == run.currency else old.currency,
    )
    return PayLine(
        statement=statement,
        run=run,
        person_id=old.person_id,
        sequence=old.sequence,
        version=old.version,
        assignment_id=old.assignment_id,
        component=old.component,
        label=old.label,
        kind=LineKind.REVERSAL,
        window=old.window,
        basis=_minus(old.basis),
        credits=old.credits,
        raw=_minus(old.raw),
        exact=text(raw)[:200] if old.exact else "",
        amount=_minus(old.amount),
        currency=old.currency,
        steps=list(out.steps),
        trace_digest=digest,
        previous_hash=previous,
        hash=line_hash(previous, content),
    )


@requires_transaction
def drop_reversal(*, run_id: int, by: User) -> None:
    """Throw an unreviewed reversal away. Raises WrongState."""
    run = locked_run(run_id)
    if run.reverses_id is None or run.state != RunState.CALCULATED:
        raise WrongState(_("Only a reversal that nobody has reviewed can be dropped."))
    PayTrace.objects.filter(line__run=run).delete()
    PayLine.objects.filter(run=run).delete()
    Statement.objects.filter(run=run).delete()
    RunStep.objects.filter(run=run).delete()
    run.delete()
    logger.info("reversal dropped", extra={"run_id": run_id, "by": by.pk})
