from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from apps.core.names import hear


class IncentivesConfig(AppConfig):
    name = "apps.incentives"
    label = "incentives"
    verbose_name = _("Incentives")

    def ready(self) -> None:
        """Register what this room adds to the rooms below."""
        import_module("apps.incentives.registrations")
        hear("apps.incentives.demo")
