"""Payees confirm the document of their plan; whoever has not is reminded every week."""

import datetime as dt
import logging

from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.access.scope import person_id_of
from apps.core import clock
from apps.core.db import lock_rows, requires_transaction
from apps.core.errors import DomainError
from apps.core.names import lazy_words
from apps.incentives.models import Acknowledgement, PlanVersion
from apps.incentives.selectors import documents as selectors
from apps.incentives.services import telling

logger = logging.getLogger(__name__)


class ConfirmationRefused(DomainError):
    """The document cannot be confirmed."""


class DocumentChanged(ConfirmationRefused):
    """What was read is not what is in force."""


class AlreadyConfirmed(ConfirmationRefused):
    """The payee has confirmed this version."""


@requires_transaction
def confirm_plan(*, version_id: int, document_hash: str, by: User, at: dt.datetime) -> Acknowledgement:
    """Confirm having read one's own plan, in person, with the fingerprint of what was read.

    Raises ConfirmationRefused, DocumentChanged, AlreadyConfirmed.
    """
    [version] = lock_rows(PlanVersion.objects.filter(pk=version_id))
    person_id = person_id_of(by)
    if person_id is None or person_id not in selectors.payees_of(version, clock.date_of(at)):
        raise ConfirmationRefused(_("This version does not pay you today, so there is nothing to confirm."))
    if version.approved_at is None or document_hash != version.document_hash:
        raise DocumentChanged(_("The document has changed since you opened it. Read it again."))
    if Acknowledgement.objects.filter(version=version, person=person_id).exists():
        raise AlreadyConfirmed(_("You have confirmed this version already."))
    row = Acknowledgement.objects.create(
        version=version,
        person_id=person_id,
        document_hash=document_hash,
        language=(get_language() or "")[:10],
        confirmed_by=by,
        confirmed_at=at,
    )
    logger.info("plan confirmed", extra={"version_id": version.pk, "person_id": person_id})
    return row


@requires_transaction
def remind_confirmations(*, today: dt.date) -> int:
    """Tell everybody whose plan waits for a confirmation, once a week; return how many were told."""
    year, week, _day = today.isocalendar()
    told = 0
    for waiting in selectors.waiting(today):
        version = waiting.version
        title = format_lazy(
            "{text} {plan}",
            text=gettext_lazy("Please confirm your incentive plan:"),
            plan=lazy_words(version.plan.name),
        )
        telling.tell_people(
            waiting.person_ids,
            telling.CONFIRM_PLAN,
            title,
            gettext_lazy("Read what it pays for, then confirm on the same page."),
            reverse("incentives:document", args=[version.pk]),
            f"confirm:{version.pk}:{year}-{week}",
        )
        told += len(waiting.person_ids)
    return told
