"""The as-of date of a page: in the address, today by default."""

import datetime as dt

from django.http import HttpRequest

from apps.core import clock, days


def as_of(request: HttpRequest) -> dt.date:
    """Return the date on which a page reads structure and data (``?as_of=2026-03-31``)."""
    return asked_for(request) or clock.today()


def asked_for(request: HttpRequest) -> dt.date | None:
    """Return the date named in the address, or None when it names none or nonsense."""
    try:
        day = dt.date.fromisoformat(request.GET.get("as_of", ""))
    except ValueError:
        return None
    return day if days.is_plausible(day) else None
