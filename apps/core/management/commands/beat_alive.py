"""``manage.py beat_alive``: exit 0 when beat has ticked lately. For the health check of its container."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_celery_beat.models import PeriodicTask

from apps.core import clock

LATE = dt.timedelta(minutes=3)


class Command(BaseCommand):
    help = "Fail unless beat has sent events.tick within the last three minutes."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        last = PeriodicTask.objects.filter(name="events.tick").values_list("last_run_at", flat=True).first()
        if last is None or clock.now() - last > LATE:
            raise CommandError(f"Beat last ticked at {last}.")
        self.stdout.write(f"Beat ticked at {last}.")
