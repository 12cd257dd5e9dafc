"""Settings of the test run: the same engines, cheap password hashes, plain static files."""

from salesorg.settings.base import *  # noqa: F403

SECRET_KEY = "only-for-tests-" + "0" * 50
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# TransactionTestCase empties tables with TRUNCATE, which append-only tables refuse elsewhere.
DATABASES["default"]["OPTIONS"]["options"] += " -c salesorg.may_truncate=on"  # noqa: F405
