"""Settings of the benchmarks: as in the demo, without the manifest of static files."""

from salesorg.settings.base import *  # noqa: F403

ALLOWED_HOSTS = ["testserver"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
