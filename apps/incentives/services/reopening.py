"""What a dispute writes down, when its answer is due, and how a refused adjustment opens it again."""

import datetime as dt

from django.utils.translation import gettext as _

from apps.access.models import User
from apps.calendars import selectors as calendars
from apps.core import clock
from apps.core.db import lock_rows, requires_transaction
from apps.incentives.enums import DisputeState, DisputeStep
from apps.incentives.models import Adjustment, Dispute, DisputeEntry, PayRun
from apps.incentives.selectors.desk import policy
from apps.incentives.services import telling


def due_on(at: dt.datetime) -> dt.date:
    """Return the day by which compensation answers what is asked now: so many working days on."""
    return calendars.workdays().add(clock.date_of(at), policy().dispute_days)


def note(dispute: Dispute, step: DisputeStep, text: str, by: User | None, at: dt.datetime) -> DisputeEntry:
    """Write down what somebody said or did."""
    return DisputeEntry.objects.create(dispute=dispute, step=step, text=text, by=by, at=at)


@requires_transaction
def reopen_dispute(*, adjustment: Adjustment, by: User, at: dt.datetime) -> Dispute | None:
    """Open the dispute again whose adjustment a second person refused; None when there is none."""
    found = lock_rows(Dispute.objects.filter(adjustment=adjustment))
    if not found:
        return None
    [dispute] = found
    dispute.state, dispute.due_on = DisputeState.OPEN, due_on(at)
    dispute.closed_by = dispute.closed_at = dispute.adjustment = None
    dispute.reminded_at = dispute.escalated_at = None
    dispute.save(
        update_fields=[
            "state", "due_on", "closed_by", "closed_at", "adjustment", "reminded_at", "escalated_at",
        ]
    )  # fmt: skip
    note(dispute, DisputeStep.REOPEN, _("The adjustment was refused by a second person."), by, at)
    telling.dispute_asked(dispute, again=at)
    return dispute


@requires_transaction
def note_paid(*, run: PayRun, by: User, at: dt.datetime) -> int:
    """Write into disputes that a locked run pays their correction, tell the payees; return how many."""
    paid = Dispute.objects.filter(adjustment__lines__run=run).select_related("person").order_by("pk")
    for dispute in paid:
        note(dispute, DisputeStep.PAID, "", by, at)
        telling.dispute_paid(dispute)
    return len(paid)
