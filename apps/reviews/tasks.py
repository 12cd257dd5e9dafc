"""Periodic work on evaluations."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from apps.events.jobs import Due, PeriodicJob
from apps.reviews import services
from apps.reviews.enums import Stage


def evaluate_quarter(due: Due) -> None:
    """Evaluate everybody for the quarter that ended and ask for the self-assessments."""
    cycle = services.evaluate_period(due.key, due.as_of)
    if cycle.stage == Stage.DRAFT and cycle.evaluations.exists():
        services.open_cycle(cycle_id=cycle.pk)


QUARTERLY = PeriodicJob(
    name="reviews.evaluate_quarter",
    function=evaluate_quarter,
    period_kind="quarter",
    at=dt.time(3, 0),
    label=_("Evaluate everybody at the end of the quarter"),
    owner=_("Human resources"),
)
