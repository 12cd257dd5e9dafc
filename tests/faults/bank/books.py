"""Closing the books when everybody has gone home: what is left is paid, and every sum is made again."""

import datetime as dt
import json
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from apps.access.models import User
from apps.calendars import selectors as calendars
from apps.core import clock
from apps.incentives import services as pay
from apps.incentives.models import PayLine, PayRun, PayTrace
from apps.incentives.selectors.posted import openings
from apps.incentives.selectors.reconcile import reconcile
from apps.measures import services as measures
from apps.measures.models import Credit
from apps.pipeline import services as pipeline
from apps.pipeline.models import Opportunity
from tests.faults.bank import reads
from tests.faults.bank.clerk import turn_the_handle
from tests.faults.bank.company import TODAY, Bank

_ZERO = Decimal(0)
_COUNTED = ("calculated", "locked", "paid")


def last_return(bank: Bank) -> None:
    """Open a deal again that was paid, so that the last run has something to take back in any case."""
    standing = Credit.objects.standing().filter(source_id__in=bank.returned, measure="revenue")
    paid = standing.filter(pk__in=PayTrace.objects.filter(line__run__is_void=False).values("credit_id"))
    if (credit := paid.first()) is not None:
        with transaction.atomic():
            pipeline.reopen(
                opportunity_id=credit.source_id, version=None, on=TODAY, reason="Returned in the end"
            )


def last_run(month: int) -> int:
    """Ask for the run of the last month, which pays and takes back whatever came late."""
    admin = User.objects.get(username="admin")
    with transaction.atomic():
        run = pay.create_run(period=calendars.period(f"2026-M{month:02}"), by=admin, at=clock.now())
        pay.request_calculation(run_id=run.pk, by=admin, title="Pay", url="")
    return run.pk


def turn() -> None:
    """Have lost work sent again."""
    turn_the_handle()


def taken_back(run_id: int) -> int:
    """Return how many credits a run takes back that were paid before."""
    return PayTrace.objects.filter(line__run=run_id, credit_id__in=_reversals()).count()


def _reversals() -> object:
    return Credit.objects.filter(reverses__isnull=False).values("pk")


def problems(bank: Bank) -> str:
    """Return everything that does not add up, as JSON."""
    found = [f"run {run.pk} does not reconcile" for run in PayRun.objects.all() if not reconcile(run).agrees]
    with transaction.atomic():
        measures.rebuild_months()
        measures.fold_pending()
    found += reads.broken()
    found += [said for said in (reads.moved(bank), reads.unlike_the_ledger(bank)) if said]
    worth = Opportunity.objects.filter(pk__in=bank.pool).aggregate(sum=Sum("amount"))["sum"]
    if worth != reads.money():
        found.append(f"the deals of the pool are worth {worth}")
    return json.dumps(found + _unpaid(bank))


def _unpaid(bank: Bank) -> list[str]:
    """Compare what everybody was paid with a tenth of what is credited to them, and with what they owe."""
    counted = PayLine.objects.filter(run__state__in=_COUNTED, run__is_void=False).order_by("person")
    lines = counted.exclude(kind="adjustment").values("person").annotate(sum=Sum("amount"))
    paid = dict(lines.values_list("person", "sum"))
    credited = Credit.objects.filter(measure="revenue").order_by("person").values("person")
    revenue = dict(credited.annotate(sum=Sum("value")).values_list("person", "sum"))
    owed = openings(bank.sellers, dt.date(2027, 1, 1), _COUNTED)
    found = []
    for one in bank.sellers:
        balances = [own.get("balances", {}) for own in owed.get(one, {}).values()]
        debt = sum((Decimal(amount) for own in balances for amount in own.values()), _ZERO)
        got, due = paid.get(one, _ZERO), revenue.get(one, _ZERO) / 10 + debt
        if got != due:
            found.append(f"seller {one} got {got}, is due {due}, of which they owe {debt}: {owed.get(one)}")
    return found
