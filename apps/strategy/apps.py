from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from apps.core.names import hear


class StrategyConfig(AppConfig):
    name = "apps.strategy"
    label = "strategy"
    verbose_name = _("Strategy")

    def ready(self) -> None:
        """Register what this room adds to the rooms below."""
        import_module("apps.strategy.registrations")
        hear("apps.strategy.demo")
