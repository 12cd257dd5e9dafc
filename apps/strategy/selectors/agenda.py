"""What waits for a person, and the dates of everybody's reviews."""

import calendar
import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Q

from apps.access.models import User
from apps.access.scope import person_id_of
from apps.calendars import selectors as calendars
from apps.strategy.enums import ReviewState, StrategyState
from apps.strategy.models import Decision, Initiative, Participant, Strategy, StrategyReview

_SOON = dt.timedelta(days=14)


@dataclass(frozen=True)
class Agenda:
    """A person's reviews, decisions and initiatives that are not done, the most urgent first."""

    reviews: list[StrategyReview]
    decisions: list[Decision]
    initiatives: list[Initiative]
    held: list[StrategyReview]
    today: dt.date

    @property
    def _days(self) -> list[dt.date]:
        reviews = [one.due_on for one in self.reviews]
        decisions = [one.due_on for one in self.decisions]
        return [day for day in [*reviews, *decisions, *(one.due_on for one in self.initiatives)] if day]

    @property
    def late(self) -> int:
        """How many are past their date."""
        return sum(1 for day in self._days if day < self.today)

    @property
    def soon(self) -> int:
        """How many fall due within two weeks."""
        return sum(1 for day in self._days if self.today <= day <= self.today + _SOON)

    @property
    def urgent(self) -> bool:
        """Tell whether anything is late or due soon."""
        return bool(self.late or self.soon)


def agenda(user: User, today: dt.date) -> Agenda:
    """Return what waits for the user. A constant number of queries."""
    person = person_id_of(user)
    if person is None:
        return Agenda([], [], [], [], today)
    takes_part = Participant.objects.filter(strategy=OuterRef("pk"), person=person)
    mine = Strategy.objects.active().filter(Q(owner=person) | Exists(takes_part)).values("pk")
    reviews = StrategyReview.objects.visible_to(user).filter(strategy__in=mine)
    reviews = reviews.select_related("strategy__owner", "strategy__unit").defer("pack", "minutes")
    running = ~Q(strategy__state=StrategyState.CLOSED)
    decisions = Decision.objects.open().filter(running, owner=person).select_related("strategy", "objective")
    initiatives = Initiative.objects.filter(
        running, owner=person, done_on__isnull=True, status__in=["planned", "running"]
    ).select_related("strategy", "objective")
    return Agenda(
        reviews=list(reviews.waiting().order_by("due_on", "pk")[:20]),
        decisions=list(decisions.order_by("due_on", "pk")[:50]),
        initiatives=list(initiatives.order_by("due_on", "pk")[:50]),
        held=list(
            reviews.filter(state=ReviewState.HELD)
            .annotate(decided=Count("decisions"))
            .order_by("-held_on", "-pk")[:5]
        ),
        today=today,
    )


@dataclass
class Day:
    """One day of the review calendar."""

    day: dt.date
    in_month: bool
    is_working: bool
    is_today: bool
    reviews: list[StrategyReview] = field(default_factory=list)


def month_of_reviews(user: User, first: dt.date, today: dt.date) -> list[list[Day]]:
    """Return the weeks, Monday first, of a month with the reviews the user may see."""
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    start = first - dt.timedelta(days=first.weekday())
    end = last + dt.timedelta(days=7 - last.weekday())
    rows = StrategyReview.objects.visible_to(user).filter(due_on__gte=start, due_on__lt=end)
    rows = rows.exclude(state=ReviewState.DROPPED).select_related("strategy__unit", "strategy__owner")
    by_day: dict[dt.date, list[StrategyReview]] = defaultdict(list)
    for review in rows.defer("pack", "minutes").order_by("due_on", "pk"):
        by_day[review.due_on].append(review)
    workdays = calendars.workdays()
    days = [start + dt.timedelta(days=number) for number in range((end - start).days)]
    cells = [
        Day(
            day,
            in_month=day.month == first.month,
            is_working=workdays.is_working(day),
            is_today=day == today,
            reviews=by_day[day],
        )
        for day in days
    ]
    return [cells[index : index + 7] for index in range(0, len(cells), 7)]
