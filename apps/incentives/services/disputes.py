"""Disputes: asked by the payee, answered by compensation within working days, put right by an adjustment."""

import datetime as dt
import logging
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.access.models import User
from apps.calendars import selectors as calendars
from apps.core.db import advisory_lock, lock_rows, requires_transaction
from apps.core.errors import DomainError
from apps.incentives.enums import Cause, DisputeState, DisputeStep, RunState
from apps.incentives.models import Dispute, PayLine
from apps.incentives.selectors.desk import compensation_users
from apps.incentives.services import telling
from apps.incentives.services.adjustments import request_adjustment
from apps.incentives.services.reopening import due_on, note
from apps.incentives.services.separation import is_about

logger = logging.getLogger(__name__)

MAX_TEXT = 2000
_CORRECTION = "Correction after a dispute"  # read in every language, see names


class DisputeRefused(DomainError):
    """The dispute cannot take this step."""


class DisputeClosed(DisputeRefused):
    """The dispute is settled, or somebody else settled it meanwhile."""


class OwnDispute(DisputeRefused):
    """Nobody decides on a question about their own pay."""


@requires_transaction
def raise_dispute(*, line_id: int, text: str, by: User, at: dt.datetime) -> Dispute:
    """Question a line of one's own statement. Raises DisputeRefused."""
    [line] = lock_rows(PayLine.objects.filter(pk=line_id).select_related("run"))
    if not is_about(by, line.person_id):
        raise DisputeRefused(_("Only the payee questions a line. Ask them to do so, or correct it yourself."))
    if line.run.state not in {RunState.APPROVED, RunState.LOCKED, RunState.PAID}:
        raise DisputeRefused(_("This pay run is not approved yet. Wait until it is."))
    if line.disputes.unsettled().exists():
        raise DisputeRefused(_("This line is questioned already. Write into that dispute."))
    said = _said(text)
    advisory_lock("incentives.assign_dispute")
    dispute = Dispute.objects.create(
        line=line,
        person_id=line.person_id,
        due_on=due_on(at),
        assigned_to=_least_busy(line.person_id),
        asked_by=by,
        asked_at=at,
    )
    note(dispute, DisputeStep.ASKED, said, by, at)
    telling.dispute_asked(dispute)
    logger.info("dispute raised", extra={"dispute_id": dispute.pk, "line_id": line.pk, "by": by.pk})
    return dispute


def _said(text: str) -> str:
    said = text.replace("\x00", "").strip()
    if not said:
        raise DisputeRefused(_("Say in a sentence what is meant."), fields={"text": _("Write a sentence.")})
    if len(said) > MAX_TEXT:
        text_ = ngettext("At most %(n)s character.", "At most %(n)s characters.", MAX_TEXT) % {"n": MAX_TEXT}
        raise DisputeRefused(_("The text is too long."), fields={"text": text_})
    return said


def _least_busy(person_id: int) -> User | None:
    """Return who of compensation has the fewest open disputes; never the payee."""
    found = [user for user in compensation_users() if not is_about(user, person_id)]
    open_now = Dispute.objects.unsettled().filter(assigned_to__in=found)
    load = {user.pk: 0 for user in found}
    for user_id in open_now.values_list("assigned_to_id", flat=True):
        load[user_id] += 1
    return min(found, key=lambda user: (load[user.pk], user.pk), default=None)


def _unsettled(dispute_id: int) -> Dispute:
    [dispute] = lock_rows(Dispute.objects.filter(pk=dispute_id))
    if dispute.is_settled:
        raise DisputeClosed(_("This dispute is closed already."))
    return dispute


def _to_decide(dispute_id: int, by: User) -> Dispute:
    dispute = _unsettled(dispute_id)
    if is_about(by, dispute.person_id):
        raise OwnDispute(_("Nobody decides on their own pay."))
    return dispute


@requires_transaction
def comment_dispute(*, dispute_id: int, text: str, by: User, at: dt.datetime) -> Dispute:
    """Write into a dispute. When the payee writes after an answer, it waits for compensation anew.

    Raises DisputeClosed, DisputeRefused.
    """
    dispute = _unsettled(dispute_id)
    said = _said(text)
    if is_about(by, dispute.person_id) and dispute.state == DisputeState.ANSWERED:
        dispute.state, dispute.due_on = DisputeState.OPEN, due_on(at)
        dispute.reminded_at = dispute.escalated_at = None
        dispute.save(update_fields=["state", "due_on", "reminded_at", "escalated_at"])
    entry = note(dispute, DisputeStep.COMMENT, said, by, at)
    telling.dispute_written(dispute, entry)
    return dispute


