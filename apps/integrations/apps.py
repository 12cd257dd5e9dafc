from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationsConfig(AppConfig):
    """The REST API root and imports."""

    name = "apps.integrations"
    label = "integrations"
    verbose_name = _("Integrations")

    def ready(self) -> None:
        from apps.events.audit import track  # noqa: PLC0415 -- models are not loaded before this moment

        track("integrations.ImportRun")
