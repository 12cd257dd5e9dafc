"""The payroll file: what leaves for payment, with control totals that must agree to the cent."""

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core.db import requires_transaction
from apps.core.errors import DomainError
from apps.incentives.enums import RunState
from apps.incentives.models import PayLine, PayrollExport, PayRun
from apps.incentives.selectors.payroll import COLUMNS, CONTROL, PayrollFile, fingerprint_of, read_file
from apps.incentives.selectors.reconcile import reconcile
from apps.incentives.services.runs import locked_run

_RISKY = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")


class ExportRefused(DomainError):
    """The payroll file cannot be made."""


@requires_transaction
def export_payroll(*, run_id: int, by: User, at: dt.datetime) -> PayrollExport:
    """Make and keep the payroll file of a locked run; that of a reversal takes back line by line.

    The file is read back before it is kept. Raises ExportRefused when sums do not agree.
    """
    run = locked_run(run_id)
    if run.state not in {RunState.LOCKED, RunState.PAID}:
        raise ExportRefused(_("Lock the pay run before exporting it."))
    if not reconcile(run).agrees:
        raise ExportRefused(
            _("Lines, statements and total of the pay run do not agree. Nothing was exported.")
        )
    rows = [list(row) for row in _rows(run)]
    content = _csv(rows, run)
    read = read_file(content)
    if not read.agrees or _without_nothing(read.totals) != _without_nothing(dict(run.by_currency)):
        raise ExportRefused(_("The payroll file does not read back as it was written. Nothing was kept."))
    return PayrollExport.objects.create(
        run=run,
        content=content,
        sha256=hashlib.sha256(content.encode()).hexdigest(),
        rows=len(rows),
        totals=_totals(read),
        total=run.total,
        currency=run.currency,
        exported_by=by,
        exported_at=at,
    )


def _without_nothing(totals: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {currency: total for currency, total in totals.items() if total}


def _totals(read: PayrollFile) -> dict[str, Any]:
    return {
        currency: {"count": read.counts[currency], "total": f"{total:f}", "fingerprint": read.fingerprint}
        for currency, total in sorted(read.totals.items())
    }


def _rows(run: PayRun) -> Iterable[Sequence[str]]:
    """Yield what goes out; lines in a currency that was brought into another one add up to nothing."""
    lines = PayLine.objects.filter(run=run, currency=F("statement__currency"))
    rows = lines.order_by("person__external_id", "statement_id", "sequence").values_list(
        "statement__inputs__names__number", "person__external_id", "person__name", "currency", "component",
        "window", "amount",
    )  # fmt: skip
    for as_issued, number, name, currency, component, window, amount in rows.iterator():
        yield (
            str(run.pk),
            run.period.code,
            safe(as_issued or number),
            safe(name),
            currency,
            component,
            window,
            f"{amount:f}",
        )


def safe(cell: str) -> str:
    """Keep a spreadsheet from reading a name as a formula."""
    return f"'{cell}" if cell.lstrip().startswith(_RISKY) else cell


def _csv(rows: Sequence[Sequence[str]], run: PayRun) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    read = read_file(buffer.getvalue())
    mark = fingerprint_of(rows)
    for currency, total in sorted(read.totals.items()) or run.by_currency:
        count = str(read.counts.get(currency, 0))
        writer.writerow([CONTROL, run.period.code, count, mark, currency, "total", "", f"{total:.2f}"])
    return buffer.getvalue()
