"""Seats that joined or left the units of a plan since it was drawn up."""

import datetime as dt
from dataclasses import dataclass, field

from apps.org.models import Position, PositionUnit
from apps.targets.models import Target, TargetPlan


@dataclass
class Drift:
    """Seats of the plan's units without a target, and targets of seats that are gone."""

    joined: list[Position] = field(default_factory=list)
    left: list[Target] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.joined or self.left)


def drift(plan: TargetPlan, today: dt.date) -> Drift:
    """Compare a plan with the structure of the day it will hold for; leads' seats only join by hand."""
    last = plan.period.ends_before - dt.timedelta(days=1)
    day = min(max(today, plan.structure_on), last)
    units = Target.objects.filter(plan=plan, unit__isnull=False).values("unit")
    known = Target.objects.filter(plan=plan, position__isnull=False).values("position")
    joined = PositionUnit.objects.on(day).filter(unit__in=units, is_lead=False).exclude(position__in=known)
    here = PositionUnit.objects.on(day).values("position")
    left = Target.objects.filter(plan=plan, position__isnull=False).exclude(position__in=here)
    return Drift(
        joined=list(Position.objects.filter(pk__in=joined.values("position")).order_by("title", "pk")[:20]),
        left=list(left.select_related("position", "unit", "owner").order_by("place", "pk")[:20]),
    )
