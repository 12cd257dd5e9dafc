"""Settings of the processes the fault tests start: the product's, with a broker that redelivers sooner."""

from salesorg.settings.base import *  # noqa: F403  # the settings under test
from salesorg.settings.base import CELERY_BROKER_TRANSPORT_OPTIONS

# Longer than the five seconds a worker may take to notice that one of its processes is gone.
CELERY_BROKER_TRANSPORT_OPTIONS = CELERY_BROKER_TRANSPORT_OPTIONS | {"visibility_timeout": 10}
STATICFILES_DIRS = []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CELERY_IMPORTS = ["tests.faults.tasks"]
