from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from apps.core import gate


class AccessConfig(AppConfig):
    name = "apps.access"
    label = "access"
    verbose_name = _("Access")

    def ready(self) -> None:
        """Guard the pages of the rooms below."""
        gate.port.install(import_module("apps.access.decorators"))
