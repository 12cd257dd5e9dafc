"""Days a company can have to do with; any other is a slip of the keyboard, or somebody trying."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

FIRST, LAST = dt.date(1950, 1, 1), dt.date(2150, 12, 31)


def is_plausible(day: dt.date) -> bool:
    """Tell whether a day, or a moment, lies within the years the product knows."""
    return FIRST.year <= day.year <= LAST.year


def check_plausible(day: dt.date) -> None:
    """Validate a field of a form or of the API. Raises ValidationError."""
    if not is_plausible(day):
        raise ValidationError(_("Choose a year between 1950 and 2150."), code="year")
