"""Periodic work on the ledger."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from apps.events.enums import CatchUp
from apps.events.jobs import Due, PeriodicJob
from apps.measures import services


def fold(due: Due) -> None:
    """Make stale months anew, then move pending credits into their cells."""
    services.rebuild_months()
    services.fold_pending()


def fold_job(interval: dt.timedelta) -> PeriodicJob:
    """Return the job that keeps the cells; figures are right without it, only slower."""
    return PeriodicJob(
        name="measures.fold",
        function=fold,
        interval=interval,
        catch_up=CatchUp.LATEST,
        label=_("Fold credits into cells"),
        owner=_("System administrator"),
    )
