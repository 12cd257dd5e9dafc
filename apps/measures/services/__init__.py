"""The only writers of the ledger and its cells."""

from apps.measures.services.bulk import Bulk, post_staged, posting
from apps.measures.services.cells import fold_pending, rebuild_months
from apps.measures.services.ledger import (
    AlreadyPosted,
    ClosedPeriod,
    Entry,
    InvalidEntry,
    post,
    reverse,
)

__all__ = [
    "AlreadyPosted",
    "Bulk",
    "ClosedPeriod",
    "Entry",
    "InvalidEntry",
    "fold_pending",
    "post",
    "post_staged",
    "posting",
    "rebuild_months",
    "reverse",
]
