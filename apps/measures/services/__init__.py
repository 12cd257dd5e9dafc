"""The only writers of the ledger and its cells."""

from apps.measures.services.cells import fold_pending, rebuild_months
from apps.measures.services.ledger import (
    AlreadyPosted,
    ClosedPeriod,
    Entry,
    InvalidEntry,
    post,
    post_staged,
    reverse,
)

__all__ = [
    "AlreadyPosted",
    "ClosedPeriod",
    "Entry",
    "InvalidEntry",
    "fold_pending",
    "post",
    "post_staged",
    "rebuild_months",
    "reverse",
]
