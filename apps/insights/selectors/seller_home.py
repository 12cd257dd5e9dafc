"""The home of whoever sells: today's plan, my number, my deals."""

from dataclasses import dataclass, field
from decimal import Decimal

from django.urls import reverse

from apps.access.models import User
from apps.access.permissions import Permission
from apps.insights.selectors import deals, standing
from apps.insights.selectors.deals import DealNeed, OpenDeals
from apps.insights.selectors.frame import Frame
from apps.insights.selectors.standing import Months
from apps.measures import selectors as figures
from apps.measures.links import why_url
from apps.measures.selectors import Row
from apps.pipeline.models import Activity, Opportunity, Task
from apps.targets.links import pace_url
from apps.targets.rules.pacing import Attainment


@dataclass
class SellerHome:
    """Everything the home of a representative shows."""

    person_id: int
    standing: Attainment
    months: Months
    month_won: Decimal
    month_quota: Decimal | None
    win: Row | None
    open: OpenDeals
    tasks: list[Task] = field(default_factory=list)
    steps: list[Opportunity] = field(default_factory=list)
    troubled: list[DealNeed] = field(default_factory=list)
    lately: list[Activity] = field(default_factory=list)
    urls: dict[str, str] = field(default_factory=dict)


def seller_home(user: User, person_id: int, frame: Frame) -> SellerHome:
    """Return the home of a person who sells, as of today."""
    with figures.reading_together([*frame.earlier, *frame.months]):
        return _seller_home(user, person_id, frame)


def _seller_home(user: User, person_id: int, frame: Frame) -> SellerHome:
    rows, wins = standing.deals_and_wins(user, frame, ["month"], person_id=person_id)
    months = standing.month_sums(rows, frame)
    total = sum((value or Decimal(0) for value in months.actual), Decimal(0))
    found = standing.standings_of(user, frame, units={}, people={person_id: total})
    months.quota = standing.quota_months(found, frame, person_id=person_id)
    index = frame.months.index(frame.month)
    troubled = deals.troubled(user, frame.today, people=[person_id])
    return SellerHome(
        person_id=person_id,
        standing=found.of_person(person_id),
        months=months,
        month_won=months.actual[index] or Decimal(0),
        month_quota=months.quota[index] if months.quota else None,
        win=standing.win_rate(wins, frame),
        open=deals.open_deals([person_id], frame.today, closing_before=frame.quarter.ends_before),
        tasks=_tasks(user, person_id, frame),
        steps=deals.steps_due(user, frame.today, person_id=person_id),
        troubled=deals.needs(deals.largest(troubled), frame.today),
        lately=_lately(user, person_id),
        urls=_urls(person_id, frame),
    )


def _tasks(user: User, person_id: int, frame: Frame) -> list[Task]:
    due = Task.objects.visible_to(user).open().filter(assignee=person_id, due_on__lte=frame.today)
    return list(due.select_related("opportunity", "account").order_by("due_on", "pk")[:8])


def _lately(user: User, person_id: int) -> list[Activity]:
    rows = Activity.objects.permitting(user, Permission.DEAL_VIEW).filter(person=person_id)
    return list(rows.select_related("opportunity", "account").order_by("-happened_at", "-pk")[:5])


def _urls(person_id: int, frame: Frame) -> dict[str, str]:
    start, end, today = frame.year.starts_on, frame.until, frame.today
    return {
        "revenue": why_url(measure="revenue", start=start, end=end, person=person_id),
        "month": why_url(measure="revenue", start=frame.month.starts_on, end=end, person=person_id),
        "win_rate": why_url(measure="win_rate", start=start, end=end, person=person_id),
        "open": why_url(measure="open_pipeline", start=today, end=end, person=person_id),
        "weighted": why_url(measure="weighted_pipeline", start=today, end=end, person=person_id),
        "targets": f"{reverse('targets:overview')}?person={person_id}",
        "pace": pace_url(measure="revenue", period=frame.year.code, person=person_id),
    }
