from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from apps.core.names import hear


class ReviewsConfig(AppConfig):
    name = "apps.reviews"
    label = "reviews"
    verbose_name = _("Reviews")

    def ready(self) -> None:
        """Register what this room adds to the rooms below."""
        from apps.reviews import registrations  # noqa: PLC0415 -- models are not loaded before this moment

        registrations.install()
        hear("apps.reviews.demo")
