import datetime as dt

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeasuresConfig(AppConfig):
    """The catalogue of numbers, the credit ledger and its cells."""

    name = "apps.measures"
    label = "measures"
    verbose_name = _("Measures")

    def ready(self) -> None:
        from apps.access.permissions import Permission  # noqa: PLC0415 -- models are not loaded before this
        from apps.events import jobs  # noqa: PLC0415
        from apps.measures import catalogue, tasks  # noqa: PLC0415
        from apps.ui import menu  # noqa: PLC0415

        catalogue.register_standard()
        jobs.register(tasks.fold_job(dt.timedelta(minutes=5)))
        item = menu.MenuItem(
            "learn", _("Measures"), "measures:catalogue", Permission.MEASURE_VIEW, 90, "ruler-measure"
        )
        menu.register(item)
