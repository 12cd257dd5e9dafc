from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationsConfig(AppConfig):
    """The REST API root and imports."""

    name = "apps.integrations"
    label = "integrations"
    verbose_name = _("Integrations")

    def ready(self) -> None:
        # Models are not loaded before this moment.
        from apps.access.permissions import Permission  # noqa: PLC0415
        from apps.events.audit import track  # noqa: PLC0415
        from apps.ui.menu import MenuItem, register  # noqa: PLC0415

        track("integrations.ImportRun")
        register(
            MenuItem(
                "settings", _("Imports"), "integrations:imports", Permission.IMPORT_RUN, 10, "file-import"
            )
        )
        register(MenuItem("settings", _("API"), "integrations:api_docs", Permission.TOKEN_OWN, 90, "api"))
