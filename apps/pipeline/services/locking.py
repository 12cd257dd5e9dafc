"""Taking hold of one deal."""

from django.utils.translation import gettext as _

from apps.core.db import lock_rows
from apps.core.errors import DomainError, StaleVersion
from apps.pipeline.models import Opportunity


class DealClosed(DomainError):
    """The deal is decided; reopen or correct it first."""


class DealOpen(DomainError):
    """The deal is still open."""


def locked_deal(opportunity_id: int, version: int | None) -> Opportunity:
    """Lock a deal and return it. Raises StaleVersion unless ``version`` is its current one.

    ``None`` takes the row as it is, for callers without an earlier reading (imports, jobs).
    """
    [deal] = lock_rows(Opportunity.objects.filter(pk=opportunity_id))
    if version is not None and deal.version != version:
        raise StaleVersion(
            _("Somebody changed “%(name)s” in the meantime. Look at their changes and try again.")
            % {"name": deal.name}
        )
    return deal


def locked_open_deal(opportunity_id: int, version: int | None) -> Opportunity:
    """Lock an open deal. Raises StaleVersion, DealClosed."""
    deal = locked_deal(opportunity_id, version)
    if not deal.is_open:
        raise DealClosed(
            _("“%(name)s” is closed. Reopen it before changing what it is worth.") % {"name": deal.name}
        )
    return deal
