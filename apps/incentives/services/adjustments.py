"""Corrections: asked for by one person, decided by another, paid by the next open run."""

import datetime as dt
import logging
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core.db import lock_rows, requires_transaction
from apps.core.errors import DomainError
from apps.core.money import MAX_AMOUNT, minor_units
from apps.incentives.enums import AdjustmentStatus, RunState
from apps.incentives.models import Adjustment, PayLine
from apps.incentives.services.reopening import reopen_dispute
from apps.incentives.services.separation import are_one, is_about

logger = logging.getLogger(__name__)


class AdjustmentRefused(DomainError):
    """The adjustment cannot be asked for or decided."""


class AdjustmentDecided(AdjustmentRefused):
    """Somebody else decided it."""


@requires_transaction
def request_adjustment(
    *, person_id: int, amount: Decimal, reason: str, by: User, at: dt.datetime, reverses_id: int | None = None
) -> Adjustment:
    """Ask for a correction of somebody's pay. Raises AdjustmentRefused."""
    if is_about(by, person_id):
        raise AdjustmentRefused(_("Nobody adjusts their own pay."))
    places = minor_units(settings.COMPANY_CURRENCY)
    if not amount.is_finite() or not amount or abs(amount) > MAX_AMOUNT or amount != round(amount, places):
        fields = {"amount": _("Give an amount other than 0 with at most %(places)s decimals.")}
        fields["amount"] = str(fields["amount"]) % {"places": places}
        raise AdjustmentRefused(_("The amount cannot be used."), fields=fields)
    if not reason.strip():
        raise AdjustmentRefused(_("An adjustment needs a reason."), fields={"reason": _("Give a reason.")})
    return Adjustment.objects.create(
        person_id=person_id,
        amount=amount,
        currency=settings.COMPANY_CURRENCY,
        reason=reason.strip()[:500],
        reverses_id=reverses_id,
        requested_by=by,
        requested_at=at,
    )


@requires_transaction
def reverse_line(*, line_id: int, reason: str, by: User, at: dt.datetime) -> Adjustment:
    """Ask to reverse a line of a locked run in the next open one. Raises AdjustmentRefused."""
    [line] = lock_rows(PayLine.objects.filter(pk=line_id).select_related("run"))
    if line.run.state not in {RunState.LOCKED, RunState.PAID}:
        raise AdjustmentRefused(_("This pay run is open: calculate it again instead of reversing a line."))
    if line.reversals.exclude(status=AdjustmentStatus.REFUSED).exists():
        raise AdjustmentRefused(_("This line is being reversed already."))
    return request_adjustment(
        person_id=line.person_id, amount=-line.amount, reason=reason, by=by, at=at, reverses_id=line.pk
    )


@requires_transaction
def decide_adjustment(*, adjustment_id: int, approve: bool, by: User, at: dt.datetime) -> Adjustment:
    """Approve or refuse what somebody else asked for. Raises AdjustmentDecided, AdjustmentRefused."""
    [row] = lock_rows(Adjustment.objects.filter(pk=adjustment_id).select_related("requested_by"))
    if row.status != AdjustmentStatus.REQUESTED:
        raise AdjustmentDecided(_("This adjustment was decided already."))
    if are_one(by, row.requested_by):
        raise AdjustmentRefused(_("Somebody other than the person who asked must decide."))
    if is_about(by, row.person_id):
        raise AdjustmentRefused(_("Nobody decides on their own pay."))
    row.status = AdjustmentStatus.APPROVED if approve else AdjustmentStatus.REFUSED
    row.decided_by, row.decided_at = by, at
    row.save(update_fields=["status", "decided_by", "decided_at"])
    if not approve:
        reopen_dispute(adjustment=row, by=by, at=at)
    logger.info("adjustment decided", extra={"adjustment_id": row.pk, "by": by.pk})
    return row
