"""Settings of the processes the fault tests start: the product's, but sooner: redelivery and beat's ticks."""

from salesorg import env
from salesorg.settings.base import *  # noqa: F403  # the settings under test
from salesorg.settings.base import CELERY_BEAT_SCHEDULE, CELERY_BROKER_TRANSPORT_OPTIONS

# Longer than a task takes, and than the five seconds in which a worker notices that a process of its is gone.
VISIBILITY = int(env.text("VISIBILITY", "10"))
CELERY_BROKER_TRANSPORT_OPTIONS = CELERY_BROKER_TRANSPORT_OPTIONS | {"visibility_timeout": VISIBILITY}
CELERY_BEAT_SCHEDULE = {name: {**entry, "schedule": 1.0} for name, entry in CELERY_BEAT_SCHEDULE.items()}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATICFILES_DIRS = []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CELERY_IMPORTS = ["tests.faults.tasks"]
