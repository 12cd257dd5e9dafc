"""Bottom-up rounds: due dates by level, when to remind, how far a round is, and the gaps it shows."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.targets.enums import FigureState

SOON = dt.timedelta(days=3)
VERY_LATE = dt.timedelta(days=3)


class WrongDues(DomainError):
    """The due dates of a round cannot be kept."""


class WrongMonths(DomainError):
    """The months of an own figure do not make a year."""


class Stage(StrEnum):
    """How near or late a due date is."""

    SOON = "soon"
    TODAY = "today"
    LATE = "late"
    VERY_LATE = "very_late"


def stage(due_on: dt.date, on: dt.date) -> Stage | None:
    """Return which reminder is due on a day; None while there is time."""
    if on < due_on - SOON:
        return None
    if on < due_on:
        return Stage.SOON
    if on == due_on:
        return Stage.TODAY
    return Stage.LATE if on < due_on + VERY_LATE else Stage.VERY_LATE


def check_dues(dues: Mapping[int, dt.date], depths: Collection[int], on: dt.date) -> None:
    """Raise WrongDues unless every level has a day from today on and none hands up after the one above."""
    for depth in sorted(depths):
        if depth not in dues:
            raise WrongDues(_("Every level needs a due date."), fields={f"due_{depth}": _("Choose a day.")})
        if dues[depth] < on:
            raise WrongDues(_("A due date lies in the past."), fields={f"due_{depth}": _("Too early.")})
        if depth - 1 in dues and dues[depth] > dues[depth - 1]:
            raise WrongDues(
                _("A level cannot be due after the level above it, which adds up its figures."),
                fields={f"due_{depth}": _("Not after the level above.")},
            )


def year_of(months: Sequence[Decimal], count: int) -> Decimal:
    """Return the year that typed months make. Raises WrongMonths unless there is one for each month."""
    if len(months) != count:
        raise WrongMonths(
            _("Enter a figure for each of the %(count)s months, or only the year.") % {"count": count}
        )
    return sum(months, Decimal(0))


@dataclass(frozen=True)
class Progress:
    """How far a round is: figures by state."""

    total: int
    entered: int
    submitted: int
    returned: int
    accepted: int

    @property
    def handed_in(self) -> int:
        """Figures that left their owner."""
        return self.submitted + self.accepted

    @property
    def share(self) -> Fraction:
        """The accepted part of all figures."""
        return Fraction(self.accepted, self.total) if self.total else Fraction(0)

    @property
    def handed_in_share(self) -> Fraction:
        """The part of all figures that left their owner."""
        return Fraction(self.handed_in, self.total) if self.total else Fraction(0)


def progress(states: Iterable[str]) -> Progress:
    """Count figures by state."""
    count = Counter(states)
    return Progress(
        total=sum(count.values()),
        entered=count[FigureState.ENTERED],
        submitted=count[FigureState.SUBMITTED],
        returned=count[FigureState.RETURNED],
        accepted=count[FigureState.ACCEPTED],
    )


@dataclass(frozen=True)
class Gap:
    """What an own figure is short of the plan (negative) or above it."""

    amount: Decimal
    share: Fraction | None


def gap(proposal: Decimal, own: Decimal | None) -> Gap | None:
    """Return own figure minus top-down figure, and as a share of it; None without an own figure."""
    if own is None:
        return None
    difference = own - proposal
    return Gap(difference, Fraction(difference) / Fraction(proposal) if proposal else None)
