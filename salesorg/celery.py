"""The Celery application."""

import gc
import os

from celery import Celery
from celery.signals import worker_before_create_process

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesorg.settings.base")

app = Celery("salesorg")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_before_create_process.connect
def before_fork(**_given: object) -> None:
    """Keep what is loaded out of every later collection, which would copy its pages in each child."""
    gc.collect()
    gc.freeze()
