"""Where a plan stands on its way into force: its rounds, the agreements it needs, what it would change."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from apps.access.models import User
from apps.measures import registry
from apps.measures.registry import Measure
from apps.targets.models import BottomUpRound, OwnFigure, Target, TargetPlan
from apps.targets.rules.rounds import Progress, progress
from apps.targets.selectors.reach import may_plan


@dataclass(frozen=True)
class RoundLine:
    """A round of a plan and how far it is."""

    round: BottomUpRound
    progress: Progress


@dataclass
class Course:
    """Everything the page of a plan's way shows."""

    measure: Measure
    may_plan: bool
    sees_tree: bool
    rounds: list[RoundLine]

    @property
    def open_round(self) -> BottomUpRound | None:
        """The round people still answer to."""
        return next((line.round for line in self.rounds if line.round.is_open), None)


def course(user: User, plan: TargetPlan, today: dt.date) -> Course:
    """Return a plan's way into force as far as the user may see it."""
    return Course(
        measure=registry.measures.get(plan.measure),
        may_plan=may_plan(user, plan),
        sees_tree=Target.objects.filter(plan=plan).visible_to(user, today).exists(),
        rounds=_rounds(user, plan, today),
    )


def _rounds(user: User, plan: TargetPlan, today: dt.date) -> list[RoundLine]:
    rounds = BottomUpRound.objects.filter(plan=plan).visible_to(user, today).order_by("-opened_at", "-pk")
    lines = []
    for one in rounds.select_related("opened_by"):
        states = OwnFigure.objects.filter(round=one).visible_to(user, today).values_list("state", flat=True)
        lines.append(RoundLine(one, progress(states)))
    return lines


def top_of(plan: TargetPlan) -> Decimal:
    """Return the top figure of a plan."""
    return Target.objects.values_list("amount", flat=True).get(plan=plan, parent=None)
