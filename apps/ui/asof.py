"""The as-of date of a page: in the address, today by default."""

import datetime as dt

from django.http import HttpRequest

from apps.core import clock

_FIRST, _LAST = dt.date(1990, 1, 1), dt.date(2100, 1, 1)


def as_of(request: HttpRequest) -> dt.date:
    """Return the date on which a page reads structure and data (``?as_of=2026-03-31``)."""
    return asked_for(request) or clock.today()


def asked_for(request: HttpRequest) -> dt.date | None:
    """Return the date named in the address, or None when it names none or nonsense."""
    try:
        day = dt.date.fromisoformat(request.GET.get("as_of", ""))
    except ValueError:
        return None
    return day if _FIRST <= day < _LAST else None
