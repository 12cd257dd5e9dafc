"""One deal as its page shows it, and exact counts of lists."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, Sum

from apps.access.scope import Scope
from apps.pipeline.enums import DealState
from apps.pipeline.models import (
    Opportunity,
    OpportunityLine,
    OpportunitySplit,
    PipelineCell,
    Stage,
    Task,
)
from apps.pipeline.selectors.work import Happening, timeline


@dataclass(frozen=True)
class Step:
    """One stage of the path across the top of a deal's page."""

    stage: Stage
    is_past: bool
    is_current: bool


@dataclass(frozen=True)
class DealPage:
    """Everything the page of a deal shows."""

    deal: Opportunity
    path: list[Step]
    lines: list[OpportunityLine]
    splits: list[OpportunitySplit]
    tasks: list[Task]
    happenings: list[Happening]
    weighted: Decimal
    missing: list[str]


def deal_page(deal: Opportunity) -> DealPage:
    """Return what the page of a deal shows; the deal comes with account, owner and stage joined."""
    stages = list(
        Stage.objects.filter(process_id=deal.stage.process_id).prefetch_related("gates").order_by("order")
    )
    lines = list(deal.lines.select_related("product").order_by("pk"))
    return DealPage(
        deal=deal,
        path=_path(deal, stages),
        lines=lines,
        splits=list(deal.splits.select_related("person").order_by("-share", "pk")),
        tasks=list(deal.tasks.select_related("assignee").order_by("done_at", "due_on", "pk")),
        happenings=timeline(deal),
        weighted=deal.base_amount * deal.stage.probability / 100,
        missing=[],
    )


def exact_count(
    scope: Scope,
    *,
    owner_ids: Collection[int] | None = None,
    stage_ids: Collection[int] | None = None,
    state: str = "",
) -> int:
    """Return the exact number of deals owned in a scope, from the summary cells."""
    cells = PipelineCell.objects.filter(owned(scope, owner_ids))
    if stage_ids is not None:
        cells = cells.filter(stage_id__in=stage_ids)
    if state:
        of_kind = Stage.objects.filter(kind=state).values("pk")
        cells = cells.filter(stage_id__in=of_kind)
    return int(cells.aggregate(deals=Sum("deals"))["deals"] or 0)


@dataclass(frozen=True)
class Lacks:
    """How many open deals lack what they should have; ``late`` ones are past the day they should close."""

    late: int
    undated: int
    without_step: int
    without_account: int
    without_amount: int


def lacks(scope: Scope, today: dt.date) -> Lacks:
    """Return what the open deals owned in a scope lack, exactly.

    Two queries: the summary cells, and of the running month, which cells do not
    divide, the deals that should have closed before today.
    """
    month = today.replace(day=1)
    open_stages = Stage.objects.filter(kind=DealState.OPEN).values("pk")
    sums = PipelineCell.objects.filter(owned(scope), stage_id__in=open_stages).aggregate(
        late=Sum("deals", filter=Q(month__lt=month)),
        undated=Sum("deals", filter=Q(month__isnull=True)),
        without_step=Sum("without_step"),
        without_account=Sum("without_account"),
        without_amount=Sum("without_amount"),
    )
    this_month = Opportunity.objects.filter(owned(scope), closes_on__gte=month, closes_on__lt=today).open()
    found = {name: int(value or 0) for name, value in sums.items()}
    found["late"] += this_month.count()
    return Lacks(**found)


def owned(scope: Scope, owner_ids: Collection[int] | None = None) -> Q:
    """Return the condition on cells and deals: owners in scope, and among the given ones."""
    if owner_ids is None:
        return Q() if scope.everything else Q(owner_id__in=scope.person_ids)
    held = set(owner_ids) if scope.everything else set(owner_ids) & scope.person_ids
    return Q(owner_id__in=held)


def _path(deal: Opportunity, stages: list[Stage]) -> list[Step]:
    shown = [stage for stage in stages if stage.is_open or stage.pk == deal.stage_id]
    if deal.is_open:
        shown += [stage for stage in stages if stage.kind == "won"]
    return [
        Step(stage, is_past=stage.order < deal.stage.order, is_current=stage.pk == deal.stage_id)
        for stage in shown
    ]
