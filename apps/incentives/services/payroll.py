"""The payroll file: what leaves for payment, with control totals that must agree to the cent."""

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core.db import requires_transaction
from apps.core.errors import DomainError
from apps.incentives.enums import RunState
from apps.incentives.models import PayrollExport, PayRun, Statement
from apps.incentives.selectors.reconcile import reconcile
from apps.incentives.services.runs import locked_run

COLUMNS = ("run", "period", "personnel_number", "name", "currency", "component", "window", "amount")
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")


class ExportRefused(DomainError):
    """The payroll file cannot be made."""


@requires_transaction
def export_payroll(*, run_id: int, by: User, at: dt.datetime) -> PayrollExport:
    """Make and keep the payroll file of a locked run. Raises ExportRefused when sums do not agree."""
    run = locked_run(run_id)
    if run.state not in {RunState.LOCKED, RunState.PAID}:
        raise ExportRefused(_("Lock the pay run before exporting it."))
    found = reconcile(run)
    if not found.agrees:
        raise ExportRefused(
            _("Lines, statements and total of the pay run do not agree. Nothing was exported.")
        )
    rows = list(_rows(run))
    content = _csv(rows, run)
    return PayrollExport.objects.create(
        run=run,
        content=content,
        sha256=hashlib.sha256(content.encode()).hexdigest(),
        rows=len(rows),
        total=run.total,
        currency=run.currency,
        exported_by=by,
        exported_at=at,
    )


def _rows(run: PayRun) -> Iterable[Sequence[str]]:
    statements = Statement.objects.filter(run=run).select_related("person").prefetch_related("lines")
    for statement in statements.order_by("person__external_id", "pk"):
        for line in sorted(statement.lines.all(), key=lambda line: line.sequence):
            yield (
                str(run.pk),
                run.period.code,
                _safe(statement.person.external_id),
                _safe(statement.person.name),
                line.currency,
                line.component,
                line.window,
                f"{line.amount:f}",
            )


def _safe(cell: str) -> str:
    """Keep a spreadsheet from reading a name as a formula."""
    return f"'{cell}" if cell.lstrip().startswith(_RISKY) else cell


def _csv(rows: Sequence[Sequence[str]], run: PayRun) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    total = sum((Decimal(row[-1]) for row in rows), Decimal(0))
    writer.writerow(
        ["control", run.period.code, str(len(rows)), "", run.currency, "total", "", f"{total:.2f}"]
    )
    return buffer.getvalue()
