"""Periodic work of the pipeline."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from apps.events.enums import CatchUp
from apps.events.jobs import Due, PeriodicJob
from apps.pipeline.services import cells


def fold_cells(due: Due) -> None:
    """Merge the summary cells of deals."""
    cells.fold()


def fold_job(interval: dt.timedelta) -> PeriodicJob:
    """Return the job that keeps the summary small."""
    return PeriodicJob(
        name="pipeline.fold_cells",
        function=fold_cells,
        interval=interval,
        catch_up=CatchUp.LATEST,
        label=_("Merge the totals of deals"),
        owner=_("System administrator"),
    )
