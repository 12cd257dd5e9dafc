"""The company's rules around pay."""

import datetime as dt
import logging
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core.db import advisory_lock, requires_transaction
from apps.core.errors import DomainError
from apps.incentives.models import PayPolicy

logger = logging.getLogger(__name__)


class PolicyRefused(DomainError):
    """The rules cannot be set like this."""


@requires_transaction
def set_policy(
    *,
    dispute_days: int,
    windfall_deal_factor: Decimal | None,
    windfall_quota_share: Decimal | None,
    windfall_line_factor: Decimal | None,
    shows_leaderboards: bool,
    by: User,
    at: dt.datetime,
) -> PayPolicy:
    """Set the rules for what is calculated and asked from now on. Raises PolicyRefused."""
    if not 1 <= dispute_days <= 60:
        fields = {"dispute_days": _("Choose from 1 to 60 working days.")}
        raise PolicyRefused(_("The rules cannot be set like this."), fields=fields)
    advisory_lock("incentives.policy")
    row, _created = PayPolicy.objects.update_or_create(
        pk=1,
        defaults={
            "dispute_days": dispute_days,
            "windfall_deal_factor": windfall_deal_factor,
            "windfall_quota_share": windfall_quota_share,
            "windfall_line_factor": windfall_line_factor,
            "shows_leaderboards": shows_leaderboards,
            "changed_by": by,
            "changed_at": at,
        },
    )
    logger.info("rules of pay set", extra={"by": by.pk})
    return row
