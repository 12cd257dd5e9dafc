"""What follows when a reversal is locked: two runs that count no more, a period that can be run anew."""

import datetime as dt

from django.db.models import F

from apps.access.models import User
from apps.core.db import requires_transaction
from apps.incentives.models import Adjustment, PayRun, RunPlan


@requires_transaction
def settle_reversal(*, reversal: PayRun, by: User, at: dt.datetime) -> None:
    """Mark a locked reversal and what it reverses, free their plans, and have adjustments paid again."""
    original_id = reversal.reverses_id
    PayRun.objects.filter(pk__in=[original_id, reversal.pk]).update(is_void=True)
    reversal.is_void = True
    RunPlan.objects.filter(run=original_id).update(is_void=True)
    paid = Adjustment.objects.filter(lines__run=original_id).order_by("pk")
    Adjustment.objects.bulk_create(
        [
            Adjustment(
                person_id=row.person_id,
                amount=row.amount,
                currency=row.currency,
                reason=row.reason,
                repeats=row,
                status=row.status,
                requested_by_id=row.requested_by_id,
                requested_at=row.requested_at,
                decided_by_id=row.decided_by_id,
                decided_at=row.decided_at,
            )
            for row in paid.exclude(requested_by=F("decided_by"))
        ]
    )
