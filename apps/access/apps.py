from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from apps.core import gate


class AccessConfig(AppConfig):
    name = "apps.access"
    label = "access"
    verbose_name = _("Access")

    def ready(self) -> None:
        """Guard the pages of the rooms below, start the clocks of sessions, watch accounts and tokens."""
        gate.port.install(import_module("apps.access.decorators"))
        import_module("apps.access.sessions")
        audit = import_module("apps.events.audit")  # has models, so it cannot be imported earlier
        audit.track("access.User", secret_fields=("password",))
        audit.track("access.ApiToken", secret_fields=("digest",))
