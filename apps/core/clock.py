"""The one place that knows what day it is.

Rules and services never call this: entry points do, once, and pass the date down.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

_fixed: ContextVar[dt.datetime | None] = ContextVar("fixed_now", default=None)


def now() -> dt.datetime:
    """Return the present instant (UTC-aware)."""
    return _fixed.get() or timezone.now()


def company_zone() -> ZoneInfo:
    """Return the zone that decides to which date an instant belongs."""
    return ZoneInfo(settings.COMPANY_TIME_ZONE)


def date_of(instant: dt.datetime) -> dt.date:
    """Return the company date of an instant."""
    return instant.astimezone(company_zone()).date()


def today() -> dt.date:
    """Return the company's present date (``COMPANY_TODAY`` in the settings fixes it for a demo)."""
    if settings.COMPANY_TODAY and _fixed.get() is None:
        return dt.date.fromisoformat(settings.COMPANY_TODAY)
    return date_of(now())


@contextmanager
def fixed(instant: dt.datetime) -> Iterator[None]:
    """Hold the clock at an instant within the block (jobs that catch up, tests)."""
    token = _fixed.set(instant)
    try:
        yield
    finally:
        _fixed.reset(token)
