from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from apps.core.names import hear


class TrainingConfig(AppConfig):
    name = "apps.training"
    label = "training"
    verbose_name = _("Training")

    def ready(self) -> None:
        """Register what this room adds to the rooms below."""
        from apps.training import names, registrations  # noqa: PLC0415 -- models are not loaded before this moment

        names.register_all()
        registrations.install()
        hear("apps.training.demo")
