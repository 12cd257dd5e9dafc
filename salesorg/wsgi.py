"""The WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesorg.settings.base")
# A page that takes longer has lost its reader; the database must not keep working for nobody.
os.environ.setdefault("STATEMENT_TIMEOUT", "30s")

application = get_wsgi_application()
