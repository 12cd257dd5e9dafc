from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from apps.measures import catalogue


class MeasuresConfig(AppConfig):
    """The catalogue of numbers, the credit ledger and its cells."""

    name = "apps.measures"
    label = "measures"
    verbose_name = _("Measures")

    def ready(self) -> None:
        catalogue.register_standard()
