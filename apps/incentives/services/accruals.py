"""The accrual file: what is owed at the end of a period before a locked run pays it."""

import csv
import datetime as dt
import hashlib
import io
from collections import defaultdict
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.access.models import User
from apps.calendars import selectors as calendars
from apps.core.db import advisory_lock, requires_transaction
from apps.core.errors import DomainError
from apps.events import jobs, progress
from apps.events.models import LongTask
from apps.incentives.models import Accrual
from apps.incentives.selectors import accruals as selectors
from apps.incentives.selectors.exchange import CompanyRates, at_home, company_currency
from apps.incentives.services.payroll import safe

TASK = "incentives.make_accrual"
COLUMNS = (
    "as_of", "period", "personnel_number", "name", "currency", "component", "window", "known", "amount",
)  # fmt: skip


class AccrualRefused(DomainError):
    """The accrual cannot be made."""


@requires_transaction
def request_accrual(*, as_of: dt.date, today: dt.date, by: User, url: str) -> LongTask:
    """Have the accrual of a day made in the background. Raises AccrualRefused."""
    if as_of > today:
        raise AccrualRefused(
            _("Choose today or an earlier day."), fields={"as_of": _("This day is yet to come.")}
        )
    title = _("Accrual of %(day)s") % {"day": as_of.isoformat()}
    task = progress.start(TASK, by, title, url=url)
    jobs.enqueue(TASK, as_of=as_of.isoformat(), by_id=by.pk, task_id=task.pk)
    return task


@requires_transaction
def make_accrual(*, as_of: dt.date, by: User | None, at: dt.datetime) -> Accrual:
    """Make and keep the accrual file of a day: one row per payee, component and window, with a control."""
    advisory_lock("incentives.accrual")
    rows = list(selectors.owed(as_of))
    people = selectors.people_named({row.person_id for row in rows})
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    counts: dict[str, int] = defaultdict(int)
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for row in sorted(
        rows, key=lambda one: (one.period.code, people[one.person_id], one.component, one.window)
    ):
        number, name = people[row.person_id]
        writer.writerow(
            [
                as_of.isoformat(), row.period.code, safe(number), safe(name), row.currency, row.component,
                row.window, row.known, f"{row.amount:f}",
            ]
        )  # fmt: skip
        totals[row.currency] += row.amount
        counts[row.currency] += 1
    company = company_currency()
    for currency in sorted(totals) or [company]:
        count, total = str(counts[currency]), f"{totals[currency]:.2f}"
        writer.writerow([as_of.isoformat(), "", count, "", currency, "total", "", "control", total])
    content = buffer.getvalue()
    return Accrual.objects.create(
        as_of=as_of,
        period=calendars.period_of(as_of, "month"),
        content=content,
        sha256=hashlib.sha256(content.encode()).hexdigest(),
        rows=len(rows),
        total=at_home(totals, CompanyRates(), as_of),
        totals={code: f"{total:f}" for code, total in sorted(totals.items())},
        currency=company,
        made_by=by,
        made_at=at,
    )
