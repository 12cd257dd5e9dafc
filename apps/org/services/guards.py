"""Refusals shared by every change of the organisation."""

import datetime as dt

from django.utils.translation import gettext as _

from apps.access.models import User
from apps.calendars.selectors import is_closed
from apps.core.errors import DomainError
from apps.org.models import Person


class PeriodClosed(DomainError):
    """The day of the change lies in a closed period."""


class ActOnOneself(DomainError):
    """Nobody decides about their own seat, manager or roles."""


class RangeReversed(DomainError):
    """The last day comes before the first."""


def refuse_closed_period(on: dt.date) -> None:
    """Raise PeriodClosed when figures of that day are final."""
    if is_closed(on):
        text = _("%(day)s lies in a closed period. Choose a day after it, or have the period reopened.")
        raise PeriodClosed(text % {"day": on.isoformat()}, fields={"on": text % {"day": on.isoformat()}})


def refuse_reversed(on: dt.date, until: dt.date | None) -> None:
    """Raise RangeReversed unless the end comes after the start."""
    if until is not None and until <= on:
        text = _("The end must come after the start.")
        raise RangeReversed(text, fields={"until": text})


def refuse_oneself(by: User | None, person_id: int) -> None:
    """Raise ActOnOneself when somebody decides about their own person."""
    if by is not None and Person.objects.filter(pk=person_id, user=by.pk).exists():
        raise ActOnOneself(_("This is about yourself. Ask a colleague with the same right to do it."))
