"""The question "which fiscal periods ended between these days?", asked by jobs, answered by ``calendars``."""

import datetime as dt
from typing import NamedTuple, Protocol

from apps.core.registry import Port


class EndedPeriod(NamedTuple):
    """A fiscal period that is over."""

    code: str
    starts_on: dt.date
    ends_before: dt.date


class PeriodPort(Protocol):
    """What jobs ask of the fiscal calendar."""

    def ended(self, kind: str, after: dt.date, until: dt.date) -> list[EndedPeriod]:
        """Return the periods of a kind with ``after <= ends_before <= until``, oldest first."""
        ...


port: Port[PeriodPort] = Port("fiscal periods")
