"""Corrections: asked for by one person, decided by another, paid by the next open run."""

import datetime as dt
import logging
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core.db import lock_rows, requires_transaction
from apps.core.errors import DomainError
from apps.core.money import CURRENCIES, MAX_AMOUNT, minor_units, round_money
from apps.incentives.enums import AdjustmentStatus, LineKind, RunState
from apps.incentives.models import Adjustment, PayLine
from apps.incentives.services import telling
from apps.incentives.services.reopening import reopen_dispute
from apps.incentives.services.separation import are_one, is_about

logger = logging.getLogger(__name__)


class AdjustmentRefused(DomainError):
    """The adjustment cannot be asked for or decided."""


class AdjustmentDecided(AdjustmentRefused):
    """Somebody else decided it."""


@requires_transaction
def request_adjustment(
    *,
    person_id: int,
    amount: Decimal,
    reason: str,
    by: User,
    at: dt.datetime,
    reverses_id: int | None = None,
    currency: str = "",
) -> Adjustment:
    """Ask for a correction of somebody's pay, in company currency unless said. Raises AdjustmentRefused."""
    if is_about(by, person_id):
        raise AdjustmentRefused(_("Nobody adjusts their own pay."))
    currency = currency or settings.COMPANY_CURRENCY
    if currency not in CURRENCIES:
        fields = {"currency": str(_("Choose a currency of the list."))}
        raise AdjustmentRefused(_("The amount cannot be used."), fields=fields)
    places = min(minor_units(currency), 2)
    if not amount.is_finite() or not amount or abs(amount) > MAX_AMOUNT or amount != round(amount, places):
        fields = {"amount": _("Give an amount other than 0 with at most %(places)s decimals.")}
        fields["amount"] = str(fields["amount"]) % {"places": places}
        raise AdjustmentRefused(_("The amount cannot be used."), fields=fields)
    if not reason.strip():
        raise AdjustmentRefused(_("An adjustment needs a reason."), fields={"reason": _("Give a reason.")})
    return Adjustment.objects.create(
        person_id=person_id,
        amount=amount,
        currency=currency,
        reason=reason.strip()[:500],
        reverses_id=reverses_id,
        requested_by=by,
        requested_at=at,
    )


@requires_transaction
def reverse_line(*, line_id: int, reason: str, by: User, at: dt.datetime) -> Adjustment:
    """Ask to reverse a line of a locked run in the next open one. Raises AdjustmentRefused."""
    [line] = lock_rows(PayLine.objects.filter(pk=line_id).select_related("run", "statement"))
    if line.run.state not in {RunState.LOCKED, RunState.PAID}:
        raise AdjustmentRefused(_("This pay run is open: calculate it again instead of reversing a line."))
    if line.reversals.exclude(status=AdjustmentStatus.REFUSED).exists():
        raise AdjustmentRefused(_("This line is being reversed already."))
    if line.kind == LineKind.EXCHANGE:
        raise AdjustmentRefused(_("This line only changes the currency. Reverse the line it comes from."))
    return request_adjustment(
        person_id=line.person_id,
        amount=-_as_paid(line),
        reason=reason,
        by=by,
        at=at,
        reverses_id=line.pk,
        currency=line.statement.currency,
    )


def _as_paid(line: PayLine) -> Decimal:
    """Return the amount of a line in the currency in which its statement was paid."""
    paid_in = line.statement.currency
    if line.currency == paid_in:
        return line.amount
    brought = PayLine.objects.filter(statement=line.statement_id, kind=LineKind.EXCHANGE).order_by("sequence")
    rates = [Decimal(one.steps[0]["rate"]) for one in brought if one.steps[0]["source"] == line.currency]
    return round_money(line.amount * rates[0], paid_in)


@requires_transaction
def decide_adjustment(
    *, adjustment_id: int, approve: bool, by: User, at: dt.datetime, reason: str = ""
) -> Adjustment:
    """Approve what somebody else asked for, or refuse it with a reason.

    Raises AdjustmentDecided, AdjustmentRefused.
    """
    if not approve and not reason.strip():
        raise AdjustmentRefused(_("Say why it is refused."), fields={"reason": _("Give a reason.")})
    [row] = lock_rows(Adjustment.objects.filter(pk=adjustment_id).select_related("requested_by", "person"))
    if row.status != AdjustmentStatus.REQUESTED:
        raise AdjustmentDecided(_("This adjustment was decided already."))
    if are_one(by, row.requested_by):
        raise AdjustmentRefused(_("Somebody other than the person who asked must decide."))
    if is_about(by, row.person_id):
        raise AdjustmentRefused(_("Nobody decides on their own pay."))
    row.status = AdjustmentStatus.APPROVED if approve else AdjustmentStatus.REFUSED
    row.decided_by, row.decided_at = by, at
    row.refusal = "" if approve else reason.strip()[:500]
    row.save(update_fields=["status", "decided_by", "decided_at", "refusal"])
    if not approve:
        telling.adjustment_refused(row)
        reopen_dispute(adjustment=row, by=by, at=at)
    logger.info("adjustment decided", extra={"adjustment_id": row.pk, "by": by.pk})
    return row
