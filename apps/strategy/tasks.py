"""The periodic work of this room."""

from django.db import transaction

from apps.core import clock
from apps.events.jobs import Due
from apps.strategy import services


def watch(due: Due) -> None:
    """Bring reviews and reminders to the state of a day."""
    with transaction.atomic():
        services.watch(on=due.as_of, at=clock.now())


def send_digests(due: Due) -> None:
    """Send what people have not heard yet, one message each."""
    with transaction.atomic():
        services.send_digests(on=due.as_of, at=clock.now())
