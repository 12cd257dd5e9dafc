"""Open and decided deals as home pages show them, always within the reach of who looks."""

import datetime as dt
from calendar import monthrange
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Q, Sum, Value

from apps.access.models import User
from apps.access.permissions import Permission
from apps.insights import rules
from apps.pipeline.enums import DealState
from apps.pipeline.models import Opportunity, PipelineCell, Stage
from apps.pipeline.models.deals import OpportunityQuerySet
from apps.pipeline.selectors.rates import rate_on

SHOWN = 6
_DAY = dt.timedelta(days=1)
_SOON = dt.timedelta(days=30)
_LATE = dt.timedelta(days=120)


@dataclass
class StageSum:
    """The open deals of one stage, in company currency."""

    stage: Stage
    deals: int = 0
    amount: Decimal = Decimal(0)
    weighted: Decimal = Decimal(0)


@dataclass
class OpenDeals:
    """The open deals of some people by stage; ``closing`` are those expected before a day."""

    stages: list[StageSum] = field(default_factory=list)
    by_person: dict[int, Decimal] = field(default_factory=dict)
    closing: Decimal = Decimal(0)
    closing_weighted: Decimal = Decimal(0)

    @property
    def deals(self) -> int:
        """How many deals are open."""
        return sum(one.deals for one in self.stages)

    @property
    def amount(self) -> Decimal:
        """What they are worth."""
        return sum((one.amount for one in self.stages), Decimal(0))

    @property
    def weighted(self) -> Decimal:
        """What they are worth by the probability of their stages."""
        return sum((one.weighted for one in self.stages), Decimal(0))


def open_deals(
    people: Collection[int] | None, today: dt.date, *, closing_before: dt.date, process_id: int | None = None
) -> OpenDeals:
    """Return the open deals owned by some people (None: everybody), from the summary cells.

    Months of the summary are calendar months: a deal closes before a day when
    its month begins before it.
    """
    stages = Stage.objects.filter(kind=DealState.OPEN).order_by("process_id", "order")
    if process_id is not None:
        stages = stages.filter(process=process_id)
    sums = {stage.pk: StageSum(stage) for stage in stages}
    cells = PipelineCell.objects.filter(stage_id__in=sums)
    if people is not None:
        cells = cells.filter(owner_id__in=people)
    soon = Q(month__lt=closing_before)
    rows = cells.values_list("owner_id", "stage_id", "currency").annotate(
        n=Sum("deals"), amount_all=Sum("amount"), amount_soon=Sum("amount", filter=soon)
    )
    found = OpenDeals(by_person=defaultdict(Decimal))
    rates: dict[str, Decimal] = {}
    for owner, stage_id, currency, n, amount, closing in rows.order_by("owner_id", "stage_id", "currency"):
        if currency not in rates:
            rates[currency] = rate_on(currency, today)
        one, chance = sums[stage_id], sums[stage_id].stage.probability / 100
        value, due = amount * rates[currency], (closing or Decimal(0)) * rates[currency]
        one.deals += int(n)
        one.amount += value
        one.weighted += value * chance
        found.by_person[owner] += value
        found.closing += due
        found.closing_weighted += due * chance
    found.stages = list(sums.values())
    return found


def last_closing_day(before: dt.date) -> dt.date:
    """Return the last day that counts as before a day: the end of the last calendar month begun before it."""
    last = before - _DAY
    return last.replace(day=monthrange(last.year, last.month)[1])


@dataclass(frozen=True)
class DealNeed:
    """An open deal and why it needs attention."""

    deal: Opportunity
    concerns: list[str]


def troubled(user: User, today: dt.date, *, people: Collection[int] | None = None) -> OpportunityQuerySet:
    """Keep the open deals that went wrong.

    For one person all of their deals count; for a unit those that are late or
    should close within thirty days.
    """
    rows = _owned(user, people).open()
    if people is None or len(people) > 1:
        rows = rows.filter(closes_on__gte=today - _LATE, closes_on__lt=today + _SOON)
    return rows.filter(
        Q(expected_close_on__lt=today)
        | Q(next_step_on__lt=today)
        | Q(next_step="", next_step_on__isnull=True)
        | Q(stage_since__lt=today - dt.timedelta(days=rules.STALLED_AFTER_DAYS))
        | Q(push_count__gte=rules.PUSHED_TOO_OFTEN)
    )


def decided_lately(
    user: User, today: dt.date, *, people: Collection[int] | None, days: int = 7
) -> OpportunityQuerySet:
    """Keep the deals won and lost within the last days."""
    return _owned(user, people).filter(
        state__in=[DealState.WON, DealState.LOST],
        closes_on__gt=today - dt.timedelta(days=days),
        closes_on__lte=today,
    )


def still_open(user: User, *, people: Collection[int] | None) -> OpportunityQuerySet:
    """Keep the open deals."""
    return _owned(user, people).open()


def largest(rows: OpportunityQuerySet) -> list[Opportunity]:
    """Return the largest of some deals, largest first. One query."""
    return list(rows.for_list().order_by("-base_amount", "-pk")[:SHOWN])


def largest_of_each(**sets: OpportunityQuerySet) -> dict[str, list[Opportunity]]:
    """Return the largest deals of several sets. Two queries: which ones, and what they show."""
    first, *others = (
        rows.order_by("-base_amount", "-pk").values_list(Value(name), "pk")[:SHOWN]
        for name, rows in sets.items()
    )
    members = set(first.union(*others, all=True))
    shown = Opportunity.objects.filter(pk__in={pk for _name, pk in members}).for_list()
    deals = list(shown.select_related("reason").order_by("-base_amount", "-pk"))
    return {name: [deal for deal in deals if (name, deal.pk) in members] for name in sets}


def needs(deals: Iterable[Opportunity], today: dt.date) -> list[DealNeed]:
    """Return deals with what is wrong about each."""
    return [DealNeed(deal, rules.concerns(_facts(deal), today)) for deal in deals]


def steps_due(user: User, today: dt.date, *, person_id: int, days: int = 7) -> list[Opportunity]:
    """Return a person's open deals whose next step is due within some days, the earliest first."""
    rows = _owned(user, [person_id]).open()
    due = rows.filter(next_step_on__isnull=False, next_step_on__lt=today + dt.timedelta(days=days))
    return list(due.for_list().order_by("next_step_on", "pk")[:8])


def _owned(user: User, people: Collection[int] | None) -> OpportunityQuerySet:
    """Keep deals owned by some people, as far as the user's reach goes."""
    rows = Opportunity.objects.permitting(user, Permission.DEAL_VIEW)
    return rows if people is None else rows.filter(owner__in=list(people))


def _facts(deal: Opportunity) -> rules.DealFacts:
    return rules.DealFacts(
        deal.expected_close_on, deal.next_step, deal.next_step_on, deal.stage_since, deal.push_count
    )
