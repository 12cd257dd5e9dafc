"""A cycle stands where its slowest evaluation stands."""

import datetime as dt

from apps.core.db import lock_rows
from apps.reviews import rules
from apps.reviews.enums import Stage
from apps.reviews.models import Evaluation, EvaluationCycle


def settle(cycle: EvaluationCycle, at: dt.datetime | None = None) -> None:
    """Move a cycle to the stage of its slowest evaluation; ``at`` dates its closing."""
    stage = rules.slowest(cycle.evaluations.order_by("pk").values_list("stage", flat=True))
    if stage == cycle.stage:
        return
    cycle.stage = stage
    cycle.closed_at = at if stage == Stage.CLOSED else None
    cycle.save(update_fields=["stage", "closed_at"])


def locked_cycle(cycle_id: int) -> EvaluationCycle:
    """Lock a cycle before its evaluations: parent before child, always."""
    [cycle] = lock_rows(EvaluationCycle.objects.filter(pk=cycle_id))
    return cycle


def locked_evaluation(evaluation_id: int) -> Evaluation:
    """Lock an evaluation and, before it, its cycle."""
    cycle_id = Evaluation.objects.values_list("cycle_id", flat=True).get(pk=evaluation_id)
    cycle = locked_cycle(cycle_id)
    [row] = lock_rows(Evaluation.objects.filter(pk=evaluation_id))
    row.cycle = cycle
    return row
