"""Relief from a quota for leave and the like: granted by somebody else, with a reason, taken back openly."""

import datetime as dt
import logging
from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.access.models import User
from apps.access.scope import person_id_of
from apps.calendars.models import FiscalPeriod
from apps.core.db import lock_rows, requires_transaction
from apps.core.errors import DomainError
from apps.targets.models import QuotaRelief
from apps.targets.models.plans import LIMIT
from apps.targets.rules.tree import WrongTarget
from apps.targets.services.versions import ReasonMissing

logger = logging.getLogger(__name__)


class OwnRelief(DomainError):
    """Nobody takes off their own quota."""


class AlreadyRevoked(DomainError):
    """The relief was taken back before."""


@requires_transaction
def grant_relief(
    *,
    measure: str,
    person_id: int,
    months: Sequence[FiscalPeriod],
    reason: str,
    by: User,
    at: dt.datetime,
    amount: Decimal | None = None,
    share: Decimal | None = None,
    on_top: bool = False,
) -> list[QuotaRelief]:
    """Take an amount, or a share, off a person's quota in each of some months.

    Recorded absences lower the quota by themselves: of both the larger counts, unless ``on_top``.

    Raises OwnRelief, ReasonMissing, WrongTarget.
    """
    if person_id_of(by) == person_id:
        raise OwnRelief(_("Somebody else has to grant you relief."))
    if not reason.strip():
        raise ReasonMissing(_("Give a reason."), fields={"reason": _("Give a reason.")})
    _check(months, amount, share)
    made = QuotaRelief.objects.bulk_create(
        QuotaRelief(
            measure=measure,
            person_id=person_id,
            month=month,
            amount=amount,
            share=share,
            on_top=on_top,
            reason=reason.strip(),
            granted_by=by,
            granted_at=at,
        )
        for month in months
    )
    logger.info("quota relief granted", extra={"person_id": person_id, "months": len(made), "by": by.pk})
    return made


def _check(months: Sequence[FiscalPeriod], amount: Decimal | None, share: Decimal | None) -> None:
    if not months:
        raise WrongTarget(_("Choose at least one month."), fields={"months": _("Choose a month.")})
    if (amount is None) == (share is None):
        raise WrongTarget(
            _("Give an amount or a share, not both."), fields={"amount": _("Give one of the two.")}
        )
    if amount is not None and not 0 < amount <= LIMIT:
        raise WrongTarget(_("Relief is an amount above 0."), fields={"amount": _("Too small.")})
    if share is not None and not 0 < share <= 1:
        raise WrongTarget(
            _("Relief is a share between 0 % and 100 %."), fields={"share": _("Choose up to 100 %.")}
        )


@requires_transaction
def revoke_relief(*, relief_id: int, by: User, at: dt.datetime) -> QuotaRelief:
    """Take a relief back; it stays on record. Raises AlreadyRevoked, OwnRelief."""
    [row] = lock_rows(QuotaRelief.objects.filter(pk=relief_id))
    if person_id_of(by) == row.person_id:
        raise OwnRelief(_("Somebody else has to take your relief back."))
    if row.revoked_at is not None:
        raise AlreadyRevoked(_("This relief was taken back before."))
    row.revoked_by, row.revoked_at = by, at
    row.save(update_fields=["revoked_by", "revoked_at"])
    logger.info("quota relief revoked", extra={"relief_id": row.pk, "by": by.pk})
    return row
