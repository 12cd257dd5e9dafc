"""Addresses of a target's figures, for the pages of every room."""

from urllib.parse import urlencode

from django.urls import reverse


def pace_url(*, measure: str, period: str, unit: int | None = None, person: int | None = None) -> str:
    """Return the address that shows how expected, pace and projection of a period come about."""
    given: dict[str, object] = {"measure": measure, "period": period}
    given.update({key: value for key, value in (("unit", unit), ("person", person)) if value is not None})
    return f"{reverse('targets:pace')}?{urlencode(given)}"