@requires_transaction
def answer_dispute(*, dispute_id: int, text: str, by: User, at: dt.datetime) -> Dispute:
    """Answer the payee, who may write again, take it back or wait for the decision.

    Raises DisputeClosed, OwnDispute, DisputeRefused.
    """
    dispute = _to_decide(dispute_id, by)
    entry = note(dispute, DisputeStep.ANSWER, _said(text), by, at)
    dispute.state = DisputeState.ANSWERED
    dispute.assigned_to = dispute.assigned_to or by
    dispute.save(update_fields=["state", "assigned_to"])
    telling.dispute_written(dispute, entry)
    return dispute


@requires_transaction
def take_dispute(*, dispute_id: int, by: User, at: dt.datetime) -> Dispute:
    """Take a dispute over. Raises DisputeClosed, OwnDispute."""
    dispute = _to_decide(dispute_id, by)
    if dispute.assigned_to_id != by.pk:
        dispute.assigned_to = by
        dispute.save(update_fields=["assigned_to"])
        note(dispute, DisputeStep.TAKE, "", by, at)
    return dispute


@requires_transaction
def accept_dispute(
    *, dispute_id: int, amount: Decimal, cause: str, text: str, by: User, at: dt.datetime
) -> Dispute:
    """Agree with the payee: an adjustment is asked for, which a second person approves.

    Raises DisputeClosed, OwnDispute, DisputeRefused, AdjustmentRefused.
    """
    dispute = _to_decide(dispute_id, by)
    said = text.replace("\x00", "").strip()[:MAX_TEXT]
    dispute.cause = _known(cause)
    dispute.adjustment = request_adjustment(
        person_id=dispute.person_id,
        amount=amount,
        reason=said[:500] or _CORRECTION,
        by=by,
        at=at,
        currency=dispute.line.statement.currency,
    )
    _close(dispute, DisputeState.ACCEPTED, by, at)
    note(dispute, DisputeStep.ACCEPT, said, by, at)
    telling.dispute_decided(dispute)
    return dispute


def _known(cause: str) -> str:
    if cause not in Cause.values:
        raise DisputeRefused(_("Say what was behind it."), fields={"cause": _("Choose a root cause.")})
    return cause


def _close(dispute: Dispute, state: DisputeState, by: User, at: dt.datetime) -> None:
    dispute.state, dispute.closed_by, dispute.closed_at = state, by, at
    dispute.save(update_fields=["state", "cause", "closed_by", "closed_at", "adjustment"])
    logger.info("dispute closed", extra={"dispute_id": dispute.pk, "state": str(state), "by": by.pk})


@requires_transaction
def refuse_dispute(*, dispute_id: int, cause: str, text: str, by: User, at: dt.datetime) -> Dispute:
    """Stand by the line and say why. Raises DisputeClosed, OwnDispute, DisputeRefused."""
    dispute = _to_decide(dispute_id, by)
    said = _said(text)
    dispute.cause = _known(cause)
    _close(dispute, DisputeState.REFUSED, by, at)
    note(dispute, DisputeStep.REFUSE, said, by, at)
    telling.dispute_decided(dispute)
    return dispute


@requires_transaction
def withdraw_dispute(*, dispute_id: int, by: User, at: dt.datetime) -> Dispute:
    """Take one's own question back. Raises DisputeClosed, DisputeRefused."""
    dispute = _unsettled(dispute_id)
    if not is_about(by, dispute.person_id):
        raise DisputeRefused(_("Only the payee takes a question back."))
    _close(dispute, DisputeState.WITHDRAWN, by, at)
    note(dispute, DisputeStep.WITHDRAW, "", by, at)
    return dispute


@requires_transaction
def chase_disputes(*, today: dt.date, at: dt.datetime) -> tuple[int, int]:
    """Remind of disputes due within a working day, pass overdue ones up; return how many of each."""
    days = calendars.workdays()
    waiting = Dispute.objects.filter(state=DisputeState.OPEN)
    reminded = escalated = 0
    for dispute in lock_rows(waiting.filter(due_on__lt=today, escalated_at__isnull=True)):
        dispute.escalated_at = at
        dispute.save(update_fields=["escalated_at"])
        note(dispute, DisputeStep.ESCALATE, "", None, at)
        telling.dispute_overdue(dispute)
        escalated += 1
    soon = days.add(today, 1)
    near = waiting.filter(due_on__gte=today, due_on__lte=soon, reminded_at__isnull=True)
    for dispute in lock_rows(near):
        dispute.reminded_at = at
        dispute.save(update_fields=["reminded_at"])
        note(dispute, DisputeStep.REMIND, "", None, at)
        telling.dispute_due(dispute)
        reminded += 1
    return reminded, escalated
