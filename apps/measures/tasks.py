"""Periodic work on the ledger."""

from celery import shared_task
from django.db import transaction

from apps.measures import services


@shared_task(name="measures.fold_pending", acks_late=True)
def fold_pending(**_newer_arguments: object) -> int:
    """Move pending credits into their cells."""
    with transaction.atomic():
        return services.fold_pending()


@shared_task(name="measures.rebuild_months", acks_late=True)
def rebuild_months(**_newer_arguments: object) -> int:
    """Make cells anew where the structure has changed since."""
    with transaction.atomic():
        return services.rebuild_months()
