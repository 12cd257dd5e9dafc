"""Settings of the test run: the same engines, cheap password hashes, plain static files."""

from apps.core.embedded.places import place_of
from salesorg import env
from salesorg.databases import celery_broker, postgres
from salesorg.settings.base import *  # noqa: F403  # the settings under test
from salesorg.settings.base import BASE_DIR, CACHES, CELERY_BROKER_TRANSPORT_OPTIONS

SECRET_KEY = "only-for-tests-" + "0" * 50

# The root conftest.py starts the servers here when the environment names no others.
TEST_DIR = BASE_DIR / ".local" / "test"
DATABASES = {"default": postgres(env.text("DATABASE_URL", "") or place_of(TEST_DIR).database_url)}
# TransactionTestCase empties tables with TRUNCATE, which append-only tables refuse elsewhere.
DATABASES["default"]["OPTIONS"]["options"] += " -c salesorg.may_truncate=on"
REDIS_URL = env.text("REDIS_URL", "") or place_of(TEST_DIR).redis_url

# Processes that test at the same time share one Redis: each keeps to its own names.
_WORKER = env.text("PYTEST_XDIST_WORKER", "main")
CACHES = {"default": CACHES["default"] | {"LOCATION": REDIS_URL, "KEY_PREFIX": f"test-{_WORKER}"}}
CELERY_BROKER_URL = celery_broker(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = CELERY_BROKER_TRANSPORT_OPTIONS | {
    "visibility_timeout": 20,
    "global_keyprefix": f"test-{_WORKER}-",
}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MEDIA_ROOT = TEST_DIR / "media" / _WORKER
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = None
