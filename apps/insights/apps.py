from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InsightsConfig(AppConfig):
    name = "apps.insights"
    label = "insights"
    verbose_name = _("Insights")

    def ready(self) -> None:
        from apps.insights import registrations  # noqa: PLC0415 -- models are not loaded before this moment

        registrations.register_all()
